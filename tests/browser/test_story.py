"""The main job in a real browser, from a partnership's list to an evaluation and its tables."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page

from casereader import readings
from casereader.db import transaction
from tests.browser.harness import Browsing, Visitor
from tests.browser.server import served
from tests.cast import PASSWORD, Cast
from tests.lists import list_csv
from tests.reading import NOTE, complete

GROUPS = {"a": 10, "b": 16, "c": 14}
READ = 12
READ_BY_NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)

# Answers whatever is asked in the section on the page: good, and with evidence where it is asked for.
ANSWER = """note => {
  const shown = element => element.offsetParent !== null || element.getClientRects().length > 0;
  const tell = element => { element.dispatchEvent(new Event("input", {bubbles: true}));
                            element.dispatchEvent(new Event("change", {bubbles: true})); };
  let answered = 0;
  for (const part of document.querySelectorAll("[data-key]")) {
    const key = part.dataset.key, box = part.closest("[hidden]");
    if (box || part.hidden) continue;
    const radios = [...part.querySelectorAll(`input[type=radio][name="${key}"]`)];
    const control = part.querySelector(`[name="${key}"]`);
    const note_box = part.querySelector(`[name="${key}__note"]`);
    if (radios.length) {
      if (radios.some(radio => radio.checked)) continue;
      const wanted = ["5", "not_indicated", "yes", "some_improvement"];
      const choice = wanted.map(value => radios.find(radio => radio.value === value)).find(Boolean) || radios[0];
      choice.checked = true; tell(choice);
    } else if (control && control.localName === "select") {
      if (control.value) continue;
      const options = [...control.options].filter(option => option.value);
      const wanted = ["not_indicated", "yes", "seen"];
      const option = wanted.map(value => options.find(one => one.value === value)).find(Boolean) || options[0];
      control.value = option.value; tell(control);
    } else if (control) {
      if (control.value) continue;
      control.value = control.inputMode === "numeric" ? "1" : "Nothing to add.";
      tell(control);
    }
    answered += 1;
    if (note_box && !note_box.value) {
      note_box.value = note; tell(note_box);
      const source = part.querySelector(`[name="${key}__sources"]`);
      if (source && !source.checked) { source.checked = true; tell(source); }
    }
  }
  return answered;
}"""


def workbook(groups: dict[str, int]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in csv.reader(io.StringIO(list_csv(groups))):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_from_a_list_of_cases_to_an_evaluation(app: Flask, cast: Cast, browsing: Browsing, tmp_path: Path) -> None:
    with served(app, browsing) as address:
        coordinator = browsing(address, accept_downloads=True)
        coordinator.sign_in(cast.coordinator.email, PASSWORD)
        home = _begin(coordinator, cast)
        _send_lists(coordinator, home)
        _plan(coordinator)

        lead = browsing(address)
        lead.sign_in(cast.lead.email, PASSWORD)
        lead.leave_by(lead.page.get_by_role("link", name="Confirm list and plan").first)
        lead.look_over("story-confirm")
        lead.leave_by(lead.page.get_by_role("button", name="Confirm list and plan"))
        lead.page.get_by_text("can be drawn when the public value is known").wait_for()

        _draw_and_assign(coordinator, home, [cast.reviewer.name, cast.second_reviewer.name])

        reviewer = browsing(address)
        reviewer.sign_in(cast.reviewer.email, PASSWORD)
        _read_one(reviewer)
        _finish_the_others(app, cast)

        _evaluate(lead, home)
        _export(coordinator, home, tmp_path)
        for visitor in (coordinator, lead, reviewer):
            visitor.context.close()


def _begin(visitor: Visitor, cast: Cast) -> str:
    page = visitor.page
    visitor.visit("/programmes/new")
    page.get_by_label("Name of the programme").fill("Children at risk 2026")
    page.get_by_label("Instrument").select_option("CRR-1")
    page.get_by_label("2.1").check()
    visitor.look_over("story-programme")
    visitor.leave_by(page.get_by_role("button", name="Begin the programme"))

    page.get_by_label("Partnership", exact=True).fill("Isle of Test")
    page.get_by_label("First day of the reading period").fill("2025-01-01")
    page.get_by_label("Last day of the reading period").fill("2026-05-31")
    page.get_by_label("Lead of the inspection").select_option(cast.lead.public_id)
    page.get_by_label("Telephone number of the lead").fill("0131 496 0100")
    visitor.leave_by(page.get_by_role("button", name="Add the partnership"))
    page.get_by_role("heading", name="Isle of Test").wait_for()
    home = page.url.removeprefix(visitor.address)
    for account, role in ((cast.reviewer, "reviewer"), (cast.second_reviewer, "reviewer")):
        visitor.visit(f"{home}/people")
        page.get_by_label("Person", exact=True).select_option(account.public_id)
        page.get_by_label("Role", exact=True).select_option(role)
        visitor.leave_by(page.get_by_role("button", name="Give the role"))
        page.get_by_text(f"{account.name} is now {role}").wait_for()
    visitor.visit(f"{home}/people")
    page.get_by_label("Person", exact=True).select_option(cast.moderator.public_id)
    page.get_by_label("Role", exact=True).select_option("deputy")
    page.get_by_label("Telephone number of a lead or a deputy").fill("0131 496 0101")
    visitor.leave_by(page.get_by_role("button", name="Give the role"))
    page.get_by_text(f"{cast.moderator.name} is now deputy").wait_for()
    page.get_by_role("cell", name="0131 496 0100").wait_for()
    visitor.look_over("story-people")
    return home


def _send_lists(visitor: Visitor, home: str) -> None:
    """A faulty CSV file, a sound one, then the same as a workbook in its place."""
    page = visitor.page
    visitor.visit(home)
    _send(visitor, "return.csv", list_csv(GROUPS).replace("T00003,a", "T00001,a").encode())
    page.get_by_role("heading", name="What to put right").wait_for()
    assert page.get_by_text("T00001 stands already in row 2").count() == 1
    visitor.look_over("story-faults")

    visitor.leave_by(page.get_by_role("link", name="the page of the list"))
    _send(visitor, "return.csv", list_csv(GROUPS).encode())
    page.get_by_text("read without a fault: 40 cases").wait_for()
    visitor.leave_by(page.get_by_role("link", name="list of cases"))
    _send(visitor, "return.xlsx", workbook(GROUPS))
    page.get_by_text("read without a fault: 40 cases").wait_for()


def _send(visitor: Visitor, name: str, content: bytes) -> None:
    kind = "text/csv" if name.endswith(".csv") else "application/octet-stream"
    field = visitor.page.get_by_label("The partnership’s list")
    field.set_input_files({"name": name, "mimeType": kind, "buffer": content})
    visitor.leave_by(visitor.page.get_by_role("button", name="Check the list"))


def _plan(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_label("By number").check()
    page.get_by_label("Number of records").fill(str(READ))
    page.get_by_text(f"{READ} of 40 records").wait_for()  # the table keeps itself up to date
    assert page.get_by_role("table").first.get_by_text("±").count() > 0
    page.get_by_label("No source exists for the groups left blank").check()
    visitor.look_over("story-plan")
    visitor.leave_by(page.get_by_role("button", name="Fix list and plan"))
    page.get_by_text("The lead now confirms them").wait_for()


def _draw_and_assign(visitor: Visitor, home: str, readers: list[str]) -> None:
    page = visitor.page
    visitor.visit(f"{home}/draw")
    page.get_by_label("Public value").fill("4 2 6 1 3 5")
    visitor.leave_by(page.get_by_role("button", name="Show the seed"))
    visitor.look_over("story-seed")
    visitor.leave_by(page.get_by_role("button", name="Draw the sample"))
    page.get_by_text("The sample is drawn").wait_for()
    visitor.look_over("story-sample")
    visitor.leave_by(page.get_by_role("link", name="Assign the cases"))
    page.get_by_role("heading", name="Who reads, and when").wait_for()  # a list of what is there does not wait
    for name in readers:
        for day in page.get_by_role("group", name=name).get_by_role("checkbox").all():
            day.check()
    visitor.leave_by(page.get_by_role("button", name="Save and show what this gives"))
    visitor.look_over("story-assign")
    visitor.leave_by(page.get_by_role("button", name="Assign the cases"))
    page.get_by_text(f"{READ} cases are given out").wait_for()
    visitor.look_over("story-progress")


def _read_one(visitor: Visitor) -> None:
    """Answer all of the questionnaire, section by section, as it saves itself; be told what is missing; submit."""
    page = visitor.page
    visitor.leave_by(page.get_by_role("link", name="Readings").first)
    visitor.look_over("story-readings")
    visitor.leave_by(page.locator("main a[href^='/readings/']").first)
    visitor.leave_by(page.get_by_role("button", name="Start reading"))
    start = page.url
    page.goto(f"{start.split('/readings/')[0]}/readings/{_reading_id(start)}")
    sections = page.locator(".ds_task-list__task-link").evaluate_all("links => links.map(link => link.href)")
    last = sections[-2] if sections[-1].endswith("/check") else sections[-1]
    for href in [each for each in sections if not each.endswith("/check")]:
        if href == last:
            continue
        _answer(page, href)

    page.goto(f"{page.url.rsplit('/', 1)[0]}/check")
    page.get_by_text("missing before you can submit").wait_for()
    visitor.look_over("story-missing")

    _answer(page, last)
    page.goto(f"{page.url.rsplit('/', 1)[0]}/check")
    page.get_by_text("Nothing is missing").wait_for()
    visitor.look_over("story-check")
    page.locator("#declared").check()
    visitor.leave_by(page.get_by_role("button", name="Submit the reading"))
    page.get_by_text("submitted", exact=False).first.wait_for()


def _reading_id(address: str) -> str:
    return address.split("/readings/")[1].split("/")[0]


def _answer(page: Page, href: str) -> None:
    """Answer the section; answers may open further questions, so until nothing more is asked."""
    page.goto(href)
    while page.evaluate(ANSWER, NOTE):  # the line says at once that it saves
        page.locator("#save-status[data-state=saved]").wait_for(state="attached")


def _finish_the_others(app: Flask, cast: Cast) -> None:
    instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        for number, account in enumerate((cast.reviewer, cast.second_reviewer)):
            for place, opened in enumerate(readings.mine(session, account=account)):
                if opened.reading.submitted_at is None:
                    overrides = {"C9": str(3 + (number + place) % 3), "D11": "3" if place % 2 else "5"}
                    complete(session, opened, instrument, by=account, at=READ_BY_NOW, overrides=overrides)


def _evaluate(visitor: Visitor, home: str) -> None:
    page = visitor.page
    visitor.visit(f"{home}/roll-up")
    for row in ("Assessment", "Planning", "Review", "involvement"):
        assert page.get_by_text(row, exact=False).count() > 0
    assert page.locator("svg[role=img]").count() >= 1
    assert page.get_by_role("table").count() >= 1
    visitor.look_over("story-roll-up")
    visitor.visit(f"{home}/evaluation")
    visitor.leave_by(page.get_by_role("link", name="2.1").first)
    page.locator("input[name=rating][value='4']").check()
    page.get_by_label("Reasons", exact=False).first.fill("Most records show help that made a difference.")
    visitor.look_over("story-evaluation")
    visitor.leave_by(page.locator("main form button[type=submit]").first)
    assert page.locator("#error-summary").count() == 0, page.locator("#error-summary").inner_text()
    page.locator("main section p", has_text="Most records show help that made a difference.").wait_for()


def _export(visitor: Visitor, home: str, folder: Path) -> None:
    page = visitor.page
    visitor.visit(f"{home}/roll-up")
    with page.expect_download() as as_book:
        page.locator("a[href$='tables.xlsx']").first.click()
    as_book.value.save_as(folder / "tables.xlsx")
    with page.expect_download() as as_text:
        page.locator("a[href$='questions.csv']").first.click()
    as_text.value.save_as(folder / "questions.csv")

    book = load_workbook(folder / "tables.xlsx")
    assert len(book.sheetnames) > 3
    with (folder / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["question"], row["domain"]): row for row in csv.DictReader(file)}
    assert rows["C9", "all"]["n"] == str(READ)
    assert rows["C9", "all"]["population"] == "40"
