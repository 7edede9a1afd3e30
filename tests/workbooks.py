"""Reading workbooks for tests: issued, opened by another program, filled in there, and read as uploads are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from casereader.instrument import Answer, Instrument
from casereader.workbooks.layout import (
    ANSWER,
    FIRST_SOURCE,
    GROUND,
    KEY,
    NOTE,
    OWN_SHEETS,
    discuss_column,
    shown_ground,
    shown_value,
)
from sampling.sheets import SheetCells, answer

Edit = Callable[[Workbook], None]


def edited(content: bytes, edit: Edit) -> bytes:
    """The workbook after somebody changed it in another program."""
    book = openpyxl.load_workbook(BytesIO(content))
    edit(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def case_sheets(book: Workbook) -> list[Worksheet]:
    """The sheets of the cases, in order."""
    return [sheet for sheet in book.worksheets if sheet.title not in OWN_SHEETS]


def sheet_of(book: Workbook, reference: str) -> Worksheet:
    """The sheet of one case."""
    return next(sheet for sheet in case_sheets(book) if sheet["B3"].value == reference)


def row_of(sheet: Worksheet, key: str) -> int:
    """The row, counted from 1, in which a question stands."""
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, KEY + 1).value == key)


def write(sheet: Worksheet, key: str, column: int, text: object) -> None:
    """Write into the cell of a question; `column` as the layout counts, from 0."""
    sheet.cell(row_of(sheet, key), column + 1).value = text  # type: ignore[assignment]


def fill(sheet: Worksheet, instrument: Instrument, answers: Mapping[str, Answer]) -> None:
    """Fill in answers as a reader would, by the words of the lists."""
    for key, given in answers.items():
        part = instrument.part(key)
        write(sheet, key, ANSWER, shown_value(part, given) or None)
        write(sheet, key, GROUND, shown_ground(part, given) or None)
        write(sheet, key, NOTE, given.note or None)
        for place, source in enumerate(instrument.sources):
            write(sheet, key, FIRST_SOURCE + place, "x" if source.value in given.sources else None)
        write(sheet, key, discuss_column(instrument), "x" if given.discuss else None)


def sheets_of(content: bytes) -> list[SheetCells]:
    """The sheets as the child process reads them, read in this one."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "workbook"
        path.write_bytes(content)
        reply = answer({"path": str(path), "filename": "workbook.xlsx"})
    assert "faults" not in reply, reply["faults"]
    return [SheetCells.of(one) for one in reply["sheets"]]
