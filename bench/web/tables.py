"""What was measured, as the Markdown of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.web.ledger import PERCENTILES, Ledger, percentile
from bench.web.machine import Use
from bench.web.people import KINDS, SAVE

FLOORS = STATIC, INSERT = "floor: a static file", "floor: one row inserted and committed"
HEAD = ("| milliseconds | asked | p50 | p95 | p99 | longest |", "|---|---:|---:|---:|---:|---:|")


@dataclass(frozen=True)
class Measured:
    """One run: on what, with how many readers, for how long, and what came of it."""

    stack: str
    readers: int
    seconds: float
    lasted: float  # seconds until everybody had the answer to what they asked last
    busy: str
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


def lines(run: Measured) -> Iterator[str]:
    """The section of one run."""
    ledger, use = run.ledger, run.use
    yield f"{run.stack}, {run.readers} readers, {run.seconds:g} seconds; {run.busy} before"
    yield ""
    yield from HEAD
    for kind in FLOORS:
        yield _row(kind, ledger.seconds(kind))
    for kind in KINDS:
        if took := ledger.seconds(kind):
            yield _row(kind, took)
        if kind == SAVE and (beside := ledger.seconds(kind, while_making=True)):
            yield _row("– while a document is made", beside)
            yield _row("– while none is", ledger.seconds(kind, while_making=False))
    yield ""
    n = sum(len(took) for took in ledger.taken.values())
    again = ", ".join(f"{count} × {kind}" for kind, count in ledger.sent_again.items()) or "none"
    wrong = ", ".join(f"{count} × {says}" for says, count in run.errors.items()) or "none"
    yield (
        f"{n:,} requests; errors: {wrong}; told to send again (503): {again}. Memory at most "
        f"{use.most_memory / 1e6:,.0f} MB in {use.most_processes} processes; {use.processor / run.lasted * 100:.0f} % "
        f"of a processor, and {run.generator / run.lasted * 100:.0f} % for the load itself."
    )
    yield ""


def _row(kind: str, took: list[float]) -> str:
    figures = [_ms(percentile(took, percent)) for percent in PERCENTILES]
    return f"| {kind} | {len(took):,} | {' | '.join(figures)} | {_ms(max(took, default=float('nan')))} |"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f}" if seconds < 0.1 else f"{seconds * 1000:,.0f}"
