"""Where everything stands in a reading workbook: one plan, by which it is written and by which it is read back.

Pure. A part has one row on a case's sheet; a part that can never be asked of the case has none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from casereader.instrument import (
    CANNOT_BE_EVALUATED,
    NOT_APPLICABLE,
    Answer,
    Choice,
    Instrument,
    Listed,
    Part,
    Section,
    refused_in,
)
from casereader.workbooks.conditions import never_asked

GUIDE, MEANINGS, LISTS = "How to use", "Meanings", "Lists"
OWN_SHEETS = (GUIDE, MEANINGS, LISTS)
KEY, QUESTION, TO_DO, ANSWER, GROUND, NOTE = range(6)  # columns of a case's sheet, counted from 0
FIRST_SOURCE = 6  # one column for each source, then the one for "discuss"
HEADERS = ("Key", "Question", "Still to do", "Answer", "Ground", "Evidence note")
DISCUSS = "Discuss"
TICK = "x"
HEADER_ROW = 8  # of a case's sheet, counted from 0
FIRST_ROW = HEADER_ROW + 1
REFERENCE, SHEET_MARK = "Reference", "Sheet mark"  # labels of the rows that say whose the sheet is
WORKBOOK, MARK = "Workbook", "Mark"  # the same on the first sheet
TO_TELL = "To tell of a matter of concern"  # whom, on the first sheet, as it was when the workbook was issued
LONGEST_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A row that names a section."""

    section: Section


@dataclass(frozen=True, slots=True)
class Line:
    """A row in which one part is answered; `row` counts from 0."""

    row: int
    part: Part
    choices: tuple[Choice, ...]
    takes_evidence: bool


def lines_of(instrument: Instrument, stratum: str | None) -> list[tuple[int, Heading | Line]]:
    """The rows of a case's sheet from `FIRST_ROW` on, each with its number."""
    code = instrument.stratum_code(stratum)
    found: list[tuple[int, Heading | Line]] = []
    row = FIRST_ROW
    for section in instrument.sections:
        answered = (part for part in section.parts if part.rating is None)
        parts = [part for part in answered if not never_asked(part.shown, code)]
        if not parts:
            continue
        found.append((row, Heading(section)))
        row += 1
        for part in parts:
            takes_evidence = bool(instrument.sources) and part.scale.kind not in ("count", "text")
            found.append((row, Line(row, part, _offered(instrument, part, stratum), takes_evidence)))
            row += 1
    return found


def answer_lines(instrument: Instrument, stratum: str | None) -> Iterator[Line]:
    """The rows in which something is answered."""
    return (line for _, line in lines_of(instrument, stratum) if isinstance(line, Line))


def discuss_column(instrument: Instrument) -> int:
    """The column of the mark "discuss", counted from 0: the last one."""
    return FIRST_SOURCE + len(instrument.sources)


def headers(instrument: Instrument) -> list[str]:
    """The heads of a case's sheet."""
    return [*HEADERS, *(source.label for source in instrument.sources), DISCUSS]


def words_of(part: Part, choice: Choice) -> str:
    """An answer as the drop-down list offers it; a point of the six-point scale with its figure before it."""
    return f"{choice.value} {choice.label}" if is_point(part, choice) else choice.label


def is_point(part: Part, choice: Choice) -> bool:
    """Whether an answer is a point of the six-point scale, and not one of those beside it."""
    return part.scale.kind == "six" and choice.value.isdigit()


def shown_value(part: Part, answer: Answer) -> str:
    """The value of an answer as it stands in its cell."""
    choice = part.choice(answer.value)
    return words_of(part, choice) if choice is not None else answer.value or ""


def shown_ground(part: Part, answer: Answer) -> str:
    """The ground of an answer as it stands in its cell."""
    return next((one.label for one in all_grounds(part) if one.value == answer.ground), "")


def grounds_of(part: Part, value: str) -> tuple[Listed, ...]:
    """The grounds to choose from for one of the two answers that need one; a single one goes without saying."""
    grounds = {NOT_APPLICABLE: part.na_grounds, CANNOT_BE_EVALUATED: part.cbe_grounds}.get(value, ())
    return grounds if len(grounds) > 1 else ()


def all_grounds(part: Part) -> tuple[Listed, ...]:
    """Every ground that an answer to the part may have."""
    return (*part.na_grounds, *part.cbe_grounds)


def sheet_name(number: int, case_ref: str, taken: Sequence[str]) -> str:
    """What a case's sheet is called: its reference, cut to what a sheet may be called, and its number if need be."""
    plain = _NOT_IN_SHEET_NAMES.sub("-", unicodedata.normalize("NFKC", case_ref)).strip() or "Case"
    name = plain[:LONGEST_SHEET_NAME]
    known = {one.casefold() for one in (*taken, *OWN_SHEETS, "History")}
    if name.casefold() in known:
        tail = f" ({number})"
        name = plain[: LONGEST_SHEET_NAME - len(tail)] + tail
    return name


def _offered(instrument: Instrument, part: Part, stratum: str | None) -> tuple[Choice, ...]:
    """The answers offered for this group of children."""
    refused = refused_in(instrument, part, stratum)
    return tuple(choice for choice in part.choices if choice.value not in refused)
