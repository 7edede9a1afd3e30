"""Practice on invented cases: the real form, model answers afterwards, and nothing of it anywhere else."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session, func, select

from casereader.db import snapshot
from casereader.instrument import Answer
from casereader.models import AnswerRevision, AnswerRow, PracticeReading, Reading, SavedReply
from casereader.practice import PracticeCase, PracticeError
from casereader.practice.cases import load_cases
from tests.cast import SignIn
from tests.source import ROOT
from tests.web.client import PageClient, filled_in, page_of
from tests.web.reading_room import Room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PRACTICE = "/practice/practice-1"
CLOCK = re.compile(r"\d\d:\d\d:\d\d UTC")  # the page says when it was made


def answer(client: PageClient, case: PracticeCase, answers: dict[str, Answer]) -> None:
    """Fill in every section and save it by its button."""
    for section in case.instrument.sections:
        values: dict[str, object] = {}
        for part in section.parts:
            if (given := answers.get(part.key)) is not None:
                values |= {part.key: given.value or "", f"{part.key}__note": given.note}
                values |= {f"{part.key}__sources": list(given.sources)} if given.sources else {}
        path = f"/practice/{case.id}/{section.id}"
        assert client.submit(path, values, action=path, button="next").status_code == 303


def counted(session: Session) -> list[int]:
    tables = (Reading, AnswerRow, AnswerRevision, SavedReply)
    return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


def case_of(app: Flask, name: str = "practice-1") -> PracticeCase:
    case: PracticeCase = app.extensions["casereader_practice"][name]
    return case


def test_a_practice_case_is_read_answered_and_compared_with_the_model(room: Room, reviewer: PageClient) -> None:
    case = case_of(room.app)
    assert "/practice" in reviewer.page("/readings").links
    assert PRACTICE in reviewer.page("/practice").links
    start = reviewer.page(PRACTICE)
    assert case.summary[1] in start.text and case.why["C9"] not in start.text
    answers = {**case.model, "C9": Answer("5"), "D11": Answer("5"), "C1": Answer("in_part")}
    answer(reviewer, case, answers)

    done = reviewer.submit(f"{PRACTICE}/check", action=f"{PRACTICE}/submit")

    page = reviewer.page(done.location)
    n = len(case.model)
    assert f"{n - 3} of your {n} answers are those of the model, and 1 lie one point from it" in page.text
    assert case.why["C9"] in page.text
    assert reviewer.get(f"{PRACTICE}/C").location.endswith("/model-answers")


def test_model_answers_are_not_shown_before_submission(reviewer: PageClient) -> None:
    refused = reviewer.submit(f"{PRACTICE}/check", action=f"{PRACTICE}/submit")

    assert refused.status_code == 422
    assert any(error.startswith("C9 Assessment: This is not answered yet") for error in page_of(refused).errors)
    assert reviewer.get(f"{PRACTICE}/model-answers").location.endswith(PRACTICE)


def test_practice_never_counts_and_is_nobody_elses(room: Room, reviewer: PageClient, sign_in: SignIn) -> None:
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        before = counted(session)
    lead = sign_in(room.cast.lead)
    progress = f"/inspections/{room.cast.place.inspection.public_id}/progress"
    shown = CLOCK.sub("", lead.page(progress).text)
    answer(reviewer, case_of(room.app), dict(case_of(room.app).model))
    reviewer.submit(f"{PRACTICE}/check", action=f"{PRACTICE}/submit")

    with snapshot(room.app.extensions["casereader_engine"]) as session:
        assert counted(session) == before
        assert session.exec(select(func.count()).select_from(PracticeReading)).one() == 1
    assert CLOCK.sub("", lead.page(progress).text) == shown
    assert "Not started" in sign_in(room.cast.second_reviewer).page("/practice").text
    assert lead.get("/practice").status_code == 403


def test_practice_can_be_begun_again(room: Room, reviewer: PageClient) -> None:
    answer(reviewer, case_of(room.app), dict(case_of(room.app).model))
    reviewer.submit(f"{PRACTICE}/check", action=f"{PRACTICE}/submit")

    begun = reviewer.submit(f"{PRACTICE}/model-answers", action=f"{PRACTICE}/again")

    assert begun.location == PRACTICE
    assert "In progress" not in reviewer.page("/practice").text


def test_a_refused_answer_and_an_old_page_change_nothing_and_lose_nothing(room: Room, reviewer: PageClient) -> None:
    path = f"{PRACTICE}/C"
    refused = reviewer.submit(path, {"C9__note": "x" * 20_001, "C1": "yes"}, action=path)
    assert refused.status_code == 422 and "20,001 characters" in refused.text

    sent = {"csrf_token": reviewer.csrf_token(path), "version": "1", "C1": "yes", "go": "stay"}
    assert reviewer.post(path, data=sent).status_code == 303
    assert reviewer.post(path, data=sent).status_code == 303, "an old page that says what is stored says nothing new"
    old = reviewer.post(path, data=sent | {"C1": "no", "C9__note": "Seen alone in May."})
    assert old.status_code == 409
    both = page_of(old)
    assert "in another tab" in both.text and "Seen alone in May." in both.text
    kept = filled_in(both.form(path))
    assert reviewer.post(path, data={**kept, "go": "stay"}).status_code == 303
    assert "Seen alone in May." in reviewer.page(path).text
    answer(reviewer, case_of(room.app), dict(case_of(room.app).model))
    reviewer.submit(f"{PRACTICE}/check", action=f"{PRACTICE}/submit")
    late = reviewer.post(path, data=sent | {"C9__note": "Too late."})
    assert late.status_code == 409 and "Too late." in late.text
    assert f"{PRACTICE}/model-answers" in page_of(late).links


def test_a_field_of_no_question_is_refused(reviewer: PageClient) -> None:
    path = f"{PRACTICE}/C"
    sent = {"csrf_token": reviewer.csrf_token(path), "C1": "no", "go": "stay"}
    assert reviewer.post(path, data=sent | {"version": "1", "Z9": "1"}).status_code == 422


def test_a_model_that_the_rules_would_refuse_is_told_by_its_file(room: Room, tmp_path: Path) -> None:
    text = (ROOT / "data" / "practice" / "practice-1.toml").read_text(encoding="utf-8")
    (tmp_path / "bad.toml").write_text(text.replace('key = "C7"\nvalue = "no"', 'key = "C7"\nvalue = "nope"'))

    with pytest.raises(PracticeError, match=r"bad\.toml: C7: “nope” is not an answer here"):
        load_cases(tmp_path, room.app.extensions["casereader_instruments"])


@pytest.mark.parametrize("name", ["practice-1", "practice-2"])
def test_every_model_answer_has_its_reason_and_the_whole_case_says_that_it_is_invented(room: Room, name: str) -> None:
    case = case_of(room.app, name)

    assert case.model.keys() == case.why.keys() and all(case.why.values())
    assert case.summary[0].startswith("Invented.")


def test_practice_shows_no_history_and_says_on_every_section_how_it_is_saved(reviewer: PageClient) -> None:
    page = reviewer.page(f"{PRACTICE}/C")

    assert page.with_class("cr_item__history") == [] and not any("history" in link for link in page.links)
    assert "H the history" not in page.text
    assert "Practice is saved by its buttons alone" in page.text
