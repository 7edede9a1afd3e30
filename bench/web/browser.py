"""One person's browser: a connection that is kept, the cookie, the token that forms carry; every request is timed."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import secrets
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.web.ledger import Ledger
from tests.ports import HOST

BUSY = 503
MOST_TRIES = 4  # of one request that a busy server asks to send again; the form's script goes on for ever
TIMEOUT = 60.0
IDLE = 3.0  # seconds that a connection is kept without a request: gunicorn keeps it for five
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Reply:
    """What came."""

    status: int
    body: bytes
    is_compressed: bool
    location: str

    @property
    def text(self) -> str:
        """The body in words."""
        return (gzip.decompress(self.body) if self.is_compressed else self.body).decode("utf-8", "replace")


class UnexpectedError(Exception):
    """An answer that is not the one that belongs here: the ledger has it, and whoever asked cannot go on."""


class Browser:
    """Asks, times, and keeps count."""

    def __init__(self, port: int, cookie: str, ledger: Ledger) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)
        self._cookie, self._ledger = cookie, ledger
        self.token, self._last = "", 0.0

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def get(self, kind: str, path: str, *, expect: Collection[int] = (200,)) -> Reply:
        """A page or file."""
        return self._ask(kind, "GET", path, None, {}, expect)

    def form(self, kind: str, path: str, fields: Mapping[str, str], *, expect: Collection[int] = (303,)) -> Reply:
        """A form that is sent."""
        body = urlencode({"csrf_token": self._token(), **fields}).encode()
        return self._ask(kind, "POST", path, body, {"Content-Type": FORM}, expect)

    def file(self, kind: str, path: str, name: str, content: bytes) -> Reply:
        """A file that is sent."""
        boundary = secrets.token_hex(16)
        head = 'Content-Disposition: form-data; name="{}"'
        parts = [
            f"--{boundary}\r\n{head.format('csrf_token')}\r\n\r\n{self._token()}\r\n",
            f'--{boundary}\r\n{head.format("file")}; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n',
        ]
        body = "".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self._ask(
            kind, "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, (303,)
        )

    def insert(self, kind: str, path: str) -> None:
        """What the floor takes: nothing but that it is asked."""
        self._ask(kind, "POST", path, b"", {}, (200,))

    def saved(self, kind: str, path: str, sent: object) -> int:
        """The version that answers are stored as, which the form's script sends like this."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._token(), "Accept": "application/json"}
        reply = self._ask(kind, "POST", path, json.dumps(sent).encode(), headers, (200,))
        version: int = json.loads(reply.text)["version"]
        return version

    def _token(self) -> str:
        if not self.token:
            reply = self._ask("", "GET", "/readings/session", None, {}, (200,))
            self.token = json.loads(reply.text)["csrf_token"]
        return self.token

    def _ask(
        self,
        kind: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        expect: Collection[int],
    ) -> Reply:
        """Ask until it is answered; its time runs on while a busy server has it sent again. No kind: not timed."""
        monotonic, began = time.monotonic(), time.perf_counter()
        named = kind or "the token"
        if monotonic - self._last > IDLE:
            self._connection.close()  # servers close what is idle; as a browser does, we open another
        sent = {"Cookie": self._cookie, "Accept-Encoding": "gzip", **headers}
        for tries_left in range(MOST_TRIES - 1, -1, -1):
            try:
                self._connection.request(method, path, body, sent)
                response = self._connection.getresponse()
                came = response.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                self._ledger.wrong(f"{named}: {type(error).__name__}", kind)
                raise UnexpectedError from error
            self._last = time.monotonic()
            if response.status != BUSY or not tries_left:
                break
            self._ledger.again(kind)
            time.sleep(float(response.headers["Retry-After"] or 1))
        if response.headers["Set-Cookie"]:
            self._cookie = str(response.headers["Set-Cookie"]).partition(";")[0]
        if response.status not in expect:
            self._ledger.wrong(f"{named} was answered with {response.status}", kind)
            raise UnexpectedError(f"{method} {path}: {response.status}")
        if kind:
            self._ledger.note(kind, monotonic, time.perf_counter() - began)
        is_compressed = response.headers["Content-Encoding"] == "gzip"
        return Reply(response.status, came, is_compressed, response.headers["Location"] or "")
