"""A plain workbook: a sheet for each table, with its title, what the data are, and one header row. Texts stay texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import IO

import xlsxwriter  # type: ignore[import-untyped]

from casereader.exports.sheets import AUDIT_HEAD, Sheet
from casereader.exports.workbook import OPTIONS

HEADER_ROW = 3
WIDEST, NARROWEST = 60, 10
LONGEST_NAME = 31  # of a worksheet
LONGEST_TEXT = 32_767  # of a cell, in units of UTF-16
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")


def write_tables(
    target: IO[bytes], tables: Sequence[Sheet], *, title: str, data_time: datetime, banner: str = "", head: str = ""
) -> None:
    """Write the tables, one a worksheet named by its title; the document's time is that of the data.

    Under the title of each stand what the data are and the trail's head, where there is one.
    """
    book = xlsxwriter.Workbook(target, OPTIONS)
    created = data_time.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    book.set_properties({"title": title, "comments": banner, "created": created})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    big, text = book.add_format({"bold": True, "font_size": 15}), book.add_format({"text_wrap": True, "valign": "top"})
    beneath = "  ".join(filter(None, (banner, head and f"{AUDIT_HEAD}: {head}")))
    names: list[str] = []
    for table in tables:
        names.append(_name(table.title, names))
        sheet = book.add_worksheet(names[-1])
        sheet.write_string(0, 0, f"{title}: {table.title}" if len(tables) > 1 else title, big)
        sheet.write_string(1, 0, beneath)
        for place, column in enumerate(table.columns):
            sheet.write_string(HEADER_ROW, place, column.header, bold)
            longest = max([len(column.header), *(len(str(row[place])) for row in table.rows)])
            sheet.set_column(place, place, min(max(longest + 2, NARROWEST), WIDEST))
        for row, values in enumerate(table.rows, start=HEADER_ROW + 1):
            for place, value in enumerate(values):
                if isinstance(value, int | float):
                    sheet.write_number(row, place, value)
                elif value != "":  # most of a wide table is blank: nothing is written for it
                    sheet.write_string(row, place, fitting(str(value)), text)
        sheet.freeze_panes(HEADER_ROW + 1, table.frozen)
        sheet.repeat_rows(HEADER_ROW)
        sheet.fit_to_pages(1, 0)
        sheet.set_landscape()
    book.close()


def fitting(text: str) -> str:
    """`text`, or where it is longer than a cell can hold as much of it as fits, with words that say so."""
    if len(text) * 2 <= LONGEST_TEXT:  # no sign takes more than two units
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    says = f" [Cut here: a cell holds no more. The text has {len(text):,} characters.]"
    return units[: 2 * (LONGEST_TEXT - len(says))].decode("utf-16-le", "ignore") + says


def _name(title: str, taken: Sequence[str]) -> str:
    """A name that a worksheet may bear, and no other has."""
    plain = NOT_IN_A_NAME.sub("", title)[:LONGEST_NAME].strip() or "Table"
    if plain.casefold() not in {one.casefold() for one in taken}:
        return plain
    ending = f" {len(taken) + 1}"
    return plain[: LONGEST_NAME - len(ending)] + ending
