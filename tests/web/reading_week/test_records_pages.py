"""The tracker, the list for the link officer and the cover sheets: without a name, a reader or a ticket."""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from casereader.db import snapshot
from casereader.models import RecordRequest
from casereader.reading_week import records
from casereader.reading_week.records import TrackedCase
from casereader.vocabulary import RecordState, Role
from tests.cast import SignIn
from tests.web.client import PageClient, page_of
from tests.web.page import words
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def home_of(room: Room, rest: str = "") -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}/records{rest}"


def tracked(room: Room) -> list[TrackedCase]:
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        return records.tracked(session, inspection=room.cast.place.inspection, instrument=room.instrument)


def marked(room: Room) -> dict[tuple[int, str], RecordState]:
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        return {(row.sample_case_id, row.agency): row.state for row in session.exec(select(RecordRequest))}


def send(client: PageClient, path: str, **values: object) -> tuple[int, list[str]]:
    response = client.post(path, data={"csrf_token": client.csrf_token("/"), **values})
    return response.status_code, page_of(response).errors if response.status_code == 422 else []


def test_a_whole_agency_a_row_and_single_records_are_marked_from_the_page(room: Room, sign_in: SignIn) -> None:
    coordinator, path = sign_in(room.cast.coordinator), home_of(room)
    cases = tracked(room)
    first, second = cases[:2]
    assert path in coordinator.page(path.removesuffix("/records")).links

    assert send(coordinator, path, whole="police", state="requested") == (303, [])
    assert marked(room) == {(one.key, "police"): RecordState.REQUESTED for one in cases}
    assert send(coordinator, path, row=[first.public_id], state="chased") == (303, [])
    assert {state for (key, _), state in marked(room).items() if key == first.key} == {RecordState.CHASED}
    names = [f"{second.public_id}.police", f"{second.public_id}.health"]
    assert send(coordinator, path, record=names, state="supplied") == (303, [])

    page = coordinator.page(path)
    assert page.rows(0)[4][:1] == ["Police"] and page.rows(0)[4][6] == "1"
    assert {cell.get("data-label") for cell in page.root.iter("td")} >= {"Police", "Health"}
    assert "supplied" in page.text and "asked for and not here" in page.text


def test_a_filter_shows_those_alone_and_a_whole_agency_is_then_what_is_shown(room: Room, sign_in: SignIn) -> None:
    coordinator, path = sign_in(room.cast.coordinator), home_of(room)
    cases = tracked(room)
    send(coordinator, path, record=[f"{one.public_id}.health" for one in cases[:3]], state="requested")

    shown = coordinator.page(f"{path}?agency=health&state=requested")
    assert [row[0].split(",")[0] for row in shown.rows(1)[1:]] == [one.case_ref for one in cases[:3]]
    assert len(shown.rows(1)[0]) == 3
    assert send(coordinator, f"{path}?agency=health&state=requested", whole="health", state="supplied") == (303, [])
    assert list(marked(room).values()) == [RecordState.SUPPLIED] * 3
    stratum = cases[-1].stratum
    of_stratum = coordinator.page(f"{path}?state=missing&stratum={stratum}")
    assert {row[1] for row in of_stratum.rows(1)[1:]} == {stratum}
    for odd in ("?agency=nobody", "?state=%00x", "?stratum=' or 1=1", "?sort=password"):
        assert len(coordinator.page(path + odd).rows(1)) == len(cases) + 1, odd
    assert coordinator.get(f"{path}?state=chased&state=problem").status_code == 400


def test_what_is_wrong_is_said_with_what_was_ticked_and_typed_kept(room: Room, sign_in: SignIn) -> None:
    coordinator, path = sign_in(room.cast.coordinator), home_of(room)
    one = tracked(room)[0]
    name = f"{one.public_id}.health"

    assert send(coordinator, path, state="requested")[1][0].startswith("Choose the records first")
    assert send(coordinator, path, record=name, state="lost")[1] == ["Choose how far the records have come."]
    assert send(coordinator, path, record="x.y", state="requested")[0] == 404
    response = coordinator.post(
        path, data={"csrf_token": coordinator.csrf_token("/"), "record": name, "state": "problem", "note": "x" * 501}
    )
    page = page_of(response)
    assert page.errors == ["The note has 501 characters. Say it in 500 at most."]
    assert [box.get("value") for box in page.root.iter("input") if box.get("checked") is not None] == [name]
    assert any("x" * 501 in (area.text or "") for area in page.root.iter("textarea"))
    assert marked(room) == {}
    for reserves in ("-1", "1e3", "101", "abc", "９"):
        wrong = coordinator.page(f"{path}?reserves={reserves}", status=422)
        assert wrong.errors == ["Enter a whole number from 0 to 100."], reserves
        assert coordinator.page(f"{path}/list?reserves={reserves}", status=422).errors == wrong.errors


def test_the_list_holds_each_agency_s_records_and_says_nothing_of_readers_tickets_or_second_readings(
    room: Room, sign_in: SignIn
) -> None:
    lead = sign_in(room.cast.lead)
    cases = tracked(room)
    page = lead.page(home_of(room, "/list"))
    csv = lead.get(home_of(room, "/list.csv"))
    book = load_workbook(BytesIO(lead.get(home_of(room, "/list.xlsx")).data))

    rows = [line.split(",") for line in csv.text.splitlines()]
    assert rows[0] == ["agency", "case_ref", "group", "role"]
    assert {row[1] for row in rows[1:] if row[0] == "Health"} == {one.case_ref for one in cases}
    assert {row[1] for row in rows[1:] if row[-1] == "Reserve"} == {one.case_ref for one in cases if one.is_reserve}
    assert book.sheetnames == [agency.label.replace("'", "") for agency in room.instrument.agencies]
    assert {row[0].value for row in book["Health"].iter_rows(min_row=5)} == {one.case_ref for one in cases}
    health = [row[0] for row in page.rows(1)[1:]]
    groups = {one.case_ref: (one.group, one.is_reserve, one.case_ref) for one in cases}
    assert health == sorted(health, key=groups.__getitem__)  # not in the order they were drawn
    readers = (room.cast.reviewer, room.cast.second_reviewer, room.cast.local_reviewer)
    for text in (page.text, csv.text, lead.page(home_of(room, "/covers")).text):
        assert not any(reader.name in text for reader in readers)
        assert "second" not in text.casefold() and "ticket" not in text.casefold()
    more = lead.get(home_of(room, "/list.csv?reserves=0")).text
    assert "Reserve" not in more and more.count("\n") < csv.text.count("\n")


def test_there_is_a_cover_sheet_for_each_record_with_the_reference_alone(room: Room, sign_in: SignIn) -> None:
    page = sign_in(room.cast.coordinator).page(home_of(room, "/covers"))
    n = sum(len(one.records) for one in tracked(room))

    sheets = page.with_class("cr_slip")
    assert len(sheets) == n
    a = next(one for one in tracked(room) if one.stratum == "a" and not one.is_reserve)
    said = [words(sheet) for sheet in sheets if a.case_ref in words(sheet)]
    assert len(said) == len(a.records)
    assert all(a.group in one and "1 January 2025 to 31 March 2026" in one and "Glen Test" in one for one in said)
    alone = sign_in(room.cast.coordinator).page(home_of(room, "/covers?agency=police&on=1"))
    assert len(alone.with_class("cr_slip")) == len(tracked(room)) and alone.with_class("cr_covers--1")


def test_the_reader_sees_before_they_begin_what_has_come(room: Room, sign_in: SignIn) -> None:
    coordinator, opened = sign_in(room.cast.coordinator), room.given(room.cast.reviewer)[0]
    case = opened.sample_case.public_id
    reviewer = sign_in(room.cast.reviewer)
    before = reviewer.page(address(opened)).text
    send(coordinator, home_of(room), record=f"{case}.health", state="supplied")
    send(coordinator, home_of(room), record=f"{case}.police", state="problem", note="Volume 2 is missing.")
    assert "1 record marked as having a problem." in coordinator.page(home_of(room)).text

    after = reviewer.page(address(opened)).text

    assert "supplied: Health" not in before
    assert "supplied: Health; not here, with a problem: Police; not asked for yet: Social work" in after
    assert "Volume 2" not in after


def test_the_pages_are_the_coordinator_s_and_the_lead_s_and_only_the_first_marks(room: Room, sign_in: SignIn) -> None:
    for who in ("reviewer", "local_reviewer", "moderator", "deputy", "administrator", "outsider"):
        client = sign_in(getattr(room.cast, who))
        for rest in ("", "/list", "/list.csv", "/list.xlsx", "/covers"):
            assert client.get(home_of(room, rest)).status_code == 403, (who, rest)
    lead = sign_in(room.cast.lead)
    assert not any(box.get("type") == "checkbox" for box in lead.page(home_of(room)).root.iter("input"))
    assert send(lead, home_of(room), whole="health", state="supplied")[0] == 403
    assert room.app.view_functions["records.mark"].roles == {Role.COORDINATOR}  # type: ignore[attr-defined]
