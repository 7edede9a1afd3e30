"""The table of a run, and the same table in docs/reliability.md.

A fault that was run has its rows written anew, all of them, with the day and the commit that they are of. Those of
faults that were not run stay as they were, and those of faults that there are no more go.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.outcome import Outcome, is_quiet
from tests.source import ROOT

HEADS = (
    "fault",
    "done to",
    "acknowledged",
    "found",
    "lost",
    "twice",
    "false conflicts",
    "seconds",
    "what was done",
    "taken",
)
BEGINS, ENDS = "<!-- figures of make faults -->", "<!-- end of the figures -->"
WIDTHS = (18, 66, 13, 8, 6, 6, 16, 8)
OF_THE_PROGRAM = ("app.py", "casereader", "data", "sampling", "templates", "tests")


def cells(fault: str, outcome: Outcome, taken: str) -> tuple[str, ...]:
    """An outcome as a row."""
    seconds = "" if outcome.seconds is None else f"{outcome.seconds:.1f}"
    figures = (outcome.acknowledged, outcome.found, outcome.lost, outcome.duplicated, outcome.false_conflicts)
    done = outcome.done if outcome.control is None else f"{outcome.control.says}; {outcome.done}"
    if outcome.wrong and (outcome.control is None or is_quiet(outcome.control)):
        done += f"; wrong: {', '.join(outcome.wrong)}"
    return (fault, name(outcome), *(f"{each:,}" for each in figures), seconds, done, taken)


def name(outcome: Outcome) -> str:
    """What a row is known by, beside its fault."""
    match outcome.control:
        case None:
            return outcome.name
        case control if control.is_quiet:
            return f"{outcome.name}: control, without its fault"
        case control:
            return f"{outcome.name}: control, found by {control.found_by}"


def line(row: Sequence[str]) -> str:
    """A row for the screen, without when it was taken."""
    return " ".join(cell.ljust(width) for cell, width in zip(row, WIDTHS, strict=False)) + " " + row[-2]


def taken_now() -> str:
    """The day, and the commit of the program that is tried."""
    return f"{datetime.now(UTC).date().isoformat()} of {_commit()}"


def rows(page: str) -> list[tuple[str, ...]]:
    """The rows that a page holds."""
    lines = [each for each in _parts(page)[1].splitlines() if each.startswith("|")][2:]
    return [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", each)[1:-1]) for each in lines]


def written(page: str, found: Mapping[str, Sequence[Outcome]], *, faults: Sequence[str], taken: str) -> str:
    """The page with the outcomes of these faults, and the rows that it holds of others; in the order of `faults`."""
    before, _, after = _parts(page)
    held = [row for row in rows(page) if row[0] not in found and row[0] in faults]
    held += [cells(fault, outcome, taken) for fault, outcomes in found.items() for outcome in outcomes]
    held.sort(key=lambda row: faults.index(row[0]))
    lines = [_markdown(HEADS), f"|---|---|{'---:|' * 6}---|---|", *map(_markdown, held)]
    return f"{before}{BEGINS}\n" + "".join(f"{each}\n" for each in lines) + f"{ENDS}{after}"


def write(path: Path, found: Mapping[str, Sequence[Outcome]], *, faults: Sequence[str], taken: str) -> None:
    """Put the rows of these outcomes into the page."""
    page = written(path.read_text(encoding="utf-8"), found, faults=faults, taken=taken)
    path.write_text(page, encoding="utf-8")


def _commit() -> str:
    said = _git("rev-parse", "--short=9", "HEAD")
    if said is None:
        return "a copy without its history"
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", *OF_THE_PROGRAM)
    return f"{said} with changes" if changed else said


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _parts(page: str) -> tuple[str, str, str]:
    before, _, rest = page.partition(BEGINS)
    block, ends, after = rest.partition(ENDS)
    if not ends:
        raise ValueError(f"the page has no lines {BEGINS} and {ENDS}")
    return before, block, after


def _markdown(row: Sequence[str]) -> str:
    return "| " + " | ".join(row) + " |"
