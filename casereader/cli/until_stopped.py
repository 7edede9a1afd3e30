"""Serving until somebody says stop, and then losing nothing: what came is answered before the process ends.

Waitress alone ends at once where it is terminated, and drops what waits and what is not sent where it is interrupted.
"""

from __future__ import annotations

import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, MultiSocketServer

from casereader.web import readiness
from casereader.web.background import wind_down

LINGER = 2.0  # seconds that a connection without a request is kept: one may be on its way
LONGEST = 25.0  # seconds for what is at work; longer than any request takes
TURN = 0.1  # seconds between looks while it winds down
STOPS = (signal.SIGTERM, signal.SIGINT)


class UntilStopped:
    """A server that runs until it is told to stop, by a signal or by `stop`."""

    def __init__(self, app: Flask, server: MultiSocketServer | BaseWSGIServer, *, drain_seconds: float = 0) -> None:
        self._app, self._server, self._drain = app, server, drain_seconds
        self._map = server.map if isinstance(server, MultiSocketServer) else server._map
        self._stops_at: float | None = None

    def stop(self) -> None:
        """Say that it should stop; it goes on taking requests for the time of `drain_seconds`."""
        if self._stops_at is None:
            self._stops_at = time.monotonic() + self._drain
            readiness.stop(self._app)
            for server in self._listening():
                server.pull_trigger()  # wakes the loop

    def run(self) -> None:
        """Serve; come back when all is answered and nothing goes on any more."""
        while self._stops_at is None or time.monotonic() < self._stops_at:
            self._turn(1.0 if self._stops_at is None else TURN)
        beside = wind_down(self._app)
        self._take_no_more()
        self._answer_the_rest()
        beside.join()
        self._server.close()

    def _take_no_more(self) -> None:
        """Take the connections that wait already, then close the doors: whoever comes next is sent elsewhere."""
        for server in self._listening():
            while select.select([server.socket], [], [], 0)[0]:
                server.handle_accept()
            server.accepting = False
            server.del_channel()
            server.socket.close()

    def _answer_the_rest(self) -> None:
        began = time.monotonic()
        while channels := self._channels():
            late = time.monotonic() - began
            if late > LONGEST:
                return
            for channel in channels:
                if late > LINGER and self._is_idle(channel):
                    channel.will_close = True
            self._turn(TURN)

    def _is_idle(self, channel: HTTPChannel) -> bool:
        return not channel.requests and channel.request is None and not channel.total_outbufs_len

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=self._server.adj.asyncore_use_poll, map=self._map, count=1)

    def _listening(self) -> list[BaseWSGIServer]:
        return [one for one in list(self._map.values()) if isinstance(one, BaseWSGIServer)]

    def _channels(self) -> list[HTTPChannel]:
        return [one for one in list(self._map.values()) if isinstance(one, HTTPChannel)]

    @contextmanager
    def told_by_signals(self) -> Iterator[None]:
        """Have the signals that end a process stop it instead; somebody at a terminal who will not wait asks twice."""

        def told(number: int, _frame: FrameType | None) -> None:
            if self._stops_at is not None and number == signal.SIGINT:
                raise KeyboardInterrupt
            self.stop()

        before = {number: signal.signal(number, told) for number in STOPS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
