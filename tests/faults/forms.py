"""Forms as a browser fills them in and sends them, once or twice at the same moment."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from tests.ports import HOST
from tests.web.client import filled_in
from tests.web.page import Page

TIMEOUT = 60.0


@dataclass
class Person:
    """Somebody who is signed in at a server; the cookie is the last that a page came with."""

    cookie: str
    port: int

    def page(self, path: str) -> Page:
        """The page at `path`; RuntimeError where there is none for them."""
        status, body, headers = self._ask("GET", path)
        self.cookie = str(headers["Set-Cookie"] or self.cookie).partition(";")[0]
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

    def _form(self, path: str, action: str) -> Element:
        page = self.page(path)
        to_itself = path == action and not any(form.get("action") == action for form in page.root.iter("form"))
        return page.form(None if to_itself else action)

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes, http.client.HTTPMessage]:
        headers = {"Cookie": self.cookie, "Accept": "text/html"}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers
        finally:
            connection.close()
