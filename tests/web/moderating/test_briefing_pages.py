"""The page of the morning briefing: for whom it is, what stands on it, and what must not."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from casereader.db import transaction
from casereader.models import AnswerRow, Reading
from tests.cast import SignIn
from tests.web.moderating.test_moderation_pages import member
from tests.web.reading_room import Room

NOW = datetime.now(UTC)


def where(room: Room, rest: str = "") -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}/briefing{rest}"


@pytest.mark.parametrize(
    "name",
    ["reviewer", "second_reviewer", "local_reviewer", "coordinator", "deputy", "administrator", "outsider"],
)
def test_it_is_for_moderators_and_leads(room: Room, sign_in: SignIn, name: str) -> None:
    client = sign_in(member(room.cast, name))

    assert {client.get(where(room, rest)).status_code for rest in ("", "/marks")} == {403}


def test_it_tells_what_to_talk_over_beside_the_scale_without_a_rating_or_a_name(room: Room, sign_in: SignIn) -> None:
    first, second = room.pair
    moderator, lead = sign_in(room.cast.moderator), sign_in(room.cast.lead)
    room.complete(first, at=NOW - timedelta(days=3), C9="6")
    assert "Nothing is to be talked over" in moderator.page(where(room)).text
    room.complete(second, at=NOW - timedelta(days=2), C9="3")

    for client in (moderator, lead):
        assert where(room) in client.page("/").links, "the next step in the reading week"
        page = client.page(where(room))
        assert "C9 Assessment" in page.text and "Two or more points apart and on both sides of good" in page.text
        assert "Important strengths that clearly outweigh areas for improvement." in page.text
        assert "The record shows this in entries of March and May." in page.text
        main = page.html.split("<main")[1]
        for person in (room.cast.reviewer, room.cast.second_reviewer, room.cast.local_reviewer):
            assert person.name not in main
        without_scale = re.sub(r"<aside.*?</aside>", "", main, flags=re.DOTALL)
        assert not [
            word for word in ("Excellent", "Adequate", " first reading", "second reading") if word in without_scale
        ]
        assert f"/moderation/{first}/settle" in page.html, "the ratings are one click away"
    page = moderator.page(where(room, "?since=yesterday"))
    assert "Nothing new is to be talked over." in page.text
    assert where(room) in moderator.page(f"/inspections/{room.cast.place.inspection.public_id}/moderation").links


def test_marks_stand_on_a_page_that_says_it_is_not_for_the_room(room: Room, sign_in: SignIn) -> None:
    first, _ = room.pair
    room.complete(first, at=NOW, C9="6")
    with transaction(room.app.extensions["casereader_engine"]) as session:
        reading = session.exec(select(Reading).where(Reading.public_id == first)).one()
        query = select(AnswerRow).where(AnswerRow.reading_id == reading.id, AnswerRow.key == "C9")
        row = session.exec(query).one()
        row.discuss = True
        session.add(row)
    moderator = sign_in(room.cast.moderator)

    assert "C9 Assessment" not in moderator.page(where(room)).text
    page = moderator.page(where(room, "/marks"))
    assert "Not for the room" in page.text and "C9 Assessment" in page.text
    assert where(room, "/marks") in moderator.page(where(room)).links
