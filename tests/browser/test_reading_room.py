"""One reading in a real browser: by keyboard, with the network cut, in two tabs, and what is missing at the end."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from casereader import concerns, readings
from casereader.concerns import Told
from casereader.db import transaction
from casereader.models import Account, DrawRecord, SignIn
from casereader.vocabulary import ConcernKind, ToldHow
from tests.browser.harness import NARROW, WIDE, Browsing, Visitor, axe
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.cast import PASSWORD
from tests.reading import STARTED, complete, given_to, pair_of
from tests.second_steps import give_sheets
from tests.second_steps import line as line_of_sheet
from tests.web.app import make_app

ENDS = (WIDE, NARROW)  # every other kind of page is looked over with the demonstration

# How high the lowest thing to press in a question is, in pixels.
LOWEST = """() => Math.min(...[...document.querySelectorAll(".cr_cells label, .cr_ticks label, .cr_item__history")]
  .map(one => one.getBoundingClientRect().height).filter(height => height > 0))"""


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def saved(visitor: Visitor) -> None:
    """Wait until the line says that all is saved."""
    expect(visitor.page.locator("#save-status")).to_contain_text("Saved at")


def press(visitor: Visitor, *keys: str) -> None:
    for key in keys:
        visitor.page.keyboard.press(key)


def test_a_second_tab_is_told_and_never_writes_over_the_first(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("409")
    opened = room.given(room.cast.reviewer)[0]
    path = f"/readings/{opened.reading.public_id}/C"
    reader.visit_in_stopped_time(path)  # all three keys are pressed before the first of them is sent
    other = reader.context.new_page()
    other.goto(room.address + path)
    other.locator("#a-C9").focus()
    other.keyboard.press("6")
    other.clock.run_for(1000)
    expect(other.locator("#save-status")).to_contain_text("Saved at")

    reader.page.locator("#a-C9").focus()
    press(reader, "5", "Tab", "3")
    reader.page.clock.resume()

    both = reader.page.get_by_role("dialog")
    expect(both).to_contain_text(f"last saved by {room.cast.reviewer.name}")
    assert room.stored(opened)["C9"] == "6"
    both.get_by_role("group", name="C9 Assessment").get_by_label("Stored: 6 Excellent").check()
    both.get_by_role("button", name="Go on with these").click()
    saved(reader)
    assert (room.stored(opened)["C9"], room.stored(opened)["C10"]) == ("6", "3")
    expect(reader.page.locator("[name=C9]:checked")).to_have_value("6")


def test_a_page_loaded_again_while_it_saves_asks_nothing_and_one_signed_out_goes_on_after_signing_in(
    room: ReadingRoom,
) -> None:
    reader = room.person(room.cast.reviewer)
    page, line = reader.page, reader.page.locator("#save-status")
    opened = room.given(room.cast.reviewer)[0]
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    reader.visit_in_stopped_time(f"/readings/{opened.reading.public_id}/C")  # nothing is sent before it is left
    on_its_way, may_go_on = threading.Event(), threading.Event()
    serve = room.app.wsgi_app

    def slowly(environ: dict[str, Any], start: Any) -> Any:
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith("/answers"):
            on_its_way.set()
            may_go_on.wait(timeout=60)
        return serve(environ, start)

    room.app.wsgi_app = slowly  # type: ignore[method-assign]
    page.locator("#a-C9").focus()
    press(reader, "5", "n")
    page.keyboard.type("Kept up to May.")
    page.reload(wait_until="commit")

    expect(line).to_have_text("Looking whether what you wrote last was saved…")
    assert on_its_way.wait(timeout=30) and asked == ["beforeunload"]
    may_go_on.set()
    page.clock.resume()
    saved(reader)
    expect(page.locator("#n-C9")).to_have_value("Kept up to May.")
    expect(page.locator("[name=C9]:checked")).to_have_value("5")

    reader.stop_time()
    page.locator("[name=C9]:checked").focus()
    press(reader, "6")
    expect(line).to_have_text("Saving… 1 answer waiting")
    page.clock.resume()
    saved(reader)
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert room.stored(opened)["C9"] == "6"

    reader.expect_complaint("401")
    with transaction(room.app.extensions["casereader_engine"]) as session:
        for one in session.exec(select(SignIn).where(SignIn.account_id == room.cast.reviewer.id)):
            session.delete(one)
    page.locator("#a-C10").focus()
    press(reader, "3")
    again = page.get_by_role("dialog", name="Sign in again")
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in", exact=True).click()
    expect(again).to_be_hidden()
    saved(reader)
    assert room.stored(opened)["C10"] == "3"

    with transaction(room.app.extensions["casereader_engine"]) as session:
        give_sheets(session, room.cast.reviewer, at=room.cast.reviewer.created_at)
        for one in session.exec(select(SignIn).where(SignIn.account_id == room.cast.reviewer.id)):
            session.delete(one)
    page.locator("#a-C10").focus()
    press(reader, "4")
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in", exact=True).click()
    with reader.context.expect_page() as opening:
        again.get_by_role("link", name="Take the second step").click()
    step = opening.value
    step.get_by_label("A line of your recovery sheet").fill(line_of_sheet(1))
    with step.expect_navigation():
        step.keyboard.press("Enter")
    step.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(again).to_be_hidden()
    saved(reader)
    assert room.stored(opened)["C10"] == "4"


def test_every_page_of_a_reading_reads_well(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("422")
    opened = room.given(room.cast.reviewer)[0]
    base = f"/readings/{opened.reading.public_id}"
    reader.visit(base)
    reader.look_over("reading-tasks", widths=ENDS)
    reader.leave_by(reader.page.get_by_role("button", name="Start reading"))
    reader.visit(f"{base}/C")
    corner = reader.page.locator("label:has(#a-C9)")
    corner.click(position={"x": 3, "y": 3})
    expect(reader.page.locator("#a-C9")).to_be_checked()  # all of a cell answers, not its circle alone
    assert reader.page.evaluate(LOWEST) >= 44
    press(reader, "2", "d")
    saved(reader)
    reader.page.evaluate("scrollTo(0, 0)")
    reader.look_over("reading-section-C-answered")
    reader.page.emulate_media(forced_colors="active")
    # The colours are the reader's own then, and axe cannot tell them.
    assert not axe(reader.page, accepted=frozenset({"color-contrast"}))
    reader.picture("reading-section-C-forced-colours")
    reader.page.emulate_media(forced_colors="none")
    reader.visit(f"{base}/H")
    reader.page.locator("#a-H4-present").focus()
    press(reader, "1")
    expect(reader.page.locator("#q-H4-recognised")).to_be_visible()
    saved(reader)
    reader.page.evaluate("scrollTo(0, 0)")
    reader.look_over("reading-section-H-open", widths=ENDS)
    reader.visit(f"{base}/history")
    reader.look_over("reading-history", widths=ENDS)
    reader.visit(f"{base}/check")
    reader.look_over("reading-check", widths=ENDS)
    reader.page.get_by_label("I have read every record").check()
    reader.leave_by(reader.page.get_by_role("button", name="Submit the reading"))
    expect(reader.page.locator("#error-summary")).to_contain_text("C. Assessment: 10 missing")
    reader.look_over("reading-refused", widths=ENDS)
    reader.page.locator("[data-check] summary", has_text="in C. Assessment").click()
    reader.page.get_by_role("link", name="C10 Chronology: This is not answered yet.").click()
    expect(reader.page).to_have_url(f"{room.address}{base}/C#q-C10")


def test_the_pages_of_moderation_read_well(room: ReadingRoom) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        (record,) = session.exec(select(DrawRecord))
        for reading, rating in zip(pair_of(session, record=record), ("5", "3"), strict=True):
            account = session.get_one(Account, reading.reviewer_id)
            found = readings.find(session, public_id=reading.public_id, account=account)
            complete(session, found, room.instrument, by=account, overrides={"C9": rating, "D1": "cannot_tell"})
        first = pair_of(session, record=record)[0].public_id
        local = given_to(session, room.cast.local_reviewer)[0]
        complete(session, local, room.instrument, by=room.cast.local_reviewer)
        concern = concerns.raise_concern(
            session,
            opened=local,
            instrument=room.instrument,
            told=Told("The lead", ToldHow.IN_PERSON, "10.40"),
            kind=ConcernKind.IMMEDIATE,
            seen="Three entries name the same injury.",
            needed="A check today.",
            by=room.cast.local_reviewer,
            at=STARTED,
        ).public_id
    base = f"/inspections/{room.cast.place.inspection.public_id}"
    lead = room.person(room.cast.lead)
    pages = {
        "moderation": f"{base}/moderation",
        "moderation-reading": f"{base}/moderation/{first}",
        "moderation-settle": f"{base}/moderation/{first}/settle",
        "concerns": f"{base}/concerns",
        "concern": f"{base}/concerns/{concern}",
        "concern-paper": f"{base}/concerns/{concern}/paper",
    }
    for name, path in pages.items():
        lead.visit(path)
        lead.look_over(name)
    pair = room.person(room.cast.reviewer)
    pair.visit(f"{base}/countersigning/{local.reading.public_id}")
    pair.look_over("countersigning")
