"""The minutes of a reading on its pages: reported by the form, shown to its reader, and to nobody else."""

import pytest

from casereader.vocabulary import ReadingState
from tests.cast import SignIn
from tests.web.client import PageClient
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def report(room: Room, client: PageClient, body: object, *, kind: str = "application/json") -> int:
    opened = room.given(room.cast.reviewer)[0]
    headers = {"X-CSRFToken": client.csrf_token("/readings"), "Content-Type": kind}
    return client.post(address(opened, "/active"), data=str(body), headers=headers).status_code


def test_the_form_reports_minutes_and_the_check_shows_them_to_the_reader(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]

    assert report(room, reviewer, '{"minutes_ago": [0, 1, 2]}') == 200

    page = reviewer.page(address(opened, "/check"))
    assert "Measured on this record so far: 2 minutes." in page.text
    assert address(opened, "/J#q-J9") in page.links
    assert room.now(opened).reading.version == 1, "using the page is no change of an answer"


@pytest.mark.parametrize(
    "body", ["[]", '{"minutes_ago": [true]}', '{"minutes_ago": [-1]}', '{"minutes_ago": [721]}', '{"minutes_ago": "0"}']
)
def test_a_report_that_is_none_is_refused(room: Room, reviewer: PageClient, body: str) -> None:
    assert report(room, reviewer, body) == 400


def test_only_the_readers_own_reading_takes_a_report(room: Room, reviewer: PageClient, sign_in: SignIn) -> None:
    assert report(room, reviewer, '{"minutes_ago": [0]}', kind="text/plain") == 415
    assert report(room, sign_in(room.cast.second_reviewer), '{"minutes_ago": [0]}') == 404
    assert report(room, sign_in(room.cast.reviewer), '{"minutes_ago": [0]}') == 200


def test_minutes_that_are_no_number_are_refused_on_submission(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    check = address(opened, "/check")
    token = reviewer.csrf_token(check)

    refused = reviewer.post(
        address(opened, "/submit"), data={"csrf_token": token, "declared": "y", "minutes": "an hour"}
    )

    assert refused.status_code == 422 and "whole number from 0 to 1,440" in refused.text
    assert room.now(opened).reading.state is ReadingState.ASSIGNED


def test_no_moderator_sees_how_long_a_reader_took(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.reviewer)[0]
    room.complete(opened.reading.public_id, J9="77")
    place = f"/inspections/{room.cast.place.inspection.public_id}"
    moderator = sign_in(room.cast.moderator)

    page = moderator.page(f"{place}/moderation/{opened.reading.public_id}")

    assert "C9" in page.text and "J9" not in page.text and "77" not in page.text
    assert "minutes" not in moderator.page(f"{place}/progress").text
