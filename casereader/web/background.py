"""Work that goes on beside requests, in threads of this process: a request waits for it a moment, and no longer.

The reading itself is done by child processes, few at a time; these threads only listen to them and write down what
they say. A thread that is cut off with its server leaves an orphan, which the next start of the server finds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import BoundedSemaphore, Event, Lock, Thread, Timer, current_thread

from flask import Flask, current_app

LOG = logging.getLogger("casereader")
AT_ONCE = 2  # child processes
PATIENCE = 2.0  # seconds that a request waits for its work, so that what is quick comes without a page between
LAST = 10.0  # seconds that work has to come to its end by itself once the server was told to stop
AFTERWARDS = 5.0  # seconds to write down what was cut off
BUSY = "Other files are being read just now. Nothing was changed: send yours again in a minute."


class BusyError(Exception):
    """As many files are being read as may be at once."""


class Background:
    """The threads of one application."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._room = BoundedSemaphore(AT_ONCE)
        self._guard = Lock()
        self._at_work: set[Thread] = set()
        self._to_end: set[Callable[[], None]] = set()
        self._ended = Event()

    def run(self, work: Callable[[], None], *, within: AbstractContextManager[None] | None = None) -> None:
        """Do the work; come back when it is done, or when a request has waited long enough.

        `within` is entered while it waits for its place already.
        """
        thread = Thread(target=self._run, args=(work, within or nullcontext()), name="casereader work", daemon=True)
        with self._guard:
            self._at_work.add(thread)
        thread.start()
        thread.join(self.patience)

    @property
    def is_ended(self) -> bool:
        """Whether what is at work was cut off, because the server stops."""
        return self._ended.is_set()

    @contextmanager
    def to_be_ended(self, end: Callable[[], None]) -> Iterator[None]:
        """Have `end` called where the server stops meanwhile; at once where it has stopped already."""
        with self._guard:
            self._to_end.add(end)
            is_late = self._ended.is_set()
        try:
            if is_late:
                end()
            yield
        finally:
            with self._guard:
                self._to_end.discard(end)

    def wind_down(self, seconds: float = LAST) -> None:
        """Let what is at work come to its end for so long; then end its children, and have that written down."""
        self._join(seconds)
        with self._guard:
            self._ended.set()
            left = list(self._to_end)
        for end in left:
            end()
        self._join(AFTERWARDS)

    def _join(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._guard:
            threads = list(self._at_work)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Do the work after so many seconds, if the server still runs."""
        timer = Timer(seconds, self._safely, args=(work,))
        timer.daemon = True
        timer.start()

    @contextmanager
    def place(self) -> Iterator[None]:
        """A child process for a request that reads a file itself; BusyError where none is free, as it must not wait."""
        if not self._room.acquire(blocking=False):
            raise BusyError(BUSY)
        try:
            yield
        finally:
            self._room.release()

    def _run(self, work: Callable[[], None], within: AbstractContextManager[None]) -> None:
        def inside() -> None:
            with within, self._room:
                self._safely(work)

        try:
            self._safely(inside)
        finally:
            with self._guard:
                self._at_work.discard(current_thread())

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # the last door: nobody above a thread would ever hear of it
            LOG.error("work beside requests: %s", type(error).__name__)


def install(app: Flask) -> None:
    """Give the application its background."""
    app.extensions["casereader_background"] = Background()


def background() -> Background:
    """The application's background."""
    found: Background = current_app.extensions["casereader_background"]
    return found


def wind_down(app: Flask) -> Thread:
    """Begin to end what goes on beside requests, as the server stops; it is over when the thread is."""
    found: Background = app.extensions["casereader_background"]
    thread = Thread(target=found.wind_down, name="casereader winds down")  # no daemon: the process waits for it
    thread.start()
    return thread
