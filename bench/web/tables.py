"""What was measured, as the Markdown of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

from bench.report import Circumstances, Table
from bench.web.ledger import PERCENTILES, Ledger, percentile
from bench.web.machine import Use
from bench.web.people import BESIDE, FLOORS, KINDS, SAVE

HEAD = (
    "| milliseconds | asked | p50 | p95 | p99 | longest | sent again (503) | errors |",
    "|---|---:|---:|---:|---:|---:|---:|---:|",
)


@dataclass(frozen=True)
class Measured:
    """One run: on what, with how many readers, for how long, and what came of it."""

    stack: str
    readers: int
    seconds: float
    lasted: float  # seconds until everybody had the answer to what they asked last
    taken: Circumstances
    ledger: Ledger
    use: Use
    generator: float  # seconds of the processor that the load itself took
    not_stored: tuple[str, ...]

    @property
    def errors(self) -> dict[str, int]:
        """What went wrong, and how often."""
        found = dict(self.ledger.errors)
        for says in self.not_stored:
            found[says] = found.get(says, 0) + 1
        return found


def table(run: Measured) -> Table:
    """The table of one run."""
    return Table(f"{run.stack}: {run.readers} readers", run.taken, [*_lines(run)])


def _lines(run: Measured) -> Iterator[str]:
    ledger, use = run.ledger, run.use
    yield f"{run.seconds:g} seconds of load."
    yield ""
    yield from HEAD
    for kind in (*FLOORS, *map(BESIDE.format, FLOORS), *KINDS):
        if (took := ledger.seconds(kind)) or ledger.failed[kind]:
            yield _row(kind, took, f"{ledger.sent_again[kind]:,} | {ledger.failed[kind]:,}")
        if kind == SAVE and (beside := ledger.seconds(kind, while_making=True)):
            yield _row("– while a document is made", beside, "|")
            yield _row("– while none is", ledger.seconds(kind, while_making=False), "|")
    yield ""
    n = sum(len(took) for took in ledger.taken.values())
    wrong = ", ".join(f"{count} × {says}" for says, count in run.errors.items()) or "none"
    yield (
        f"{n:,} requests; errors: {wrong}; sent again because the server was busy (503): "
        f"{ledger.sent_again.total():,}. Memory at most "
        f"{use.most_memory / 1e6:,.0f} MB in {use.most_processes} processes; {use.processor / run.lasted * 100:.0f}% "
        f"of a processor, and {run.generator / run.lasted * 100:.0f}% for the load itself."
    )


def _row(kind: str, took: list[float], faults: str) -> str:
    figures = [_ms(percentile(took, percent)) for percent in PERCENTILES]
    return f"| {kind} | {len(took):,} | {' | '.join(figures)} | {_ms(max(took, default=float('nan')))} | {faults} |"


def _ms(seconds: float) -> str:
    if isnan(seconds):  # none was answered as it should be
        return "–"
    return f"{seconds * 1000:,.1f}" if seconds < 0.1 else f"{seconds * 1000:,.0f}"
