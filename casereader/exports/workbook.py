"""The results workbook, laid out as UK government statistics guidance asks: cover, contents, notes, one table a sheet.

Strings are always strings: never formulas or numbers, and the only links lead from the contents to the sheets. The
document's time is the data's, so that the same figures make the same bytes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

from casereader import dated
from casereader.exports import sheets
from casereader.exports.sheets import Column, Sheet
from casereader.instrument.model import Instrument
from casereader.rollup import RollUp
from casereader.words import places

ONE_TABLE = "This worksheet contains one table."
WIDEST = 60
LINE = 15  # points of a row of one line
HIGHEST = 409  # points that a row may have
A4 = 9  # as the library numbers sizes of paper
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}


@dataclass(frozen=True)
class Cover:
    """What the first sheet says: the title, the banner of data that is not real record reading, and named facts.

    `reader_notes` go with the notes: how far readers moved the headline shares, which no interval covers.
    """

    title: str
    data_time: datetime
    banner: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    reader_notes: tuple[str, ...] = ()


def write(
    target: Path | IO[bytes], roll_up: RollUp, instrument: Instrument, cover: Cover, *, more: Sequence[Sheet] = ()
) -> None:
    """Write the roll-up of one or more inspections, and `more` tables, as a workbook to a path or a binary stream.

    `cover.data_time` (the latest time of any reading, say) becomes the document's created and modified time.
    """
    write_sheets(
        target,
        cover,
        facts=cover_facts(cover, roll_up),
        tables=[*sheets.of_roll_up(roll_up, instrument), *more],
        notes=sheets.notes(roll_up, cover.reader_notes, more),
    )


def write_sheets(
    target: Path | IO[bytes],
    cover: Cover,
    *,
    facts: Sequence[tuple[str, str]],
    tables: Sequence[Sheet],
    notes: Sequence[str],
) -> None:
    """Write cover, contents, notes, and each table on a sheet of its own."""
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, OPTIONS)
    created = _utc(cover.data_time)
    book.set_properties(
        {
            "title": cover.title,
            "subject": "Figures from record reading",
            "comments": cover.banner,
            "created": created.replace(tzinfo=None),
        }
    )
    writer = _Writer(book, cover)
    writer.cover(facts)
    writer.contents(tables)
    writer.notes(notes)
    for place, sheet in enumerate(tables, start=1):
        writer.table(place, sheet)
    book.close()


def cover_facts(cover: Cover, roll_up: RollUp) -> list[tuple[str, str]]:
    """What the cover says, each by its name: first what the data are, where they are no real record reading."""
    return [
        *([("About these data", cover.banner)] if cover.banner else []),
        *cover.facts,
        ("Data as they stood at", dated.moment(_utc(cover.data_time))),
        ("Publication", "Not cleared for publication: small groups in these tables may point to a child."),
        ("Intervals", f"{roll_up.confidence:.0%} confidence, method “{sheets.method_of(roll_up)}”"),
    ]


def lines_of(cover: Cover, *, notes: bool = True) -> list[str]:
    """What stands between a sheet's title and its table."""
    lines = [ONE_TABLE, "Notes are on the worksheet “Notes”." if notes else "", cover.banner]
    return [line for line in lines if line]


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("The data's time must carry its time zone.")
    return time.astimezone(UTC).replace(microsecond=0)


class _Writer:
    """Writes the sheets of one workbook, each with its banner under its title."""

    def __init__(self, book: xlsxwriter.Workbook, cover: Cover) -> None:
        self.book = book
        self.about = cover
        self.title = book.add_format({"bold": True, "font_size": 15})
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.link = book.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"})
        self.formats: dict[str, Any] = {
            "text": self.text,
            "count": book.add_format({"num_format": "#,##0", "valign": "top", "align": "right"}),
            "difference": book.add_format({"num_format": "+0%;-0%;0%", "valign": "top", "align": "right"}),
            "decimal": book.add_format({"num_format": "0.000", "valign": "top", "align": "right"}),
        }

    def cover(self, facts: Sequence[tuple[str, str]]) -> None:
        sheet = self._sheet("Cover", self.about.title, [])
        for row, (name, says) in enumerate(facts, start=1):
            sheet.write_string(row, 0, name, self.bold)
            sheet.write_string(row, 1, says, self.text)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 80)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)

    def contents(self, tables: Sequence[Sheet]) -> None:
        columns = (Column("Worksheet", "link"), Column("What it holds", "text"))
        self._one_table("Contents", "Contents", Sheet("contents", "Contents", columns, [*sheets.contents(tables)]))

    def notes(self, notes: Sequence[str]) -> None:
        rows = [(f"[note {place}]", note) for place, note in enumerate(notes, start=1)]
        columns = (Column("Note", "text"), Column("What it says", "text"))
        self._one_table("Notes", "Notes", Sheet("notes", "Notes", columns, rows))

    def table(self, place: int, table: Sheet) -> None:
        self._one_table(f"Table_{place}", f"Table {place}: {table.title}", table)

    def _sheet(self, name: str, title: str, lines: Sequence[str]) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, title, self.title)
        for row, says in enumerate(lines, start=1):
            sheet.write_string(row, 0, says)
        return sheet

    def _one_table(self, name: str, title: str, table: Sheet) -> None:
        lines = lines_of(self.about, notes=name != "Notes")
        sheet = self._sheet(name, title, lines)
        header = len(lines) + 1
        sheet.add_table(
            header,
            0,
            header + max(len(table.rows), 1),
            len(table.columns) - 1,
            {
                "name": table.name,
                "style": None,
                "autofilter": False,
                "columns": [{"header": c.header, "header_format": self.head} for c in table.columns],
            },
        )
        for row, values in enumerate(table.rows or [(sheets.NO_FIGURE,) * len(table.columns)], start=header + 1):
            for place, value in enumerate(values):
                self._cell(sheet, row, place, value, table.columns[place].kind)
        widths = [_width(column, [row[place] for row in table.rows]) for place, column in enumerate(table.columns)]
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        for row, texts in enumerate([tuple(column.header for column in table.columns), *table.rows], start=header):
            if (lines_needed := _lines(texts, widths)) > 1:
                sheet.set_row(row, min(LINE * lines_needed, HIGHEST))
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(header)

    def _cell(self, sheet: Any, row: int, place: int, value: Any, kind: str) -> None:
        if kind == "link":  # within the workbook, to a sheet that we have named ourselves
            sheet.write_url(row, place, f"internal:'{value}'!A1", self.link, value)
        elif isinstance(value, str):
            sheet.write_string(row, place, value, self.formats["text" if kind == "text" else "count"])
        else:
            sheet.write_number(row, place, value, self._share(value) if kind == "share" else self.formats[kind])

    def _share(self, value: float) -> Any:
        """The format of a share: a whole per cent, or as many decimals as its word needs to be true of it."""
        shown = f"{0:.{places(value)}%}"
        if shown not in self.formats:
            self.formats[shown] = self.book.add_format({"num_format": shown, "valign": "top", "align": "right"})
        return self.formats[shown]


def _lines(values: Sequence[Any], widths: Sequence[float]) -> int:
    """As many lines as the texts of a row need to be seen whole: not every program sees to that itself."""
    longest = (
        len(textwrap.wrap(value, int(width) - 2))
        for value, width in zip(values, widths, strict=True)
        if isinstance(value, str) and len(value) > width - 2
    )
    return max(longest, default=1)


def _width(column: Column, values: Sequence[Any]) -> float:
    if column.kind not in ("text", "link"):
        return max(11.0, min(len(column.header), 16))
    longest = max([len(str(value)) for value in values] + [len(column.header)])
    return min(longest + 2, WIDEST)
