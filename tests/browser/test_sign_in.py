"""The sign-in page in a real browser: looked over as it comes, and after a refusal."""

from flask import Flask
from playwright.sync_api import expect

from casereader.db import transaction
from casereader.people import accounts
from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.server import served
from tests.cast import BEGAN, PASSWORD, Cast
from tests.security.test_markup import MARK, STRINGS


def test_the_sign_in_page_is_sound_before_and_after_a_refusal(app: Flask, browsing: Browsing) -> None:
    with served(app, browsing) as address:
        visitor = browsing(address)
        visitor.visit("/")
        visitor.look_over("sign-in")

        visitor.expect_complaint("status of 422")
        visitor.page.get_by_label("E-mail address").fill("nobody@demo.example")
        visitor.page.get_by_label("Password").fill("not the password")
        visitor.leave_by(visitor.page.get_by_role("button", name="Sign in"))

        visitor.page.get_by_text("is not right").first.wait_for()
        visitor.look_over("sign-in-refused")
        visitor.context.close()


def test_a_locked_page_is_covered_keeps_what_was_typed_and_opens_with_the_password(
    app: Flask, browsing: Browsing, cast: Cast
) -> None:
    with served(app, browsing) as address:
        somebody = browsing(address)
        somebody.sign_in(cast.administrator.email, PASSWORD)
        somebody.visit("/accounts")
        name = somebody.page.get_by_label("Name", exact=True)
        name.fill("Half a na")
        somebody.page.keyboard.press("Alt+Shift+KeyL")
        cover = somebody.page.get_by_role("dialog", name="Locked")
        cover.wait_for()
        expect(name).to_be_hidden()
        somebody.look_over("locked", widths=(WIDE, NARROW), within="dialog[open]")
        somebody.page.keyboard.press("Escape")
        somebody.page.keyboard.press("Escape")

        somebody.expect_complaint("status of 422")
        for password in ("not the password", PASSWORD):
            somebody.page.get_by_label("Password").fill(password)
            with somebody.page.expect_response("**/unlock"):
                cover.get_by_role("button", name="Unlock").click()

        expect(cover).to_be_hidden()
        expect(name).to_have_value("Half a na")
        somebody.context.close()


def test_d18_back_after_signing_out_shows_nothing_and_typed_markup_did_nothing_meanwhile(
    app: Flask, browsing: Browsing, cast: Cast
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        for number, name in enumerate(STRINGS):
            accounts.create(session, email=f"odd{number}@cast.example", name=name.replace("\n", " "), by=None, at=BEGAN)
    with served(app, browsing) as address:
        somebody = browsing(address)
        dialogs: list[str] = []
        somebody.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        somebody.sign_in(cast.administrator.email, PASSWORD)
        somebody.visit("/accounts")
        assert somebody.page.content().count(MARK) >= len(STRINGS) and dialogs == []
        assert somebody.page.evaluate("localStorage.length + sessionStorage.length") == 0

        somebody.leave_by(somebody.page.get_by_role("button", name="Sign out"))
        somebody.page.go_back()

        somebody.page.get_by_label("E-mail address").wait_for()
        assert cast.reviewer.name not in somebody.page.content() and MARK not in somebody.page.content()
        assert somebody.page.evaluate("localStorage.length + sessionStorage.length") == 0
        somebody.context.close()
