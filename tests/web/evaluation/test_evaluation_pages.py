"""Writing evaluations: stage after stage, each a row of its own with its reason and the figures as they stood."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import col, select

from casereader import audit
from casereader.db import snapshot, transaction
from casereader.models import AuditEvent, Case, Evaluation, Programme, SampleCase
from casereader.vocabulary import CaseStatus, EvaluationStage
from tests import worked
from tests.cast import Cast, SignIn
from tests.databases import ON_BOTH
from tests.trail import said
from tests.web.client import PageClient, page_of
from tests.worked import People

REASON = "Assessments weigh risk well, but chronologies are thin.\n\nThe panel heard the same from staff."


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, their inspection worked through as `tests/worked.py` says."""
    people = People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people)
    return cast


def at(cast: Cast, qi: str = "5.2") -> str:
    """The page of one quality indicator."""
    return f"/inspections/{cast.place.inspection.public_id}/evaluation/{qi}"


def rows_of(app: Flask) -> list[Evaluation]:
    """Every evaluation, in the order of their making."""
    with snapshot(app.extensions["casereader_engine"]) as session:
        return list(session.exec(select(Evaluation).order_by(col(Evaluation.id))))


def rate(
    client: PageClient, cast: Cast, rating: str, *, reason: str = REASON, stage: str = "", qi: str = "5.2"
) -> None:
    """Write the next evaluation, or that of a stage."""
    values: dict[str, object] = {"rating": rating, "reason": reason}
    if stage:
        values["stage"] = stage
    response = client.submit(at(cast, qi), values)
    assert response.status_code == 303


@ON_BOTH
def test_the_team_proposes_the_panel_tests_and_the_final_one_stands(app: Flask, read: Cast, sign_in: SignIn) -> None:
    lead = sign_in(read.lead)

    rate(lead, read, "4")
    rate(lead, read, "3", reason="The panel saw four partnerships with stronger chronologies.")
    rate(lead, read, "3", reason="The team accepts the panel’s view.")

    found = rows_of(app)
    assert [(row.stage, row.rating, row.qi) for row in found] == [
        (EvaluationStage.PROPOSED, 4, "5.2"),
        (EvaluationStage.PANEL, 3, "5.2"),
        (EvaluationStage.FINAL, 3, "5.2"),
    ]
    assert found[0].reason == REASON
    assert {row.made_by_id for row in found} == {read.lead.id}
    index = lead.page(f"/inspections/{read.place.inspection.public_id}/evaluation")
    rows = {row[0]: row[1:] for row in index.rows(0)[1:]}
    assert rows["5.2 Assessing risk and need"] == ["4 Good", "3 Adequate", "3 Adequate"]
    assert rows["2.1 Impact on children and young people"] == ["not yet", "not yet", "not yet"]


def test_the_lead_is_told_the_stage_that_is_next_and_not_to_begin_again_once_all_is_final(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        session.exec(select(Programme)).one().evaluated_qis = ["5.2", "5.3"]
    lead = sign_in(read.lead)
    index = f"/inspections/{read.place.inspection.public_id}/evaluation"
    rate(lead, read, "4")
    assert "The panel’s view: 5.2" in lead.page(index).text
    assert "Next: The team’s proposal: 5.3" in lead.page(at(read)).text

    for qi in ("5.2", "5.2", "5.3", "5.3", "5.3"):
        rate(lead, read, "4", qi=qi)

    assert "What to do next The" not in lead.page(index).text
    assert "Write the evaluation" not in lead.page(f"/inspections/{read.place.inspection.public_id}/roll-up").text
    assert "Saving makes another final one" in lead.page(at(read)).text


def test_the_figures_are_frozen_as_they_stood(app: Flask, read: Cast, sign_in: SignIn) -> None:
    lead = sign_in(read.lead)
    rate(lead, read, "4")
    with transaction(app.extensions["casereader_engine"]) as session:
        case = session.exec(select(SampleCase).join(Case).where(Case.case_ref == "b01")).one()
        case.status = CaseStatus.NOT_PRODUCED
    rate(lead, read, "3", reason="One record fell away.")

    first, second = (row.figures for row in rows_of(app))
    assert [figure["question"] for figure in first] == ["C9"]
    assert (first[0]["n"], first[0]["k"]) == (11, 6)
    assert first[0]["share"] == pytest.approx(21 / 37)
    assert (second[0]["n"], second[0]["k"]) == (10, 5)
    assert second[0]["share"] == pytest.approx(16 / 32)
    shown = lead.page(at(read)).text
    assert "6 of 11" in shown
    assert "5 of 10" in shown


def test_a_stage_can_be_written_again_until_the_next_one_is(app: Flask, read: Cast, sign_in: SignIn) -> None:
    lead = sign_in(read.lead)
    rate(lead, read, "4")
    rate(lead, read, "5", stage="proposed", reason="Two more strengths came to light.")
    rate(lead, read, "4", stage="panel", reason="The panel brings it down.")

    assert [(row.stage, row.rating) for row in rows_of(app)] == [
        (EvaluationStage.PROPOSED, 4),
        (EvaluationStage.PROPOSED, 5),
        (EvaluationStage.PANEL, 4),
    ]
    page = lead.page(at(read))
    assert "5 Very good, by Leslie Lead" in page.text
    form = page.form()
    assert {field.get("value") for field in form.iter("input") if field.get("name") == "stage"} == {"panel", "final"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"rating": "4", "reason": "  \n "}, "Give the reasons for the rating."),
        ({"reason": REASON}, "Choose a rating from 6 to 1."),
    ],
)
def test_a_rating_without_a_reason_or_a_reason_without_a_rating_is_refused(
    app: Flask, read: Cast, sign_in: SignIn, values: dict[str, object], says: str
) -> None:
    response = sign_in(read.lead).submit(at(read), values)

    assert response.status_code == 422
    assert says in page_of(response).errors
    assert rows_of(app) == []


def test_a_rating_off_the_scale_or_a_stage_out_of_turn_is_refused(app: Flask, read: Cast, sign_in: SignIn) -> None:
    lead = sign_in(read.lead)
    token = lead.csrf_token(at(read))

    for values in ({"rating": "7", "stage": "proposed"}, {"rating": "4", "stage": "final"}):
        response = lead.post(at(read), data={"csrf_token": token, "reason": REASON, "after": "", **values})
        assert response.status_code == 422
        assert "Assessments weigh risk well" in response.text
    assert rows_of(app) == []


@ON_BOTH
def test_two_leads_do_not_write_past_each_other(app: Flask, read: Cast, sign_in: SignIn) -> None:
    lead = sign_in(read.lead)
    token = lead.csrf_token(at(read))
    rate(lead, read, "4")

    stale = {"csrf_token": token, "rating": "2", "reason": "Written beside.", "stage": "proposed", "after": ""}
    response = lead.post(at(read), data=stale)

    assert response.status_code == 422
    assert "Leslie Lead wrote an evaluation of 5.2 in the meantime" in response.text
    assert "Written beside." in response.text
    assert len(rows_of(app)) == 1


@pytest.mark.parametrize("who", ["coordinator", "moderator"])
def test_others_who_run_the_inspection_see_evaluations_and_write_none(
    app: Flask, read: Cast, sign_in: SignIn, who: str
) -> None:
    rate(sign_in(read.lead), read, "4")
    client = sign_in(getattr(read, who))

    page = client.page(at(read))
    assert "4 Good, by Leslie Lead" in page.text
    assert "Save this evaluation" not in page.text
    token = client.csrf_token("/")
    refused = client.post(at(read), data={"csrf_token": token, "rating": "6", "reason": REASON, "stage": "panel"})
    assert refused.status_code == 403
    assert len(rows_of(app)) == 1


def test_an_indicator_without_questions_is_evaluated_on_other_evidence(app: Flask, read: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        session.get_one(Programme, read.place.programme.id).evaluated_qis = []
    lead = sign_in(read.lead)

    assert "takes no figure from records" in lead.page(at(read, "9.2")).text
    rate(lead, read, "5", qi="9.2", reason="Focus groups and board papers.")

    assert rows_of(app)[0].figures == []


def test_nothing_is_rated_by_the_figures(read: Cast, sign_in: SignIn) -> None:
    form = sign_in(read.lead).page(at(read)).form()

    ratings = [field for field in form.iter("input") if field.get("name") == "rating"]
    assert [field.get("value") for field in ratings] == ["6", "5", "4", "3", "2", "1"]
    assert [field for field in ratings if field.get("checked") is not None] == []


def test_the_trail_tells_who_rated_what_and_neither_rating_nor_reason(app: Flask, read: Cast, sign_in: SignIn) -> None:
    rate(sign_in(read.lead), read, "4")

    with snapshot(app.extensions["casereader_engine"]) as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "evaluation written")).one()
        assert audit.verify(session) == []
    assert said(event) == {"qi": "5.2", "stage": "proposed"}
    assert event.actor_id == read.lead.id
    assert rows_of(app)[0].made_at - event.at < timedelta(seconds=1)
