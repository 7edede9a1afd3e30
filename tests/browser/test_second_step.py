"""The second step in a real browser: each of its pages looked over, and taken with the keyboard alone."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl

import pyotp
import pytest
from flask import Flask

from tests.browser.harness import NARROW, WIDE, Browsing, Visitor
from tests.browser.server import served, serving
from tests.cast import PASSWORD, Cast
from tests.second_steps import code_of_now
from tests.web.second_steps import long_ago

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOTH = (WIDE, NARROW)


def test_an_app_and_a_sheet_are_set_up_and_asked_for_on_sound_pages(app: Flask, browsing: Browsing, cast: Cast) -> None:
    with served(app, browsing) as address:
        somebody = browsing(address)
        page = somebody.page
        somebody.sign_in(cast.lead.email, PASSWORD)
        somebody.visit("/sign-in-methods")
        somebody.look_over("sign-in-methods", widths=BOTH)
        somebody.leave_by(page.get_by_role("button", name="Set up an app"))
        somebody.look_over("set-up-app", widths=BOTH)
        key = re.search(r"Key: ([A-Z2-7 ]+)", page.inner_text("main"))
        assert key is not None
        page.get_by_label("Code of your app").fill(code_of_now(pyotp.TOTP(key[1].replace(" ", ""))))
        somebody.leave_by(page.get_by_role("button", name="Set it up"))
        somebody.leave_by(page.get_by_role("button", name="Make a new sheet"))
        somebody.look_over("recovery-sheet", widths=BOTH)
        lines = re.findall(r"\b\d+ (?:[A-Z2-9]{4}-){3}[A-Z2-9]{4}\b", page.inner_text("main"))
        long_ago(app)
        somebody.expect_complaint("status of 401")
        somebody.visit("/change-password")
        somebody.look_over("confirm-fully-by-code-or-line", widths=BOTH)
        somebody.leave_by(page.get_by_role("button", name="Sign out"))

        page.get_by_label("E-mail address").fill(cast.lead.email)
        page.get_by_label("Password").fill(PASSWORD)
        somebody.leave_by(page.get_by_role("button", name="Sign in"))
        somebody.look_over("second-step", widths=BOTH)
        somebody.expect_complaint("status of 422")
        page.get_by_label("A line of your recovery sheet").focus()
        for typed in ("2 nothing", lines[1]):
            page.keyboard.press("ControlOrMeta+a")
            page.keyboard.type(typed)
            with page.expect_navigation():
                page.keyboard.press("Enter")
            if typed != lines[1]:
                somebody.look_over("second-step-refused", widths=BOTH)
                page.get_by_label("A line of your recovery sheet").focus()
        assert cast.lead.name in page.inner_text("header")
        told = page.get_by_role("alert")
        assert "Line 2 of your recovery sheet is used: cross it out. 9 lines are left." in told.inner_text()
        told.get_by_role("link", name="Your sign-in methods").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.get_by_role("button", name="Remove the recovery sheet").wait_for()
        somebody.context.close()


def test_a_passkey_is_made_and_used_by_the_keyboard_and_its_answer_opens_once(
    app: Flask, browsing: Browsing, cast: Cast
) -> None:
    lead = cast.lead
    with serving(app, browsing) as server:
        settings = app.extensions["casereader_settings"]
        app.extensions["casereader_settings"] = replace(settings, port=server.port)
        somebody = browsing(f"http://localhost:{server.port}")
        page = somebody.page
        somebody.sign_in(lead.email, PASSWORD)
        somebody.visit("/sign-in-methods/passkey")
        somebody.look_over("set-up-passkey", widths=BOTH)  # before: looking a page over takes the token out
        _holds_a_key(somebody)
        page.get_by_role("button", name="Make the passkey").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "The passkey is set up" in page.inner_text("main")
        somebody.leave_by(page.get_by_role("button", name="Sign out"))

        page.get_by_label("E-mail address").fill(lead.email)
        page.get_by_label("Password").fill(PASSWORD)
        somebody.leave_by(page.get_by_role("button", name="Sign in"))
        page.get_by_role("button", name="Use your passkey").focus()
        with page.expect_request("**/second-step/passkey") as sent, page.expect_navigation():
            page.keyboard.press("Enter")
        assert lead.name in page.inner_text("header")

        long_ago(app)
        somebody.expect_complaint("status of 401")
        page.goto(f"{somebody.address}/inspections/{cast.place.inspection.public_id}/roll-up/tables.xlsx")
        page.get_by_role("button", name="Confirm with your passkey").focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "You have confirmed it is you" in page.inner_text("main")
        long_ago(app)
        somebody.visit("/change-password")  # asks for more than the passkey
        page.locator("form[data-passkey]").get_by_label("Password").wait_for()

        answer = dict(parse_qsl(sent.value.post_data or ""))["answer"]
        somebody.leave_by(page.get_by_role("button", name="Sign out"))
        page.get_by_label("E-mail address").fill(lead.email)
        page.get_by_label("Password").fill(PASSWORD)
        somebody.leave_by(page.get_by_role("button", name="Sign in"))
        somebody.expect_complaint("status of 422")
        with page.expect_navigation():
            page.evaluate(
                "answer => { const form = document.querySelector('[data-passkey]');"
                " form.elements.namedItem('answer').value = answer; form.submit(); }",
                answer,
            )
        assert "The passkey was not recognised" in page.inner_text("main")
        somebody.look_over("second-step-passkey", widths=BOTH)
        somebody.context.close()


def _holds_a_key(somebody: Visitor) -> None:
    """Give the browser a token that knows the finger of whoever sits there."""
    inspector = somebody.context.new_cdp_session(somebody.page)
    inspector.send("WebAuthn.enable")
    token = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    inspector.send("WebAuthn.addVirtualAuthenticator", {"options": token | {"automaticPresenceSimulation": True}})
