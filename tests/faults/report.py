"""The table of a run, and the same table in docs/reliability.md: rows of faults that were not run stay as they were."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.faults.outcome import Outcome

HEADS = ("fault", "acknowledged", "found", "lost", "twice", "false conflicts", "seconds", "what was done")
BEGINS, ENDS = "<!-- figures of make faults -->", "<!-- end of the figures -->"
WIDTHS = (52, 13, 8, 6, 6, 16, 8)


def cells(outcome: Outcome) -> tuple[str, ...]:
    """An outcome as a row."""
    seconds = "" if outcome.seconds is None else f"{outcome.seconds:.1f}"
    figures = (outcome.acknowledged, outcome.found, outcome.lost, outcome.duplicated, outcome.false_conflicts)
    return (name(outcome), *(f"{each:,}" for each in figures), seconds, outcome.done)


def name(outcome: Outcome) -> str:
    """What a row is known by."""
    return f"{outcome.name}: control" if outcome.is_control else outcome.name


def line(row: Sequence[str]) -> str:
    """A row for the screen."""
    return " ".join(cell.ljust(width) for cell, width in zip(row, WIDTHS, strict=False)) + " " + row[-1]


def written(page: str, outcomes: Iterable[Outcome]) -> str:
    """The page with the rows of these outcomes, in their order, before the rows that it holds of others."""
    before, _, rest = page.partition(BEGINS)
    block, ends, after = rest.partition(ENDS)
    if not ends:
        raise ValueError(f"the page has no lines {BEGINS} and {ENDS}")
    rows = {row[0]: row for row in map(cells, outcomes)}
    kept = [row for row in _rows(block) if row[0] not in rows]
    numbers = "|".join(["---", *["---:"] * (len(HEADS) - 2), "---"])
    lines = [_markdown(HEADS), f"|{numbers}|", *map(_markdown, sorted([*rows.values(), *kept]))]
    return f"{before}{BEGINS}\n" + "".join(f"{each}\n" for each in lines) + f"{ENDS}{after}"


def write(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Put the rows of these outcomes into the page."""
    path.write_text(written(path.read_text(encoding="utf-8"), outcomes), encoding="utf-8")


def _rows(block: str) -> list[tuple[str, ...]]:
    lines = [each for each in block.splitlines() if each.startswith("|")][2:]
    return [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", each)[1:-1]) for each in lines]


def _markdown(row: Sequence[str]) -> str:
    return "| " + " | ".join(row) + " |"
