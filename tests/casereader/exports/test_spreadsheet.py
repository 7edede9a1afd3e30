"""The result tables as ODS and as CSV: the workbook's sheets, cell for cell, and the same bytes each time."""

import csv
import io
import re
from zipfile import ZIP_STORED, ZipFile

import openpyxl
from odfdo import Document

from casereader.exports import spreadsheet, workbook
from casereader.rollup import roll_up
from tests.casereader.exports.test_workbook import BANNER, COVER
from tests.casereader.rollup import golden


def _ods() -> bytes:
    return spreadsheet.write(golden.rolled_up(), golden.INSTRUMENT, COVER)


def _sheets(content: bytes) -> dict[str, list[list[object]]]:
    document = Document(io.BytesIO(content))
    return {table.name: [row.get_values() for row in table.iter_rows()] for table in document.body.get_tables()}


def _figures(rows: list[list[object]]) -> list[list[object]]:
    """To 13 digits: a workbook holds fewer than a float."""
    return [[f"{float(str(cell)):.12e}" if not isinstance(cell, str) else cell for cell in row] for row in rows]


def test_its_sheets_and_cells_are_those_of_the_workbook() -> None:
    stream = io.BytesIO()
    workbook.write(stream, golden.rolled_up(), golden.INSTRUMENT, COVER)
    book = openpyxl.load_workbook(stream)

    found = _sheets(_ods())

    assert list(found) == book.sheetnames
    for sheet in book.worksheets[3:]:
        (table,) = sheet.tables.values()
        theirs = [[cell.value for cell in row] for row in sheet[table.ref]]
        assert found[sheet.title][0] == [sheet["A1"].value]
        assert _figures(found[sheet.title][-len(theirs) :]) == _figures(theirs), sheet.title


def test_every_sheet_carries_the_banner_and_says_that_it_holds_one_table() -> None:
    for name, rows in _sheets(_ods()).items():
        assert BANNER in {cell for row in rows[:5] for cell in row}, name
        if name != "Cover":
            assert rows[1] == ["This worksheet contains one table."], name


def test_no_cell_is_a_formula_even_where_text_looks_like_one() -> None:
    cases = golden.cases()
    cases["stratum"] = cases["stratum"].replace({"a": '=HYPERLINK("http://example.org")'})
    content = spreadsheet.write(roll_up(cases, golden.answers(), golden.INSTRUMENT), golden.INSTRUMENT, COVER)

    with ZipFile(io.BytesIO(content)) as parts:
        text = parts.read("content.xml").decode()
    assert "HYPERLINK" in text
    assert "table:formula" not in text
    links = set(re.findall(r'xlink:href="([^"]*)"', text))
    assert links == {f"#{name}.A1" for name in _sheets(content) if name not in ("Cover", "Contents")}


def test_it_is_an_opendocument_that_names_itself_first_and_the_same_bytes_each_time() -> None:
    content = _ods()

    with ZipFile(io.BytesIO(content)) as parts:
        first = parts.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
        assert parts.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"
        meta = parts.read("meta.xml").decode()
        assert "2026-06-01T14:30:00" in meta
        assert BANNER in meta
        assert 'number:percentage-style style:name="cr-per-cent-0"' in parts.read("content.xml").decode()
    assert _ods() == content


def test_each_table_is_a_csv_file_too_with_unrounded_shares() -> None:
    content = spreadsheet.csv_files(golden.rolled_up(), golden.INSTRUMENT, COVER)

    with ZipFile(io.BytesIO(content)) as files:
        assert {"opening.csv", "questions.csv", "distributions.csv", "notes.csv"} <= set(files.namelist())
        rows = list(csv.DictReader(io.StringIO(files.read("questions.csv").decode(), newline="")))
    assert float(rows[0]["Weighted share"]) == 29 / 45
    assert {row["about"] for row in rows} == {BANNER}
    assert spreadsheet.csv_files(golden.rolled_up(), golden.INSTRUMENT, COVER) == content
