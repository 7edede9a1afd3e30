"""The pages of actions: recorded from a reading, followed by coordinator and lead, shown to whom they may be."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlmodel import select

from casereader import dated
from casereader.db import snapshot
from casereader.models import Action
from tests.cast import SignIn
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SOON = datetime.now(UTC).date() + timedelta(days=30)  # a day that is still to come
WHAT = "The plan has no contingency: add one."


def stored(app: Flask) -> list[Action]:
    with snapshot(app.extensions["casereader_engine"]) as session:
        return list(session.exec(select(Action)))


def of_inspection(room: Room, rest: str = "") -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}/actions{rest}"


def record_one(room: Room, reviewer: PageClient, **given: str) -> str:
    """Have the reviewer record one from their first reading; where it is followed."""
    path = address(room.given(room.cast.reviewer)[0], "/actions")
    assert reviewer.submit(path, {"what": WHAT, "question": "D4"} | given).status_code == 303
    return of_inspection(room, f"/{stored(room.app)[-1].public_id}")


def test_a_reviewer_records_one_from_the_form_and_sees_what_became_of_it(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/actions")
    assert path in reviewer.page(address(opened)).links
    assert address(opened, "/concern") in reviewer.page(path).links, "at risk now is a matter of concern instead"
    action = record_one(room, reviewer)
    lead = sign_in(room.cast.lead)

    given = {"to": "given", "given_to": "Team manager", "due_on": SOON.isoformat()}
    refused = lead.submit(action, given | {"due_on": "soon"}, action=f"{action}/steps")
    assert refused.status_code == 422 and page_of(refused).errors == ["Enter a day like 2026-09-30 or 30/09/2026."]
    refused = lead.submit(action, {"to": "given"}, action=f"{action}/steps")
    assert len(page_of(refused).errors) == 2
    for day in (SOON.isoformat(), f"{SOON:%d/%m/%Y}"):
        assert lead.submit(action, given | {"due_on": day}, action=f"{action}/steps").status_code == 303
    assert lead.page(action).text.count("Given to Team manager, due") == 1, "the same step sent twice is one"

    row = reviewer.page(path).rows(0)[1]
    assert row[:2] == [WHAT, "Team manager"] and f"Given to Team manager, due {dated.day(SOON)}." in row[-1]
    assert "D4" in lead.page(action).text and room.cast.reviewer.name in lead.page(action).text


def test_one_that_names_somebody_is_asked_after_and_taken_with_a_tick(room: Room, reviewer: PageClient) -> None:
    path = address(room.given(room.cast.reviewer)[0], "/actions")

    refused = reviewer.submit(path, {"what": "Ring Mrs Donaldson."})

    assert refused.status_code == 422 and stored(room.app) == []
    assert "I looked: no text here names" in page_of(refused).text
    sent = {"csrf_token": reviewer.csrf_token(path), "what": "Ring Mrs Donaldson.", "looked": "y"}
    assert reviewer.post(path, data=sent).status_code == 303 and len(stored(room.app)) == 1


def test_a_moderator_records_one_from_the_reading_looked_over_and_takes_no_step(room: Room, sign_in: SignIn) -> None:
    first = room.pair[0]
    moderator = sign_in(room.cast.moderator)
    assert "No reading that you may see is submitted yet" in moderator.page(of_inspection(room, "/record")).text
    room.complete(first)
    shown = moderator.page(f"/inspections/{room.cast.place.inspection.public_id}/moderation/{first}")
    link = of_inspection(room, f"/record?reading={first}")
    assert link in shown.links

    assert moderator.submit(link, {"what": WHAT}).status_code == 303

    (action,) = stored(room.app)
    page = moderator.page(of_inspection(room, f"/{action.public_id}"))
    assert "The next step" not in page.text and "The reading it came from" in page.text
    assert "For the partnership" not in moderator.page(of_inspection(room)).text
    assert moderator.submit(link, {"reading": ""}).status_code == 422


def test_a_case_read_twice_stands_once_in_the_list_of_readings(room: Room, sign_in: SignIn) -> None:
    for one in room.pair:
        room.complete(one)

    page = sign_in(room.cast.coordinator).page(of_inspection(room, f"/record?reading={room.pair[1]}"))

    select_ = next(element for element in page.root.iter("select") if element.get("id") == "reading")
    options = [option for option in select_.iter("option") if option.get("value")]
    assert [option.get("value") for option in options] == [room.pair[1]] and options[0].get("selected") is not None
    assert "econd reading" not in page.text


def test_other_readers_see_nothing_of_it_and_a_reading_that_is_not_theirs_is_a_404(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    action = record_one(room, reviewer)
    path = address(room.given(room.cast.reviewer)[0], "/actions")

    for account in (room.cast.second_reviewer, room.cast.local_reviewer):
        client = sign_in(account)
        assert client.get(path).status_code == 404
        assert client.get(action).status_code == client.get(of_inspection(room)).status_code == 403
    assert reviewer.get(action).status_code == 403
    assert sign_in(room.cast.moderator).get(action).status_code == 404, "its reading is not submitted yet"
    assert WHAT not in sign_in(room.cast.moderator).page(of_inspection(room)).text
    assert sign_in(room.cast.deputy).get(of_inspection(room)).status_code == 403


def test_late_ones_are_on_home_on_the_board_and_first_in_the_list(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    action = record_one(room, reviewer)
    coordinator = sign_in(room.cast.coordinator)
    given = {"to": "given", "given_to": "Team manager", "due_on": SOON.isoformat()}
    coordinator.submit(action, given, action=f"{action}/steps")
    assert "late" not in coordinator.page(of_inspection(room)).rows(0)[1][4].lower()
    with room.app.extensions["casereader_engine"].begin() as connection:
        connection.exec_driver_sql("UPDATE action SET due_on = '2020-01-31'")

    assert "1 action late" in coordinator.page("/").text
    assert "1 action, since 31 January 2020" in coordinator.page("/board").text
    assert coordinator.page(of_inspection(room)).rows(0)[1][4] == "Late"
    assert "1 action, since 31 January 2020" in coordinator.page(of_inspection(room).removesuffix("/actions")).text
    for account in (room.cast.moderator, room.cast.reviewer):
        assert "1 action late" not in sign_in(account).page("/").text


def test_a_closed_one_asks_for_no_step_and_one_given_again_keeps_to_whom_and_by_when(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    action = record_one(room, reviewer)
    lead = sign_in(room.cast.lead)
    given = {"to": "given", "given_to": "Team manager", "due_on": SOON.isoformat()}
    lead.submit(action, given, action=f"{action}/steps")
    shown = lead.get(action).text
    assert 'value="Team manager"' in shown and f'value="{SOON.isoformat()}"' in shown
    refused = lead.submit(
        action, {"to": "given", "given_to": "", "due_on": f"{SOON:%d/%m/%Y}"}, action=f"{action}/steps"
    )
    assert f'value="{SOON.isoformat()}"' in refused.text, "a day typed day first stays"

    assert lead.submit(action, {"to": "closed", "said": "Seen."}, action=f"{action}/steps").status_code == 303

    page = lead.page(action)
    assert "History of this action" in page.text and "Action: state" in page.text
    assert "The next step" not in page.text
    assert "It turns out not to be over: give it again" in page.text
    assert lead.submit(action, given, action=f"{action}/steps").status_code == 303
    assert "The next step" in lead.page(action).text


def test_the_export_has_reference_state_and_last_step_and_no_reader_or_question(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    action = record_one(room, reviewer, what="=HYPERLINK(1)")
    lead = sign_in(room.cast.lead)
    lead.submit(action, {"to": "closed", "said": "Need not be done."}, action=f"{action}/steps")
    export = of_inspection(room, "/export")
    token = lead.csrf_token(of_inspection(room))

    book = lead.post(export, data={"csrf_token": token, "as": "xlsx"})
    text = lead.post(export, data={"csrf_token": token, "as": "csv"})

    sheet = load_workbook(io.BytesIO(book.data)).active
    assert sheet is not None
    row = [cell.value for cell in sheet[5]]
    head = text.text.splitlines()[1].split(",")[-1]
    assert len(head) == 64 and head in sheet["A2"].value
    reference = room.given(room.cast.reviewer)[0].case_ref
    assert [row[at] for at in (0, 1, 4, 5)] == [reference, "=HYPERLINK(1)", "Closed", "Need not be done."]
    assert sheet[5][1].data_type == "s" and "'=HYPERLINK(1)" in text.text
    for content in (str(row), text.text):
        assert "Reviewer" not in content and "D4" not in content
    assert lead.post(export, data={"csrf_token": token, "as": "exe"}).status_code == 409
