"""The pages of agreement: who sees them and when, what stands in them, and the threshold of a programme."""

import pytest
from flask import Flask
from sqlmodel import Session, select

from casereader.db import transaction
from casereader.models import Programme, Reading, SampleCase
from casereader.programmes import programmes
from casereader.vocabulary import CaseStatus, Coefficient, ReadingKind, ReadingState
from tests import read_twice
from tests.cast import Cast, SignIn
from tests.web.client import page_of
from tests.web.evaluation.test_roll_up_pages import people_of

SEE = ("coordinator", "moderator", "lead")
EVERYBODY = (*SEE, "reviewer", "second_reviewer", "local_reviewer", "administrator", "outsider")


@pytest.fixture
def twice(app: Flask, cast: Cast) -> Cast:
    """The cast, their fourteen records read twice."""
    with transaction(app.extensions["casereader_engine"]) as session:
        read_twice.build(session, cast.place, people_of(cast))
    return cast


def programme_of(cast: Cast, page: str = "agreement") -> str:
    return f"/programmes/{cast.place.programme.public_id}/{page}"


def inspection_of(cast: Cast) -> str:
    return f"/inspections/{cast.place.inspection.public_id}/agreement"


def every_page(cast: Cast) -> list[str]:
    return [programme_of(cast), programme_of(cast, "agreement/C9"), inspection_of(cast)]


def reopen_one(session: Session, kind: ReadingKind) -> None:
    reading = session.exec(select(Reading).where(Reading.kind == kind)).first()
    assert reading is not None
    reading.submitted_at, reading.state = None, ReadingState.IN_PROGRESS


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_those_who_run_or_moderate_an_inspection_see_agreement(twice: Cast, sign_in: SignIn, who: str) -> None:
    client = sign_in(getattr(twice, who))

    assert {client.get(page).status_code for page in every_page(twice)} == ({200} if who in SEE else {403})
    may_set = client.get(programme_of(twice, "agreement-threshold")).status_code
    assert may_set == (200 if who in ("coordinator", "lead") else 403)


@pytest.mark.parametrize("kind", [ReadingKind.FIRST, ReadingKind.SECOND])
def test_nothing_is_told_while_any_reading_is_still_to_be_handed_in(
    app: Flask, twice: Cast, sign_in: SignIn, kind: ReadingKind
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        reopen_one(session, kind)
    client = sign_in(twice.moderator)

    for path in every_page(twice):
        page = client.page(path)
        assert page.text.count("14") == 0
        assert not page.with_class("cr_table")


def test_nothing_is_told_while_a_record_waits_to_be_read(app: Flask, twice: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        case = session.exec(select(SampleCase).where(SampleCase.status == CaseStatus.READ)).first()
        assert case is not None
        case.status, case.decided_at, case.decided_by_id = CaseStatus.WAITING, None, None

    assert "Reading is not over" in sign_in(twice.lead).page(inspection_of(twice)).text


def test_the_programme_opens_with_the_questions_below_its_threshold(twice: Cast, sign_in: SignIn) -> None:
    page = sign_in(twice.lead).page(programme_of(twice))

    assert "14 double readings, from 1 of your 1 inspection" in page.text
    head, first = page.rows(0)
    assert head[:4] == ["Question", "Threshold", "Pairs", "Alike"]
    assert (first[0], first[1], first[2]) == ("C1 Current chronology", "Perhaps below", "14")
    assert first[3].startswith("50%")
    assert ["Met", "13"] in [row[1:3] for row in page.rows(-1)[1:]]


def test_headline_shares_stand_by_first_and_by_second_readers(twice: Cast, sign_in: SignIn) -> None:
    page = sign_in(twice.lead).page(programme_of(twice))

    assert page.rows(1)[1][:3] == ["C9 Assessment", "69% (9 of 13)", "62% (8 of 13)"]
    assert page.rows(1)[1][3].startswith("−8 points (")


def test_a_question_shows_both_readers_crossed_with_every_measure_and_the_pairs(twice: Cast, sign_in: SignIn) -> None:
    page = sign_in(twice.moderator).page(programme_of(twice, "agreement/C9"))

    assert "13 pairs rated by both; in 1 only one reader could rate" in page.text
    measures = {row[0]: row[1:] for row in page.rows(0)[1:]}
    assert measures["Alike"][0] == "69%"
    assert measures["Within one point"][0] == "92%"
    assert measures["Alike on what counts"][0] == "77%"
    assert {"AC", "Kappa", "Alpha"} <= set(measures)
    assert measures["Kappa"][2] == "13"
    crossed = page.rows(1)
    assert [row[0] for row in crossed[1:4]] == ["6 Excellent", "5 Very good", "4 Good"]
    assert crossed[3][1:] == ["0", "0", "4", "1", "1", "0", "0"]
    differ, alike = page.rows(2)[1:], page.rows(3)[1:]
    assert (len(differ), len(alike)) == (5, 9)
    assert all(row[2] != row[3] for row in differ)
    assert all(row[2] == row[3] for row in alike)
    to_pairs = [href for href in page.links if href.endswith("/settle")]
    assert len(to_pairs) == 14
    assert "C9" in sign_in(twice.moderator).page(to_pairs[0]).text


def test_a_coordinator_who_may_not_read_readings_is_led_to_none(twice: Cast, sign_in: SignIn) -> None:
    page = sign_in(twice.coordinator).page(programme_of(twice, "agreement/C9"))

    assert "The records" not in page.text
    assert not [href for href in page.links if "moderation" in href]


@pytest.mark.parametrize("question", ["A1", "J9", "Z9", "C9.x"])
def test_a_question_that_readers_are_not_compared_on_has_no_page(twice: Cast, sign_in: SignIn, question: str) -> None:
    assert sign_in(twice.lead).get(programme_of(twice, f"agreement/{question}")).status_code == 404


def test_under_ten_pairs_there_are_counts_and_no_coefficient(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        read_twice.build(session, cast.place, people_of(cast), pairs=5)
    client = sign_in(cast.lead)

    page = client.page(inspection_of(cast))
    assert "So few prove little" in page.text
    rows = {row[0].split()[0]: row[1:5] for row in page.rows(-1)[1:]}
    assert rows["C9"] == ["5", "5 of 5", "5 of 5", "5 of 5"]
    assert {row[0].split()[0] for row in page.rows(0)[1:]} == {key for key, row in rows.items() if row[1] != "5 of 5"}
    everywhere = client.page(programme_of(cast))
    assert "Every question with 10 pairs or more comes up to it." in everywhere.text
    assert "%" not in "".join(cell for row in everywhere.rows(-1)[1:] for cell in row)


def test_an_inspection_of_which_nothing_was_read_twice_says_so(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        read_twice.build(session, cast.place, people_of(cast), pairs=0)

    assert "No record of this inspection was read twice." in sign_in(cast.lead).page(inspection_of(cast)).text


def test_the_threshold_is_settled_for_the_programme_and_changes_what_is_below(
    app: Flask, twice: Cast, sign_in: SignIn
) -> None:
    client = sign_in(twice.coordinator)
    page = client.page(programme_of(twice, "agreement-threshold"))
    standing = {field.get("name"): field.get("value") for field in page.form().iter("input")}
    assert (standing["least_coefficient"], standing["least_per_cent"]) == ("0.75", "95")

    given = {"coefficient": "kappa", "least_coefficient": "0.9", "least_per_cent": "80.5"}
    kept = client.submit(programme_of(twice, "agreement-threshold"), given)

    assert kept.status_code == 303
    with transaction(app.extensions["casereader_engine"]) as session:
        programme = session.exec(select(Programme)).one()
        assert programmes.agreement_threshold(programme).coefficient == Coefficient.KAPPA
        assert (programme.least_coefficient, programme.least_agreement) == ("0.9", "0.805")
    after = client.page(programme_of(twice))
    assert "Cohen’s kappa comes up to 0.9 nor the answers alike to 80.5%" in after.text
    assert [(row[0].split()[0], row[1]) for row in after.rows(0)[1:]] == [("C1", "Below"), ("C9", "Perhaps below")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("least_coefficient", "1.5"),
        ("least_coefficient", "-0.1"),
        ("least_coefficient", "NaN"),
        ("least_coefficient", "much"),
        ("least_per_cent", "101"),
        ("least_per_cent", ""),
        ("coefficient", "pi"),
    ],
)
def test_a_threshold_that_is_none_is_refused(twice: Cast, sign_in: SignIn, field: str, value: str) -> None:
    given = {"coefficient": "ac", "least_coefficient": "0.75", "least_per_cent": "95"} | {field: value}

    answer = sign_in(twice.lead).submit(programme_of(twice, "agreement-threshold"), given)

    assert answer.status_code == 422
    assert page_of(answer).errors
