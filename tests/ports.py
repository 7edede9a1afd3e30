"""A port for a server under test that nobody else is given meanwhile, even while the server is down."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"


@contextmanager
def held_port() -> Iterator[int]:
    """A free port of this machine, held while the block runs.

    Linux lets a server bind a port beside a socket that never listens, if both ask to; elsewhere the port is only free.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, 0))
        port: int = held.getsockname()[1]
        if sys.platform != "linux":
            held.close()
        yield port
