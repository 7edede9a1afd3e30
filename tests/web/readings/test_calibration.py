"""Calibration before the week: first answers kept for good, names apart from answers, shown to whoever trains."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import Session, select

from casereader import practice
from casereader.db import transaction
from casereader.instrument import Answer
from casereader.models import Account, PracticeReading
from casereader.practice import PracticeCase
from casereader.practice.calibration import calibrations
from casereader.programmes import inspections
from casereader.readings import Change
from casereader.vocabulary import Role
from tests.cast import BEGAN, Cast, SignIn

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOTE = "Two entries of the school say so in May."


def case_of(app: Flask, name: str = "practice-1") -> PracticeCase:
    case: PracticeCase = app.extensions["casereader_practice"][name]
    return case


def hand_in(session: Session, account: Account, case: PracticeCase, **given: str) -> PracticeReading:
    """Answer the case as the model does but for these, and hand it in."""
    answers = {**case.model, **{key: Answer(value, NOTE, ("health",)) for key, value in given.items()}}
    changes = {
        key: Change(value=one.value, note=one.note, sources=one.sources, ground=one.ground)
        for key, one in answers.items()
    }
    found = practice.find(session, account=account, case=case)
    version = found.version if found else 1
    practice.save(session, account=account, case=case, changes=changes, version=version, at=BEGAN)
    return practice.submit(session, account=account, case=case, at=BEGAN)


def page_for(cast: Cast) -> str:
    return f"/inspections/{cast.place.inspection.public_id}/calibration"


def all_three(app: Flask, cast: Cast, *ratings: str) -> None:
    """The three readers of the cast hand the first case in, each with their rating of the assessment."""
    with transaction(app.extensions["casereader_engine"]) as session:
        readers = (cast.reviewer, cast.second_reviewer, cast.local_reviewer)
        for account, rating in zip(readers, ratings, strict=False):
            hand_in(session, account, case_of(app), C9=rating)


def test_what_was_handed_in_first_is_kept_however_often_somebody_practises_again(app: Flask, cast: Cast) -> None:
    case = case_of(app)
    with transaction(app.extensions["casereader_engine"]) as session:
        first = hand_in(session, cast.reviewer, case, C9="5")
        version = first.version
        practice.again(session, account=cast.reviewer, case=case)
        session.flush()
        again = practice.find(session, account=cast.reviewer, case=case)
        assert again is not None and again.submitted_at is None and again.answers == {}
        assert again.version > version, "a page of before is no longer the newest"
        hand_in(session, cast.reviewer, case, C9="2")

        kept = session.exec(select(PracticeReading)).one()
        assert kept.answers["C9"]["value"] == "2"
        assert kept.first_answers is not None and kept.first_answers["C9"]["value"] == "5"
        assert kept.first_submitted_at == BEGAN


def test_a_practice_that_was_never_handed_in_is_forgotten_whole(app: Flask, cast: Cast) -> None:
    case = case_of(app)
    with transaction(app.extensions["casereader_engine"]) as session:
        practice.save(session, account=cast.reviewer, case=case, changes={"C9": {"value": "4"}}, version=1, at=BEGAN)

        practice.again(session, account=cast.reviewer, case=case)

        assert session.exec(select(PracticeReading)).all() == []


def test_answers_come_in_lots_of_three_so_that_a_second_look_does_not_tell_whose_came_between(
    app: Flask, cast: Cast
) -> None:
    case = case_of(app)
    with transaction(app.extensions["casereader_engine"]) as session:
        for account in (cast.outsider, cast.coordinator):
            inspections.give_role(
                session,
                inspection=cast.place.inspection,
                account=account,
                role=Role.REVIEWER,
                by=cast.lead,
                at=BEGAN,
            )
        shown = []
        readers = (cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.outsider, cast.coordinator)
        for account, rating in zip(readers, "54321", strict=True):
            hand_in(session, account, case, C9=rating)
            (one,) = [one for one in calibrations(session, place=cast.place, cases=[case]) if one.case == case]
            shown.append(sorted(answers["C9"].value or "" for answers in one.answers))

    assert shown == [[], [], ["3", "4", "5"], ["3", "4", "5"], ["1", "2", "3", "4", "5"]]


def test_answers_of_fewer_than_three_readers_are_not_given_at_all(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    all_three(app, cast, "5", "2")

    page = sign_in(cast.lead).page(page_for(cast))

    assert "Handed in by 2 of 3 readers: Ruaridh Reviewer, Shona Second" in page.text
    assert "Not yet: Lachlan Local. Ask them to hand it in" in page.text
    assert "No answers are shown until 3 readers have handed this case in" in page.text
    assert "C9" not in page.text
    with transaction(app.extensions["casereader_engine"]) as session:
        found = calibrations(session, place=cast.place, cases=[case_of(app)])
        assert found[0].answers == ()


@pytest.mark.parametrize("who", ["coordinator", "lead", "moderator"])
def test_the_trainer_sees_what_to_talk_over_and_every_spread_without_a_name_beside_an_answer(
    app: Flask, cast: Cast, sign_in: SignIn, who: str
) -> None:
    all_three(app, cast, "5", "4", "2")

    page = sign_in(getattr(cast, who)).page(page_for(cast))

    assert "C9 Assessment. 1 reader said 5 Very good, 1 said 4 Good, 1 said 2 Weak." in page.text
    assert case_of(app).why["C9"] in page.text
    of_case_1 = page.text.split("A plan that everybody has")[1]
    assert "Ruaridh Reviewer" not in of_case_1.split("Talk over first")[1].split("Not yet")[0]
    row = next(row for row in page.rows(0) if row[0].startswith("C9"))
    assert row[1:7] == ["0", "1", "1", "0", "1", "0"] and row[-3:] == ["0% (0 of 3)", "33% (1 of 3)", "33% (1 of 3)"]
    assert "Under 10 questions" in page.text and "Yes, in part, no: All sections" in page.text


def test_readers_do_not_see_it_and_a_moderator_who_reads_hands_in_their_own_first(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    all_three(app, cast, "5", "4", "2")
    for reader in (cast.reviewer, cast.local_reviewer):
        assert sign_in(reader).get(page_for(cast)).status_code == 403
    assert sign_in(cast.deputy).get(page_for(cast)).status_code == 403
    with transaction(app.extensions["casereader_engine"]) as session:
        inspections.give_role(
            session,
            inspection=cast.place.inspection,
            account=cast.moderator,
            role=Role.REVIEWER,
            by=cast.coordinator,
            at=BEGAN + timedelta(hours=1),
        )
    moderator = sign_in(cast.moderator)

    withheld = moderator.page(page_for(cast))

    assert "Answer it first" in withheld.text and "/practice/practice-1" in withheld.links
    assert "C9" not in withheld.text and "Handed in by 3 of 4 readers" in withheld.text
    with transaction(app.extensions["casereader_engine"]) as session:
        hand_in(session, cast.moderator, case_of(app))
    assert "C9 Assessment" in moderator.page(page_for(cast)).text


def test_it_is_linked_from_the_inspection_and_readers_are_told_what_is_kept(cast: Cast, sign_in: SignIn) -> None:
    inspection = f"/inspections/{cast.place.inspection.public_id}"

    assert page_for(cast) in sign_in(cast.moderator).page(inspection).links
    assert "without your name" in sign_in(cast.reviewer).page("/practice").text
