"""Reading workbooks for tests: issued, opened by another program, filled in there, and read as uploads are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlmodel import Session

from casereader import assignments
from casereader.drawing.choices import Choices
from casereader.instrument import Answer, Instrument
from casereader.models import DrawRecord
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
from tests import sampled
from tests.cast import Cast

FEW = Choices(size=4, minimum=1, second_share="0.25")  # a case in each group, one of them read twice
Edit = Callable[[Workbook], None]


def deal_few(session: Session, cast: Cast, instrument: Instrument) -> DrawRecord:
    """A small sample dealt to the two reviewers: a workbook has a sheet for each case, and each takes time to write."""
    drawn = sampled.draw(session, cast, instrument, choices=FEW)
    assignments.assign(
        session,
        inspection=cast.place.inspection,
        instrument=(instrument.id, instrument.version),
        chosen=[cast.reviewer, cast.second_reviewer],
        by=cast.coordinator,
        at=sampled.AT + timedelta(hours=4),
    )
    return drawn


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
