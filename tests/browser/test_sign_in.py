"""The sign-in page in a real browser: looked over as it comes, and after a refusal."""

from flask import Flask

from tests.browser.harness import Browsing
from tests.browser.server import served


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
