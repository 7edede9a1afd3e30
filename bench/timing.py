"""How a time is taken: the best of several turns, ours and the floor by turns, so that both meet the same machine."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

TURNS = 5


@dataclass(frozen=True)
class Compared:
    """What ours took beside its floor, in seconds; `limit` is the ratio that it is held to, if any.

    `processor` is what ours took of the processor's time, held to `most_processor`, if to any. `errors` are what went
    wrong on the way: with any of them nothing is kept.
    """

    name: str
    ours: float
    floor: float
    floor_name: str
    limit: float | None = None
    errors: tuple[str, ...] = ()
    processor: float | None = None
    most_processor: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the floor ours took."""
        return self.ours / self.floor

    @property
    def is_within(self) -> bool:
        """Whether ours went without an error and keeps its limit."""
        is_quick = self.processor is None or self.most_processor is None or self.processor <= self.most_processor
        return not self.errors and is_quick and (self.limit is None or self.ratio <= self.limit)


def compare(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    floor_name: str,
    limit: float | None = None,
    most_processor: float | None = None,
    turns: int = TURNS,
) -> Compared:
    """Time `ours` and `floor` by turns and keep the best of each; both have one turn before that does not count."""
    ours()
    floor()
    times = [(_seconds(ours), _seconds(floor)) for _ in range(turns)]
    return Compared(
        name,
        min(mine[0] for mine, _ in times),
        min(its[0] for _, its in times),
        floor_name,
        limit,
        processor=min(mine[1] for mine, _ in times),
        most_processor=most_processor,
    )


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """By the clock, and of the processor."""
    gc.collect()
    start, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - used
