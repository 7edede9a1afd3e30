"""How a workbook is read: from its parts, seeing what a spreadsheet library would keep silent about."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.errors import FrameError
from sampling.frame import read_frame, sheet_names
from tests.sampling.frame.reading import RULES, TODAY, faults, read, warnings
from tests.sampling.frame.workbooks import (
    DATE,
    LONG_DATE,
    MAIN,
    MONEY,
    PERCENT,
    STAMP,
    ZEROS,
    case,
    header,
    number,
    sheet,
    text,
    workbook,
)


def with_cell(folder: Path, **cells: str) -> Path:
    """A list of four cases whose third, in row 4, has these cells."""
    return workbook(folder / "list.xlsx", sheet(header(), case(2), case(3), case(4, **cells), case(5)))


def test_a_plain_list_is_read_with_typed_columns(tmp_path: Path) -> None:
    frame = read(workbook(tmp_path / "list.xlsx"))

    assert frame.table["case_ref"].tolist() == ["000002", "000003", "000004", "000005"]
    assert frame.table["age"].tolist() == [2, 3, 4, 5]
    assert frame.table["start"][0] == "2023-03-17"  # serial 45002, as Excel shows it
    assert frame.rows.tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize(
    "cell",
    [
        number("A4", 11),
        number("A4", 11, ZEROS),
        number("A4", "1.23456789012345E+20"),
        number("A4", 0.5, PERCENT),
        number("A4", 12, MONEY),
        number("A4", 45000, DATE),
        number("A4", 45000.5, STAMP),
        number("A4", -3, DATE),
        '<c r="A4" t="b"><v>1</v></c>',
        '<c r="A4" t="e"><v>#REF!</v></c>',
        '<c r="A4" t="d"><v>2024-01-05</v></c>',
        '<c r="A4" t="str"><f>TEXT(4,"000000")</f><v>000004</v></c>',
        '<c r="A4"><f>RAND()</f><v>0.5</v></c>',
        '<c r="A4"><f/></c>',
        '<c r="A4"/>',
        text("A4", "  "),
    ],
)
def test_a_reference_that_is_not_text_is_refused_by_cell(tmp_path: Path, cell: str) -> None:
    said = faults(with_cell(tmp_path, A=cell))

    assert "row 4, column case_ref" in said
    assert "(cell A4)" in said


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="C4" t="b"><v>1</v></c>',
        '<c r="C4" t="e"><v>#N/A</v></c>',
        number("C4", 8.5),
        number("C4", -1),
        number("C4", 150),
        number("C4", 8, DATE),
        number("C4", "1E+300"),
        text("C4", "eight"),
        '<c r="C4"><f>1+1</f></c>',
    ],
)
def test_what_is_no_age_is_refused_by_cell(tmp_path: Path, cell: str) -> None:
    assert "(cell C4)" in faults(with_cell(tmp_path, C=cell))


@pytest.mark.parametrize("cell", [number("C4", 8), number("C4", "8.0"), number("C4", "0.8E1"), text("C4", " 8 ")])
def test_an_age_may_be_a_number_or_text(tmp_path: Path, cell: str) -> None:
    assert read(with_cell(tmp_path, C=cell)).table["age"][2] == 8


@pytest.mark.parametrize(
    "cell",
    [
        number("D4", 60, DATE),
        number("D4", 0, DATE),
        number("D4", -5, DATE),
        number("D4", 2958466, DATE),
        number("D4", "1e300", DATE),
        number("D4", 60000, DATE),
        number("D4", 45000),
        number("D4", 0.5, STAMP),
        '<c r="D4" t="d"><v>2024-02-30</v></c>',
        '<c r="D4" t="b"><v>0</v></c>',
        text("D4", "12/31/2024"),
    ],
)
def test_what_is_no_day_is_refused_by_cell(tmp_path: Path, cell: str) -> None:
    assert "(cell D4)" in faults(with_cell(tmp_path, D=cell))


def test_dates_come_from_serials_styles_and_both_calendars(tmp_path: Path) -> None:
    for cell, iso in [
        (number("D4", 45453, DATE), "2024-06-10"),
        (number("D4", 45453, LONG_DATE), "2024-06-10"),
        (number("D4", "45453.0", STAMP), "2024-06-10"),
        (number("D4", "45452.999999999996", DATE), "2024-06-10"),
        ('<c r="D4" t="d"><v>2024-06-10</v></c>', "2024-06-10"),
        ('<c r="D4" t="d"><v>2024-06-10T00:00:00</v></c>', "2024-06-10"),
    ]:
        frame = read(with_cell(tmp_path, D=cell))
        assert frame.table["start"][2] == iso
        assert not any(warning.column == "start" for warning in frame.warnings)

    later = workbook(
        tmp_path / "list.xlsx",
        sheet(header(), case(2, D=number("D2", 43991, DATE)), case(3)),
        inside_workbook='<workbookPr date1904="true"/>',
    )
    assert "row 3, column start" in faults(later)  # 45003 by the calendar of 1904 is in 2027
    assert read(later, today=datetime.date(2028, 1, 1)).table["start"][0] == "2024-06-10"


def test_a_time_of_day_and_text_among_real_dates_are_shown(tmp_path: Path) -> None:
    assert "time" in warnings(with_cell(tmp_path, D=number("D4", 45453.5, STAMP)))
    assert "text" in warnings(with_cell(tmp_path, D=text("D4", "10/06/2024")))


def test_a_stratum_that_excel_made_a_date_is_refused(tmp_path: Path) -> None:
    path = with_cell(tmp_path, B=number("B4", 45000, DATE))

    assert "(cell B4)" in faults(path)
    assert "date" in faults(path, rules=None)


def test_formulas_are_shown_in_further_columns_and_refused_without_a_value(tmp_path: Path) -> None:
    shared = '<c r="C4"><f t="shared" si="0"/><v>4</v></c>'
    assert "formula" in warnings(with_cell(tmp_path, C=shared))
    assert "formula" in warnings(with_cell(tmp_path, E='<c r="E4" t="str"><f>A1</f><v>x</v></c>'))
    assert "no stored value" in faults(with_cell(tmp_path, E='<c r="E4" t="str"><f>A1</f></c>'))
    assert "formula" in faults(with_cell(tmp_path, B='<c r="B4" t="str"><f>A1</f><v>CPR</v></c>'))
    assert "(cell E4)" in faults(with_cell(tmp_path, E='<c r="E4" t="e"><v>#NAME?</v></c>'))


def test_text_is_taken_whole_from_rich_text_phonetic_guides_and_shared_strings(tmp_path: Path) -> None:
    strings = (
        f'<sst xmlns="{MAIN}"><si><t>000</t></si><si><r><t>00</t></r><r><t xml:space="preserve">7 </t></r></si>'
        "<si><t>K1</t><rPh sb='0' eb='1'><t>no</t></rPh></si><si><t>a_x000D__x005F_x</t></si></sst>"
    )
    rows = [case(i + 2, A=f'<c r="A{i + 2}" t="s"><v>{i}</v></c>') for i in range(3)]
    rows.append(case(5, E='<c r="E5" t="s"><v>3</v></c>'))
    frame = read(workbook(tmp_path / "list.xlsx", sheet(header(), *rows), strings=strings))

    assert frame.table["case_ref"].tolist() == ["000", "007", "K1", "000005"]
    assert frame.table["locality"][3] == "a\r_x"


@pytest.mark.parametrize("index", ["-1", "4", "x", "", "1.0", "99999999999999999999"])
def test_a_shared_string_that_is_not_there_is_damage(tmp_path: Path, index: str) -> None:
    cell = f'<c r="A4" t="s"><v>{index}</v></c>'
    said = faults(with_cell(tmp_path, A=cell))

    assert "damaged" in said if index else "blank" in said


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((header(), case(3), case(2)), "not in order: row 2 comes after row 3"),
        ((header(), case(2), case(2)), "row 2 twice"),
        ((header(), case(2, B=text("A2", "x"))), "A2 is given twice"),
        ((header(), case(2, A=text("B2", "x"), B=text("A2", "x"))), "A2 is not in order"),
        ((header(), case(2, B=text("B9", "CPR"))), "B9 stands in row 2"),
        ((header(), case(2, F=text("F2", "x"))), "cell F2"),
        ((case(2), case(3)), "header"),
        ((header("a", "b"), header().replace('"1"', '"2"').replace("1", "2"), case(3)), "header"),
        ((header(),), "no cases"),
        (('<row r="1"/>',), "empty"),
        ((header(), '<row r="1048577"/>'), "damaged"),
        ((header(), case(2, F='<c r="XFE2"><v>1</v></c>')), "damaged"),
        ((header(), case(2, F=number("XFD2", 1))), "too large"),
        ((header(), case(2, F='<c r="F2" t="z"><v>1</v></c>')), "damaged"),
        ((header(), case(2, C=number("C2", "abc"))), "damaged"),
        ((header(), case(2, C=number("C2", "nan"))), "damaged"),
        ((header(), case(2, C=number("C2", "1e999"))), "damaged"),
        ((header(), case(2), "<row>"), "damaged"),
        ((header(), case(2, E=text("E2", "a_x0007_"))), "control"),
    ],
)
def test_a_sheet_that_does_not_stand_as_excel_writes_it_is_refused(
    tmp_path: Path, rows: tuple[str, ...], words: str
) -> None:
    assert words in faults(workbook(tmp_path / "list.xlsx", sheet(*rows)))


def test_cells_and_rows_without_a_place_follow_one_another(tmp_path: Path) -> None:
    import re

    path = workbook(tmp_path / "list.xlsx", re.sub(r' r="[A-E]?[0-9]"', "", sheet()))

    assert read(path).table["case_ref"].tolist() == ["000002", "000003", "000004", "000005"]


@pytest.mark.parametrize("dimension", ["A1", "A1:XFD1048576", "nonsense"])
def test_what_the_sheet_says_of_its_own_size_does_not_matter(tmp_path: Path, dimension: str) -> None:
    path = workbook(tmp_path / "list.xlsx", sheet(before=f'<dimension ref="{dimension}"/>'))

    assert len(read(path).table) == 4


def test_blank_rows_and_styled_blank_cells_do_not_count(tmp_path: Path) -> None:
    blank = "".join(f'<row r="{i}"><c r="A{i}" s="1"/><c r="Z{i}" s="1"/></row>' for i in range(6, 300))
    path = workbook(tmp_path / "list.xlsx", sheet(header(), case(2), '<row r="3"/>', case(5), blank))

    assert read(path).rows.tolist() == [2, 5]


def test_merged_cells_are_refused_and_hidden_ones_shown(tmp_path: Path) -> None:
    merged = '<mergeCells><mergeCell ref="B2:B4"/></mergeCells>'
    assert "merged cells (B2:B4)" in faults(workbook(tmp_path / "list.xlsx", sheet(after=merged)))

    rows = (header(), case(2), case(3).replace('r="3"', 'r="3" hidden="1"', 1), case(4))
    said = warnings(workbook(tmp_path / "list.xlsx", sheet(*rows)))
    assert "row 3: Rows are hidden (1)" in said

    columns = '<cols><col min="2" max="2" width="9"/><col min="3" max="16384" hidden="1"/></cols>'
    said = warnings(workbook(tmp_path / "list.xlsx", sheet(before=columns)))
    assert [f"Column {letter} is hidden" in said for letter in "BCDEF"] == [False, True, True, True, False]


def test_hidden_sheets_are_refused_and_others_named(tmp_path: Path) -> None:
    notes = sheet(f'<row r="1">{text("A1", "Notes")}</row>')
    path = tmp_path / "list.xlsx"

    for state in ("hidden", "veryHidden"):
        said = faults(workbook(path, sheet(), notes, states=("", state)))
        assert "'Other' is hidden" in said
    assert "'Other' is not read" in warnings(workbook(path, sheet(), notes))
    assert read(workbook(path, notes, sheet())).table["case_ref"].tolist()[0] == "000002"
    assert "Other" not in warnings(workbook(path, sheet(), sheet('<row r="1"/>')))
    assert "chart" in warnings(workbook(path, sheet(), notes, kinds=("worksheet", "chartsheet")))
    assert "macros" in faults(workbook(path, sheet(), notes, kinds=("worksheet", "xlMacrosheet")))


def test_several_lists_are_refused_until_one_is_chosen(tmp_path: Path) -> None:
    second = sheet(header(), case(7), case(8))
    path = workbook(tmp_path / "list.xlsx", sheet(), second, sheet(f'<row r="1">{text("A1", "Notes")}</row>'))

    said = faults(path)
    assert "'Frame'" in said
    assert "'Other'" in said
    assert sheet_names(path) == ["Frame", "Other"]
    assert sheet_names(path, strata=()) == ["Frame", "Other"]
    assert sheet_names(path, id="none") == []
    assert read(path, sheet="Other").rows.tolist() == [7, 8]
    assert "no sheet 'X'" in faults(path, sheet="X")
    assert "no column case_ref" in faults(path, sheet="Third")


def test_a_sheet_without_a_stratum_column_can_be_read_by_itself(tmp_path: Path) -> None:
    rows = [f'<row r="{i}">{text(f"A{i}", f"K{i}")}</row>' for i in (2, 3)]
    path = workbook(tmp_path / "list.xlsx", sheet(header("case_ref"), *rows))

    frame = read_frame(path, strata=())

    assert list(frame.table) == ["case_ref"]
    assert frame.table["case_ref"].tolist() == ["K2", "K3"]


def test_lists_written_by_two_libraries_are_read_as_they_were_meant(tmp_path: Path) -> None:
    rows = [("000011", "CPR", 3, datetime.date(2024, 1, 5), "=1+1"), ("1E5", "CPI", None, None, "")]
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        written = book.add_worksheet("List")
        date = book.add_format({"num_format": "dd/mm/yyyy"})
        written.write_row(0, 0, ["case_ref", "stratum", "age", "start", "locality"])
        for place, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, datetime.date):
                    written.write_datetime(place, column, value, date)
                elif value is not None:
                    written.write(place, column, value)
    plain = openpyxl.Workbook()
    plain.active.append(["case_ref", "stratum", "age", "start", "locality"])
    for row in rows:
        plain.active.append(row)
    plain.active["E2"].data_type = "s"
    plain.save(tmp_path / "b.xlsx")

    for name in ("a.xlsx", "b.xlsx"):
        frame = read_frame(tmp_path / name, today=TODAY)
        assert frame.table["case_ref"].tolist() == ["000011", "1E5"]
        assert frame.table["start"][0] == "2024-01-05"
        assert frame.table["start"].isna().tolist() == [False, True]
        assert frame.table["age"].isna().tolist() == [False, True]
        assert frame.table["locality"].tolist() == ["=1+1", ""]


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_workbook_with_bytes_changed_is_read_or_refused_and_nothing_else(tmp_path: Path, data: st.DataObject) -> None:
    original = workbook(tmp_path / "good.xlsx").read_bytes()
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(4, len(changed) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "bad.xlsx").write_bytes(changed)

    read_or_refused(tmp_path / "bad.xlsx")


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_sheet_with_its_xml_mixed_up_is_read_or_refused_and_nothing_else(tmp_path: Path, data: st.DataObject) -> None:
    xml = sheet()
    pieces = [
        'r="',
        "<row",
        "</row>",
        "<c ",
        "</c>",
        "<v>",
        "</v>",
        't="s"',
        "<f>",
        "</f>",
        "&amp;",
        "-1",
        "é",
        "<is>",
        ">",
    ]
    for _ in range(data.draw(st.integers(1, 3))):
        place, cut = data.draw(st.integers(0, len(xml))), data.draw(st.integers(0, 12))
        xml = xml[:place] + data.draw(st.sampled_from(pieces)) + xml[place + cut :]

    read_or_refused(workbook(tmp_path / "bad.xlsx", xml))


def read_or_refused(path: Path) -> None:
    try:
        read_frame(path, rules=RULES, today=TODAY)
    except FrameError as error:
        assert error.faults


def test_a_title_above_the_header_is_one_fault_that_says_where_the_header_is(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    tab = book.active
    assert tab is not None
    tab.append(["Return of children, 1 June 2026"])
    tab.merge_cells("A1:C1")
    for row in (["case_ref", "stratum"], *([f"T{each:03}", "CPR"] for each in range(1, 300))):
        tab.append(row)
    book.save(tmp_path / "list.xlsx")

    with pytest.raises(FrameError) as refused:
        read_frame(tmp_path / "list.xlsx")

    says = [fault.says for fault in refused.value.faults]
    assert len(says) == 2
    assert "merged cells (A1:C1)" in says[0]
    assert "seems to be in row 2. Delete the rows above it." in says[1]
