"""The whole way of 400 children in a real browser: a return of four tabs mapped and mended, planned, drawn, assigned,
and the cover sheets of their records."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from casereader import jobs, returns
from casereader.db import transaction
from casereader.demo.invented.returned import workbook_of
from tests.browser.harness import NARROW, WIDE, Browsing, Visitor
from tests.browser.keys import Keys
from tests.browser.server import served
from tests.cast import PASSWORD, Cast

BOTH = (WIDE, NARROW)
LONG = 100_000
PATIENCE = 120_000  # milliseconds: seconds on an idle machine
RUN_OVER = "[...document.querySelectorAll('.cr_slip')].filter(one => one.scrollHeight > one.clientHeight + 1).length"

# Home finds that it stood otherwise, soon instead of in half a minute: the file that was chosen stays.
LOOKS_AGAIN_AND_CHANGES = """() => {
  document.querySelector("[data-live] h2").textContent = "Another step";
  document.querySelector("[data-live-looked]").dataset.every = "0.1";
}"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_return_of_four_tabs_becomes_records_in_readers_hands(app: Flask, cast: Cast, browsing: Browsing) -> None:
    content = workbook_of("Glen Test", n_cases=400, seed="browser")
    home = f"/inspections/{cast.place.inspection.public_id}"
    with served(app, browsing) as address:
        coordinator = browsing(address)
        coordinator.sign_in(cast.coordinator.email, PASSWORD)
        page = coordinator.page
        coordinator.visit(f"{home}/list/guide")
        assert page.pdf(format="A4").count(b"/Type /Page\n") == 1, "the guide is one page"
        coordinator.visit("/")
        page.get_by_label("The partnership’s list").set_input_files(
            {"name": "return.xlsx", "mimeType": "application/octet-stream", "buffer": content}
        )
        page.evaluate(LOOKS_AGAIN_AND_CHANGES)
        page.get_by_role("heading", name="Send the list of cases").wait_for()
        coordinator.leave_by(page.get_by_role("button", name="Check the list"))

        page.get_by_role("heading", name="What the return holds").wait_for()
        assert page.get_by_label("The tab CP register is").input_value() == "b"
        assert page.get_by_label("Legal basis that Supervision order at home stands for").input_value() == "CSO at home"
        coordinator.look_over("return-mapping", widths=BOTH)
        coordinator.leave_by(page.get_by_role("button", name="Check the list"))

        page.get_by_role("heading", name="What to put right").wait_for()
        page.get_by_text("2 things to put right").wait_for()
        page.get_by_label("Right Age of CP register").fill("12")
        _mend(coordinator)
        page.get_by_text("1 thing to put right").wait_for()
        coordinator.look_over("return-faults", widths=BOTH)
        page.get_by_label("Leave out CP register").check()
        _mend(coordinator)

        page.get_by_text("The list was read: 400 cases, with 1 row mended and 1 row left out").wait_for()
        page.get_by_text("2 changes were made to it as it was sent").wait_for()
        coordinator.visit(f"{home}/list")
        page.get_by_text("17 children are in more than one group").wait_for()
        coordinator.look_over("return-taken", widths=BOTH)
        _change_a_case(coordinator)
        _wait_for_work(coordinator, app, cast, home)
        _plan_as_it_comes(coordinator)
        lead = browsing(address)
        lead.sign_in(cast.lead.email, PASSWORD)
        lead.leave_by(lead.page.get_by_role("link", name="Confirm list and plan").first)
        lead.leave_by(lead.page.get_by_role("button", name="Confirm list and plan"))
        lead.page.get_by_text("can be drawn when the public value is known").wait_for()
        _draw_and_assign(coordinator, home)
        _print_the_papers(coordinator, home, left_out="GLE-0001")


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_way_without_scripts_and_by_keys_alone(app: Flask, cast: Cast, browsing: Browsing) -> None:
    """A return of 60 children, from the file to the cover sheets: Tab, Space, Enter and what is typed."""
    content = workbook_of("Glen Test", n_cases=60, seed="browser")
    home = f"/inspections/{cast.place.inspection.public_id}"
    with served(app, browsing) as address:
        keys = Keys(browsing(address, java_script_enabled=False))
        keys.sign_in(cast.coordinator)
        page = keys.page
        keys.visitor.visit("/")
        chosen = page.get_by_label("The partnership’s list")
        keys.to(chosen)  # the window in which a file is then chosen is the browser's own
        chosen.set_input_files({"name": "return.xlsx", "mimeType": "application/octet-stream", "buffer": content})
        keys.press("Check the list")
        page.get_by_role("heading", name="What the return holds").wait_for()
        keys.press("Check the list")
        page.get_by_role("heading", name="What to put right").wait_for()
        for row in page.get_by_label("Leave out").all():
            keys.tick(row)
        keys.write(page.get_by_label("Reason for every row above"), "Told by the partnership")
        keys.press("Make these changes and check again")
        page.get_by_text("The list was read: 59 cases, with 2 rows left out").wait_for()
        keys.tick(page.get_by_label("No source exists for the groups left blank"))
        keys.press("Fix list and plan")
        page.get_by_text("The lead now confirms them").wait_for()
        lead = Keys(browsing(address, java_script_enabled=False))
        lead.sign_in(cast.lead)
        lead.follow("Confirm list and plan")
        lead.press("Confirm list and plan")
        lead.page.get_by_text("can be drawn when the public value is known").wait_for()
        keys.visitor.visit(f"{home}/draw")
        keys.write(page.get_by_label("Public value"), "4 2 6 1 3 5")
        keys.press("Show the seed")
        keys.press("Draw the sample")
        page.get_by_text("The sample is drawn").wait_for()
        keys.follow("Assign the cases")
        page.get_by_role("heading", name="Who reads, and when").wait_for()
        for day in page.locator("main").get_by_role("checkbox").all():
            keys.tick(day)
        keys.press("Save and show what this gives")
        keys.press("Assign the cases")
        page.get_by_text("cases are given out").wait_for()
        _print_the_papers(keys.visitor, home)


def _mend(coordinator: Visitor) -> None:
    coordinator.page.get_by_label("Reason for every row above").fill("Told by the partnership")
    coordinator.leave_by(coordinator.page.get_by_role("button", name="Make these changes and check again"))


def _change_a_case(coordinator: Visitor) -> None:
    page = coordinator.page
    coordinator.leave_by(page.get_by_role("link", name="Correct or leave out a case"))
    page.get_by_label("Case reference").fill("GLE-0001")
    coordinator.leave_by(page.get_by_role("button", name="Show the case"))
    page.get_by_label("Reason").fill("Moved away before the date")
    coordinator.look_over("return-change", widths=BOTH)
    coordinator.leave_by(page.get_by_role("button", name="Leave the case out"))
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
    page.get_by_text("0% done").first.wait_for()
    coordinator.look_over("return-progress", widths=BOTH)
    with transaction(engine) as session:
        jobs.progress(session, job_id=job.id or 0, per_cent=40)
    page.get_by_role("status").get_by_text("40% done").first.wait_for()
    with transaction(engine) as session:
        jobs.finish(session, job_id=job.id or 0, result={}, at=at)
    page.get_by_role("heading", name="Plan the sample").wait_for()


def _plan_as_it_comes(coordinator: Visitor) -> None:
    """The usual way: the plan comes filled in, so one tick and one button fix it."""
    page = coordinator.page
    page.get_by_label("No source exists for the groups left blank").check()
    coordinator.leave_by(page.get_by_role("button", name="Fix list and plan"))
    page.get_by_text("The lead now confirms them").wait_for()
    page.get_by_text("Moved away before the date").wait_for()  # what was changed is bound, and in the open


def _draw_and_assign(coordinator: Visitor, home: str) -> None:
    page = coordinator.page
    coordinator.visit(f"{home}/draw")
    page.get_by_label("Public value").fill("4 2 6 1 3 5")
    coordinator.leave_by(page.get_by_role("button", name="Show the seed"))
    coordinator.leave_by(page.get_by_role("button", name="Draw the sample"))
    page.get_by_text("The sample is drawn").wait_for()
    coordinator.leave_by(page.get_by_role("link", name="Certificate to print"))
    page.get_by_text("Moved away before the date").wait_for()
    coordinator.visit(f"{home}/draw")
    coordinator.leave_by(page.get_by_role("link", name="Assign the cases"))
    page.get_by_role("heading", name="Who reads, and when").wait_for()  # a list of what is there does not wait
    for reader in page.get_by_role("group").all():
        for day in reader.get_by_role("checkbox").all():
            day.check()
    coordinator.leave_by(page.get_by_role("button", name="Save and show what this gives"))
    coordinator.leave_by(page.get_by_role("button", name="Assign the cases"))
    page.get_by_text("cases are given out").wait_for()


def _print_the_papers(coordinator: Visitor, home: str, *, left_out: str = "none") -> None:
    """A sheet for each record of each main case; the case that was left out has none, and no sheet names a reader."""
    coordinator.visit(f"{home}/records/covers")
    sheets = coordinator.page.locator("main").inner_text()

    assert "GLE-" in sheets
    assert left_out not in sheets.split()
    assert "Ruaridh" not in sheets
    coordinator.page.emulate_media(media="print")
    assert coordinator.page.evaluate(RUN_OVER) == 0, "on paper a sheet runs over its box"
    coordinator.page.emulate_media(media="screen")


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_of_100_000_cases_is_checked_with_progress_and_taken(app: Flask, cast: Cast, browsing: Browsing) -> None:
    lines = (f"{number:06},{'abcde'[number % 5]},{number % 18}" for number in range(LONG))
    content = "\n".join(("case_ref,stratum,age", *lines)).encode()
    with served(app, browsing) as address:
        coordinator = browsing(address)
        coordinator.sign_in(cast.coordinator.email, PASSWORD)
        coordinator.visit(f"/inspections/{cast.place.inspection.public_id}/list")
        coordinator.page.get_by_label("The partnership’s list").set_input_files(
            {"name": "list.csv", "mimeType": "text/csv", "buffer": content}
        )
        coordinator.page.get_by_role("button", name="Check the list").click()

        coordinator.page.get_by_text(f"read without a fault: {LONG:,} cases").wait_for(timeout=PATIENCE)
        assert coordinator.page.get_by_text("099999").count() == 1, "the last reference, its zeros kept"
