"""How a reading workbook looks: its formats, the heights of its rows, its drop-down lists, and which cells are shut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from casereader.workbooks.layout import LISTS
from sampling.frame.sheet import letters

LINE, TALLEST = 15, 400  # points: the height of one line, and of the tallest row that programs take


class GrowingSheet(Worksheet):  # type: ignore[misc]
    """A sheet whose rows have the height that their texts need, and grow with what is written in them.

    A program that trusts the heights of the file shows each row as one line where none is given; a height that is
    marked as chosen, as xlsxwriter does, would stay when a note gets longer.
    """

    def fit(self, row: int, *texts: tuple[str, float]) -> None:
        """Make the row high enough for these texts, each with the width of its column."""
        lines = [sum(max(1, len(wrap(line, max(1, int(width))))) for line in text.split("\n")) for text, width in texts]
        self.set_row(row, min(TALLEST, LINE * max([1, *lines]) + 1))

    def _xml_start_tag_unencoded(self, tag: str, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        if tag == "row":
            attributes = [one for one in attributes if one[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)


class Lists:
    """The drop-down lists of a workbook: each stands once, in a column of its own, and is named by its range."""

    def __init__(self) -> None:
        self.columns: dict[tuple[str, ...], int] = {}

    def range_of(self, words: Sequence[str]) -> str:
        """The range that holds these words."""
        column = self.columns.setdefault(tuple(words), len(self.columns))
        return f"'{LISTS}'!${letters(column)}$2:${letters(column)}${len(words) + 1}"


@dataclass(frozen=True)
class Formats:
    """How cells look."""

    title: Any
    head: Any
    text: Any
    bold: Any
    plain_bold: Any
    heading: Any
    entry: Any
    number: Any
    grey: Any
    yellow: Any
    blue: Any
    green: Any


def formats_of(book: Any) -> Formats:
    """The formats of one workbook."""
    wrapped = {"text_wrap": True, "valign": "top"}
    boxed = {**wrapped, "border": 1, "border_color": "#767676"}
    return Formats(
        title=book.add_format({"bold": True, "font_size": 15}),
        head=book.add_format({**boxed, "bold": True, "bg_color": "#D9E2EC"}),
        text=book.add_format(wrapped),
        bold=book.add_format({**wrapped, "bold": True}),
        plain_bold=book.add_format({"bold": True}),
        heading=book.add_format({**wrapped, "bold": True, "font_size": 12, "bg_color": "#D9E2EC"}),
        entry=book.add_format({**boxed, "locked": False, "num_format": "@"}),
        number=book.add_format({**boxed, "locked": False}),
        grey=book.add_format({"bg_color": "#E0E0E0", "font_color": "#595959"}),
        yellow=book.add_format({"bg_color": "#FFF2B3"}),
        blue=book.add_format({"bg_color": "#CFE3F7"}),
        green=book.add_format({"font_color": "#1E6B2E"}),
    )


def protect(sheet: Any) -> None:
    """Against slips, not against people: there is no password."""
    sheet.protect("", {"format_columns": True, "format_rows": True, "format_cells": False})
