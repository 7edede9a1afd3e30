"""Pages that are left open: the second person's own page shows a replacement by itself, and one press confirms it."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlmodel import select

from casereader.after_the_draw import replacements
from casereader.db import transaction
from casereader.models import SampleCase
from casereader.models import SignIn as SignedIn
from casereader.vocabulary import INELIGIBLE_REASONS
from tests import sampled
from tests.browser.harness import NARROW, WIDE, Browsing, Visitor
from tests.browser.server import served
from tests.cast import PASSWORD, Cast

# Instead of half a minute: the script reads from the page how long it waits.
SOON = "() => document.querySelector('[data-live-looked]').dataset.every = '0.1'"


def propose(app: Flask, cast: Cast, *, at: int) -> None:
    """The coordinator says of the case at that place that it is not eligible."""
    with transaction(app.extensions["casereader_engine"]) as session:
        case = session.exec(select(SampleCase).where(SampleCase.stratum == "b", SampleCase.order == at)).one()
        replacements.propose(
            session,
            inspection=cast.place.inspection,
            public_id=case.public_id,
            reason=INELIGIBLE_REASONS[0],
            by=cast.coordinator,
            at=datetime.now(UTC),
        )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_left_open_shows_what_waits_keeps_focus_and_says_when_it_stops(
    app: Flask, cast: Cast, browsing: Browsing
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    with served(app, browsing) as address:
        moderator, coordinator = browsing(address), browsing(address)
        moderator.sign_in(cast.moderator.email, PASSWORD)
        coordinator.sign_in(cast.coordinator.email, PASSWORD)
        coordinator.visit(f"/inspections/{cast.place.inspection.public_id}/progress")
        coordinator.page.evaluate(SOON)
        moderator.page.evaluate(SOON)
        expect(moderator.page.get_by_text("nothing else has changed")).to_be_visible()
        give = coordinator.page.get_by_role("link", name="Give to another").last
        give.focus()

        propose(app, cast, at=1)

        confirm = moderator.page.get_by_role("button", name="Confirm: it is ineligible")
        expect(confirm).to_be_visible()
        expect(moderator.page.locator("[data-live-says]").first).to_contain_text("Changed. As it stood at")
        expect(coordinator.page.get_by_text("Ineligible cases that wait for a second person")).to_be_visible()
        expect(give).to_be_focused()
        for who, visitor in (("moderator", moderator), ("coordinator", coordinator)):
            visitor.look_over(f"live-{who}", widths=(WIDE, NARROW))
        confirm.first.focus()
        propose(app, cast, at=2)  # while the button is in hand
        expect(confirm).to_have_count(2)
        expect(confirm.first).to_be_focused()
        moderator.page.keyboard.press("Enter")
        expect(moderator.page.get_by_text("The next reserve was given to")).to_be_visible()
        expect(confirm).to_have_count(1)
        _is_over_once_signed_out(app, coordinator)


def _is_over_once_signed_out(app: Flask, visitor: Visitor) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        for entry in session.exec(select(SignedIn)):
            session.delete(entry)
    expect(visitor.page.get_by_text("This does not update any more: you are signed out")).to_be_visible()
    expect(visitor.page.get_by_role("link", name="Show the state now")).to_be_visible()
