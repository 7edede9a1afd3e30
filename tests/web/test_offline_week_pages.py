"""The offline week on pages: where the inspection is, both texts of an answer, a choice, and a concern on one page."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from casereader.models import Account, AnswerConflict, Reading
from tests.cast import SignIn
from tests.offline import Installation, Week, laptop_in
from tests.reading import STARTED
from tests.web.app import make_app
from tests.web.client import PageClient
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


def test_a_coordinator_sees_both_texts_and_chooses_and_every_page_says_where_the_inspection_is(
    room: Room, week: Week, sign_in: SignIn
) -> None:
    name = week.office.readings()[0]
    week.office.save(name, {"C1": NO})
    week.laptop.save(name, {"C1": {"value": "yes"}})
    week.back(at=LATER)
    home = f"/inspections/{room.cast.place.inspection.public_id}"
    coordinator = sign_in(room.cast.coordinator)

    page = coordinator.page(f"{home}/offline-week")

    assert "is with the reading room’s laptop since" in page.text
    assert "is with the reading room’s laptop since" in coordinator.page(home).text
    assert f"{home}/offline-week" in coordinator.page(home).links
    assert NO["note"] in page.text and "As on the laptop" in page.text and "Choose between two texts" in page.text
    token = {"csrf_token": coordinator.csrf_token(f"{home}/offline-week")}
    assert coordinator.post(f"{home}/offline-week/choose", data=token).status_code == 422
    with week.office.looking() as session:
        (waiting,) = session.exec(select(AnswerConflict.public_id)).all()
    chosen = {**token, "answer": waiting, "chosen": "laptop"}
    assert coordinator.post(f"{home}/offline-week/choose", data=chosen).status_code == 303
    assert week.office.answers()[name, "C1"] == ("yes", "")
    assert NO["note"] in coordinator.page(f"{home}/offline-week").text, "the other text stays beside it"


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
