"""A laptop whose last file went back takes nothing more, says so before anybody types, and loses no word."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from casereader.models import Account, Reading
from tests.offline import Installation, Week, laptop_in
from tests.reading import STARTED
from tests.web.app import make_app
from tests.web.client import PageClient, page_of
from tests.web.page import Page
from tests.web.reading_room import Room

CONCERN = {
    "told_whom": "somebody else",
    "told_name": "The duty manager",
    "told_how": "by telephone",
    "told_when": "today at 10.40",
    "kind": "immediate risk",
    "seen": "Bruises in three entries; nobody went to see the child.",
    "needed": "A visit today.",
}
LABELS = (
    "Whom did you tell, or try to?",
    "Name, if somebody else or more than one",
    "How did you tell them?",
    "When did you tell them, or try to?",
    "What is it?",
    "What did you see in the record?",
    "What is needed now?",
)


@pytest.fixture
def week(room: Room, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Week]:
    (tmp_path / "room").mkdir()
    office = Installation(room.app.extensions["casereader_engine"], room.instrument)
    laptop = laptop_in(tmp_path / "room", migrated_sqlite, room.instrument)
    laptop.unpack(office.pack())
    laptop.save(laptop.readings()[0], {"C1": {"value": "no", "note": "No chronology is in the record."}})
    yield Week(office, laptop)
    laptop.engine.dispose()


def test_a_matter_of_concern_that_comes_too_late_is_shown_whole_with_its_labels_and_whom_to_ring(
    week: Week, tmp_path: Path
) -> None:
    client, reading = _reader(week, tmp_path)
    form = {"csrf_token": client.csrf_token(f"{reading}/concern"), **CONCERN}
    week.laptop.pack(is_last=True, at=STARTED)

    refused = client.post(f"{reading}/concern", data=form)

    assert refused.status_code == 409
    page = page_of(refused)
    for label, words in zip(LABELS, CONCERN.values(), strict=True):
        assert label in page.text and words in page.text, label
    assert "told whom" not in page.text.casefold()
    assert "tel:01632960010" in page.links and "tel:4512" in page.links


def test_once_its_last_file_went_back_no_form_is_shown_and_a_concern_leads_to_the_telephone_and_the_office(
    week: Week, tmp_path: Path
) -> None:
    client, reading = _reader(week, tmp_path)
    assert 'name="C1"' in client.page(f"{reading}/C").html
    week.laptop.pack(is_last=True, at=STARTED)

    concern, tasks, section = (client.page(f"{reading}{rest}") for rest in ("/concern", "", "/check"))

    assert "<textarea" not in concern.html and "Record the matter of concern" not in concern.text
    assert "write it down at the office" in concern.text and "tel:01632960010" in concern.links
    assert "Nothing is answered on this laptop any more. Read on at the office" in tasks.text
    for page in (tasks, section):
        assert 'type="radio"' not in page.html and "went back to the office" in page.text
    assert "No chronology is in the record." in section.text
    assert client.get(f"{reading}/C").status_code == 303
    assert client.get(f"{reading}/not-readable").status_code == 409


def test_there_no_form_of_actions_or_of_opening_a_reading_again_is_open_any_more(
    room: Room, week: Week, tmp_path: Path
) -> None:
    reader, reading = _reader(week, tmp_path)
    assert reader.submit(f"{reading}/actions", {"what": "Add a contingency to the plan."}).status_code == 303
    week.laptop.hand_in(reading.rpartition("/")[2])
    lead, home = _signed_in(week, tmp_path, room.cast.lead.name), f"/inspections/{room.cast.place.inspection.public_id}"
    (action,) = [
        link
        for link in lead.page(f"{home}/actions").links
        if link.startswith(f"{home}/actions/") and "record" not in link
    ]
    pages = [
        *((reader, f"{reading}{rest}") for rest in ("/actions", "/reopen")),
        *((lead, path) for path in (f"{home}/actions", f"{home}/actions/record", action)),
        (_signed_in(week, tmp_path, room.cast.coordinator.name), f"{home}/assign"),
        *((lead, f"{home}/{rest}") for rest in ("retention", "take-away", "unlocking")),
    ]
    assert [path for client, path in pages[:-1] if not _can_send(client.page(path))] == []

    week.laptop.pack(is_last=True, at=STARTED)

    for client, path in pages:
        page = client.page(path)
        assert "Nothing more is done with it on this laptop" in page.text, path
        assert not _can_send(page), path
    assert "Add a contingency to the plan." in lead.page(f"{home}/actions").text
    assert "at the office" in reader.page(f"{reading}/reopen").text


def _can_send(page: Page) -> bool:
    """Whether there is anything to fill in or to press, but what each page has in its head."""
    main = page.html.partition("<main")[2].partition("</main>")[0]
    return "<textarea" in main or 'type="submit"' in main


def _reader(week: Week, folder: Path) -> tuple[PageClient, str]:
    """The reader of a reading on the laptop, and its address."""
    name = week.laptop.readings()[0]
    with week.laptop.looking() as session:
        reader = session.exec(
            select(Account.name).join(Reading, col(Reading.reviewer_id) == Account.id).where(Reading.public_id == name)
        ).one()
    return _signed_in(week, folder, reader), f"/readings/{name}"


def _signed_in(week: Week, folder: Path, name: str) -> PageClient:
    """Somebody at the laptop."""
    client = make_app(str(week.laptop.engine.url), folder / "room").test_client()
    assert isinstance(client, PageClient)
    with week.laptop.looking() as session:
        client.sit_down(session.exec(select(Account).where(Account.name == name)).one())
    return client
