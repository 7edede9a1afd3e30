"""A plain workbook: texts stay texts, numbers numbers, a sheet has a name it may bear, and the time is the data's."""

from datetime import UTC, datetime
from io import BytesIO

from openpyxl import load_workbook

from casereader.exports.books import write_tables
from casereader.exports.sheets import Column, Sheet

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def written(*sheets: Sheet, banner: str = "") -> bytes:
    book = BytesIO()
    write_tables(book, sheets, title="Records asked for", data_time=AT, banner=banner)
    return book.getvalue()


def sheet(title: str, *rows: tuple[object, ...]) -> Sheet:
    return Sheet("any", title, (Column("Reference", "text"), Column("n", "count")), list(rows), frozen=1)


def test_texts_are_never_formulas_and_numbers_stay_numbers() -> None:
    book = load_workbook(BytesIO(written(sheet("Health", ("=1+1", 3), ("007", 0)), banner="Invented.")))

    (found,) = book.worksheets
    assert [[cell.value for cell in row] for row in found.iter_rows(min_row=4)] == [
        ["Reference", "n"],
        ["=1+1", 3],
        ["007", 0],
    ]
    assert found["A5"].data_type == "s" and found["B5"].data_type == "n"
    assert (found["A1"].value, found["A2"].value) == ("Records asked for", "Invented.")
    assert book.properties.created == AT.replace(tzinfo=None)


def test_each_sheet_has_a_name_of_its_own_without_signs_that_no_name_may_hold() -> None:
    long = "Children's reporter [SCRA]: north/south and east and west"
    book = load_workbook(BytesIO(written(sheet(long), sheet(long), sheet("???"))))

    assert book.sheetnames == ["Childrens reporter SCRA northso", "Childrens reporter SCRA north 2", "Table"]


def test_the_same_tables_make_the_same_bytes() -> None:
    assert written(sheet("Health", ("A", 1))) == written(sheet("Health", ("A", 1)))
