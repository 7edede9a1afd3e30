"""A list on its way: the page says so until the answer comes, and on a narrow screen every remedy is in view."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.browser.harness import NARROW, Browsing
from tests.browser.server import served
from tests.cast import PASSWORD, Cast
from tests.lists import list_csv

# Counts what would be sent and holds it back, since nothing can be seen of a page while its successor is on the way.
HOLD = """() => {
  window.sent = 0;
  document.querySelector("form[data-sending]").addEventListener("submit", event => {
    if (!event.defaultPrevented) window.sent += 1;
    event.preventDefault();
  });
}"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_says_that_a_list_is_being_checked_and_sends_it_once(
    app: Flask, cast: Cast, browsing: Browsing
) -> None:
    with served(app, browsing) as address:
        coordinator = browsing(address)
        coordinator.sign_in(cast.coordinator.email, PASSWORD)
        page = coordinator.page
        coordinator.visit(f"/inspections/{cast.place.inspection.public_id}/list")
        faulty = list_csv({"a": 10}).replace("T00003,a", "T00001,a").encode()
        page.get_by_label("The partnership’s list").set_input_files(
            {"name": "list.csv", "mimeType": "text/csv", "buffer": faulty}
        )
        assert page.get_by_role("progressbar").count() == 0
        page.evaluate(HOLD)

        button = page.get_by_role("button", name="Check the list")
        button.click()
        page.get_by_text("The list is being sent and checked").wait_for()
        assert page.get_by_role("progressbar").count() == 1
        button.click(force=True)
        assert page.evaluate("window.sent") == 1

        with page.expect_navigation():
            page.evaluate("document.querySelector('form[data-sending]').submit()")
        page.get_by_role("heading", name="What to put right").wait_for()
        page.set_viewport_size({"width": NARROW, "height": 900})
        remedy = page.get_by_text("mend the reference or leave one row out").bounding_box()
        assert remedy is not None
        assert remedy["x"] >= 0
        assert remedy["x"] + remedy["width"] <= NARROW
        coordinator.look_over("faults-folded")
