"""Looks at the figures after a wave: a deed of its own, written down, and the page says what follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import select

from casereader import readings
from casereader.after_waves import ending
from casereader.db import snapshot, transaction
from casereader.models import Reading, WaveLook
from tests import watched
from tests.cast import Cast, SignIn
from tests.watched import AT
from tests.web.client import filled_in, page_of
from tests.web.looking import look

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def begun(app: Flask, cast: Cast) -> str:
    """The address of the cast's inspection, of whose three waves, two at the least, the first is read."""
    with transaction(app.extensions["casereader_engine"]) as session:
        rule = replace(watched.RULE, minimum=2)
        watched.draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"], rule=rule)
        watched.read(session, cast, watched.of_wave(session, cast, 1))
    return f"/inspections/{cast.place.inspection.public_id}"


def looks(app: Flask) -> list[tuple[int, int]]:
    with snapshot(app.extensions["casereader_engine"]) as session:
        return [(one.account_id, one.wave) for one in session.exec(select(WaveLook))]


def test_the_page_writes_down_who_sees_figures_and_shows_no_others_while_these_are_corrected(
    app: Flask, begun: str, cast: Cast, sign_in: SignIn
) -> None:
    lead, coordinator = sign_in(cast.lead), sign_in(cast.coordinator)
    coordinator.page(f"{begun}/waves")
    assert looks(app) == [], "whoever sees no figure has not looked"
    page = lead.page(f"{begun}/waves")
    assert "What was seen cannot be unseen" in page.text and "<svg" not in page.html and "Ask to end" not in page.text
    assert looks(app) == [], "to come upon the page is no look"
    told = {"csrf_token": lead.csrf_token(f"{begun}/waves"), "wave": "2"}
    assert "There is wave 1 to look at by now" in lead.post(f"{begun}/waves/look", data=told).text
    assert looks(app) == [], "of another wave than they were told of"
    for _ in range(2):
        told = {"csrf_token": lead.csrf_token(f"{begun}/waves"), "wave": "1"}
        assert lead.post(f"{begun}/waves/look", data=told).status_code == 303
        assert "It is written down that you saw these figures" in lead.page(f"{begun}/waves").text
    assert looks(app) == [(cast.lead.id, 1)]

    with transaction(app.extensions["casereader_engine"]) as session:
        case = watched.of_wave(session, cast, 1)[0]
        public_id = session.exec(select(Reading.public_id).where(Reading.sample_case_id == case.id)).one()
        opened = readings.find(session, public_id=public_id, account=cast.reviewer)
        readings.reopen(session, opened=opened, reason="A slip", by=cast.reviewer, at=AT)
    page = lead.page(f"{begun}/waves")
    assert "Wave 1 is being corrected" in page.text and f"open again: {opened.case_ref}." in page.text
    assert "<svg" not in page.html and "questions is settled" not in page.text
    assert "Wave 1 is complete: look" not in lead.page("/").text
    stopping = coordinator.page(f"{begun}/stopping").text
    assert "20 of 30 cases are not handed in yet" in stopping
    assert "1 is open again, or of a wave whose figures were seen" in stopping


def test_a_coordinator_learns_nothing_by_asking_and_whoever_may_agree_is_told_what_was_cut_short(
    app: Flask, begun: str, cast: Cast, sign_in: SignIn
) -> None:
    lead, coordinator = sign_in(cast.lead), sign_in(cast.coordinator)
    sure = coordinator.submit(f"{begun}/stopping?read=0", action=f"{begun}/stopping")
    sent = {**filled_in(page_of(sure).form(f"{begun}/stopping")), "sure": "y"}
    assert coordinator.post(f"{begun}/stopping", data=sent).status_code == 303
    assert "Only a lead asks for it" in coordinator.page(f"{begun}/waves").text
    told = {"reason": "To see", "csrf_token": coordinator.csrf_token(f"{begun}/waves")}
    coordinator.post(f"{begun}/waves/look", data=told)
    refused = coordinator.post(f"{begun}/waves/ending", data=told)
    assert refused.status_code == 409 and "Only a lead asks" in refused.text and "settled;" not in refused.text
    assert looks(app) == []

    look(lead, begun)
    refused = lead.post(f"{begun}/waves/ending", data={"csrf_token": lead.csrf_token(f"{begun}/waves")})
    assert refused.status_code == 422 and looks(app) == [(cast.lead.id, 1)]
    short = "before the 2 waves that the plan named as the least; the lead had seen the figures after wave 1"
    assert f"This would be {short}" in refused.text
    lead.submit(f"{begun}/waves", {"reason": "The days are over"}, action=f"{begun}/waves/ending")
    waits = look(coordinator, begun).text
    assert f"This is {short}" in waits and "of 2 questions was settled" in waits
    assert looks(app) == [(cast.lead.id, 1), (cast.coordinator.id, 1)], "how many are settled is a look too"
    token = {"csrf_token": coordinator.csrf_token(f"{begun}/waves")}
    assert coordinator.post(f"{begun}/waves/ending/agree", data=token).status_code == 303
    assert f"and {short}" in coordinator.page(f"{begun}/roll-up").text


def test_an_asking_that_all_was_read_before_has_lapsed_and_waits_for_nobody(
    app: Flask, begun: str, cast: Cast, sign_in: SignIn
) -> None:
    instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        watched.read(session, cast, watched.of_wave(session, cast, 2))
        ending.ask(session, place=cast.place, instrument=instrument, reason="Settled", by=cast.lead, at=AT)
        watched.read(session, cast, watched.of_wave(session, cast, 3))

    coordinator = sign_in(cast.coordinator)
    assert "An ending waits for you" not in coordinator.page("/").text
    page = coordinator.page(f"{begun}/waves").text
    assert "the asking has lapsed" in page and "Turn it down" not in page
