"""From a list of people to a timetable in a real browser: accounts, days, what the rule gives, slips, sheets."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from casereader.db import transaction
from casereader.models import Inspection
from tests import sampled
from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.server import Server, serving
from tests.cast import PASSWORD, Cast, gather
from tests.web.app import make_app

WIDTHS = (WIDE, NARROW)
PEOPLE = """Iain Inspector, iain@body.example, reviewer
Lena Local, lena@partner.example, local reviewer, iain@body.example
Olive Outsider, olive@cast.example, moderator
"""


@pytest.fixture
def drawn(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[tuple[Cast, Server]]:
    """The cast with a drawn sample and three reading days, served."""
    app: Flask = make_app(sqlite_url, tmp_path)
    instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=instrument)
        inspection = session.get_one(Inspection, cast.place.inspection.id)
        inspection.reading_starts, inspection.reading_ends = date(2027, 6, 7), date(2027, 6, 9)
        sampled.draw(session, cast, instrument)
    with serving(app, browsing) as server:
        yield cast, server
    app.extensions["casereader_engine"].dispose()


def test_people_get_accounts_and_slips_cases_by_the_rule_and_a_timetable(
    drawn: tuple[Cast, Server], browsing: Browsing
) -> None:
    cast, server = drawn
    home = f"/inspections/{cast.place.inspection.public_id}"
    coordinator = browsing(server.address)
    coordinator.sign_in(cast.coordinator.email, PASSWORD)
    page = coordinator.page
    coordinator.visit(f"{home}/people")
    coordinator.leave_by(page.get_by_role("link", name="Accounts from a list"))
    coordinator.expect_complaint("422")
    page.get_by_label("People, one line for each").fill(PEOPLE.replace("iain@", "iain", 1))
    coordinator.leave_by(page.get_by_role("button", name="Check the list"))
    expect(page.get_by_role("cell", name="Enter an e-mail address, like name@example.org.")).to_be_visible()
    coordinator.look_over("joining-faults", widths=WIDTHS)
    page.get_by_label("People, one line for each").fill(PEOPLE)
    coordinator.leave_by(page.get_by_role("button", name="Check the list"))
    coordinator.look_over("joining-checked", widths=WIDTHS)
    coordinator.leave_by(page.get_by_role("button", name="Make 2 accounts and give the roles"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Slips to print")
    coordinator.look_over("joining-slips", widths=WIDTHS)
    page.evaluate("window.print = () => (document.title = 'printed')")
    page.get_by_role("button", name="Print the slips").first.click()
    expect(page).to_have_title("printed")
    address = page.locator(".cr_slip .cr_address").first.inner_text()

    iain = browsing(server.address)
    iain.visit(address.removeprefix(server.address))
    expect(iain.page.get_by_role("heading", level=1)).to_contain_text("password")

    coordinator.visit(f"{home}/conflicts")
    page.get_by_label("Reader or moderator").select_option(label="Shona Second (reviewer)")
    page.get_by_label("It is with the whole partnership").check()
    page.get_by_label("What the conflict is").fill("Kin work there.")
    coordinator.leave_by(page.get_by_role("button", name="Keep it"))
    coordinator.look_over("conflicts", widths=WIDTHS)

    coordinator.visit(f"{home}/assign")
    for name in ("Iain Inspector", "Lena Local", "Ruaridh Reviewer"):
        for day in page.get_by_role("group", name=name).get_by_role("checkbox").all():
            day.check()
    coordinator.leave_by(page.get_by_role("button", name="Save and show what this gives"))
    expect(page.get_by_text("20 cases, 2 of them read twice.")).to_be_visible()
    coordinator.look_over("assign", widths=WIDTHS)
    coordinator.leave_by(page.get_by_role("button", name="Assign the cases"))
    page.get_by_text("20 cases are given out").wait_for()

    coordinator.visit(f"{home}/timetable")
    expect(page.get_by_role("heading", level=2)).to_have_count(2)
    coordinator.look_over("timetable", widths=WIDTHS)
    coordinator.leave_by(page.get_by_role("link", name="coordinator’s copy"))
    coordinator.look_over("timetable-coordinator", widths=WIDTHS)

    coordinator.visit(f"{home}/moves")
    page.get_by_label("Who falls out").select_option(label="Iain Inspector")
    coordinator.leave_by(page.get_by_role("button", name="Show who would get what"))
    coordinator.look_over("moves", widths=WIDTHS)
