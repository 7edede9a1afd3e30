"""The cells of a workbook by sheet, row and header, with what no instrument's workbook may hold refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casereader.instrument.errors import InstrumentError, InstrumentFault
from casereader.instrument.schema import NOTHING, Table
from casereader.instrument.spreadsheet.layout import HEADERS, NEEDED, NO, YES, cell_kind
from sampling.errors import FrameError
from sampling.frame.cells import Kind
from sampling.frame.findings import Findings, show
from sampling.frame.package import Package
from sampling.frame.sheet import Sheet as Cells
from sampling.frame.sheet import letters
from sampling.frame.sheet_reader import read_sheet
from sampling.frame.workbook import open_workbook

_NOT_TEXT = {
    Kind.DATE: "a date",
    Kind.TIMED: "a date",
    Kind.NO_DATE: "a date",
    Kind.ERROR: "an error",
}


@dataclass
class Found:
    """What is wrong with one workbook."""

    file: str
    faults: list[InstrumentFault] = field(default_factory=list)

    def add(self, says: str, remedy: str, *, sheet: str = "", row: int = 0, column: str = "") -> None:
        """Note one fault at a cell, a row, a column or a sheet."""
        places = (f"sheet {sheet}" if sheet else "", f"row {row}" if row else "", f"column {column}" if column else "")
        cell = ", ".join(filter(None, places))
        self.faults.append(InstrumentFault(self.file, None, None, says, remedy, cell=cell))

    def stop(self) -> None:
        """Raise what was found, if anything was."""
        if self.faults:
            raise InstrumentError(self.faults)


@dataclass
class Line:
    """One row of a sheet: the texts of its filled cells by header; those taken for whole numbers in `numbers`."""

    sheet: str
    row: int
    texts: dict[str, str]

    def take(self, table: type[Table], columns: Mapping[str, str], found: Found) -> dict[str, Any]:
        """The fields of a table from this row; a blank cell is a field left out."""
        return {
            name: self._value(header, cell_kind(table.model_fields[name]), found)
            for header, name in columns.items()
            if name and header in self.texts
        }

    def _value(self, header: str, kind: str, found: Found) -> Any:
        text = self.texts[header]
        if kind == "list":
            return [] if text == NOTHING else [line for one in text.split("\n") if (line := one.strip())]
        if kind == "flag":
            if text.casefold() not in (YES, NO, "true", "false"):
                remedy = f"Write {YES} or {NO}, or leave the cell blank."
                found.add(f"“{show(text)}” is neither yes nor no.", remedy, **self.at(header))
                return False
            return text.casefold() in (YES, "true")
        if kind == "number":
            if not (text.isascii() and text.isdecimal() and len(text) < 10):
                found.add(f"“{show(text)}” is not a whole number.", "Write digits only.", **self.at(header))
                return 0
            return int(text)
        return text

    def at(self, column: str = "") -> dict[str, Any]:
        """Where a fault of this row is."""
        return {"sheet": self.sheet, "row": self.row, "column": column}


def lines_of(path: Path, name: str) -> tuple[dict[str, list[Line]], Found]:
    """The rows of every sheet of the workbook called `name`. Raises InstrumentError where it cannot be read at all."""
    found, findings = Found(name), Findings()
    try:
        package = Package(path, findings)
        try:
            workbook = open_workbook(package, findings)
            findings.stop()
            sheets = {
                tab.name.strip().casefold(): read_sheet(package, tab.part, workbook.strings, workbook.dates)
                for tab in workbook.sheets
            }
        finally:
            package.close()
    except FrameError as error:
        for fault in error.faults:
            found.add(fault.says, "", row=fault.row or 0)
        found.stop()
        raise
    for needed in NEEDED:
        if needed not in sheets:
            found.add(f"there is no sheet {needed}.", "Begin from a workbook made by `instrument export`.")
    for other in sheets.keys() - HEADERS.keys():
        says = f"the sheet “{show(other)}” is none of an instrument's."
        found.add(says, f"Delete it, or give it its name: {', '.join(HEADERS)}.", sheet=show(other))
    return {one: _lines(one, sheets[one], found) for one in HEADERS if one in sheets}, found


def _lines(name: str, cells: Cells, found: Found) -> list[Line]:
    for fault in cells.faults:
        found.add(fault.says, "", sheet=name, row=fault.row or 0)
    for merged in cells.merged:
        found.add(f"the cells {merged} are merged.", "Unmerge them and fill in each cell.", sheet=name)
    for row in cells.hidden_rows:
        found.add("the row is hidden.", "Unhide it, or delete it.", sheet=name, row=row)
    if cells.is_empty:
        return []
    if cells.rows[0] != 1:
        found.add("row 1 is blank.", "Put the headers in row 1.", sheet=name, row=1)
        return []
    headers = _headers(name, cells, found)
    lines = []
    for place, row in enumerate(cells.rows):
        texts = {}
        for column, header in headers.items():
            if place and (text := _text(name, cells, place, row, column, header, found)):
                texts[header] = text
        if texts:
            lines.append(Line(name, row, texts))
    return lines


def _headers(name: str, cells: Cells, found: Found) -> dict[int, str]:
    headers: dict[int, str] = {}
    for column, texts in sorted(cells.texts.items()):
        header = texts[0].strip().casefold()
        if header in headers.values():
            found.add(
                f"the column “{header}” is there twice.", "Delete one.", sheet=name, row=1, column=letters(column)
            )
        elif header in HEADERS[name]:
            headers[column] = header
        elif header or any(text.strip() for text in texts):
            says = f"“{show(header)}” is not a column here." if header else "the column has no header."
            remedy = f"Delete it, or use one of {', '.join(HEADERS[name])}."
            found.add(says, remedy, sheet=name, row=1, column=letters(column))
    return headers


def _text(name: str, cells: Cells, place: int, row: int, column: int, header: str, found: Found) -> str:
    """A cell as text; whole numbers as their digits, as people type codes."""
    texts, kinds = cells.texts[column], cells.kinds[column]
    if place in cells.formulas.get(column, {}):
        found.add("the cell holds a formula.", "Put its value in its place.", sheet=name, row=row, column=header)
        return ""
    text = texts[place].replace("\r\n", "\n").replace("\r", "\n").strip() if place < len(texts) else ""
    kind = Kind(kinds[place]) if place < len(kinds) else Kind.TEXT
    if kind in _NOT_TEXT:
        says = f"“{show(text)}” is {_NOT_TEXT[kind]}."
        found.add(says, "Format the cell as text and type it again.", sheet=name, row=row, column=header)
    elif kind is Kind.NUMBER and (header == "version" or not text.isdecimal()):
        says = f"“{show(text)}” is a number, and a number forgets how it was written."
        found.add(says, "Format the cell as text and type it again.", sheet=name, row=row, column=header)
    return text
