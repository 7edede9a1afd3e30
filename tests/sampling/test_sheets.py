"""Every cell of a workbook nobody trusts, read in a process of its own that is stopped when it takes too much."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from sampling import apart
from sampling.errors import FrameError
from sampling.sheets import Cell, answer, sheets_apart


def workbook(folder: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "One"
    for cell, value in {"A1": "007", "B1": 4, "C1": "=1+1", "A3": date(2026, 6, 1), "B3": True}.items():
        sheet[cell] = value
    sheet.merge_cells("D1:E2")
    book.create_sheet("Blank")
    path = folder / "book.xlsx"
    book.save(path)
    return path


def test_cells_come_as_text_with_their_kind_and_formulas_and_merged_cells_are_seen(tmp_path: Path) -> None:
    (one, blank), digest = sheets_apart(workbook(tmp_path), filename="book.xlsx")

    assert (one.name, blank.name, blank.cells, one.merged) == ("One", "Blank", [], ["D1:E2"])
    assert sorted(one.cells, key=lambda cell: (cell.row, cell.column)) == [
        Cell(1, "A", "007", "TEXT", False),
        Cell(1, "B", "4", "NUMBER", False),
        Cell(1, "C", "", "TEXT", True),
        Cell(3, "A", "2026-06-01", "DATE", False),
        Cell(3, "B", "TRUE", "FLAG", False),
    ]
    assert len(digest) == 64


def test_a_child_that_takes_too_long_is_stopped_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path)
    monkeypatch.setattr(apart, "SECONDS_LIMIT", 0.01)

    with pytest.raises(FrameError, match="more memory or time"):
        sheets_apart(path, filename="book.xlsx")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("book.csv", b"a,b", "This is no workbook"),
        ("book.xlsx", b"PK\x03\x04 cut", "damaged"),
        ("book.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_said_in_plain_words(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / "sent"
    path.write_bytes(content)

    (fault,) = answer({"path": str(path), "filename": name})["faults"]
    assert says in fault["says"]


def test_a_workbook_with_far_more_than_was_sent_out_is_refused(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Long")
    for number in range(2_001):
        sheet.append([number])
    book.save(tmp_path / "long.xlsx")

    (fault,) = answer({"path": str(tmp_path / "long.xlsx"), "filename": "long.xlsx"})["faults"]
    assert "far more than was sent out" in fault["says"]
