"""A network that breaks off: it lies between the readers and the server, and hands on what it does not cut."""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

from tests.ports import HOST

PIECE = 65536
TIMEOUT = 30.0


class Cut(StrEnum):
    """Where an exchange is cut off."""

    IN_REQUEST = "in the request"
    BEFORE_REPLY = "between the request and its reply"
    IN_REPLY = "in the reply"


class Network:
    """Connections to one port handed on to another; of the posts, every so many is cut off somewhere, or none."""

    def __init__(self, to: int, *, one_in: int | None, seed: int = 1) -> None:
        self.cuts: Counter[Cut] = Counter()
        self._to, self._one_in = to, one_in
        self._chance, self._lock = random.Random(seed), threading.Lock()
        self._listening = socket.create_server((HOST, 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def start(self) -> None:
        """Take connections."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _listen(self) -> None:
        while True:
            try:
                browser, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._hand_on, args=(browser,), daemon=True).start()

    def _hand_on(self, browser: socket.socket) -> None:
        with browser, suppress(OSError), socket.create_connection((HOST, self._to), timeout=TIMEOUT) as server:
            browser.settimeout(TIMEOUT)
            while request := _message(browser):
                cut = self._cut(request)
                if cut is Cut.IN_REQUEST:
                    server.sendall(request[: len(request) // 2])
                    return
                server.sendall(request)
                reply = _message(server)
                if cut is Cut.BEFORE_REPLY:
                    return
                if cut is Cut.IN_REPLY:
                    browser.sendall(reply[: len(reply) // 2])
                    return
                browser.sendall(reply)

    def _cut(self, request: bytes) -> Cut | None:
        with self._lock:
            if not self._one_in or not request.startswith(b"POST ") or self._chance.randrange(self._one_in):
                return None
            cut = self._chance.choice(list(Cut))
            self.cuts[cut] += 1
            return cut


def _message(connection: socket.socket) -> bytes:
    """One request or reply, whole; nothing where the other side has left."""
    came = b""
    while b"\r\n\r\n" not in came:
        if not (piece := connection.recv(PIECE)):
            return b""
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    left = int(fields.get(b"content-length", 0)) - len(body)
    while left > 0:
        if not (piece := connection.recv(min(PIECE, left))):
            return b""
        came, left = came + piece, left - len(piece)
    return came


@contextmanager
def breaking_off(to: int, *, one_in: int | None) -> Iterator[Network]:
    """A network to the server at a port, while the block runs."""
    network = Network(to, one_in=one_in)
    network.start()
    try:
        yield network
    finally:
        network.stop()
