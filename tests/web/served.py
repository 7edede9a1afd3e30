"""An application behind the server that people run, as `serve` makes it, on a free port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from waitress import wasyncore

from casereader.cli.serve import listen
from tests.ports import HOST


@contextmanager
def behind_the_server(app: Flask) -> Iterator[tuple[str, int]]:
    """Serve `app` while the block runs; where it listens."""
    sockets: dict[int, object] = {}
    server = listen(app, app.extensions["casereader_settings"], map=sockets, host=HOST, port=0, threads=1)
    over = threading.Event()

    def turn() -> None:
        while not over.is_set():
            wasyncore.loop(timeout=0.05, map=sockets, count=1)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield (HOST, int(server.effective_port))
    finally:
        over.set()
        thread.join()
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)
