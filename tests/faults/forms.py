"""Forms as a browser fills them in and sends them, once or twice at the same moment."""

from __future__ import annotations

import http.client
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from flask import Flask
from sqlmodel import Session, select

from casereader.db import transaction
from casereader.models import Account
from casereader.people import sessions
from casereader.vocabulary import Factor
from tests.ports import HOST
from tests.readers import cookie_of
from tests.web.client import filled_in
from tests.web.page import Page

TIMEOUT = 60.0
BUSY, BUSY_FOR = 503, 120.0  # seconds
FORM = "application/x-www-form-urlencoded"


@dataclass
class Person:
    """Somebody who is signed in at a server; the cookie is the last that a page came with."""

    cookie: str
    port: int
    last: str = ""  # what the answer to the last file said
    led_to: str = ""  # where the last answer that led elsewhere did

    def page(self, path: str) -> Page:
        """The page at `path`; RuntimeError where there is none for them."""
        until = time.monotonic() + BUSY_FOR
        while (found := self._ask("GET", path))[0] == BUSY and time.monotonic() < until:
            time.sleep(1.0)  # as the page says
        status, body = found
        if status != 200:
            raise RuntimeError(f"{path} was answered with {status}")
        return Page(body.decode())

    def send(
        self, path: str, action: str, values: Mapping[str, str], *, button: str | None = None, times: int = 1
    ) -> list[int]:
        """Fill in the form on `path` that posts to `action`, and send it so many times at once: the answers."""
        form = self._form(path, action)
        sent: dict[str, object] = {**filled_in(form), **values}
        if button is not None:
            pressed = next(each for each in form.iter("button") if each.get("value") == button)
            sent[pressed.get("name", "")] = button
        body, ready, answers = urlencode(sent, doseq=True), threading.Barrier(times), list[int]()

        def press() -> None:
            ready.wait()
            answers.append(self._ask("POST", action, body)[0])

        threads = [threading.Thread(target=press) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(answers)

    def upload(self, path: str, content: bytes, filename: str) -> int:
        """Send a file by the form on `path`: how that was answered."""
        token = filled_in(self._form(path, path))["csrf_token"]
        edge = secrets.token_hex(16)
        head = f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--{edge}\r\n'
        head += f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: text/csv\r\n\r\n'
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        status, said = self._ask("POST", path, body, kind=f"multipart/form-data; boundary={edge}")
        self.last = said.decode()
        return status

    def asked(self, path: str) -> tuple[int, str]:
        """How a page is answered, and what it says."""
        status, body = self._ask("GET", path)
        return status, body.decode()

    def download(self, path: str) -> bytes:
        """A file, or as much of it as came."""
        return self._ask("GET", path)[1]

    def press(self, path: str, action: str, values: Mapping[str, str] | None = None) -> bytes:
        """Fill in the form on `path` that posts to `action`, and send it once: what the answer holds."""
        sent = {**filled_in(self._form(path, action)), **(values or {})}
        return self._ask("POST", action, urlencode(sent, doseq=True))[1]

    def _form(self, path: str, action: str) -> Element:
        page = self.page(path)
        to_itself = path == action and not any(form.get("action") == action for form in page.root.iter("form"))
        return page.form(None if to_itself else action)

    def _ask(self, method: str, path: str, body: str | bytes | None = None, *, kind: str = FORM) -> tuple[int, bytes]:
        headers = {"Cookie": self.cookie, "Accept": "text/html"} | ({"Content-Type": kind} if body is not None else {})
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            self.cookie = str(response.headers["Set-Cookie"] or self.cookie).partition(";")[0]
            self.led_to = response.headers["Location"] or self.led_to
            return response.status, response.read()
        finally:
            connection.close()


def account_of(session: Session, name: str) -> Account:
    """One of the cast, by the first name in their address."""
    return session.exec(select(Account).where(Account.email == f"{name}@cast.example")).one()


def signed_in(app: Flask, name: str, port: int) -> Person:
    """One of the cast at the server at a port, signed in anew."""
    with transaction(app.extensions["casereader_engine"]) as session:
        account = account_of(session, name)
        token = sessions.begin(session, account=account, at=datetime.now(UTC), factor=Factor.RECOVERY_CODE)
    return Person(cookie_of(app, token), port)
