"""Help in a real browser: one click away, in a tab of its own, at the chapter about the page; the sheet on one page."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.server import served
from tests.cast import PASSWORD, Cast


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_help_opens_beside_the_page_at_the_chapter_about_it(app: Flask, browsing: Browsing, cast: Cast) -> None:
    with served(app, browsing) as address:
        reader = browsing(address)
        reader.sign_in(cast.reviewer.email, PASSWORD)
        reader.visit("/readings")
        with reader.context.expect_page() as opened:
            reader.page.get_by_role("link", name="Help").click()
        reader.page = opened.value
        reader.page.wait_for_load_state()
        assert reader.page.url.endswith("/help/reviewer-guide#before-you-start-a-record")
        expect(reader.page.get_by_role("heading", name="Before you start a record")).to_be_in_viewport()
        reader.look_over("help", widths=(WIDE, NARROW))

        reader.visit("/help/reviewer-sheet")
        assert len(re.findall(rb"/Type\s*/Page\b", reader.page.pdf(format="A4"))) == 1, "the sheet prints on one page"
