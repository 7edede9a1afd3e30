"""The figures in the files are those of the pages, whatever the format, and each results page has its table."""

import csv
import io
from zipfile import ZipFile

import openpyxl
import pytest
from flask import Flask
from odfdo import Document

from casereader import audit
from casereader.db import snapshot, transaction
from casereader.exports.sheets import AUDIT_HEAD, NO_FIGURE, NO_WORD
from casereader.words import WORDING, printed, read_out
from tests import worked
from tests.cast import Cast, SignIn
from tests.web.client import PageClient
from tests.web.evaluation.test_records_and_themes import DONE, HEALTH, PRESENT, answer
from tests.web.evaluation.test_roll_up_pages import at, people_of
from tests.web.evaluation.test_topics_pages import TOPICS

Table = list[dict[str, str | float]]
BEHIND = {
    "H1.present": PRESENT,
    "H1.recognised": DONE,
    "R1": dict.fromkeys(worked.RATINGS, "yes") | {"b02": "no"},
    "A4.health": HEALTH,
    "G1.safe": {"b01": "clear", "b02": "some", "b03": "too_early"},
    "G2": {"b01": "some"},
    "G3": {"b01": "confirmed"},
    **TOPICS,
}
NAMES = {
    "opening", "sections", "quality_indicators", "questions", "by_stratum", "by_age_band", "by_legal_basis",
    "by_deprivation",
    "distributions", "strata_left_out", "sampled", "not_produced", "supplied", "themes_met", "themes_done",
    "on_every_record", "improvement", "demonstrated", "topics", "peers",
}  # fmt: skip


@pytest.fixture
def client(app: Flask, cast: Cast, sign_in: SignIn) -> PageClient:
    """The lead's browser, of the worked inspection with something behind every page."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))
    answer(app, BEHIND)
    return sign_in(cast.lead)


def from_workbook(content: bytes) -> dict[str, Table]:
    found = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets[3:]:
        (table,) = sheet.tables.values()
        head, *rows = [[cell.value for cell in row] for row in sheet[table.ref]]
        found[table.name] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def from_ods(content: bytes, names: list[str]) -> dict[str, Table]:
    sheets = Document(io.BytesIO(content)).body.get_tables()[3:]
    found = {}
    for name, sheet in zip(names, sheets, strict=True):
        head, *rows = [row.get_values() for row in sheet.iter_rows()][3:]
        found[name] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def from_csv(content: bytes) -> dict[str, Table]:
    with ZipFile(io.BytesIO(content)) as files:
        return {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(files.read(name).decode(), newline="")))
            for name in files.namelist()
            if name not in ("notes.csv", "cover.csv")
        }


def plain(tables: dict[str, Table]) -> dict[str, list[dict[str, str]]]:
    """Every cell to ten digits: a workbook holds fewer than a float."""

    def cell(value: str | float) -> str:
        try:
            return f"{float(value):.9e}"
        except ValueError:
            return str(value)

    return {name: [{head: cell(value) for head, value in row.items()} for row in rows] for name, rows in tables.items()}


def shown(row: dict[str, str | float]) -> list[str]:
    """A row's share with its interval, k of n and the word, as the pages print them."""
    n = next(int(value) for head, value in row.items() if head.endswith("(n)"))
    k = next(int(value) for head, value in row.items() if head.endswith("(k)"))
    if n < WORDING.least_n:
        few = ["none yet", "no record has an answer yet"], ["too few", f"no word under {WORDING.least_n} records"]
        share, word = few[n > 0]
        return [share, f"{k} of {n}", word]
    share, lower, upper = (float(row[head]) for head in ("Weighted share", "Interval from", "Interval to"))
    also = row["Other words the interval allows"]
    allowed = "" if also == NO_WORD else f", possibly {read_out(str(also).split('; '), 'or')}"
    return [
        f"{printed(share)} ({printed(lower)} to {printed(upper)})",
        f"{k} of {n}",
        f"{row['Word']}{allowed}",
    ]


def test_every_results_page_has_its_table_and_all_formats_hold_the_same_figures(client: PageClient, cast: Cast) -> None:
    files = {name: client.get(at(cast, f"roll-up/tables.{name}")).data for name in ("xlsx", "ods", "zip")}

    tables = from_workbook(files["xlsx"])
    assert set(tables) == NAMES
    assert plain(from_ods(files["ods"], list(tables))) == plain(tables)
    assert plain(from_csv(files["zip"])) == plain(tables)
    for name, content in files.items():
        assert client.get(at(cast, f"roll-up/tables.{name}")).data == content, "the same data, the same bytes"

    page = client.page(at(cast, "roll-up"))
    assert [row[1:4] for row in page.rows(0)[1:]] == [shown(row) for row in tables["opening"]]

    page = client.page(at(cast, "roll-up/records"))
    named = {str(row["Stratum"]): row for row in tables["not_produced"]}
    for cells in page.rows(0)[1:]:
        row = named[cells[0].split(":")[0]]
        assert cells[1] == str(row["Children in the frame (N)"])
        assert cells[2:5] == shown(row)
    supplied = {str(row["Agency"]): row for row in tables["supplied"] if row["Stratum"] == "All"}
    for cells in page.rows(1)[1:]:
        if cells[2] != "0 of 0":
            row = supplied[cells[0]]
            assert cells[1:6] == [*shown(row), str(row["Asked, not supplied"]), str(row["Not expected"])]

    page = client.page(at(cast, "roll-up/themes"))
    (met,) = tables["themes_met"]
    assert page.rows(0)[1] == [str(met["Theme"]), *shown(met), "2", "1"]
    assert (met["Present"], met["Indicated but not considered"]) == (2, 1)
    (done,) = tables["themes_done"]
    assert page.rows(2)[1][1:4] == shown(done)
    (relation,) = tables["on_every_record"]
    assert relation["Question"] == "R1"
    assert page.rows(len(list(page.root.iter("table"))) - 1)[1][1:4] == shown(relation)

    page = client.page(at(cast, "roll-up/difference"))
    rows = {str(row["Asked about"]): row for row in tables["improvement"]}
    assert page.rows(0)[1][:4] == ["Safe", *shown(rows["Safe"])]
    assert page.rows(0)[1][5:7] == [str(rows["Safe"]["Too early to say"]), str(rows["Safe"]["No need assessed"])]
    assert [row["Counted"] for row in tables["demonstrated"]] == ["Improvement demonstrated"]

    page = client.page(at(cast, "roll-up/topics"))
    on_page = [row for table in range(4) for row in page.rows(table)[1:]]
    assert [[str(value) for value in list(row.values())[1:]] for row in tables["topics"]] == on_page

    page = client.page(at(cast, "roll-up/peers"))
    compared = next(row for row in tables["peers"] if row["Question"] == "C9")
    cells = next(row for row in page.rows(0) if row[0].startswith("C9"))
    assert cells[1:3] == [
        f"{compared[f'Of the {side} counted as 1 (k)']} of {compared[f'Records of {whose} (n)']}"
        for side, whose in (("group", "the group"), ("peers", "their peers"))
    ]
    assert compared["The group’s share less that of its peers"] == NO_FIGURE


def test_the_cover_says_whom_the_plan_compares_and_that_nothing_is_cleared(client: PageClient, cast: Cast) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get(at(cast, "roll-up/tables.xlsx")).data))

    cover = {row[0]: row[1] for row in book["Cover"].iter_rows(values_only=True)}
    assert (
        cover["Comparison group"]
        == "“12-15”: 10 children on the list, against 36 peers; 5 more of whom the list does not say it."
    )
    assert cover["Publication"].startswith("Not cleared for publication")


def test_each_format_carries_the_head_of_the_inspection(app: Flask, client: PageClient, cast: Cast) -> None:
    with snapshot(app.extensions["casereader_engine"]) as session:
        head = audit.head_of(session, cast.place.inspection.id or 0)
    files = {name: client.get(at(cast, f"roll-up/tables.{name}")).data for name in ("xlsx", "ods", "zip")}

    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    assert (AUDIT_HEAD, head) in [row[:2] for row in book["Cover"].iter_rows(values_only=True)]
    assert head.encode() in _content_of(files["ods"], "content.xml")
    assert f"{AUDIT_HEAD},{head}".encode() in _content_of(files["zip"], "cover.csv")


def _content_of(file: bytes, name: str) -> bytes:
    with ZipFile(io.BytesIO(file)) as archive:
        return archive.read(name)
