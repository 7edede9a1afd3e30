"""From a figure to its readings and notes and back, on the pages of those who may read them."""

import pytest
from flask import Flask
from sqlmodel import col, select

from casereader.db import transaction
from casereader.models import AnswerRow, Case, Reading, SampleCase
from casereader.vocabulary import ReadingKind
from tests import worked
from tests.cast import Cast, SignIn
from tests.web.evaluation.test_roll_up_pages import EVERYBODY, at, people_of

READ = ("moderator", "lead")
NOTES = {"b01": "The plan names <who> does what", "b02": "A good plan but for school", "a02": "All plain to see"}


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The worked inspection with three notes under C9; b02 is atypical."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))
        query = (
            select(AnswerRow, Case.case_ref)
            .join(Reading, col(Reading.id) == AnswerRow.reading_id)
            .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
            .join(Case, col(Case.id) == SampleCase.case_id)
            .where(Reading.kind == ReadingKind.FIRST, AnswerRow.key == "C9")
        )
        for row, ref in session.exec(query).all():
            row.note, row.sources = NOTES.get(ref, ""), ["health"] if ref in NOTES else []
            session.add(row)
            if ref == "b02":
                session.add(AnswerRow(reading_id=row.reading_id, key="J5", value="atypical", saved_at=worked.READ))
    return cast


def test_readings_and_notes_are_for_those_who_may_read_them(read: Cast, sign_in: SignIn) -> None:
    for who in EVERYBODY:
        client = sign_in(getattr(read, who))
        pages = ("roll-up/readings?question=C9", "roll-up/notes?question=C9", "roll-up/notes")
        found = {client.get(at(read, page)).status_code for page in pages}
        assert found == ({200} if who in READ else {403}), who


def test_a_count_leads_to_its_records_for_those_who_may_read_them(read: Cast, sign_in: SignIn) -> None:
    href = at(read, "roll-up/readings?question=C9")

    back = {"roll-up": "&back=main", "roll-up/C": "", "roll-up/quality-indicators": "&back=indicators"}
    for page, came in back.items():
        there = sign_in(read.moderator).page(at(read, page)).links
        assert href + came in there, page
        assert href + came not in sign_in(read.coordinator).page(at(read, page)).links, page
        assert at(read, page) in sign_in(read.moderator).page(href + came).links, page
    groups = sign_in(read.lead).page(at(read, "roll-up/groups?by=age_band")).links
    assert f"{href}&by=age_band&level=5-11&back=groups" in groups


def test_readings_lead_back_to_no_page_but_those_of_figures(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.lead).page(at(read, "roll-up/readings?question=C9&back=//elsewhere.example"))

    assert not [href for href in page.links if "elsewhere" in href]
    assert at(read, "roll-up/C") in page.links


def test_every_record_of_a_figure_stands_with_its_answer_and_note(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.lead).page(at(read, "roll-up/readings?question=C9"))

    assert page.heading == "Readings behind C9 Assessment"
    assert page.rows(0)[1][2] == "6 of 11"
    rows = page.rows(1)
    assert rows[0] == ["Record", "Stratum", "Answer", "Note"]
    assert len(rows) == 1 + 12
    by_ref = {row[0].removesuffix("Atypical"): row[2:] for row in rows[1:]}
    assert by_ref["b01"] == ["5 Very good", NOTES["b01"]]
    assert by_ref["a01"] == ["4 Good", "No note of its own"]
    assert "b02Atypical" in [row[0] for row in rows]
    assert "4 Good (3)" in page.text


def test_the_records_of_one_group_with_one_answer_stand_alone(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.lead).page(at(read, "roll-up/readings?question=C9&by=stratum&level=b&value=4"))

    assert page.rows(0)[1][2] == "3 of 5"
    assert [row[0] for row in page.rows(1)[1:]] == ["b02Atypical"]


@pytest.mark.parametrize(
    "asked",
    ["?question=C99", "?question=C9&value=9", "?question=C9&by=name&level=b", "?question=C9&by=stratum&level=z",
     "?question=C9&by=stratum", "?question=C9&level=b", "?question=J6.example"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(read: Cast, sign_in: SignIn, asked: str) -> None:
    assert sign_in(read.lead).get(at(read, f"roll-up/readings{asked}")).status_code == 404


def test_notes_stand_under_their_rating_and_atypical_ones_are_set_aside(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.moderator)

    index = client.page(at(read, "roll-up/notes"))
    page = client.page(at(read, "roll-up/notes?question=C9"))

    assert index.rows(0)[1] == ["C9 Assessment", "3"]
    assert "Assessment: 3 notes" in index.text
    assert "4 Good: 2 records" in page.text  # a01 and a02; b02 is set aside
    assert page.text.index(NOTES["b01"]) < page.text.index(NOTES["a02"]) < page.text.index("Set aside as atypical")
    assert page.text.index("Set aside as atypical") < page.text.index(NOTES["b02"])
    assert "1 record that answers this question is marked as atypical" in page.text
    assert client.get(at(read, "roll-up/notes?question=C99")).status_code == 404


def test_a_reading_leads_to_the_figures_that_it_counts_in(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.lead)
    listed = client.page(at(read, "roll-up/readings?question=C9"))
    readings = [href for href in listed.links if "/moderation/" in href]
    assert len(readings) == 12
    assert {href.partition("#")[2] for href in readings} == {"r-C9"}

    page = client.page(readings[0])

    assert 'id="r-C9"' in client.get(readings[0].partition("#")[0]).text

    assert "This reading counts in the figures" in page.text
    assert at(read, "roll-up/readings?question=C9") in page.links


def test_a_second_reading_counts_in_no_figure(app: Flask, read: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        query = select(Reading.public_id).where(Reading.kind == ReadingKind.SECOND)
        name = session.exec(query).first()

    page = sign_in(read.lead).page(at(read, f"moderation/{name}"))

    assert "This reading counts in no figure now" in page.text
    assert not [href for href in page.links if "/roll-up/readings" in href]
