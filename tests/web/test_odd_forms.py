"""Odd forms sent to a reading, item by item as the list of bad inputs numbers them: refused, and nothing stored."""

from __future__ import annotations

import pytest

from tests.cast import SignIn
from tests.web.client import PageClient
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PART = b'--b\r\nContent-Disposition: form-data; name="x%d"\r\n\r\n1\r\n'


def test_b23_b38_b39_a_form_with_another_s_token_or_without_end_is_refused_and_stores_nothing(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")
    own = reviewer.csrf_token(address(opened))
    others = sign_in(room.cast.second_reviewer).csrf_token("/readings")
    for token in ("", "x", others, own[:-1]):
        refused = reviewer.post(path, data={"csrf_token": token, "version": "1", "C9": "5"})
        assert refused.status_code == 400, "B23"

    many = b"".join(PART % number for number in range(1001)) + b"--b--\r\n"
    bodies = {
        "B38 1001 parts": (many, "multipart/form-data; boundary=b", {413}),
        "B38 no end": (PART % 1, "multipart/form-data; boundary=b", {400}),
        "B38 long boundary": (b"--" + b"b" * 10_000, "multipart/form-data; boundary=" + "b" * 10_000, {400}),
        "B38 no boundary": (many, "multipart/form-data", {400}),
        "B39": ("&".join(f"x{n}=1" for n in range(100_000)).encode(), "application/x-www-form-urlencoded", {413}),
    }
    for item, (body, kind, statuses) in bodies.items():
        refused = reviewer.post(path, data=body, content_type=kind, headers={"X-CSRFToken": own})
        assert refused.status_code in statuses, (item, refused.status_code)
    assert room.answers(opened) == {} and room.now(opened).reading.version == 1


def test_e09_the_same_key_of_two_people_is_two_saves(room: Room, reviewer: PageClient, sign_in: SignIn) -> None:
    sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}
    for client, account in (
        (reviewer, room.cast.reviewer),
        (sign_in(room.cast.second_reviewer), room.cast.second_reviewer),
    ):
        opened = room.given(account)[0]
        token = client.csrf_token("/readings")
        saved = client.post(address(opened, "/answers"), json=sent, headers={"X-CSRFToken": token})
        assert saved.status_code == 200
        assert room.answers(opened)["C9"] == "5"
