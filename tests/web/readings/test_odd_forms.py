"""Odd forms sent to a reading, item by item as the list of bad inputs numbers them: refused, and nothing stored."""

from __future__ import annotations

import io

import pytest

from tests.cast import PASSWORD, SignIn
from tests.web.client import PageClient, filled_in, page_of
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOTE = "Seen <b>alone</b>, “gaps” in May.\r\nTwo & three."
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
        assert room.answers(opened) == {}

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


@pytest.mark.parametrize("token", [None, "", "x", "another's", "of a session before"])
def test_b23_what_came_with_a_wrong_token_is_on_the_page_and_pressing_save_again_saves_it(
    room: Room, reviewer: PageClient, sign_in: SignIn, token: str | None
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")
    tokens = {"another's": sign_in(room.cast.second_reviewer).csrf_token("/readings")}
    if token == "of a session before":
        tokens[token] = reviewer.csrf_token(path)
        reviewer.submit("/", action="/sign-out")
        reviewer.sign_in(room.cast.reviewer.email, PASSWORD)
    sent = {"version": "1", "C9": "5", "C9__note": NOTE, "go": "stay"}
    if token is not None:
        sent["csrf_token"] = tokens.get(token, token)

    refused = reviewer.post(path, data=sent)

    assert refused.status_code == 400
    page = page_of(refused)
    assert "reload the page" in page.text and "Nothing was saved yet" in page.text
    assert "Seen <b>alone</b>, “gaps” in May." in page.text, "what was written can be read, and is not markup"
    assert room.answers(opened) == {}
    assert reviewer.post(path, data=filled_in(page.form(path))).location == path
    stored = room.stored(opened)["C9"]
    assert (stored.value, stored.note) == ("5", NOTE.replace("\r\n", "\n"))


@pytest.mark.parametrize(
    "said", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_b23_words_from_another_site_are_never_put_on_a_page_of_ours(
    room: Room, reviewer: PageClient, said: dict[str, str]
) -> None:
    path = address(room.given(room.cast.reviewer)[0], "/C")

    refused = reviewer.post(path, data={"version": "1", "C9__note": NOTE, "csrf_token": "x"}, headers=said)

    assert refused.status_code == 400 and "alone" not in refused.text
    assert not [form for form in page_of(refused).root.iter("form") if form.get("action") == path]


def test_b23_a_password_and_a_file_are_not_kept(room: Room, sign_in: SignIn) -> None:
    refused = sign_in(None).post(
        "/sign-in", data={"email": room.cast.lead.email, "password": PASSWORD, "csrf_token": "x"}
    )
    assert refused.status_code == 400 and PASSWORD not in refused.text

    path = f"/inspections/{room.cast.place.inspection.public_id}/list"
    sent = {"csrf_token": "x", "file": (io.BytesIO(b"case_ref,stratum\nA-1,b\n"), "list.csv")}
    refused = sign_in(room.cast.coordinator).post(path, data=sent)
    assert refused.status_code == 400 and "A-1" not in refused.text


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
