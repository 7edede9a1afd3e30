"""How a CSV list is read: encodings, separators, quotes, rows and their numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.errors import FrameError
from sampling.frame import read_frame
from sampling.frame.cells import as_text
from sampling.frame.references import holds_names
from tests.sampling.frame.reading import faults, read, warnings

HEADER = "case_ref,stratum,age,start,locality"


def write(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8", end: str = "\n") -> Path:
    path = folder / "list.csv"
    path.write_bytes((end.join([header, *rows]) + end).encode(encoding))
    return path


def raw(folder: Path, data: bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_line_end_and_any_marked_encoding_gives_the_same_frame(tmp_path: Path, end: str, encoding: str) -> None:
    frame = read(
        write(tmp_path, "001,CPR,3,2024-01-05,Café", "002,CPI,,,", encoding=encoding, end=end), filename="a.csv"
    )

    assert frame.table["case_ref"].tolist() == ["001", "002"]
    assert frame.table["locality"].tolist() == ["Café", ""]
    assert frame.table["age"].isna().tolist() == [False, True]
    assert frame.rows.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("case_ref,stratum\n1,CPR\n".encode("utf-32"), "encoding"),
        ("case_ref,stratum\n1,CPR\n".encode("utf-16-le"), "encoding"),
        ("case_ref,stratum\n1,CPR\n".encode("utf-16-be"), "encoding"),
        (b"+/v8-case_ref,stratum\n1,CPR\n", "encoding"),
        (b"\xff\xfec\x00a\x00\x00\xd8x", "encoding"),
        (b"case_ref,stratum\n1,CPR\n2,\xa3\n", "row 3: The encoding"),
        (b"case_ref,stratum\n\x85,CPR\n", "row 2: The encoding"),
        (b"\xef\xbb\xbf", "empty"),
        (b" \n\r\n\t\n", "empty"),
        (b"case_ref,stratum\n1,C\x00PR\n", "row 2: The row holds a NUL"),
        (b"\x89PNG\r\n\x1a\n", "not text"),
        (b"{\\rtf1 case_ref,stratum}", "not text"),
        (b"PAR1,case_ref", "not text"),
        (bytes(range(256)) * 4, "encoding"),
    ],
)
def test_what_is_not_text_in_a_known_encoding_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in faults(raw(tmp_path, data))


def test_a_header_that_begins_like_a_program_is_still_a_list(tmp_path: Path) -> None:
    path = write(tmp_path, "1,CPR,Area A", header="MZ_area,stratum,locality")

    assert len(read(path, id="MZ_area").table) == 1


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolon"), ("\t", "TAB")])
def test_another_separator_is_read_with_a_warning(tmp_path: Path, mark: str, word: str) -> None:
    path = write(
        tmp_path,
        mark.join(["1", "CPR", "3", "", '"a, b"']),
        mark.join(["2", "CPR", "4", "", "c"]),
        header=HEADER.replace(",", mark),
    )

    assert word in warnings(path)
    assert read(path).table["locality"].tolist() == ["a, b", "c"]


def test_commas_are_not_taken_for_semicolons_that_stand_in_a_header(tmp_path: Path) -> None:
    path = write(tmp_path, "1,CPR,x", header="case_ref,stratum,a;b;c;d")

    assert read(path, rules=None).warnings[0].says.startswith("The stratum CPR has only one case")
    assert read(path, rules=None).table["a;b;c;d"].tolist() == ["x"]


@pytest.mark.parametrize("line", ["sep=;", "sep=,", "List of children", "", ",,,,"])
def test_a_row_above_the_header_is_named(tmp_path: Path, line: str) -> None:
    assert "header" in faults(write(tmp_path, HEADER, "1,CPR,3,,", header=line))


def test_the_row_that_holds_the_header_is_told_and_nothing_else(tmp_path: Path) -> None:
    said = faults(write(tmp_path, "Run on 1 May", HEADER, "1,CPR,3,,x", header="Our list"))

    assert said.count("\n") == 0
    assert "row 3" in said


@pytest.mark.parametrize(
    "row",
    ['2,CPR,3,,Ar"ea', '2,CPR,3,,"Area" A', '2,CPR,3,,"Area', '2,CPR,3,, "Area"', '2,CPR,3,,""Area""', '"2"x,CPR,3,,'],
)
def test_a_quote_out_of_place_is_told_with_its_row_and_beside_other_faults(tmp_path: Path, row: str) -> None:
    said = faults(write(tmp_path, "1,CPR,3,,a", row, "3,CPR,200,,b", "4,XYZ,3,,c"))

    assert "row 3: A quote" in said
    assert "row 4, column age" in said
    assert "row 5, column stratum" in said


def test_line_breaks_inside_quotes_belong_to_the_value_and_rows_count_as_in_a_spreadsheet(tmp_path: Path) -> None:
    path = write(tmp_path, '1,CPR,3,,"one\ntwo"', "2,CPR,999,,x")

    assert "row 3, column age" in faults(path)
    frame = read(write(tmp_path, '1,CPR,3,,"one\ntwo, ""three"""', "2,CPR,9,,x"))
    assert frame.table["locality"].tolist() == ['one\ntwo, "three"', "x"]


def test_blank_rows_are_skipped_and_still_counted(tmp_path: Path) -> None:
    frame = read(write(tmp_path, "1,CPR,3,,", "", " ", ",,,,", ' ,"", ,,', "2,CPR,3,,", "", ",,,,"))

    assert frame.rows.tolist() == [2, 7]


def test_rows_of_the_wrong_width_are_all_told(tmp_path: Path) -> None:
    said = faults(write(tmp_path, "1,CPR,3", "2,CPR,3,,a", "3,CPR,3,,a,b"))

    assert "row 2: The row has 3 values, and the header has 5 columns" in said
    assert "row 4: The row has 6 values" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("mark", ["\x01", "\x07", "\x1a", "\x1b", "\x7f", "\x80", "\x9f"])
def test_control_characters_are_refused_in_every_column(tmp_path: Path, mark: str) -> None:
    for row in (f"1{mark},CPR,3,,", f"1,CPR{mark},3,,", f"1,CPR,3{mark},,", f"1,CPR,3,,a{mark}", mark):
        assert "control character" in faults(write(tmp_path, row, "2,CPR,3,,"))


def test_too_many_columns_and_too_long_rows_are_refused_at_once(tmp_path: Path) -> None:
    assert "too large" in faults(raw(tmp_path, b",".join(b"c%d" % i for i in range(200_000)) + b"\n1\n"))
    assert "too long" in faults(write(tmp_path, f"1,CPR,3,,{'x' * 300_000}"))
    assert "longer than 32,767" in faults(write(tmp_path, f"1,CPR,3,,{'x' * 40_000}"))


def test_no_more_than_a_thousand_faults_are_listed_and_the_rest_is_counted(tmp_path: Path) -> None:
    said = faults(write(tmp_path, *(f"{i},CPR,x{i},," for i in range(1500)))).split("\n")

    assert len(said) == 1001
    assert said[0].startswith("row 2, column age")
    assert said[-1] == "… and 500 more like these."


references = st.lists(
    st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters=" ./_(),\"#&'"), max_size=40)
    .map(str.strip)
    .filter(lambda ref: ref[:1].isalpha() and ref.casefold() not in ("total", "case_ref", "case ref", "caseref")),
    min_size=1,
    unique_by=str.casefold,
)


@given(references, st.sampled_from(["minimal", "all"]), st.sampled_from(["\n", "\r\n"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_references_come_back_as_the_same_text_in_the_same_order(
    tmp_path: Path, refs: list[str], quoting: str, end: str
) -> None:
    kept = [ref for ref in refs if not ref.casefold().startswith(("total", "subtotal", "grand total"))]
    kept = [ref for ref in kept if not holds_names(as_text([ref]))]
    if not kept:
        return
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL if quoting == "all" else csv.QUOTE_MINIMAL)
    writer.writerow(["case_ref", "stratum"])
    writer.writerows([ref, "CPR"] for ref in kept)

    frame = read(raw(tmp_path, out.getvalue().encode()))

    assert frame.table["case_ref"].tolist() == kept
    assert frame.rows.tolist() == list(range(2, len(kept) + 2))


@given(st.lists(st.lists(st.text('ab",\n\r ;\t', max_size=6), min_size=3, max_size=3), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_python_writes_as_csv_is_told_apart_as_python_reads_it(
    tmp_path: Path, values: list[list[str]]
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["case_ref", "stratum", "x", "y", "z"])
    writer.writerows([f"K{i}", "CPR", *row] for i, row in enumerate(values))
    writer.writerow(["last", "CPR", "", "", ""])

    frame = read(raw(tmp_path, out.getvalue().encode()), rules=None)

    assert frame.table[["x", "y", "z"]].to_numpy().tolist() == [*values, ["", "", ""]]


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_after_a_header_are_read_or_refused_and_nothing_else(tmp_path: Path, data: bytes) -> None:
    faults_or_frame(raw(tmp_path, b"case_ref,stratum,age,start\n" + data))


@given(st.text('"\n\r,;a0 \t\ufeff\u200b', max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_mixture_of_marks_is_read_or_refused_and_nothing_else(tmp_path: Path, data: str) -> None:
    faults_or_frame(raw(tmp_path, ("case_ref,stratum\n" + data).encode()))
    faults_or_frame(raw(tmp_path, data.encode()))


def faults_or_frame(path: Path) -> None:
    try:
        read(path)
    except FrameError as error:
        assert error.faults
        assert all("damaged" not in fault.says for fault in error.faults)


def test_what_else_is_wrong_is_said_beside_lines_of_another_encoding(tmp_path: Path) -> None:
    rows = ["1,CPR", *[f"{number},Zoë" for number in range(2, 200)], "1,CPR"]
    path = tmp_path / "list.csv"
    path.write_bytes("\n".join(["case_ref,stratum", *rows]).encode("cp1252"))

    with pytest.raises(FrameError) as refused:
        read_frame(path)

    says = [str(fault) for fault in refused.value.faults]
    assert sum("encoding" in fault for fault in says) == 20
    assert any("row 201" in fault and "stands already in row 2" in fault for fault in says)
    assert any("178 more like these" in fault for fault in says)
