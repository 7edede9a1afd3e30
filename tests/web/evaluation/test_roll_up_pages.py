"""The roll-up pages: who may see them, and figures that `tests/casereader/figures/test_results.py` works by hand."""

import io
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from casereader.agreement import SAMPLING_ONLY
from casereader.db import transaction
from casereader.models import Account, AnswerRow, Programme, Reading
from casereader.programmes import adding, inspections
from casereader.vocabulary import BANNERS, DataKind, ReadingKind, Role
from tests import worked
from tests.cast import Cast, SignIn
from tests.databases import ON_BOTH
from tests.web.client import page_of
from tests.worked import People

PAGES = (
    "roll-up",
    "roll-up/C",
    "roll-up/H",
    "roll-up/A",
    "roll-up/J",
    "roll-up/quality-indicators",
    "roll-up/groups",
    "roll-up/groups?by=age_band",
    "roll-up/groups?by=living",
    "roll-up/peers",
    "roll-up/difference",
    "roll-up/records",
    "roll-up/themes",
    "roll-up/topics",
    "evaluation",
    "evaluation/5.2",
)
FILES = ("roll-up/tables.xlsx", "roll-up/tables.ods", "roll-up/tables.zip", "roll-up/questions.csv")
SEE = ("coordinator", "moderator", "lead")
EXPORT = ("coordinator", "lead")
EVERYBODY = (*SEE, "reviewer", "second_reviewer", "local_reviewer", "administrator", "outsider")


def people_of(cast: Cast) -> People:
    """Who of the cast reads and settles."""
    return People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, their inspection worked through as `tests/worked.py` says."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))
    return cast


def at(cast: Cast, page: str) -> str:
    """The address of a page of the cast's inspection."""
    return f"/inspections/{cast.place.inspection.public_id}/{page}"


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_those_who_run_or_moderate_an_inspection_see_its_figures(read: Cast, sign_in: SignIn, who: str) -> None:
    client = sign_in(getattr(read, who))

    def asked(paths: Iterable[str]) -> set[int]:
        ask = client.open if who == "lead" else partial(FlaskClient.open, client)  # looked over once
        return {ask(path).status_code for path in paths}

    pages, files = asked(at(read, page) for page in PAGES), asked(at(read, file) for file in FILES)
    programme = f"/programmes/{read.place.programme.public_id}"
    overview = asked(f"{programme}/{page}" for page in ("overview", "peers", "variation", "across"))

    assert pages == ({200} if who in SEE else {403})
    assert overview == ({200} if who in SEE else {403})
    assert files == ({200} if who in EXPORT else {403})


def test_somebody_of_another_inspection_finds_nothing(app: Flask, read: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        elsewhere(session, read, read.outsider)
    client = sign_in(read.outsider)

    for page in (*PAGES, *FILES):
        assert client.get(at(read, page)).status_code == 404, page


@ON_BOTH
def test_the_page_opens_with_the_four_questions_and_their_figures(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.lead).page(at(read, "roll-up"))

    head, assessment, planning, review, involvement = page.rows(0)
    assert head[0] == "About"
    assert assessment[0].startswith("Assessment")
    share, k_of_n, said, left_open = assessment[1:]
    assert share.startswith("57% (")
    assert k_of_n == "6 of 11"
    assert said.startswith("the majority, possibly less than half")
    assert left_open == "50% to 62%"
    assert planning[1:4] == ["too few", "5 of 5", "no word under 10 records"]
    assert review[1:4] == ["none yet", "0 of 0", "no record has an answer yet"]
    assert involvement[0].startswith("The child's involvement")
    assert "12 of 14 records" in page.text
    assert "they will change" in page.text.lower()
    assert "5 children are in no figure" in page.text
    assert "c: Vulnerable young person process, or the local equivalent (N = 5)" in page.text


def test_the_ratings_divide_by_weight_beside_the_number_of_records(read: Cast, sign_in: SignIn) -> None:
    # Weights of 37: 6 has b05 (5); 5 b01, a03 (7); 4 b02, a01, a02 (9); 3 b03, a04 (7); 2 b04, a05 (7); 1 a08 (2).
    page = sign_in(read.lead).page(at(read, "roll-up"))

    rows = [row for table in range(4) for row in page.rows(table) if row[0] == "C9 Assessment"]
    assert rows == [["C9 Assessment", "1 (14%)", "2 (19%)", "3 (24%)", "2 (19%)", "2 (19%)", "1 (5%)", "1", ""]]


def test_questions_on_one_scale_share_a_table_though_one_has_an_answer_more(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        for reading in session.exec(select(Reading).where(Reading.kind == ReadingKind.FIRST)).all():
            value = "not_applicable" if reading.needs_countersigning else "4"
            session.add(AnswerRow(reading_id=reading.id or 0, key="C10", value=value, saved_at=worked.READ))

    page = sign_in(read.lead).page(at(read, "roll-up/C"))

    head, assessment, chronology = page.rows(1)
    assert head[-2:] == ["Cannot be evaluated", "Not applicable"]
    assert len(assessment) == len(chronology) == len(head)
    assert assessment[-2:] == ["1", ""]
    assert chronology == ["C10 Chronology", "0 (0%)", "0 (0%)", "11 (100%)", "0 (0%)", "0 (0%)", "0 (0%)", "0", "0"]


def test_under_10_records_the_answers_are_counted_and_neither_weighed_nor_drawn(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.lead).page(at(read, "roll-up/D"))

    rows = [row for table in range(2) for row in page.rows(table) if row[0] == "D11 Plan"]
    assert rows == [["D11 Plan", "0", "0", "5", "0", "0", "0", "0", "0"]]
    assert [drawing.get("aria-labelledby") for drawing in page.root.iter() if drawing.get("role") == "img"] == [
        "questions-title questions-desc"
    ]


def test_the_records_behind_the_figures_stand_by_stratum(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.coordinator).page(at(read, "roll-up"))

    rows = page.rows(len(list(page.root.iter("table"))) - 1)
    assert [row[1:] for row in rows[1:]] == [
        ["16", "8", "7", "0", "1", "0", "0"],
        ["30", "6", "5", "1", "0", "0", "0"],
        ["5", "1", "0", "0", "0", "0", "1"],
        ["51", "15", "12", "1", "1", "0", "1"],
    ]


def test_a_section_shows_every_question_with_what_stands_outside_its_share(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.moderator).page(at(read, "roll-up/C"))

    assert page.heading == "Assessment: figures"
    rows = {row[0].split()[0]: row[1:] for row in page.rows(0)[1:]}
    assert list(rows) == [f"C{number}" for number in range(1, 11)]
    assert rows["C9"][3:] == ["0", "0", "1", "1", "1", "50% to 62%"]
    assert rows["C1"] == ["none yet", "0 of 0", "no record has an answer yet", "", "", "", "", "", ""]


@ON_BOTH
def test_groups_have_their_size_on_the_list_and_no_word_when_small(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.lead)

    by_age = client.page(at(read, "roll-up/groups?by=age_band")).rows(0)
    assert [row[:5] for row in by_age[1:]] == [
        ["5 to 11", "36", "too few", "5 of 9", "no word under 10 records"],
        ["12 to 15", "10", "too few", "1 of 2", "no word under 10 records"],
    ]
    by_deprivation = client.page(at(read, "roll-up/groups?by=deprivation")).rows(0)
    assert [row[:4] for row in by_deprivation[1:]] == [
        ["1 (most deprived)", "not known", "too few", "3 of 5"],
        ["2", "not known", "too few", "3 of 6"],
    ]
    assert "Neither the list nor the records" in client.page(at(read, "roll-up/groups?by=living")).text


def test_a_page_that_does_not_exist_is_not_found(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.lead)

    for page in ("roll-up/Z", "roll-up/groups?by=name", "evaluation/9.9", "evaluation/9.1"):
        assert client.get(at(read, page)).status_code == 404, page


@pytest.mark.parametrize("is_drawn", [False, True])
def test_before_anything_is_read_every_page_says_so(app: Flask, cast: Cast, sign_in: SignIn, is_drawn: bool) -> None:
    if is_drawn:
        with transaction(app.extensions["casereader_engine"]) as session:
            worked.build_drawn(session, cast.place, people_of(cast))
    client = sign_in(cast.lead)

    for page in PAGES:
        client.page(at(cast, page))
    page = client.page(at(cast, "roll-up"))
    assert "No figures yet" in page.text
    assert ("None of the 14 sampled records" if is_drawn else "The sample is not drawn yet") in page.text
    for file in FILES:
        assert client.get(at(cast, file)).status_code == (200 if is_drawn else 409)
    overview = client.page(f"/programmes/{cast.place.programme.public_id}/overview")
    assert overview.rows(0)[1][2:] == ["0 of 14" if is_drawn else "not drawn"]
    assert "No record is read yet." in overview.text


@ON_BOTH
def test_files_carry_the_figures_and_what_the_data_are(app: Flask, read: Cast, sign_in: SignIn, tmp_path: Path) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        programme = session.get_one(Programme, read.place.programme.id)
        programme.data_kind = DataKind.DEMO
    client = sign_in(read.coordinator)

    table = client.get(at(read, "roll-up/questions.csv"))
    book = client.get(at(read, "roll-up/tables.xlsx"))

    assert table.mimetype == "text/csv"
    assert table.headers["Content-Disposition"] == "attachment; filename=demo-programme-2026-glen-test-questions.csv"
    assert "filename=demo-programme-2026-glen-test-tables.xlsx" in book.headers["Content-Disposition"]
    lines = table.text.splitlines()
    assert lines[0].endswith(",lowest,highest")
    first = next(line.split(",") for line in lines if ",C9,all," in line)
    assert first[:8] == ["programme-2026/glen-test", "C", "C9", "all", "", "51", "11", "6"]
    assert float(first[8]) == pytest.approx(21 / 37)
    words = ["rollup", "--inspection", "programme-2026/glen-test", "--out", str(tmp_path)]
    assert app.test_cli_runner().invoke(args=words).exit_code == 0
    assert (tmp_path / "questions.csv").read_bytes() == table.data
    assert BANNERS[DataKind.DEMO] in (tmp_path / "README.txt").read_text(encoding="utf-8")
    with ZipFile(io.BytesIO(book.data)) as parts:
        strings = parts.read("xl/sharedStrings.xml").decode()
        core = parts.read("docProps/core.xml").decode()
    assert BANNERS[DataKind.DEMO] in strings
    assert "12 of 14 read, 1 not produced" in strings
    assert "2026-06-15T15:30:00Z" in core


def test_the_banner_of_invented_data_is_on_the_page(app: Flask, read: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        session.get_one(Programme, read.place.programme.id).data_kind = DataKind.DEMO
    client = sign_in(read.moderator)

    for page in (at(read, "roll-up/C"), f"/programmes/{read.place.programme.public_id}/overview"):
        assert BANNERS[DataKind.DEMO] in client.page(page).text


@ON_BOTH
def test_the_overview_shows_each_of_my_partnerships_by_name_with_intervals(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        elsewhere(session, read, read.lead, name="Another Glen")
        elsewhere(session, read, read.outsider, name="Not Mine")

    page = sign_in(read.lead).page(f"/programmes/{read.place.programme.public_id}/overview")

    assert [row[0] for row in page.rows(0)[1:]] == ["Glen Test"]
    here = page.rows(0)[1]
    assert here[2] == "12 of 145 children left out"
    assert here[3].startswith("57% (")
    assert here[3].endswith("6 of 11")
    assert page.rows(1)[1] == ["Another Glen", "List awaited", "not drawn"]
    assert page.rows(2)[1][2:] == ["6 of 11", "the majority, possibly less than half or most"]
    assert "Assessment: fewer than two partnerships have 10 records with an answer yet." in page.text
    assert "no league table" in page.text


def test_the_lead_s_next_step_is_the_evaluation(read: Cast, sign_in: SignIn) -> None:
    lead = sign_in(read.lead).get(at(read, "roll-up"))
    moderator = sign_in(read.moderator).get(at(read, "roll-up"))

    assert at(read, "evaluation") in page_of(lead).links
    assert "What to do next" not in page_of(moderator).text
    assert at(read, "roll-up/tables.xlsx") not in page_of(moderator).links


def elsewhere(session: Session, cast: Cast, account: Account, *, name: str = "Elsewhere") -> None:
    """Another inspection of the programme, with the account as its lead."""
    inspection = adding.add_partnership(
        session,
        programme=cast.place.programme,
        name=name,
        period_from=cast.place.inspection.period_from,
        period_to=cast.place.inspection.period_to,
        lead=None,
        by=cast.coordinator,
        at=worked.DRAWN,
    )
    inspections.give_role(
        session, inspection=inspection, account=account, role=Role.LEAD, by=cast.coordinator, at=worked.DRAWN
    )


def test_beside_the_intervals_it_is_said_that_they_cover_sampling_only(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.lead)

    for page in ("roll-up", "roll-up/C", "roll-up/quality-indicators", "roll-up/groups", "evaluation/5.2"):
        assert SAMPLING_ONLY in client.page(at(read, page)).text, page
    overview = client.page(f"/programmes/{read.place.programme.public_id}/overview").text
    assert SAMPLING_ONLY in overview
    assert "it is not known how far readers move these shares" in overview


def test_partnerships_can_be_set_beside_each_other_on_every_response_to_a_theme(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.lead)
    address = f"/programmes/{read.place.programme.public_id}/variation"

    page = client.page(f"{address}?question=H1.addressed")

    assert "Cumulative harm: Addressed in plan" in page.text
    assert sum("question=H" in link for link in page.links) == 4 * 11 - 1  # the one shown leads nowhere
    assert sum("question=R" in link for link in page.links) == 5
    assert client.get(f"{address}?question=A6").status_code == 404
