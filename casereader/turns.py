"""Taking turns: one at a time, in the order of asking, each for as long as they need.

SQLite lets one writer in and has the others try again after pauses of their own, so that whoever has waited longest may
find it taken once more. Within one process it need not come to that.
"""

from __future__ import annotations

from collections import deque
from threading import Event, RLock


class Turns:
    """A queue for one thing. Whoever took their turn must give it back, from whichever thread.

    A turn may also be given back by the collector of garbage in the midst of any of this: hence the guard that the same
    thread may pass twice, and a line that is looked at once more after every change.
    """

    def __init__(self) -> None:
        self._guard = RLock()
        self._line: deque[Event] = deque()
        self._is_taken = False

    def take(self, seconds: float) -> bool:
        """Wait for one's turn; False, and out of the queue, where it did not come in time."""
        called = Event()
        with self._guard:
            self._line.append(called)
            self._call_next()
        if called.wait(max(0.0, seconds)):
            return True
        with self._guard:
            if called.is_set():  # called in the moment of giving up
                return True
            self._line.remove(called)
        return False

    def give_back(self) -> None:
        """End one's turn: whoever has waited longest is next."""
        with self._guard:
            self._is_taken = False
            self._call_next()

    @property
    def n_waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    def _call_next(self) -> None:
        if not self._is_taken and self._line:
            self._is_taken = True
            self._line.popleft().set()
