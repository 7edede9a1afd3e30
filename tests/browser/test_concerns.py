"""A matter of concern in a real browser: written, printed on one page, received, closed; and when time is short."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from casereader import concerns
from casereader.concerns import Told
from casereader.db import transaction
from casereader.vocabulary import ConcernKind, ToldHow
from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.web.app import make_app

ENDS = (WIDE, NARROW)
LONG = "The entries of March, April and May say the same, and nobody answered them. " * 26  # as long as may be


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    """The served app with the cast's sample dealt out."""
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def test_a_matter_of_concern_from_one_link_to_its_closing(room: ReadingRoom) -> None:
    reviewer = room.person(room.cast.reviewer)
    opened = room.given(room.cast.reviewer)[0]
    reviewer.visit(f"/readings/{opened.reading.public_id}/not-readable")
    reviewer.leave_by(reviewer.page.get_by_role("link", name="Raise a matter of concern").first)
    expect(reviewer.page.get_by_role("heading", name="First: tell the inspection lead now")).to_be_visible()
    sent: list[str] = []
    reviewer.page.on("request", lambda request: sent.append(request.url))
    seen = reviewer.page.get_by_label("What did you see in the record?")
    seen.fill("J\u200back said so.")
    warned = reviewer.page.get_by_role("status").filter(has_text="this looks like a name")
    expect(warned).to_be_visible()
    reviewer.page.evaluate("scrollTo(0, 0)")
    reviewer.look_over("concern-ask-warned", widths=ENDS)
    seen.fill(LONG[:2000])
    expect(warned).to_have_count(0)
    assert [url for url in sent if "/static/" not in url] == [], "what is written goes nowhere before it is recorded"

    reviewer.page.get_by_label(room.cast.lead.name).check()
    reviewer.page.get_by_label("In person").check()
    reviewer.expect_complaint("status of 422")
    reviewer.leave_by(reviewer.page.get_by_role("button", name="Record the matter of concern"))
    expect(reviewer.page.locator("#error-summary")).to_contain_text("Choose whether it is immediate risk")
    reviewer.look_over("concern-ask-refused", widths=ENDS)
    reviewer.page.get_by_label("When did you tell them, or try to?").fill("today at 10.40")
    reviewer.page.get_by_label("Immediate risk").check()
    reviewer.page.get_by_label("What is needed now?").fill(LONG[:2000])
    reviewer.leave_by(reviewer.page.get_by_role("button", name="Record the matter of concern"))
    expect(reviewer.page.get_by_role("heading", name="Matter of concern")).to_be_visible()
    reviewer.look_over("concern-paper", widths=ENDS)
    printed = reviewer.page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, "the longest one prints on one page"

    deputy = room.person(room.cast.deputy)
    deputy.leave_by(deputy.page.get_by_role("link", name="Receive a matter of concern"))
    deputy.leave_by(deputy.page.get_by_role("link", name=opened.case_ref))
    deputy.look_over("concern-new", widths=ENDS)
    deputy.leave_by(deputy.page.get_by_role("button", name="I have received it"))
    for to, done in (("It is with the partnership", "Rang their lead."), ("It is closed", "Answered in writing.")):
        deputy.page.get_by_label(to).check()
        deputy.page.get_by_label("What was done, by whom").fill(done)
        deputy.page.get_by_label("The partnership’s own reference").fill("SW-77")
        deputy.leave_by(deputy.page.get_by_role("button", name="Record this step"))
    expect(deputy.page.get_by_role("cell", name="Answered in writing.")).to_be_visible()
    deputy.look_over("concern-closed", widths=ENDS)


def test_one_not_received_in_time_and_the_page_for_when_time_is_short_read_well(room: ReadingRoom) -> None:
    opened = room.given(room.cast.reviewer)[0]
    with transaction(room.app.extensions["casereader_engine"]) as session:
        concerns.raise_concern(
            session,
            opened=opened,
            instrument=room.instrument,
            told=Told(room.cast.lead.name, ToldHow.NOBODY, "tried at 10.40"),
            kind=ConcernKind.IMMEDIATE,
            seen="Three entries name the same injury.",
            needed="A check today.",
            by=room.cast.reviewer,
            at=datetime.now(UTC) - timedelta(minutes=42),
        )
    base = f"/inspections/{room.cast.place.inspection.public_id}"
    lead = room.person(room.cast.lead)
    lead.look_over("home-lead-alert", widths=ENDS)
    coordinator = room.person(room.cast.coordinator)
    expect(coordinator.page.get_by_role("region", name="Matters of concern not received")).to_be_visible()
    coordinator.visit(f"{base}/people")
    coordinator.look_over("people-telephones", widths=ENDS)
    coordinator.visit(f"{base}/stopping?read=15")
    coordinator.page.get_by_text("Stop other cases").click()
    coordinator.look_over("stopping-proposed", widths=ENDS)
    coordinator.leave_by(coordinator.page.get_by_role("button", name="Go on with these 5 cases"))
    coordinator.look_over("stopping-sure", widths=ENDS)
    coordinator.leave_by(coordinator.page.get_by_role("button", name="Stop these 5 cases"))
    coordinator.page.get_by_text("Stop other cases").click()
    coordinator.page.get_by_role("checkbox").last.check()
    coordinator.page.get_by_label("Why it must be these").fill("The record is held elsewhere")
    coordinator.leave_by(coordinator.page.get_by_role("button", name="Go on with the chosen cases"))
    expect(coordinator.page.get_by_text("These are not the last tickets of their strata.")).to_be_visible()
    coordinator.leave_by(coordinator.page.get_by_role("button", name="Stop this case"))
    coordinator.look_over("stopping-flagged", widths=ENDS)
    for name, path in (("certificate-flagged", f"{base}/draw/certificate"), ("roll-up-flagged", f"{base}/roll-up")):
        coordinator.visit(path)
        expect(coordinator.page.get_by_text("is no random sample of this stratum")).to_be_visible()
        coordinator.picture(name)
