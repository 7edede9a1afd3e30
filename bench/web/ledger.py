"""What was asked, how long it took, and what came: kept by kind of request."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

PERCENTILES = (50, 95, 99)


@dataclass(frozen=True)
class Taken:
    """One request that was answered as it should be: when it began, on the monotonic clock, and how long it took."""

    began: float
    seconds: float

    def overlaps(self, spans: Sequence[tuple[float, float]]) -> bool:
        """Whether it was under way in any of these spans."""
        return any(self.began < end and self.began + self.seconds > start for start, end in spans)


@dataclass
class Ledger:
    """Every request by kind; errors in words and by kind; what was sent again; spans in which files were made."""

    taken: dict[str, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    sent_again: Counter[str] = field(default_factory=Counter)
    making: list[tuple[float, float]] = field(default_factory=list)
    _guard: Lock = field(default_factory=Lock)

    def note(self, kind: str, began: float, seconds: float) -> None:
        """Keep one that was answered as it should be."""
        with self._guard:
            self.taken[kind].append(Taken(began, seconds))

    def wrong(self, says: str, kind: str = "") -> None:
        """Keep what went wrong, and with what kind of request if it was one."""
        with self._guard:
            self.errors[says] += 1
            self.failed[kind] += 1

    def again(self, kind: str) -> None:
        """Keep that a busy server asked for it once more."""
        with self._guard:
            self.sent_again[kind] += 1

    def made(self, start: float, end: float) -> None:
        """Keep that a long file was being made from then to then."""
        with self._guard:
            self.making.append((start, end))

    def seconds(self, kind: str, *, while_making: bool | None = None) -> list[float]:
        """How long the requests of a kind took: all, or those within, or without, the making of a long file."""
        chosen = self.taken.get(kind, [])
        return [one.seconds for one in chosen if while_making is None or one.overlaps(self.making) is while_making]


def percentile(took: Sequence[float], percent: int) -> float:
    """The percentile of times in seconds; of one time that time, of none not a number."""
    if len(took) < 2:
        return took[0] if took else float("nan")
    return statistics.quantiles(took, n=100, method="inclusive")[percent - 1]
