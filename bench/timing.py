"""How a time is taken: the best of several turns, ours and the floor by turns, so that both meet the same machine."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

TURNS = 5


@dataclass(frozen=True)
class Compared:
    """What ours took beside its floor, in seconds; `limit` is the ratio that it is held to, if any.

    `errors` are what went wrong on the way: with any of them nothing is kept.
    """

    name: str
    ours: float
    floor: float
    floor_name: str
    limit: float | None = None
    errors: tuple[str, ...] = ()

    @property
    def ratio(self) -> float:
        """How many times the floor ours took."""
        return self.ours / self.floor

    @property
    def is_within(self) -> bool:
        """Whether ours went without an error and keeps its limit."""
        return not self.errors and (self.limit is None or self.ratio <= self.limit)


def compare(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    floor_name: str,
    limit: float | None = None,
    turns: int = TURNS,
) -> Compared:
    """Time `ours` and `floor` by turns and keep the best of each; both have one turn before that does not count."""
    ours()
    floor()
    times: list[tuple[float, float]] = [(_seconds(ours), _seconds(floor)) for _ in range(turns)]
    return Compared(name, min(time[0] for time in times), min(time[1] for time in times), floor_name, limit)


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
