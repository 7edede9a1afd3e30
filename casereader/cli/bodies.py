"""What is sent to waitress, where the disk has no room for it: the request goes on, and says so where its body is read.

Waitress puts what is long into a file. Where that could not be written it would cut the connection off, and whoever
sent it would be told nothing. So the rest is taken from the network and dropped.
"""

from __future__ import annotations

from contextlib import suppress
from io import RawIOBase
from typing import Any, NoReturn

from waitress.buffers import OverflowableBuffer, TempfileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, MultiSocketServer

from casereader.web.errors import NoRoomError


class _Unkept(RawIOBase):
    """A body that is not there to be read."""

    def readable(self) -> bool:
        """It is asked, and then says why not."""
        return True

    def readinto(self, _into: Any) -> NoReturn:
        """Say why not."""
        raise NoRoomError


class Body(OverflowableBuffer):  # type: ignore[misc]  # waitress has no types
    """What waitress keeps of a body: all of it, or nothing."""

    buf: Any
    is_kept = True
    _n_came = 0

    def __len__(self) -> int:
        """How long it is, kept or not."""
        return super().__len__() if self.is_kept else self._n_came

    def append(self, part: bytes) -> None:
        """Keep what came next, or drop it where there was no room before."""
        self._n_came += len(part)
        if not self.is_kept:
            return
        try:
            super().append(part)
        except OSError:
            self.is_kept = False
            with suppress(OSError):  # of what it could not write
                self.close()
            self.buf = None

    def _set_large_buffer(self) -> None:
        """Go on in a file; ours is known before it is written, so that it is closed where that fails."""
        before, self.buf, self.overflowed = self.buf, TempfileBasedBuffer(), True
        self.buf.append(before.get())
        before.close()

    def getfile(self) -> Any:
        """What the page reads it from."""
        return super().getfile() if self.is_kept else _Unkept()


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and put what follows where we want it."""
        super().parse_header(header_plus)
        if self.body_rcv is not None:
            self.body_rcv.buf = Body(self.adj.inbuf_overflow)


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    parser_class = _Parser


def tell_what_has_no_room(server: MultiSocketServer | BaseWSGIServer) -> None:
    """Let what a server has no room for come to the page, which says so."""
    servers = server.map.values() if isinstance(server, MultiSocketServer) else [server]
    for each in servers:
        if isinstance(each, BaseWSGIServer):
            each.channel_class = _Channel
