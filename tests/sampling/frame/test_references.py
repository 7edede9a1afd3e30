"""Which references are taken, which are asked about, and which are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sampling.frame.reading import faults, read, warnings


def write(folder: Path, *refs: str) -> Path:
    path = folder / "list.csv"
    rows = [f'"{ref.replace(chr(34), chr(34) * 2)}",CPR' for ref in refs]
    path.write_text("\n".join(["case_ref,stratum", *rows, "other-1,CPR", ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "ref",
    [
        "000011",
        "0",
        "NA",
        "nan",
        "null",
        "None",
        "inf",
        "TRUE",
        "MAR1",
        "E10",
        "12E5",
        "1E5A",
        "A/12 b",
        "a.b",
        "2024/017",
        "123456789012345678901",
        "K" * 40,
        "Total1",
        "é1",
        "Ünal-3",
        "12345678",
        "0000000011",
        "K#1 & co",
        "(a)",
        "A  1",
    ],
)
def test_an_ordinary_reference_is_kept_as_it_is_without_a_warning(tmp_path: Path, ref: str) -> None:
    frame = read(write(tmp_path, ref))

    assert frame.table["case_ref"][0] == ref
    assert frame.warnings == [w for w in frame.warnings if w.column == "stratum"]


@pytest.mark.parametrize(("ref", "kept"), [(" 12 ", "12"), ("\u00a012\u2003", "12"), ("cafe\u0301", "café")])
def test_a_reference_is_stripped_and_composed(tmp_path: Path, ref: str, kept: str) -> None:
    assert read(write(tmp_path, ref)).table["case_ref"][0] == kept


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("", "row 2, column case_ref: The reference is blank"),
        ("\u00a0", "The reference is blank"),
        ("K" * 41, "longer than 40"),
        ("=1+1", "formula"),
        ("+44", "formula"),
        ("-12", "formula"),
        ("@SUM(1)", "formula"),
        ("'000196", "apostrophe"),
        ("1.23457E+11", "1.23457E+11"),
        ("1E+05", "rounded"),
        ("1,2E+11", "rounded"),
        ("11.0", ".0"),
        ("11.00", ".0"),
        ("Total", "total row"),
        ("Grand Total: 12", "total row"),
        ("TOTAL 12", "total row"),
        ("#REF!", "error value"),
        ("#N/A", "error value"),
        ("a\nb", "line break"),
        ("a\tb", "TAB"),
        ("a\u200bb", "U+200B"),
        ("a\u00adb", "U+00AD"),
        ("\u202e12", "U+202E"),
        ("a\u2028b", "U+2028"),
        ("a\ufffd", "replacement"),
        ("Case Ref", "header"),
        ("CASE_REF", "header"),
    ],
)
def test_a_reference_that_cannot_be_one_is_refused(tmp_path: Path, ref: str, words: str) -> None:
    said = faults(write(tmp_path, ref))

    assert words in said
    assert said.count("\n") == 0
    assert "column case_ref" in said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("000048", "000048"),
        ("000048", " 000048 "),
        ("ab1", "AB1"),
        ("café", "cafe\u0301"),
        ("CAFÉ", "café"),
        ("A100", "\u0410100"),  # a Cyrillic A
        ("A100", "\uff21100"),  # a full-width A
        ("Kappa1", "\u039aappa1"),  # a Greek K
        ("STRASSE", "straße"),
        ("A 1", "A\u00a01"),
        ("№1", "No1"),
    ],
)
def test_references_that_read_alike_are_refused_with_both_rows(tmp_path: Path, one: str, other: str) -> None:
    said = faults(write(tmp_path, one, "x1", other))

    assert "row 4, column case_ref" in said
    assert "row 2" in said


@pytest.mark.parametrize("ref", ["01-Mar", "Mar-01", "1-Mar-24", "01/03/2024", "2024-03-01", "3 Sep"])
def test_a_reference_that_reads_like_a_date_is_asked_about(tmp_path: Path, ref: str) -> None:
    assert ref in warnings(write(tmp_path, ref))


# 943 476 5919 and 401 023 2137 are the health services' own examples of a valid number; 0101010004 and 3112991235
# were worked by hand: 10·0+9·1+8·0+7·1+6·0+5·1+4·0+3·0+2·0 = 21, 21 mod 11 = 10, so 1 for 010101000.
@pytest.mark.parametrize(
    "ref",
    [
        "9434765919",
        "943 476 5919",
        "943-476-5919",
        "4010232137",
        "0101010001",
        "010101 0001",
        "\u00a0943 476 5919\u00a0",
    ],
)
def test_a_valid_chi_or_nhs_number_is_refused_and_not_repeated(tmp_path: Path, ref: str) -> None:
    said = faults(write(tmp_path, ref))

    assert "CHI or NHS number" in said
    assert ref not in said


def test_the_form_of_a_chi_number_without_its_check_digit_is_asked_about(tmp_path: Path) -> None:
    assert "CHI" in warnings(write(tmp_path, "0302115555"))
    assert "CHI" in warnings(write(tmp_path, "101010001"))
    assert "CHI" not in warnings(write(tmp_path, "9434765918"))


@pytest.mark.parametrize(("ref", "code"), [("\u0410100", "U+0410"), ("\uff11\uff12", "U+FF11"), ("A\u00a01", "U+00A0")])
def test_a_character_that_looks_like_a_plainer_one_is_asked_about(tmp_path: Path, ref: str, code: str) -> None:
    assert code in warnings(write(tmp_path, ref))


def test_many_duplicates_are_each_told_once(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("case_ref,stratum\n" + "a,CPR\nb,CPR\n" * 3, encoding="utf-8")

    said = faults(path).split("\n")

    assert [line.split(",")[0] for line in said] == ["row 4", "row 5", "row 6", "row 7"]
    assert all("row 2" in line for line in said if "reference a" in line)


def test_a_further_column_of_chi_numbers_is_refused_and_a_stray_one_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("case_ref,stratum,other\na,CPR,0101010001\nb,CPR,010101 0001\nc,CPR,\n", encoding="utf-8")
    said = faults(path, rules=None)
    assert "CHI numbers" in said
    assert "0001" not in said

    path.write_text("case_ref,stratum,other\na,CPR,0101010001\nb,CPR,x\nc,CPR,0302115555\n", encoding="utf-8")
    assert "holds 1 numbers" in warnings(path, rules=None)
