"""The benchmark strip beside an evaluation: for the panel, others unnamed and only once their reading is over."""

from datetime import date

import pytest
from flask import Flask
from sqlmodel import col, select

from casereader.db import snapshot, transaction
from casereader.models import Evaluation, Programme
from casereader.programmes import adding, inspections
from tests import worked
from tests.cast import BEGAN, Cast, SignIn
from tests.databases import ON_BOTH
from tests.web.client import PageClient
from tests.web.evaluation.test_roll_up_pages import at, people_of
from tests.web.evaluation.test_rounds_pages import an_earlier_round

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = "evaluation/5.2"


def others(app: Flask, cast: Cast, *, over: int, unfinished: int = 0) -> None:
    """So many other partnerships of the programme, all worked alike."""
    with transaction(app.extensions["casereader_engine"]) as session:
        programme = session.get_one(Programme, cast.place.programme.id)
        for number in range(over + unfinished):
            inspection = adding.add_partnership(
                session,
                programme=programme,
                name=f"Strath Other {number + 1}",
                period_from=date(2025, 1, 1),
                period_to=date(2026, 3, 31),
                lead=None,
                by=None,
                at=BEGAN,
            )
            place = inspections.place_of(session, inspection_id=inspection.id or 0)
            (worked.build_over if number < over else worked.build)(session, place, people_of(cast))
        session.expunge_all()


def propose(client: PageClient, cast: Cast, stage: str = "proposed") -> None:
    response = client.submit(at(cast, PAGE), {"rating": "4", "reason": "Thin chronologies.", "stage": stage})
    assert response.status_code == 303


@ON_BOTH
def test_the_strip_appears_after_the_proposal_and_names_nobody(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    an_earlier_round(app, cast)
    others(app, cast, over=3, unfinished=1)
    lead = sign_in(cast.lead)
    before = lead.page(at(cast, PAGE))
    assert "once the team has written its proposal" in before.text and "57%, 57%" not in before.text
    propose(lead, cast)

    page = lead.page(at(cast, PAGE))

    row = next(
        row
        for table in range(9)
        if (found := page.rows(table))[0][2:3] == ["Other partnerships, unnamed"]
        for row in found[1:]
    )
    assert row[0].startswith("C9") and row[1].startswith("57% (")
    assert row[2] == "57%, 57%, 57%3 partnerships", "the unfinished one is not among them"
    assert row[3].startswith("57% (Programme 2024")
    assert "Strath Other" not in page.text
    assert "the 3 other partnerships of the programme whose reading is over" in page.text


@ON_SQLITE
def test_fewer_than_three_others_are_not_shown(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    an_earlier_round(app, cast)
    others(app, cast, over=2)
    lead = sign_in(cast.lead)
    propose(lead, cast)

    page = lead.page(at(cast, PAGE))

    assert "57%, 57%" not in page.text and "too few" in page.text


@ON_SQLITE
def test_what_the_panel_saw_of_others_is_kept_with_its_view(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    an_earlier_round(app, cast)
    others(app, cast, over=3)
    lead = sign_in(cast.lead)
    propose(lead, cast)
    propose(lead, cast, "panel")

    with snapshot(app.extensions["casereader_engine"]) as session:
        proposed, panel = session.exec(select(Evaluation).order_by(col(Evaluation.id)))
    assert "others" not in proposed.figures[0]
    assert panel.figures[0]["others"] == pytest.approx([21 / 37] * 3)
    assert "57%, 57%, 57%" in lead.page(at(cast, PAGE)).text
