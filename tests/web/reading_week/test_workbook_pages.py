"""Reading without a server, from the coordinator's pages: a workbook goes out, is filled in, and comes back."""

import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from werkzeug.test import TestResponse

from casereader import readings
from casereader.db import transaction
from casereader.instrument import missing
from casereader.programmes import contacts
from casereader.workbooks.layout import ANSWER, NOTE
from tests.beginnings import Deal
from tests.cast import SignIn
from tests.reading import full_answers
from tests.second_steps import give_sheets
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room
from tests.workbooks import Edit, case_sheets, deal_few, edited, fill, sheet_of, write

TO_TELL = "Leslie Lead (lead, 01632 960010) or Dolina Deputy (deputy, x4512)"
WHY_NOT = ("not produced", "not eligible", "conflict of interest")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def deal() -> Deal:
    """Few cases."""
    return deal_few


@pytest.fixture
def coordinator(room: Room, sign_in: SignIn) -> PageClient:
    """The coordinator's browser."""
    return sign_in(room.cast.coordinator)


def desk_of(room: Room) -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}/workbooks"


def issued(room: Room, client: PageClient) -> bytes:
    """Give the reviewer a workbook, and save its file from the page."""
    desk = desk_of(room)
    client.submit(desk, {"reader": room.cast.reviewer.public_id}, action=f"{desk}/issue")
    link = next(link for link in client.page(desk).links if link.endswith(".xlsx"))
    response = client.get(link)
    assert response.headers["Content-Disposition"].startswith("attachment; filename=reading-workbook-")
    return response.data


def send(room: Room, client: PageClient, content: bytes, name: str = "workbook.xlsx") -> TestResponse:
    desk = desk_of(room)
    values = {"csrf_token": client.csrf_token(desk), "file": (io.BytesIO(content), name)}
    return client.post(desk, data=values, content_type="multipart/form-data")


def rated(room: Room, value: str = "4 Good") -> Edit:
    reference = room.given(room.cast.reviewer)[0].case_ref
    return lambda book: write(sheet_of(book, reference), "C9", ANSWER, value)


def test_a_workbook_goes_out_is_filled_and_comes_back_with_a_receipt_for_each_case(
    room: Room, coordinator: PageClient, reviewer: PageClient
) -> None:
    opened, other = room.given(room.cast.reviewer)[:2]
    file = issued(room, coordinator)
    reviewer.submit(f"/readings/{other.reading.public_id}", action=f"/readings/{other.reading.public_id}/start")
    version = room.now(other).reading.version
    reviewer.post(
        f"/readings/{other.reading.public_id}/answers",
        json={"version": version, "idempotency_key": "k" * 16, "answers": {"C9": {"value": "2"}}},
        headers={"X-CSRFToken": reviewer.csrf_token("/readings")},
    )
    answers = full_answers(room.instrument, opened)

    def filling(book: Workbook) -> None:
        fill(sheet_of(book, opened.case_ref), room.instrument, answers)
        write(sheet_of(book, other.case_ref), "C9", ANSWER, "5 Very good")
        write(sheet_of(book, other.case_ref), "C1", ANSWER, "Yes")

    sent = send(room, coordinator, edited(file, filling))
    preview = coordinator.page(sent.location)
    assert "Nothing is taken in yet" in preview.text
    assert "1: C9 (saved " in preview.text and "Very good" not in preview.text
    assert room.stored(opened) == {}

    undecided = coordinator.submit(sent.location, action=f"{sent.location}/take")
    assert undecided.status_code == 422
    assert page_of(undecided).errors == [f"{other.case_ref}: choose what becomes of the answers the server has."]
    choice = {f"choice-{other.reading.public_id}": "new"}
    taken = coordinator.submit(sent.location, choice, action=f"{sent.location}/take")

    receipts = coordinator.page(taken.location)
    assert f"Receipt for {opened.case_ref}" in receipts.text and f"Receipt for {other.case_ref}" in receipts.text
    assert receipts.text.count("Still missing on the server before it can be submitted 0 ") == 1
    assert room.answers(opened) == {key: one.value for key, one in answers.items() if one.value is not None}
    assert (room.answers(other)["C9"], room.answers(other)["C1"]) == ("2", "yes")
    assert "Nothing is missing" in reviewer.page(f"/readings/{opened.reading.public_id}/check").text

    second = coordinator.page(send(room, coordinator, edited(file, filling)).location)
    assert f"choice-{opened.reading.public_id}" not in second.text


def test_the_receipt_of_a_case_that_took_nothing_in_says_so_and_how_much_is_missing(
    room: Room, coordinator: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    file = edited(issued(room, coordinator), lambda book: book.remove(sheet_of(book, opened.case_ref)))
    sent = send(room, coordinator, file)

    taken = coordinator.submit(sent.location, action=f"{sent.location}/take")

    receipts = coordinator.page(taken.location).text.partition(f"Receipt for {opened.case_ref}")[2]
    receipt = receipts.partition("Receipt for ")[0]
    assert "Nothing was taken in. The workbook came back without its sheet." in receipt
    facts = readings.known_facts(room.instrument, opened)
    lacking = len(missing(room.instrument, facts, stratum=opened.stratum(room.instrument)))
    assert f"Still missing on the server before it can be submitted {lacking} " in receipt
    assert "Equal on both sides" not in receipt, "nothing was compared"


def test_every_fault_of_a_workbook_is_shown_by_sheet_and_cell(room: Room, coordinator: PageClient) -> None:
    def spoil(book: Workbook) -> None:
        for sheet in case_sheets(book)[:2]:
            write(sheet, "C9", ANSWER, "<b>seven</b>")
            write(sheet, "C9", NOTE, '=HYPERLINK("//evil")')

    refused = send(room, coordinator, edited(issued(room, coordinator), spoil))

    assert refused.status_code == 422
    page = page_of(refused)
    assert page.errors == ["The workbook was not taken back: 4 things to put right."]
    assert page.text.count("This is a formula. Write the answer itself.") == 2
    assert page.text.count("C9: “<b>seven</b>” is not an answer here") == 2
    assert "Workbooks that came back" not in page.text


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("workbook.csv", b"case_ref", "This is no workbook"),
        ("workbook.xlsx", b"PK\x03\x04 not a zip", "damaged"),
        ("workbook.xlsx", b"", "empty"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_in_plain_words(
    room: Room, coordinator: PageClient, name: str, content: bytes, says: str
) -> None:
    refused = send(room, coordinator, content, name)

    assert refused.status_code == 422
    assert says in page_of(refused).text


def test_a_workbook_swollen_to_stop_the_server_is_refused(room: Room, coordinator: PageClient) -> None:
    swollen = (Path(__file__).parents[2] / "frames" / "x085.xlsx").read_bytes()

    assert send(room, coordinator, swollen).status_code == 422


def test_the_file_can_be_saved_again_and_is_the_same(room: Room, coordinator: PageClient, reviewer: PageClient) -> None:
    first = issued(room, coordinator)
    opened = room.given(room.cast.reviewer)[0]
    reviewer.submit(f"/readings/{opened.reading.public_id}", action=f"/readings/{opened.reading.public_id}/start")

    link = next(link for link in coordinator.page(desk_of(room)).links if link.endswith(".xlsx"))

    assert coordinator.get(link).data == first
    for sheet in openpyxl.load_workbook(io.BytesIO(first)).worksheets:
        assert sheet.protection.sheet
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert all((cell.data_type != "f" or cell.column_letter == "C") and cell.hyperlink is None for cell in cells)


def test_a_workbook_that_was_put_aside_leaves_nothing_behind(room: Room, coordinator: PageClient) -> None:
    sent = send(room, coordinator, edited(issued(room, coordinator), rated(room)))

    aside = coordinator.submit(sent.location, action=f"{sent.location}/put-aside")

    assert aside.location == desk_of(room)
    assert "put aside" in coordinator.page(sent.location).text
    assert room.stored(room.given(room.cast.reviewer)[0]) == {}


def test_only_the_coordinator_gives_workbooks_out_and_takes_them_back(
    room: Room, coordinator: PageClient, sign_in: SignIn
) -> None:
    link = send(room, coordinator, edited(issued(room, coordinator), rated(room))).location
    files = [one for one in coordinator.page(desk_of(room)).links if one.endswith(".xlsx")]

    for person in (room.cast.reviewer, room.cast.lead, room.cast.moderator, room.cast.administrator):
        client = sign_in(person)
        assert {client.get(path).status_code for path in (desk_of(room), link, *files)} == {403}


def test_a_coordinator_who_still_reads_a_case_may_not_hold_anothers_answers_to_it(room: Room, sign_in: SignIn) -> None:
    readers = (room.cast.reviewer, room.cast.second_reviewer)
    people = f"/inspections/{room.cast.place.inspection.public_id}/people"
    reader = next(one for one in readers for opened in room.given(one) if opened.reading.public_id == room.pair[0])
    other = next(one for one in readers if one is not reader)
    sign_in(room.cast.lead).submit(people, {"account": other.public_id, "role": "coordinator"}, action=people)
    with transaction(room.app.extensions["casereader_engine"]) as session:
        give_sheets(session, other, at=other.created_at)

    desk = desk_of(room)
    refused = sign_in(other).submit(desk, {"reader": reader.public_id}, action=f"{desk}/issue")

    assert refused.status_code == 422
    assert "must not see another’s answers to it" in page_of(refused).errors[0]


def test_a_blank_form_says_only_what_is_true_on_paper(room: Room, coordinator: PageClient) -> None:
    path = f"{desk_of(room)}/blank-form"
    screen = " ".join(section.intro for section in room.instrument.sections)
    assert "is filled in already" in screen and "Facts about the record, not judgements." in screen

    text = coordinator.page(path).text

    for untrue in ("filled in already", "Measured while", "correct it where it is wrong", "the link to its form"):
        assert untrue not in text, untrue
    assert "Facts about the record, not judgements. Nothing is filled in on paper: tick what the record shows." in text
    topic = coordinator.page(path).html.partition("Strength 1")[2].partition("Strength 2")[0]
    assert topic.count('class="cr_paper__line"') == 1, "a line for the sentence that a topic takes"
    assert "How many minutes did the record take? It is never used to rank people." in text


def test_a_blank_form_to_print_has_every_question(room: Room, coordinator: PageClient) -> None:
    text = coordinator.page(f"{desk_of(room)}/blank-form").text

    assert all(question.text in text for question in room.instrument.questions)
    assert "Only where H4.present is “Yes” or “Indicated but not considered”." in text
    assert "1 January 2025 to 31 March 2026" in text
    assert f"tell {TO_TELL} now" in text
    assert all(why in text for why in WHY_NOT)


def test_whoever_reads_without_a_server_has_on_the_first_sheet_whom_to_ring_and_what_to_do_with_no_record(
    room: Room, coordinator: PageClient
) -> None:
    content = issued(room, coordinator)
    with transaction(room.app.extensions["casereader_engine"]) as session:
        cast = room.cast
        contacts.set_telephone(
            session,
            inspection=cast.place.inspection,
            account=cast.lead,
            telephone="0131 496 0100",
            by=cast.coordinator,
            at=datetime.now(UTC),
        )
    again = next(link for link in coordinator.page(desk_of(room)).links if link.endswith(".xlsx"))

    steps = [row[1].value or "" for row in openpyxl.load_workbook(io.BytesIO(content))["How to use"].iter_rows()]
    assert any(step.endswith(f"in person or by telephone: {TO_TELL}.") for step in steps)
    assert any(all(why in step for why in WHY_NOT) and "tell the coordinator" in step for step in steps)
    assert coordinator.get(again).data == content, "it stays what was issued"
    assert send(room, coordinator, edited(content, rated(room))).status_code == 303


def test_a_reader_without_an_open_reading_is_given_no_workbook(room: Room, coordinator: PageClient) -> None:
    desk = desk_of(room)

    nobody = coordinator.submit(desk, {"reader": ""}, action=f"{desk}/issue")

    assert (nobody.status_code, page_of(nobody).errors) == (422, ["Choose a reader."])
