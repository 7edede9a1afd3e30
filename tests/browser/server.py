"""The app behind the browser tests: the real server, on a free port that only this machine reaches."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask import Flask
from waitress import create_server, wasyncore

from tests.browser.harness import Browsing
from tests.ports import HOST, held_port


class Server:
    """One app at one address; stopped and started again, it is at the same address."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.port}"

    def start(self, app: Flask) -> None:
        """Serve `app` from now on."""
        server = create_server(app, host=HOST, port=self.port, threads=8, ident=None)
        self._stopping = stopping = threading.Event()
        self._wake = server.pull_trigger

        def run() -> None:
            # The server's own loop, but one that ends: its sockets are closed by the thread that listens to them.
            while not stopping.is_set():
                wasyncore.loop(timeout=1, use_poll=True, map=server._map, count=1)
            server.task_dispatcher.shutdown()
            wasyncore.close_all(server._map)

        self._thread = threading.Thread(target=run, name="server under test")
        self._thread.start()

    def stop(self) -> None:
        """Serve nothing any more."""
        if self._thread is None:
            return
        self._stopping.set()
        with suppress(OSError):  # the loop may have seen it by itself, and closed what wakes it
            self._wake()
        self._thread.join(timeout=30)
        if self._thread.is_alive():
            raise RuntimeError("the server under test did not stop")
        self._thread = None


@contextmanager
def serving(app: Flask, browsing: Browsing) -> Iterator[Server]:
    """Serve `app` while the block runs, and until everybody who is `browsing` has left."""
    with held_port() as port:
        server = Server(port)
        server.start(app)
        try:
            yield server
        finally:
            browsing.leave()
            server.stop()


@contextmanager
def served(app: Flask, browsing: Browsing) -> Iterator[str]:
    """The same for a test that only needs the address."""
    with serving(app, browsing) as server:
        yield server.address
