"""A return of four tabs and 400 children in a real browser: mapped, two faults mended, taken, one case changed."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from casereader import jobs, returns
from casereader.db import transaction
from casereader.demo.returned import workbook_of
from tests.browser.harness import NARROW, WIDE, Browsing, Visitor
from tests.browser.server import served
from tests.cast import PASSWORD, Cast

BOTH = (WIDE, NARROW)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_return_of_four_tabs_becomes_the_list(app: Flask, cast: Cast, browsing: Browsing) -> None:
    content = workbook_of("Glen Test", n_cases=400, seed="browser")
    home = f"/inspections/{cast.place.inspection.public_id}"
    with served(app, browsing) as address:
        coordinator = browsing(address)
        coordinator.sign_in(cast.coordinator.email, PASSWORD)
        page = coordinator.page
        coordinator.visit(f"{home}/list")
        page.get_by_label("The partnership’s list").set_input_files(
            {"name": "return.xlsx", "mimeType": "application/octet-stream", "buffer": content}
        )
        page.get_by_role("button", name="Check the list").click()

        page.get_by_role("heading", name="What the return holds").wait_for()
        assert page.get_by_label("The tab CP register is").input_value() == "b"
        assert page.get_by_label("Legal basis that Supervision order at home stands for").input_value() == "CSO at home"
        coordinator.look_over("return-mapping", widths=BOTH)
        page.get_by_role("button", name="Check the list").click()

        page.get_by_role("heading", name="What to put right").wait_for()
        page.get_by_text("2 things to put right").wait_for()
        page.get_by_label("Right Age of CP register").fill("12")
        _mend(coordinator)
        page.get_by_text("1 thing to put right").wait_for()
        coordinator.look_over("return-faults", widths=BOTH)
        page.get_by_label("Leave out CP register").check()
        _mend(coordinator)

        page.get_by_text("read without a fault: 400 cases").wait_for()
        page.get_by_text("17 children are in more than one group").wait_for()
        coordinator.look_over("return-taken", widths=BOTH)
        _change_a_case(coordinator)
        _wait_for_work(coordinator, app, cast, home)


def _mend(coordinator: Visitor) -> None:
    coordinator.page.get_by_label("Reason for every row above").fill("Told by the partnership")
    coordinator.page.get_by_role("button", name="Make these changes and check again").click()


def _change_a_case(coordinator: Visitor) -> None:
    page = coordinator.page
    page.get_by_role("link", name="Correct or leave out a case").click()
    page.get_by_label("Case reference").fill("GLE-0001")
    page.get_by_label("What is to be done").select_option("leave out")
    page.get_by_label("Reason").fill("Moved away before the date")
    coordinator.look_over("return-change", widths=BOTH)
    page.get_by_role("button", name="Change the list").click()
    page.get_by_text("GLE-0001 was left out of the list").wait_for()


def _wait_for_work(coordinator: Visitor, app: Flask, cast: Cast, home: str) -> None:
    """The page that waits says how far the work is, and goes on by itself when it has ended."""
    engine, page, at = app.extensions["casereader_engine"], coordinator.page, datetime.now(UTC)
    with transaction(engine) as session:
        job = jobs.begin(
            session,
            kind=returns.READING,
            inspection=cast.place.inspection,
            asked={},
            by=cast.coordinator,
            at=at,
        )
        jobs.start(session, job_id=job.id or 0, process=1, at=at)
    coordinator.visit(f"{home}/return")
    page.get_by_text("0 per cent done").first.wait_for()
    coordinator.look_over("return-progress", widths=BOTH)
    with transaction(engine) as session:
        jobs.progress(session, job_id=job.id or 0, per_cent=40)
    page.get_by_role("status").get_by_text("40 per cent done").first.wait_for()
    with transaction(engine) as session:
        jobs.finish(session, job_id=job.id or 0, result={}, at=at)
    page.get_by_role("heading", name="List of cases").wait_for()
