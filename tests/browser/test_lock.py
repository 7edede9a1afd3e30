"""The quick lock in a real browser: one cover, which lifts for the person of the page alone, and loses no word."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Route, expect

from casereader.db import transaction
from casereader.models import Account
from casereader.people import sessions
from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.browser.server import served
from tests.cast import PASSWORD, Cast
from tests.sampled import AT
from tests.web.app import make_app


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_once_the_sign_in_has_ended_no_password_lifts_the_cover_but_signing_in_again_does(
    app: Flask, browsing: Browsing, cast: Cast
) -> None:
    with served(app, browsing) as address:
        somebody = browsing(address)
        page = somebody.page
        somebody.sign_in(cast.administrator.email, PASSWORD)
        somebody.visit("/accounts")
        name = page.get_by_label("Name", exact=True)
        name.fill("Half a na")
        with page.expect_response("**/lock"):
            page.keyboard.press("Alt+Shift+KeyL")
        with transaction(app.extensions["casereader_engine"]) as session:
            sessions.end_all(session, account=session.get_one(Account, cast.administrator.id), at=AT)

        somebody.expect_complaint("status of 401")
        cover = page.get_by_role("dialog", name="Locked")
        page.keyboard.type("garbage")
        page.keyboard.press("Enter")
        expect(cover.get_by_role("alert")).to_contain_text("Your sign-in has ended.")
        expect(name).to_be_hidden()
        expect(cover.get_by_label("E-mail address")).to_be_focused()
        somebody.look_over("locked-ended", widths=(WIDE, NARROW), within="dialog[open]")
        page.keyboard.type(cast.administrator.email)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        step = cover.get_by_role("link", name="Take the second step")
        expect(step).to_be_focused()
        expect(name).to_be_hidden()
        with page.expect_popup() as opened:
            page.keyboard.press("Enter")
        opened.value.get_by_label("A line of your recovery sheet").fill(somebody.next_line(cast.administrator.email))
        opened.value.keyboard.press("Enter")
        opened.value.get_by_text("Signed in as").wait_for()
        opened.value.close()
        page.bring_to_front()
        page.evaluate("dispatchEvent(new Event('focus'))")  # as a real window has it

        expect(cover).to_be_hidden()
        expect(name).to_have_value("Half a na")
        somebody.context.close()


def test_a_save_that_meets_the_lock_waits_and_is_made_by_the_one_password_that_opens_it(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("status of 423")
    page, line = reader.page, reader.page.locator("#save-status")
    opened = room.given(room.cast.reviewer)[0]
    held: list[Route] = []
    reader.visit_in_stopped_time(f"/readings/{opened.reading.public_id}/C")
    page.route("**/answers", lambda route: held.append(route) if not held else route.continue_())
    page.locator("#a-F6, [name=C9]").first.focus()
    page.keyboard.press("5")
    with page.expect_response("**/lock"):
        page.get_by_role("button", name="Lock").click()
    held[0].continue_()
    page.clock.resume()

    expect(line).to_have_text("Locked: 1 answer waiting, to be saved as soon as the password is given.")
    page.wait_for_timeout(50)
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(line).to_contain_text("Saved at")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert room.stored(opened)["C9"] == "5"
