"""The app behind the browser tests: the real server, on a free port that only this machine reaches."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask import Flask
from waitress import create_server, wasyncore

from tests.browser.harness import Browsing


@contextmanager
def served(app: Flask, browsing: Browsing) -> Iterator[str]:
    """Serve `app` while the block runs, and until everybody who is `browsing` has left; the address it is at."""
    server = create_server(app, host="127.0.0.1", port=0, threads=8, ident=None)
    stopping = threading.Event()

    def run() -> None:
        # The server's own loop, but one that ends: its sockets are closed by the thread that listens to them.
        while not stopping.is_set():
            wasyncore.loop(timeout=1, use_poll=True, map=server._map, count=1)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(server._map)

    thread = threading.Thread(target=run, name="server under test")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        browsing.leave()
        stopping.set()
        with suppress(OSError):  # the loop may have seen it by itself, and closed what wakes it
            server.pull_trigger()
        thread.join(timeout=30)
        if thread.is_alive():
            raise RuntimeError("the server under test did not stop")
