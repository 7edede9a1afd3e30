"""Work that goes on beside requests, in threads of this process: a request waits for it a moment, and no longer.

The reading itself is done by child processes, few at a time; these threads only listen to them and write down what
they say. A thread that is cut off with its server leaves an orphan, which the next start of the server finds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Thread, Timer

from flask import Flask, current_app

LOG = logging.getLogger("casereader")
AT_ONCE = 2  # child processes
PATIENCE = 2.0  # seconds that a request waits for its work, so that what is quick comes without a page between
BUSY = "Other files are being read just now. Nothing was changed: send yours again in a minute."


class BusyError(Exception):
    """As many files are being read as may be at once."""


class Background:
    """The threads of one application."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._room = BoundedSemaphore(AT_ONCE)

    def run(self, work: Callable[[], None]) -> None:
        """Do the work; come back when it is done, or when a request has waited long enough."""
        thread = Thread(target=self._run, args=(work,), name="casereader work", daemon=True)
        thread.start()
        thread.join(self.patience)

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

    def _run(self, work: Callable[[], None]) -> None:
        with self._room:
            self._safely(work)

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
