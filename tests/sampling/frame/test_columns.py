"""Headers, strata, ages, dates and further columns: what is taken, and what is told."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from sampling.errors import FrameError
from sampling.frame import FrameRules, read_frame
from tests.sampling.frame.reading import TODAY, faults, read, warnings


def write(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def one(folder: Path, column: str, value: str) -> Path:
    """A list of three cases, the second with this value."""
    rows = [f'{i},CPR,"{value if i == 2 else ""}"' for i in (1, 2, 3)]
    return write(folder, "\n".join([f"case_ref,stratum,{column}", *rows]))


@pytest.mark.parametrize(
    "header", ["Case Ref", " CASE_REF ", "caseref", "case\u00a0ref", "Case\u200b_Ref", "\uff43ase_ref"]
)
def test_headers_match_whatever_their_case_blanks_and_underscores(tmp_path: Path, header: str) -> None:
    frame = read(write(tmp_path, f"{header},Stratum,AGE\n1,CPR,3\n2,CPR,4\n"))

    assert list(frame.table) == ["case_ref", "stratum", "age"]


@pytest.mark.parametrize(
    "header",
    [
        "name",
        "Name",
        "child_name",
        "ChildName",
        "Full name",
        "first name",
        "Surname",
        "forename",
        "DOB",
        "d.o.b.",
        "Date of Birth",
        "date_of_birth",
        "Birth date",
        "address",
        "Home Address 1",
        "postcode",
        "Post Code",
        "CHI",
        "CHI number",
        "chi_no",
        "NHS Number",
        "nhs",
        "e-mail",
        "phone",
        "Tel",
        "mother's name",
        "social worker name",
        "Initials",
        "National Insurance no",
        "pupil name in school",
        "known as",
    ],
)
def test_a_column_of_personal_details_is_refused_and_its_values_are_not_repeated(tmp_path: Path, header: str) -> None:
    said = faults(write(tmp_path, f'case_ref,stratum,"{header}"\n1,CPR,Secret\x07\n2,CPR,Secret\n'), rules=None)

    assert "personal details" in said
    assert "Secret" not in said


@pytest.mark.parametrize(
    "header",
    [
        "team name",
        "Locality name",
        "School name",
        "unborn",
        "postage",
        "machine",
        "mobility",
        "team",
        "service",
        "age band",
        "deprivation_decile",
        "Partnership name",
        "telescope",
        "last_inspected",
    ],
)
def test_a_column_about_a_place_or_a_service_is_kept(tmp_path: Path, header: str) -> None:
    frame = read(write(tmp_path, f"case_ref,stratum,{header}\n1,CPR,x\n2,CPR,\n"), rules=None)

    assert frame.table[header].tolist() == ["x", ""]


@pytest.mark.parametrize("header", ["<b>x</b>", "=cmd", "@x", "+x", "a|b", '"a\nb"', "x" * 101, "a\x07"])
def test_a_header_that_is_no_name_is_refused(tmp_path: Path, header: str) -> None:
    assert "header" in faults(write(tmp_path, f"case_ref,stratum,{header}\n1,CPR,x\n2,CPR,y\n"))


def test_two_headers_that_count_as_one_are_refused(tmp_path: Path) -> None:
    assert "locality" in faults(write(tmp_path, "case_ref,stratum,locality,Local ity\n1,CPR,a,b\n2,CPR,a,b\n"))


def test_every_missing_column_is_told_with_the_header_that_was_found(tmp_path: Path) -> None:
    said = faults(write(tmp_path, "ref,group\n1,CPR\n"))

    assert "no column case_ref" in said
    assert "no column stratum" in said
    assert "ref, group" in said


def test_columns_asked_for_twice_or_without_a_name_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "case_ref,stratum\n1,CPR\n")

    assert "twice" in faults(path, strata=("stratum", "Stratum "))
    assert "blank" in faults(path, strata=("",))


def test_unnamed_columns_are_dropped_when_they_hold_nothing_or_count_the_rows(tmp_path: Path) -> None:
    frame = read(write(tmp_path, ",case_ref,stratum,\n0,a,CPR,\n1,b,CPR,\n"), rules=None)

    assert list(frame.table) == ["case_ref", "stratum"]
    assert "unnamed" in str(frame.warnings[0])
    assert "row 3" in faults(write(tmp_path, ",case_ref,stratum\n0,a,CPR\n7,b,CPR\n"))


def test_columns_that_the_rules_do_not_expect_are_kept_and_named(tmp_path: Path) -> None:
    path = write(tmp_path, "case_ref,stratum,team,Locality\n1,CPR,north,x\n2,CPR,south,y\n")

    assert "team" in warnings(path)
    assert "locality" not in warnings(path)
    assert list(read(path).table) == ["case_ref", "stratum", "team", "locality"]
    assert "team" not in warnings(path, rules=None)
    assert "team" not in warnings(path, rules=FrameRules(strata=["CPR"]))


def test_free_text_is_kept_exactly_as_it_stands(tmp_path: Path) -> None:
    values = ["=1+1", "@SUM(1)", " x ", "\ttab", "{% raw %}", "'; DROP", "אבג", "🧒🏽", "NA", "007"]
    rows = "\n".join(f'{i},CPR,"{value}"' for i, value in enumerate(values))

    frame = read(write(tmp_path, f"case_ref,stratum,locality\n{rows}\n"), rules=None)

    assert frame.table["locality"].tolist() == values
    assert frame.warnings == []


@pytest.mark.parametrize(
    ("value", "word"), [("CafÃ©", "Ã"), ("itâ€™s", "â€"), ("a\ufffdb", "replacement"), ("a\u202eb", "right-to-left")]
)
def test_text_that_a_conversion_has_hurt_or_that_turns_direction_is_shown(
    tmp_path: Path, value: str, word: str
) -> None:
    assert word in warnings(one(tmp_path, "locality", value))


@pytest.mark.parametrize("value", [" cpr ", "CPR", "cPr", "C P R"])
def test_a_stratum_takes_the_spelling_of_the_rules(tmp_path: Path, value: str) -> None:
    assert read(write(tmp_path, f"case_ref,stratum\n1,{value}\n2,CPR\n")).table["stratum"].tolist() == ["CPR", "CPR"]


@pytest.mark.parametrize("value", ["", " ", "XYZ", "C\u0420R", "CPR;CPI", "CPR/CPI", "CPR\u200b", "CPR CPI"])
def test_a_stratum_that_the_rules_do_not_have_is_refused(tmp_path: Path, value: str) -> None:
    assert "row 3, column stratum" in faults(write(tmp_path, f"case_ref,stratum\n1,CPR\n2,{value}\n3,CPR\n"))


@pytest.mark.parametrize("value", ["a / b", "/ b", "a /", '"a\tb"', '"a\nb"', "\u2028a\u2028b"])
def test_a_stratum_that_would_break_the_label_is_refused(tmp_path: Path, value: str) -> None:
    assert "row 3, column stratum" in faults(write(tmp_path, f"case_ref,stratum\n1,x\n2,{value}\n"), rules=None)


def test_without_rules_strata_are_tidied_and_two_spellings_of_one_are_refused(tmp_path: Path) -> None:
    tidy = read(write(tmp_path, "case_ref,stratum\n1, Area  A \n2,Area A\n3,Area\u00a0A\n"), rules=None)
    assert tidy.table["stratum"].tolist() == ["Area A"] * 3

    for other in ("area A", "AreaA", "Are\u0430 A"):
        said = faults(write(tmp_path, f"case_ref,stratum\n1,Area A\n2,{other}\n3,Area A\n"), rules=None)
        assert "row 3, column stratum" in said
        assert "(row 2)" in said


def test_within_and_several_strata_are_each_checked(tmp_path: Path) -> None:
    path = write(tmp_path, "case_ref,area,kind,size\n1,North,a,\n2,,b,2\n3,North,c / d,2\n")

    said = faults(path, strata=("kind", "size"), within="area", rules=None)

    assert "row 2, column size" in said
    assert "row 3, column area" in said
    assert "row 4, column kind" in said


def test_rules_bound_only_the_first_strata_column(tmp_path: Path) -> None:
    path = write(tmp_path, "case_ref,area,stratum,age band\n1,N,CPR,0-4\n2,N,cpr,0-4\n")

    frame = read(path, strata=("stratum", "age_band"), within="area")

    assert frame.table["stratum"].tolist() == ["CPR", "CPR"]
    assert frame.table["age_band"].tolist() == ["0-4", "0-4"]


def test_strata_of_one_case_or_none_are_told(tmp_path: Path) -> None:
    said = warnings(write(tmp_path, "case_ref,stratum\n1,CPR\n2,CPI\n3,CPI\n"))

    assert "CPR has only one case" in said
    assert "VYP has no cases" in said
    assert "CPI" not in said


def test_a_column_that_is_no_grouping_is_refused_as_strata(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},s{i}" for i in range(20_001))

    assert "20,001 different values" in faults(write(tmp_path, f"case_ref,stratum\n{rows}\n"), rules=None)


@pytest.mark.parametrize(("value", "age"), [("8", 8), (" 12 ", 12), ("0", 0), ("12.0", 12), ("", None), ("007", 7)])
def test_ages_are_whole_years_or_missing(tmp_path: Path, value: str, age: int | None) -> None:
    found = read(one(tmp_path, "age", value)).table["age"]

    assert found.dtype == "Int64"
    assert pd.isna(found[1]) if age is None else found[1] == age


@pytest.mark.parametrize(
    "value",
    [
        "-1",
        "150",
        "12.5",
        "12,5",
        "twelve",
        "1,200",
        "٣",
        "nan",
        "inf",
        "1e1",
        "0x10",
        "+12",
        "1_0",
        "#N/A",
        "8 years",
        "99999999999999999999",
        "2011-02-03",
        "TRUE",
        "12-13",
        "１２",
    ],
)
def test_what_is_no_age_is_refused(tmp_path: Path, value: str) -> None:
    assert "row 3, column age" in faults(one(tmp_path, "age", value))


def test_an_age_past_twenty_five_is_asked_about(tmp_path: Path) -> None:
    assert "30" in warnings(one(tmp_path, "age", "30"))


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2024-03-31", "2024-03-31"),
        ("2024/03/31", "2024-03-31"),
        ("31/03/2024", "2024-03-31"),
        ("1/3/2024", "2024-03-01"),
        ("31.03.2024", "2024-03-31"),
        ("31-03-2024", "2024-03-31"),
        ("1 Mar 2024", "2024-03-01"),
        ("01-Sept-2024", "2024-09-01"),
        ("1st March 2024", "2024-03-01"),
        ("2024-02-29", "2024-02-29"),
        ("2024-03-31 00:00:00", "2024-03-31"),
        ("2024-03-31T00:00:00Z", "2024-03-31"),
        (" 2024-03-31 ", "2024-03-31"),
        ("2026-06-01", "2026-06-01"),
    ],
)
def test_dates_become_iso_text_without_a_warning(tmp_path: Path, value: str, iso: str) -> None:
    frame = read(one(tmp_path, "start", value))

    assert frame.table["start"][1] == iso
    assert pd.isna(frame.table["start"][0])
    assert not any(warning.column == "start" for warning in frame.warnings)


@pytest.mark.parametrize(
    "value",
    [
        "12/31/2024",
        "31/02/2024",
        "2023-02-29",
        "45291",
        "1900-01-00",
        "9999-12-31",
        "0001-01-01",
        "2024-13-01",
        "10/06/24",
        "1 Mar 24",
        "März 2024",
        "2035-01-01",
        "2026-06-02",
        "1711846800",
        "20240610",
        "yesterday",
        "2024-03-31x",
        "2024-3",
        "٢٠٢٤-٠٣-٣١",
        "31/03-2024",
        "1900-01-01",
    ],
)
def test_what_is_no_plain_date_is_refused(tmp_path: Path, value: str) -> None:
    assert "row 3, column start" in faults(one(tmp_path, "start", value))


def test_a_time_of_day_is_left_out_with_a_warning_and_the_written_day_stands(tmp_path: Path) -> None:
    path = one(tmp_path, "start", "2024-03-31T00:30:00+01:00")

    assert read(path).table["start"][1] == "2024-03-31"
    assert "time" in warnings(path)


def test_the_future_begins_after_today(tmp_path: Path) -> None:
    path = one(tmp_path, "start", "2024-03-31")

    assert "future" in faults(path, today=datetime.date(2024, 3, 30))
    assert len(read(path, today=datetime.date(2024, 3, 31)).table) == 3
    assert len(read_frame(path).table) == 3


def test_every_fault_is_told_at_once_in_the_order_of_rows(tmp_path: Path) -> None:
    rows = "=1,CPR,3,2024-01-05\n2,XYZ,200,2035-01-01\n2,,x,1/2\n"
    with pytest.raises(FrameError) as caught:
        read(write(tmp_path, f"case_ref,stratum,age,start\n{rows}"))

    found = [(fault.row, fault.column) for fault in caught.value.faults]
    assert found == [
        (2, "case_ref"),
        (3, "stratum"),
        (3, "age"),
        (3, "start"),
        (4, "case_ref"),
        (4, "stratum"),
        (4, "age"),
        (4, "start"),
    ]
    assert caught.value.faults[1].value == "XYZ"
    assert all(fault.says.endswith(".") for fault in caught.value.faults)


def test_a_value_in_a_message_is_cut_and_cannot_act_on_the_reader(tmp_path: Path) -> None:
    with pytest.raises(FrameError) as caught:
        read(one(tmp_path, "age", "x" * 500))
    assert caught.value.faults[0].value == "x" * 59 + "…"

    with pytest.raises(FrameError) as caught:
        read(one(tmp_path, "age", "\x1b[31m\u202e"))
    assert not any("\x1b" in str(fault) or "\u202e" in str(fault) for fault in caught.value.faults)


def test_rules_name_their_own_columns_of_ages_and_dates(tmp_path: Path) -> None:
    rules = FrameRules(ages=("years",), dates=("Opened On",), columns=())
    path = write(tmp_path, "case_ref,stratum,Years,opened_on,age\n1,x,3,5/1/2024,old\n2,x,,,\n")

    frame = read_frame(path, rules=rules, today=TODAY)

    assert frame.table["years"].dtype == "Int64"
    assert frame.table["Opened On"][0] == "2024-01-05"
    assert frame.table["age"][0] == "old"
    assert [warning.column for warning in frame.warnings] == ["age"]


def test_rules_come_from_toml_and_go_to_plans_and_back(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('strata = ["CPR", "CPI"]\ncolumns = []\n', encoding="utf-8")

    rules = FrameRules.from_toml(path)

    assert rules == FrameRules(strata=["CPR", "CPI"], columns=[])
    assert rules.ages == ("age",)
    assert FrameRules.from_mapping(rules.as_mapping()) == rules


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("strat = []", "strat"),
        ("strata = 'CPR'", "list"),
        ("ages = [1]", "list"),
        ("ages = [''", "TOML"),
        ("ages=[' ']", "list"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(FrameError, match=words):
        FrameRules.from_toml(path)
    with pytest.raises(FrameError, match="cannot be opened"):
        FrameRules.from_toml(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("filename", "words"),
    [
        ("frame.csv.exe", "name"),
        ("frame", "name"),
        ("frame.csv ", "name"),
        ("frame.", "name"),
        ("", "name"),
        ("frame\u202evsc.csv", "name"),
        ("list.xls", "type"),
        ("list.xlsm", "macros"),
        ("list.xlsb", "xlsb"),
        ("list.ods", "type"),
        ("list.xlsx", "content"),
        ("list.parquet", "content"),
    ],
)
def test_the_sender_s_name_for_the_file_must_say_what_it_is(tmp_path: Path, filename: str, words: str) -> None:
    assert words in faults(write(tmp_path, "case_ref,stratum\n1,CPR\n"), filename=filename)


@pytest.mark.parametrize(
    "filename", ["../../x.csv", "C:\\x\\y.CSV", ".csv", "Ann Other.csv", "a\nb.csv", "CON.csv", "é.csv"]
)
def test_an_odd_name_that_ends_in_csv_is_taken(tmp_path: Path, filename: str) -> None:
    assert len(read(write(tmp_path, "case_ref,stratum\n1,CPR\n"), filename=filename).table) == 1


def test_a_file_that_is_not_there_is_told_without_its_place(tmp_path: Path) -> None:
    said = faults(tmp_path / "none.csv")

    assert "cannot be opened" in said
    assert str(tmp_path) not in said
