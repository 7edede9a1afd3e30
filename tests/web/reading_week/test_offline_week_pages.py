"""The offline week on pages: where the inspection is, both texts of an answer, a choice, and a concern on one page."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from casereader import away
from casereader.models import Account, AnswerConflict, Reading
from casereader.web import withheld
from tests.cast import SignIn
from tests.offline import Installation, Week, laptop_in
from tests.reading import STARTED
from tests.web.app import make_app
from tests.web.client import PageClient
from tests.web.page import Page
from tests.web.reading_room import Room

NO = {"value": "no", "note": "No chronology is in the record of 2025."}
LATER = STARTED + timedelta(days=1)


@pytest.fixture
def week(room: Room, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Week]:
    (tmp_path / "room").mkdir()
    office = Installation(room.app.extensions["casereader_engine"], room.instrument)
    laptop = laptop_in(tmp_path / "room", migrated_sqlite, room.instrument)
    laptop.unpack(office.pack())
    yield Week(office, laptop)
    laptop.engine.dispose()


def test_of_a_reading_that_is_not_handed_in_its_reader_alone_sees_both_texts_and_chooses(
    room: Room, week: Week, sign_in: SignIn
) -> None:
    name = week.office.readings()[0]
    week.office.save(name, {"C1": NO})
    week.laptop.save(name, {"C1": {"value": "yes"}})
    week.back(at=LATER)
    home = f"/inspections/{room.cast.place.inspection.public_id}"
    coordinator = sign_in(room.cast.coordinator)
    reader = sign_in(_reader(week, name))

    page = coordinator.page(f"{home}/offline-week")

    assert "is with the reading room’s laptop since" in page.text
    assert "is with the reading room’s laptop since" in coordinator.page(home).text
    assert f"{home}/offline-week" in coordinator.page(home).links
    runs = (coordinator, sign_in(room.cast.lead), sign_in(room.cast.moderator))
    for client in runs:
        seen = client.page(f"{home}/offline-week").text
        assert NO["note"] not in seen and "Choose between two texts" not in seen
        assert f"{_reader(week, name).name}: 1" in seen
    for page in (f"/readings/{name}", "/", "/readings"):
        assert f"{home}/offline-week" in reader.page(page).links
    assert "Choose between two texts of an answer" in reader.page("/").text
    assert "1 answer waits for your choice." in reader.page("/readings").text
    assert NO["note"] in reader.page(f"{home}/offline-week").text
    token = {"csrf_token": reader.csrf_token(f"{home}/offline-week")}
    assert reader.post(f"{home}/offline-week/choose", data=token).status_code == 422
    with week.office.looking() as session:
        (waiting,) = session.exec(select(AnswerConflict.public_id)).all()
    chosen = {**token, "answer": waiting, "chosen": "laptop"}
    for client in runs:
        theirs = {**chosen, "csrf_token": client.csrf_token(f"{home}/offline-week")}
        assert client.post(f"{home}/offline-week/choose", data=theirs).status_code == 404
    assert reader.post(f"{home}/offline-week/choose", data=chosen).status_code == 303
    assert week.office.answers()[name, "C1"] == ("yes", "")
    assert NO["note"] in reader.page(f"{home}/offline-week").text, "the other text stays beside it"
    assert f"{home}/offline-week" not in [*reader.page("/").links, *reader.page("/readings").links]
    assert NO["note"] not in coordinator.page(f"{home}/offline-week").text


def test_of_a_reading_that_is_handed_in_a_moderator_chooses_and_its_coordinator_sees_how_many(
    room: Room, week: Week, sign_in: SignIn
) -> None:
    name = week.office.readings()[0]
    week.laptop.hand_in(name)
    week.office.save(name, {"C1": NO})
    week.back(at=LATER)
    page = f"/inspections/{room.cast.place.inspection.public_id}/offline-week"

    asked = (room.cast.coordinator, room.cast.moderator, room.cast.lead, _reader(week, name))
    assert [NO["note"] in sign_in(who).page(page).text for who in asked] == [False, True, True, False]
    assert "A lead or moderator: 1" in sign_in(room.cast.coordinator).page(page).text
    told = [page in sign_in(who).page("/").links for who in asked]
    assert told == [False, True, True, False], "whoever is to choose finds it on the first page"
    assert "the inspection is not packed before" in sign_in(room.cast.moderator).page("/").text
    assert "Packing waits until all are chosen" in sign_in(room.cast.moderator).page(page).text


@pytest.mark.usefixtures("week")
def test_going_on_without_the_laptop_takes_a_reason_and_ends_the_week(room: Room, sign_in: SignIn) -> None:
    page = f"/inspections/{room.cast.place.inspection.public_id}/offline-week"
    lead = sign_in(room.cast.lead)
    assert "Go on without the laptop" in lead.page(page).text

    refused = lead.submit(page, {"reason": ""}, action=f"{page}/end")
    ended = lead.submit(page, {"reason": "It fell into the harbour."}, action=f"{page}/end")

    assert (refused.status_code, ended.status_code) == (422, 303)
    told = lead.page(page).text
    assert "It fell into the harbour." in told and "Go on without the laptop" not in told


def test_a_page_whose_deed_is_refused_in_the_week_says_why_and_has_no_button(
    room: Room, week: Week, sign_in: SignIn, tmp_path: Path
) -> None:
    home = f"/inspections/{room.cast.place.inspection.public_id}"
    there = make_app(str(week.laptop.engine.url), tmp_path / "room").test_client()
    assert isinstance(there, PageClient)
    with week.laptop.looking() as session:
        there.sit_down(session.exec(select(Account).where(Account.name == room.cast.coordinator.name)).one())
    pages = {"assign": "done in the reading room", "people": "done at the office", "draw/void": "waits until the"}

    for client, side in ((sign_in(room.cast.coordinator), "office"), (there, "laptop")):
        for name, says in pages.items():
            page = client.page(f"{home}/{name}")
            is_held = (side, name) not in {("office", "people"), ("laptop", "assign")}
            assert (says in page.text, _has_a_button(page)) == (is_held, not is_held), (side, name)


def test_each_page_that_is_withheld_is_there_and_its_deed_is_one_that_waits(room: Room) -> None:
    looks = {rule.endpoint for rule in room.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert withheld.DEEDS.keys() | withheld.OF_BOTH <= looks
    assert set(withheld.DEEDS.values()) <= away.OF_THE_OFFICE | away.OF_THE_ROOM | away.OF_NEITHER


def _has_a_button(page: Page) -> bool:
    (main,) = page.root.iter("main")
    return any("ds_button" in (one.get("class") or "") for one in main.iter("button"))


def _reader(week: Week, reading: str) -> Account:
    with week.office.looking() as session:
        found = session.exec(
            select(Account).join(Reading, col(Reading.reviewer_id) == Account.id).where(Reading.public_id == reading)
        ).one()
        session.expunge(found)
    return found


def test_a_matter_of_concern_is_one_page_of_paper_on_the_laptop_without_the_office(week: Week, tmp_path: Path) -> None:
    name = week.laptop.readings()[0]
    client = make_app(str(week.laptop.engine.url), tmp_path / "room").test_client()
    assert isinstance(client, PageClient)
    with week.laptop.looking() as session:
        reader = session.exec(
            select(Account).join(Reading, col(Reading.reviewer_id) == Account.id).where(Reading.public_id == name)
        ).one()
    client.sit_down(reader)

    raised = client.submit(
        f"/readings/{name}/concern",
        {
            "told_whom": "Leslie Lead",
            "told_how": "in person",
            "told_when": "at once",
            "kind": "immediate risk",
            "seen": "Bruises in three entries.",
            "needed": "A visit today.",
        },
    )

    paper = client.page(raised.location)
    assert "This prints on one page" in paper.text
    assert "Bruises in three entries." in paper.text and "Leslie Lead" in paper.text
    assert "This is the reading room’s laptop" in paper.text
