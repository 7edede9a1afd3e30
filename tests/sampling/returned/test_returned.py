"""A return is looked at and made into a list: tabs stacked, words turned into codes, one case to a child."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sampling.returned.__main__ import Reader
from tests.sampling.returned.reading import change, look, make, said, write_tabs

FRAMES = Path(__file__).parents[2] / "frames"
MANIFEST = json.loads((FRAMES / "manifest.json").read_text(encoding="utf-8"))
ROWS = {
    "Register": [("R1", 5, "parents", "N"), ("R2", 6, "kinship", "N"), ("R3", None, "foster", "S")],
    "Orders": [("O1", 7, "parents", "N"), ("R2", 6, None, "N"), ("R3", 9, "foster", "S")],
}


def test_every_odd_list_of_the_manifest_has_the_same_outcome_as_a_return() -> None:
    wrong = []
    for entry in MANIFEST["files"]:
        if entry["kind"] not in ("csv", "xlsx"):
            continue
        reply = _as_a_return(entry)
        refused = "refused" in reply or reply["n_faults"] > 0
        if refused != (entry["expect"] == "reject"):
            wrong.append(f"{entry['id']} {entry['odd']}: {entry['expect']}, and as a return {str(reply)[:200]}")
        elif not refused and len(reply["columns"]["case_ref"]) != entry["rows"]:
            wrong.append(f"{entry['id']}: {len(reply['columns']['case_ref'])} cases, not {entry['rows']}")
        elif entry["expect"] == "warn" and entry["message"] not in str(reply["warnings"]):
            quiet = ("team", "c0", "CPR")  # which the mapping asks about, and what is said of groups by their code
            wrong += [] if entry["message"] in quiet else [f"{entry['id']}: no warning of {entry['message']}"]

    assert not wrong, "\n".join(wrong)


def _as_a_return(entry: dict[str, Any]) -> dict[str, Any]:
    path, name, reader = FRAMES / entry["file"], entry.get("upload_as", entry["file"]), Reader()
    found = look(path, filename=name, reader=reader)
    if "refused" in found:
        return found
    ours = {"caseref": "case_ref", "stratum": "group", "age": "age"}
    tabs = found["layout"]["tabs"]
    keys = [heading["key"] for tab in tabs for heading in tab["headings"]]
    lists = [tab["name"] for tab in tabs if any(heading["key"] == "caseref" for heading in tab["headings"])]
    return make(
        path,
        filename=name,
        reader=reader,
        groups=dict.fromkeys(lists or [tabs[0]["name"]]),
        columns={key: ours.get(key, "keep") for key in keys},
        codes={"group": MANIFEST["strata"]},
        order=MANIFEST["strata"],
    )


def test_tabs_are_stacked_and_a_child_of_two_groups_becomes_one_case_of_the_first_in_order(tmp_path: Path) -> None:
    path = write_tabs(tmp_path, ROWS)

    made = make(path, groups={"Register": "b", "Orders": "e"}, order=("e", "b"))["columns"]

    assert list(zip(made["case_ref"], made["group"], made["other_groups"], strict=True)) == [
        ("R1", "b", []),
        ("O1", "e", []),
        ("R2", "e", ["b"]),
        ("R3", "e", ["b"]),
    ]
    assert made["tab"] == ["Register", "Orders", "Orders", "Orders"]
    assert made["row"] == [2, 2, 3, 4]
    assert made["living"] == ["parents", "parents", "kinship", "foster"]  # blank on one tab, said on the other
    assert made["age"] == [5, 7, 6, 9]


def test_the_same_child_twice_in_a_group_or_told_of_in_two_ways_is_a_fault_that_names_both_rows(tmp_path: Path) -> None:
    path = write_tabs(
        tmp_path,
        {
            "Register": [("R1", 5, "parents", ""), ("R1", 5, "parents", ""), ("R2", 6, "kinship", "")],
            "Orders": [("R2", 7, "foster", ""), ("r1", 5, "parents", "")],
        },
    )

    reply = make(path, groups={"Register": "b", "Orders": "e"})

    told = said(reply).splitlines()
    assert told[0].startswith("Register 3 case_ref: The reference R1 stands already in row 2, in the same group.")
    assert "Orders 3 case_ref: The reference r1 stands already in row 2 of the tab 'Register' as 'R1'" in told[1]
    assert any(
        one.startswith("Orders 2 age: '7' does not agree with '6' in row 4 of the tab 'Register'") for one in told
    )
    assert any(one.startswith("Orders 2 living: 'foster' does not agree with 'kinship'") for one in told)
    assert reply["n_faults"] == len(told) == 4


def test_changes_are_made_before_the_rows_are_checked(tmp_path: Path) -> None:
    path = write_tabs(tmp_path, {"Register": [("R1", "five", "parents", ""), ("R1", 6, "moon", ""), ("R1", 7, "", "")]})
    codes = {"living": ("parents", "foster")}
    before = make(path, groups={"Register": "b"}, codes=codes)
    assert "'moon' is none of our living arrangements" in said(before)

    mended = make(
        path,
        groups={"Register": "b"},
        codes=codes,
        changes=[
            change("Register", 2, "age", "5"),
            change("Register", 3, "living", "foster"),
            change("Register", 3, "case_ref", "R2"),
            change("Register", 4),
            change("Orders", 2),
        ],
    )

    assert mended["n_faults"] == 0
    columns = mended["columns"]
    assert (columns["case_ref"], columns["age"], columns["living"]) == (["R1", "R2"], [5, 6], ["parents", "foster"])


def test_a_word_on_many_rows_that_is_not_ours_is_one_fault_and_on_few_a_fault_a_row(tmp_path: Path) -> None:
    rows = [(f"R{n}", 5, "moon" if n < 8 else "sun", "") for n in range(10)]
    path = write_tabs(tmp_path, {"Register": rows})

    told = said(make(path, groups={"Register": "b"}, codes={"living": ("parents",)})).splitlines()

    assert told[0].startswith("Register None living: 'moon' (8 rows, the first is row 2) is none of our")
    assert [one.split(":")[0] for one in told[1:]] == ["Register 10 living", "Register 11 living"]


@pytest.mark.parametrize(
    ("heading", "values", "says"),
    [
        ("Child name", ["Zebedee Planted"] * 3, "names, dates of birth"),
        ("Other", ["0101010044", "0101010087", "0101010109"], "CHI or NHS numbers"),
        ("Other", ["local", "0101010044", "3"], "CHI or NHS numbers"),  # one among others
        ("Other", ["local", "943 476 5919", "3"], "CHI or NHS numbers"),
        ("Other", ["planted@example.org", "", ""], "e-mail addresses"),
        ("Other", ["EH1 1AA", "G12 8QQ", ""], "postcodes"),
        ("Other", ["North", "2 High Street, EH1 1AA", ""], "postcodes"),
        ("Other", ["North", "07700900123", ""], "telephone numbers"),
        ("Other", ["North", "0131 496 0123", ""], "telephone numbers"),
        ("Other", ["North", "+44 131 496 0123", ""], "telephone numbers"),
        ("Other", ["12/03/2014", "1 May 2016", ""], "full dates without saying of what"),
        ("Mum", ["N.N.", "N.M.", ""], "names, dates of birth"),
        ("Next of kin", ["N.N.", "N.M.", ""], "names, dates of birth"),
        ("Other", ["AB 12 34 56 C", "CE123456D", "x"], "national insurance numbers"),
    ],
)
def test_what_identifies_children_refuses_the_whole_file_and_is_not_repeated(
    tmp_path: Path, heading: str, values: list[str], says: str
) -> None:
    rows = [(f"R{n}", 300, "", value) for n, value in enumerate(values)]
    path = write_tabs(tmp_path, {"Register": rows}, headings=("case_ref", "age", "living", heading))

    reply = look(path)

    (fault,) = reply["refused"]
    assert reply["personal"]
    assert says in fault["says"]
    assert not any(value in str(reply) for value in values if value)


def test_a_reference_that_is_a_health_number_refuses_the_whole_file(tmp_path: Path) -> None:
    path = write_tabs(tmp_path, {"Register": [("R1", 5, "", ""), ("0101010044", 6, "", "")]})

    reply = look(path)

    assert reply["personal"]
    assert "0101010044" not in str(reply)


@pytest.mark.parametrize("heading", ["case_ref", "Which"])
def test_names_in_place_of_references_refuse_the_whole_file_under_whatever_heading_they_stand(
    tmp_path: Path, heading: str
) -> None:
    rows = [("R1", 5, "", ""), ("Zebedee Planted", 6, "", "")]
    path = write_tabs(tmp_path, {"Register": rows}, headings=(heading, "age", "living", "team"))

    first = look(path)
    reply = first if heading == "case_ref" else make(path, groups={"Register": "b"}, columns={"which": "case_ref"})

    assert reply["personal"]
    assert "names in place of references" in reply["refused"][0]["says"]
    assert "Planted" not in str(reply)


def test_what_only_resembles_a_trace_of_a_child_is_read(tmp_path: Path) -> None:
    rows = [("Child A", 5, "parents", "North 2", "12/03/2024"), ("Case B", 6, "kinship", "00001234567", "13/03/2024")]
    headings = ("Reference", "age", "living", "team", "Registered on")

    assert "layout" in look(write_tabs(tmp_path, {"Register": rows}, headings=headings))


def test_a_left_out_column_is_read_no_further_and_a_kept_one_goes_with_its_case(tmp_path: Path) -> None:
    path = write_tabs(tmp_path, {"Register": [("R1", "many", "parents", "North"), ("R2", 4, "foster", "")]})

    made = make(path, groups={"Register": "b"}, columns={"caseref": "case_ref", "team": "keep"})

    assert made["n_faults"] == 0
    assert made["columns"]["kept"] == [{"team": "North"}, {}]
    assert "living" not in made["columns"]
