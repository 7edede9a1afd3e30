"""The results workbook: its layout, nothing live in it, and the same bytes from the same figures."""

from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from casereader.exports.workbook import Cover, write
from casereader.rollup import roll_up
from tests.casereader.rollup import golden

TIME = datetime(2026, 6, 1, 14, 30, tzinfo=UTC)
BANNER = "Demonstration: every partnership, child and figure here is invented."
COVER = Cover("Ashfield, programme 2026", TIME, BANNER, (("Instrument", "TINY 1.0"), ("=1+1", "=HYPERLINK(1)")))


def _bytes(cover: Cover = COVER) -> bytes:
    stream = BytesIO()
    write(stream, golden.rolled_up(), golden.INSTRUMENT, cover)
    return stream.getvalue()


def _opened(content: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(content))


def _table(sheet: Worksheet) -> list[dict[str, object]]:
    (table,) = sheet.tables.values()
    head, *rows = sheet[table.ref]
    names = [cell.value for cell in head]
    return [dict(zip(names, [cell.value for cell in row], strict=True)) for row in rows]


def _find(book: Workbook, title: str) -> Worksheet:
    return next(sheet for sheet in book if title in str(sheet["A1"].value))


def test_the_sheets_are_cover_contents_notes_and_one_titled_table_each() -> None:
    book = _opened(_bytes())

    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    assert book.sheetnames[3:] == [f"Table_{place}" for place in range(1, len(book.sheetnames) - 2)]
    for sheet in book.worksheets[1:]:
        assert sheet["A2"].value == "This worksheet contains one table."
        assert len(sheet.tables) == 1
        assert not sheet.merged_cells.ranges


def test_the_contents_name_every_sheet_after_them_with_its_title() -> None:
    book = _opened(_bytes())

    listed = {row["Worksheet"]: row["What it holds"] for row in _table(book["Contents"])}

    assert list(listed) == ["Notes", *book.sheetnames[3:]]
    for name in book.sheetnames[3:]:
        assert str(book[name]["A1"].value).endswith(f": {listed[name]}")


def test_each_name_in_the_contents_leads_to_its_sheet_and_nothing_else_is_a_link() -> None:
    book = _opened(_bytes())

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    links = {(cell.parent.title, cell.value, cell.hyperlink.location, cell.hyperlink.target) for cell in cells}
    assert links == {("Contents", name, f"'{name}'!A1", None) for name in ["Notes", *book.sheetnames[3:]]}


def test_each_table_follows_its_lines_and_no_sheet_has_a_blank_row_or_a_frozen_pane() -> None:
    for banner in (BANNER, ""):
        for sheet in _opened(_bytes(Cover("t", TIME, banner))):
            rows = list(sheet.iter_rows(values_only=True))
            assert all(any(value not in (None, "") for value in row) for row in rows), sheet.title
            assert sheet.freeze_panes is None, sheet.title
            for table in sheet.tables.values():
                assert all(cell.value not in (None, "") for row in sheet[table.ref] for cell in row), sheet.title


def test_every_sheet_carries_the_banner() -> None:
    for sheet in _opened(_bytes()):
        assert BANNER in {cell.value for row in sheet.iter_rows(max_row=4) for cell in row}


def test_no_cell_is_a_formula_or_a_link_even_where_text_looks_like_one() -> None:
    cases, answers = golden.cases(), golden.answers()
    cases["stratum"] = cases["stratum"].replace({"a": '=HYPERLINK("http://example.org")', "b": "https://example.org"})
    stream = BytesIO()
    write(stream, roll_up(cases, answers, golden.INSTRUMENT), golden.INSTRUMENT, COVER)

    for sheet in _opened(stream.getvalue()):
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n"}
            assert not any(cell.hyperlink and cell.hyperlink.target for cell in row)
    with ZipFile(stream) as parts:
        text = b"".join(parts.read(name) for name in parts.namelist())
    assert b"<f>" not in text
    assert b"External" not in text


def test_the_same_figures_make_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", golden.rolled_up(), golden.INSTRUMENT, COVER)

    assert (tmp_path / "a.xlsx").read_bytes() == _bytes() == _bytes()


def test_the_document_s_time_is_the_data_s_in_utc() -> None:
    summer = timezone(timedelta(hours=1))
    properties = _opened(_bytes(Cover("t", datetime(2026, 6, 1, 15, 30, tzinfo=summer)))).properties

    assert properties.created == properties.modified == datetime(2026, 6, 1, 14, 30)  # noqa: DTZ001
    assert properties.title == "t"


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        _bytes(Cover("t", datetime(2026, 6, 1)))  # noqa: DTZ001


def test_the_figures_in_the_workbook_are_those_of_the_roll_up_unrounded() -> None:
    (c9, c1, d8, h4) = _table(_find(_opened(_bytes()), "Every question, all records"))

    assert (c9["Question"], c9["What it asks"]) == ("C9", "How good is the assessment?")
    assert (c9["Records counted (n)"], c9["Of them counted as 1 (k)"]) == (11, 7)
    assert c9["Weighted share"] == pytest.approx(29 / 45, abs=1e-15)
    assert (c9["Word"], c9["Other words the interval allows"]) == ("the majority", "less than half; most")
    assert (c1["Word"], d8["Word"], h4["Word"]) == ("all", "the majority", "[z]")


def test_a_missing_figure_is_a_sign_and_never_a_nought() -> None:
    assessment, planning = _table(_find(_opened(_bytes()), "The opening rows"))

    assert assessment["Weighted share"] == pytest.approx(29 / 45)
    assert planning["Records counted (n)"] == 0
    assert planning["Weighted share"] == planning["Interval from"] == "[x]"


def test_groups_distributions_and_strata_left_out_have_their_sheets() -> None:
    book = _opened(_bytes())

    assert {row["Group"] for row in _table(_find(book, "by stratum"))} == {"a", "b"}
    assert {row["Group"] for row in _table(_find(book, "by age band"))} == {"0-4", "5-11"}
    assert _table(_find(book, "How the answers divide"))[0]["Answer"] == "Excellent"
    assert [row["Stratum"] for row in _table(_find(book, "Strata in which no record"))] == ["c"]
    assert not any("living" in str(sheet["A1"].value) for sheet in book)


def test_the_notes_explain_weights_words_signs_and_the_guard() -> None:
    notes = " ".join(str(row["What it says"]) for row in _table(_opened(_bytes())["Notes"]))

    for said in (
        "weight of its stratum",
        "k of n",
        "90%",
        "almost all more than 90%",
        "[x]",
        "[z]",
        "[c]",
        "apostrophe",
    ):
        assert said in notes


def test_rows_are_high_enough_for_their_texts_and_a_sheet_prints_a_page_wide_with_its_heading() -> None:
    book = _opened(_bytes())

    assert book["Notes"].row_dimensions[5].height == 15 * 5  # 269 signs at 58 a line
    for sheet in book.worksheets[1:]:
        (table,) = sheet.tables.values()
        heading = int("".join(sign for sign in table.ref.partition(":")[0] if sign.isdigit()))
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == f"${heading}:${heading}"
