"""An empty workbook for a partnership's return: what to fill in, and a list whose cells say what they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

from casereader.exports.workbook import OPTIONS
from casereader.instrument import Instrument
from casereader.instrument.model import Filler

GUIDE, LIST = "How to fill in", "List"
ROWS = 5_000  # that are made ready; more may be typed below them
LONGEST_CHOICE_LIST = 255  # characters, of a drop-down list that stands in the cell itself
OLDEST = 17


@dataclass(frozen=True)
class ListColumn:
    """A column of the list: its heading, what goes into it, and the words or whole numbers it takes."""

    name: str
    says: str
    choices: tuple[str, ...] = ()
    oldest: int | None = None
    is_needed: bool = False


def columns_of(instrument: Instrument) -> list[ListColumn]:
    """The columns of a list for this instrument, in order."""
    codes = tuple(stratum.code for stratum in instrument.strata)
    groups = "; ".join(f"{stratum.code} {stratum.label}" for stratum in instrument.strata)
    return [
        ListColumn(
            "case_ref",
            "Your own local reference of the record, 1 to 40 characters. No name, date of birth or health number.",
            is_needed=True,
        ),
        ListColumn("stratum", f"The group the child was in on the agreed date: {groups}.", codes, is_needed=True),
        ListColumn("age", "Whole years on the agreed date.", oldest=OLDEST),
        ListColumn("legal_basis", "The legal basis, where you can supply it.", _words(instrument, "legal_basis")),
        ListColumn("living", "Where the child lives, where you can supply it.", _words(instrument, "living")),
        ListColumn("deprivation", "The deprivation fifth of the child's home, 1 to 5.", ("1", "2", "3", "4", "5")),
        ListColumn(
            "family_group",
            "The same code of your own for brothers and sisters on the list, so that one pair of readers reads them.",
        ),
    ]


def write(target: IO[bytes], instrument: Instrument, *, title: str, banner: str, at: datetime) -> None:
    """Write the empty workbook to a binary stream."""
    book = xlsxwriter.Workbook(target, OPTIONS)
    made = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": title, "comments": banner, "created": made})
    columns = columns_of(instrument)
    _guide(book, columns, title, banner)
    _list(book, columns)
    book.close()


def _guide(book: Any, columns: Sequence[ListColumn], title: str, banner: str) -> None:
    sheet = book.add_worksheet(GUIDE)
    bold, wrapped = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 15}))
    steps = (
        banner,
        f"Fill in the sheet “{LIST}”: one row for each child who received a service on the agreed date.",
        "The headings stay in row 1: put no title and no blank row above them.",
        "A child who is in several groups has a row for each of them, with the same reference.",
        "Leave a cell blank where you do not know. Add no column that identifies a child, and no notes or comments.",
        "Send the file back as it is. What cannot be read is told by row and column.",
    )
    row = 2
    for step in filter(None, steps):
        sheet.write_string(row, 1, step, wrapped)
        row += 1
    row += 1
    for column in columns:
        sheet.write_string(row, 0, column.name + (" (needed)" if column.is_needed else ""), bold)
        sheet.write_string(row, 1, column.says, wrapped)
        row += 1
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    sheet.fit_to_pages(1, 1)


def _list(book: Any, columns: Sequence[ListColumn]) -> None:
    sheet = book.add_worksheet(LIST)
    head, text = book.add_format({"bold": True, "bg_color": "#D9E2EC"}), book.add_format({"num_format": "@"})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.name, head)
        sheet.set_column(place, place, max(14, len(column.name) + 4), None if column.oldest is not None else text)
        rule = _rule(column)
        if rule is not None:
            sheet.data_validation(1, place, ROWS, place, rule)
    sheet.freeze_panes(1, 0)
    sheet.activate()


def _rule(column: ListColumn) -> dict[str, object] | None:
    told = {"input_title": column.name, "input_message": column.says[:LONGEST_CHOICE_LIST], "error_title": column.name}
    if column.oldest is not None:
        whole = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": column.oldest}
        return {**told, **whole, "error_message": f"Whole years from 0 to {column.oldest}, or blank."}
    if column.choices and len(",".join(column.choices)) <= LONGEST_CHOICE_LIST:
        return {
            **told,
            "validate": "list",
            "source": list(column.choices),
            "error_message": "Choose one from the list, or leave the cell blank.",
        }
    if column.is_needed:
        longest = {"validate": "length", "criteria": "between", "minimum": 1, "maximum": 40}
        return {**told, **longest, "error_message": "A reference has 1 to 40 characters."}
    return None


def _words(instrument: Instrument, filler: Filler) -> tuple[str, ...]:
    """What the instrument calls what the list says, where it asks for it: in words without a comma, which a drop-down
    list in a cell takes for the end of one."""
    parts = instrument.filled_from(filler)
    choices = parts[0].choices if parts else ()
    labels = tuple(choice.label for choice in choices)
    return tuple(choice.value for choice in choices) if any("," in label for label in labels) else labels
