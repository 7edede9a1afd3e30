"""Figures as people read them: a share with its interval, k of n, the word; the same for fresh and for frozen rows.

A row is one of questions.csv as `plain_rows` hands it over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casereader.instrument import Instrument, Part
from casereader.rollup.always_valid import METHOD
from casereader.words import WORDING, printed, said_with

Row = Mapping[str, Any]

COUNTED = ("not_applicable", "cannot_tell", "cannot_be_evaluated", "not_produced", "not_reached")
FIGURE_COLUMNS = [
    {"text": "Weighted share, 90% interval", "numeric": True},
    {"text": "Counted, of records read", "numeric": True},
    {"text": "In words", "width": "middle"},
]
OTHER_COLUMNS = [
    {"text": "Not applicable", "numeric": True},
    {"text": "Cannot tell", "numeric": True},
    {"text": "Cannot be evaluated", "numeric": True},
    {"text": "Not produced", "numeric": True},
    {"text": "Not reached", "numeric": True},
    {"text": "If none, or all, not produced counted", "numeric": True},
]


def figure_cells(row: Row) -> list[object]:
    """Share with interval, k of n, word: for `FIGURE_COLUMNS`."""
    return [share(row), k_of_n(row), said(row)]


def other_cells(row: Row) -> list[object]:
    """The answers outside the share, the records not read, and the range they leave open: for `OTHER_COLUMNS`."""
    return [*(row[name] if row[name] is not None else "" for name in COUNTED), open_range(row)]


def share(row: Row) -> str:
    """The weighted share with its interval, and its kind where it holds at any time; under the least n, neither."""
    if not row["n"]:
        return "none yet"
    if row["n"] < WORDING.least_n:
        return "too few"
    kind = ", always-valid" if row.get("method") == METHOD else ""
    return f"{printed(row['share'], row['word'])} ({limits(row['lower'], row['upper'])}{kind})"


def k_of_n(row: Row) -> str:
    """How many of the records read counted as 1."""
    return f"{row['k']:,} of {row['n']:,}"


def said(row: Row) -> str:
    """The word of the share, with those that its interval also allows."""
    if not row["n"]:
        return "no record has an answer yet"
    if row["n"] < WORDING.least_n:
        return f"no word under {WORDING.least_n} records"
    return said_with(row["word"], row["also"] or "")


def open_range(row: Row) -> str:
    """The share if no record not produced had counted as 1, and if all had."""
    if not row["n"] or row["n"] < WORDING.least_n or not row["not_produced"] or row["lowest"] is None:
        return ""
    return limits(row["lowest"], row["highest"])


def limits(lower: float | None, upper: float | None) -> str:
    """An interval from 0 to 1, each end printed as a share is: the words that it allows are true of what is printed."""
    if lower is None or upper is None:
        return "no interval"
    return f"{printed(lower)} to {printed(upper)}"


def counts_as(part: Part) -> str:
    """What a record is counted for in the share of a part: “good or better”, “yes”."""
    good = [choice.label.lower() for choice in part.choices if choice.y == 1]
    if part.scale.kind == "six" and len(good) > 1:
        return f"{good[-1]} or better"
    return " or ".join(good)


def question_cell(instrument: Instrument, key: str, *, href: str = "") -> dict[str, object]:
    """A question as the first cell of its row: code, label, what counts, and whether it is its section's headline."""
    part = instrument.part(key)
    headline = instrument.headline(part.section)
    hint = f"Counts: {counts_as(part)}."
    if headline is not None and headline.id == key:
        hint = f"Headline of its section. {hint}"
    cell: dict[str, object] = {"text": name_of(instrument, key), "hint": hint}
    return {**cell, "href": href} if href else cell


def name_of(instrument: Instrument, key: str) -> str:
    """A part's code and label, after its question's label where that has several parts.

    A code is told by its number: what has none is a name that the label says better.
    """
    part = instrument.part(key)
    question = instrument.question(part.question)
    said = part.label if part.label == question.label else f"{question.label}: {part.label}"
    return f"{part.code} {said}" if any(sign.isdigit() for sign in key) else said


def id_of(key: str) -> str:
    """A part's key or a code as it may stand in an id of the page."""
    return "".join(character if character.isalnum() else "-" for character in key)


def blank_row(key: str) -> dict[str, Any]:
    """The row of a question that nobody has answered yet."""
    blank: dict[str, Any] = dict.fromkeys((*COUNTED, "share", "lower", "upper", "lowest", "highest", "population"))
    return {**blank, "question": key, "domain": "all", "level": "", "n": 0, "k": 0, "word": "", "also": ""}
