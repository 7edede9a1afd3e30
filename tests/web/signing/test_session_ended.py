"""A form sent after the session had ended, from a page without scripts: no word of it is lost, and none goes astray."""

import logging
import zlib
from base64 import urlsafe_b64encode
from random import Random

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from casereader.db import transaction
from casereader.models import Account
from casereader.people import sessions
from tests.cast import PASSWORD
from tests.sampled import AT
from tests.web.client import PageClient, filled_in, page_of
from tests.web.reading_room import Room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."  # of each its own byte, in any form
NOTE = 'Seen alone in May.\r\n“Gaps”, "health" & <police>: two.'


def end_sessions(app: Flask, account: Account) -> None:
    """As the idle limit would, for all of the account's browsers."""
    with transaction(app.extensions["casereader_engine"]) as session:
        sessions.end_all(session, account=session.get_one(Account, account.id), at=AT)


@pytest.fixture
def base(room: Room) -> str:
    return f"/readings/{room.given(room.cast.reviewer)[0].reading.public_id}"


def where(asked: TestResponse) -> str:
    """Where the only form of a page goes: the sign-in page's, with the room it has for what it keeps."""
    return page_of(asked).form().get("action", "")


def resumed(
    room: Room, client: PageClient, path: str, action: str, values: dict[str, object]
) -> dict[str, str | list[str]]:
    """Send the form after the session ended, and sign in by the page that comes back: what would be sent on."""
    sent = {**filled_in(client.page(path).form(None if action.endswith("/concern") else action)), **values}
    end_sessions(room.app, room.cast.reviewer)
    asked = client.post(action, data=sent)
    assert asked.status_code == 401 and "what you wrote is kept in this page" in page_of(asked).text

    fields = filled_in(page_of(asked).form()) | {"email": room.cast.reviewer.email}
    wrong = client.post(where(asked), data=fields | {"password": "not the password"})
    assert wrong.status_code == 422
    again = filled_in(page_of(wrong).form()) | {"password": PASSWORD}
    done = client.post(where(wrong), data=again)
    assert done.status_code == 200 and "is not saved yet" in page_of(done).text
    on: dict[str, str | list[str]] = filled_in(page_of(done).form(action))
    assert on["csrf_token"] != sent["csrf_token"]
    assert on.keys() == sent.keys()
    return on


def test_a_section_is_saved_once_somebody_has_signed_in_again(room: Room, reviewer: PageClient, base: str) -> None:
    values: dict[str, object] = {"C1": "yes", "C9": "5", "C9__note": NOTE, "go": "stay"}
    on = resumed(room, reviewer, f"{base}/C", f"{base}/C", values)

    assert reviewer.post(f"{base}/C", data=on).status_code == 303
    stored = room.stored(room.given(room.cast.reviewer)[0])
    assert (stored["C1"].value, stored["C9"].value) == ("yes", "5")
    assert stored["C9"].note.replace("\r\n", "\n") == NOTE.replace("\r\n", "\n")


def test_notes_are_saved_once_somebody_has_signed_in_again(room: Room, reviewer: PageClient, base: str) -> None:
    on = resumed(room, reviewer, base, f"{base}/notes", {"_notes": NOTE})

    assert reviewer.post(f"{base}/notes", data=on).status_code == 303
    assert "Seen alone in May." in reviewer.page(base).text


def test_a_matter_of_concern_is_raised_once_somebody_has_signed_in_again(
    room: Room, reviewer: PageClient, base: str
) -> None:
    path = f"{base}/concern"
    box = next(area.get("name", "") for area in reviewer.page(path).form().iter("textarea"))
    on = resumed(room, reviewer, path, path, {box: NOTE})

    assert "Gaps" in on[box]
    assert "Seen alone in May." in reviewer.post(path, data=on).text, "what is still to be chosen is asked for"


def test_the_longest_section_is_kept_whole(room: Room, reviewer: PageClient, base: str) -> None:
    note = '"\\' * 9_000
    keys = [part.key for part in room.instrument.section("C").parts if part.key.startswith("C")]
    values: dict[str, object] = {f"{key}__note": note for key in keys}
    on = resumed(room, reviewer, f"{base}/C", f"{base}/C", values)

    assert all(on[f"{key}__note"] == note for key in keys)


def test_b20_as_much_as_a_section_takes_is_kept_whole_even_where_it_cannot_be_packed(
    room: Room, reviewer: PageClient, base: str
) -> None:
    """Four megabytes, as noise: what packing makes no shorter."""
    token, version = reviewer.csrf_token(f"{base}/C"), "1"
    noise = Random("noise")
    keys = [part.key for part in room.instrument.section("C").parts if part.key.startswith("C")]
    notes = {f"{key}__note": "".join(noise.choices(SIGNS, k=400_000)) for key in keys[:9]}
    end_sessions(room.app, room.cast.reviewer)

    asked = reviewer.post(f"{base}/C", data={**notes, "csrf_token": token, "version": version})
    assert asked.status_code == 401 and 3_000_000 < len(asked.get_data()) < 6_000_000
    fields = filled_in(page_of(asked).form()) | {"email": room.cast.reviewer.email, "password": PASSWORD}
    done = reviewer.post(where(asked), data=fields)

    on = filled_in(page_of(done).form(f"{base}/C"))
    assert {name: on[name] for name in notes} == notes
    refused = reviewer.post(f"{base}/C", data=on)
    assert (refused.status_code, notes["C9__note"] in refused.text) == (422, True), "20,000 characters a note are kept"


def test_only_a_sign_in_page_that_keeps_something_has_room_for_it(room: Room, client: PageClient) -> None:
    token = client.csrf_token("/sign-in")
    sent = {"email": room.cast.reviewer.email, "password": PASSWORD, "csrf_token": token, "kept": "x" * 70_000}
    for room_for_it in ("", "?room=", "?room=x", f"?room={token}"):
        assert client.post(f"/sign-in{room_for_it}", data=sent).status_code == 413


def test_nothing_of_what_is_kept_is_stored_or_logged(
    room: Room, reviewer: PageClient, base: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        resumed(room, reviewer, f"{base}/C", f"{base}/C", {"C9__note": NOTE})

    folder = room.app.extensions["casereader_settings"].data_folder.parent
    assert "Seen alone" not in caplog.text
    assert [file for file in folder.rglob("*") if file.is_file() and b"Seen alone" in file.read_bytes()] == []


def test_nothing_is_kept_that_came_from_elsewhere_or_that_is_no_form_of_words(
    room: Room, reviewer: PageClient, base: str
) -> None:
    token = reviewer.csrf_token(f"{base}/C")
    end_sessions(room.app, room.cast.reviewer)
    path = f"{base}/C"
    for sent in (
        {"C9__note": NOTE},
        {"C9__note": NOTE, "csrf_token": "another's"},
        {"C9__note": NOTE, "csrf_token": token, "password": "four unrelated words"},
    ):
        refused = reviewer.post(path, data=sent)
        assert refused.status_code == 401 and "Seen alone" not in refused.text
        for elsewhere in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
            if sent.get("csrf_token") != token:
                asked = reviewer.post(path, data=sent, headers=elsewhere)
                assert asked.status_code == 400 and "Seen alone" not in asked.text
    scripted = reviewer.post(path, data={"C1": "yes", "csrf_token": token}, headers={"Accept": "application/json"})
    assert scripted.status_code == 401 and scripted.is_json


def packed(text: str) -> str:
    return urlsafe_b64encode(zlib.compress(text.encode())).decode()


@pytest.mark.parametrize("token", ["", "another's"])
def test_b23_words_are_kept_without_the_right_token_where_the_browser_says_that_they_came_from_here(
    room: Room, reviewer: PageClient, base: str, token: str
) -> None:
    end_sessions(room.app, room.cast.reviewer)
    sent = {"C9": "5", "C9__note": NOTE, "version": "1", "csrf_token": token}

    asked = reviewer.post(f"{base}/C", data=sent, headers=FROM_HERE)
    assert asked.status_code == 401
    fields = filled_in(page_of(asked).form()) | {"email": room.cast.reviewer.email, "password": PASSWORD}
    once_more = reviewer.post(where(asked), data=fields | {"csrf_token": "old"}, headers=FROM_HERE)
    assert once_more.status_code == 400 and page_of(once_more).heading == "Sign in", "still kept"
    fields = filled_in(page_of(once_more).form()) | {"email": room.cast.reviewer.email, "password": PASSWORD}
    done = reviewer.post(where(once_more), data=fields)

    assert reviewer.post(f"{base}/C", data=filled_in(page_of(done).form(f"{base}/C"))).status_code == 303
    assert room.answers(room.given(room.cast.reviewer)[0])["C9"] == "5"


UNFIT = ["{", "{}", "[1]", '[["C1"]]', '[["C1", 1]]', "[" * 100_000, '[["C1", "' + "x" * 5_000_000 + '"]]']


@pytest.mark.parametrize("kept", ["%", "YWJj", *map(packed, UNFIT)], ids=range(2 + len(UNFIT)))
def test_a_field_that_is_not_what_the_page_wrote_is_a_bad_request(room: Room, client: PageClient, kept: str) -> None:
    token = client.csrf_token("/sign-in")
    sent = {"email": room.cast.reviewer.email, "password": PASSWORD, "next": "/readings", "csrf_token": token}

    assert client.post("/sign-in", data=sent | {"kept": kept}).status_code == 400


def test_what_was_kept_never_goes_to_another_site(room: Room, client: PageClient) -> None:
    token = client.csrf_token("/sign-in")
    sent = {
        "email": room.cast.reviewer.email,
        "password": PASSWORD,
        "csrf_token": token,
        "kept": packed('[["C1", "yes"]]'),
    }

    done = client.post("/sign-in", data=sent | {"next": "//evil.example/"})
    assert (done.status_code, done.location) == (303, "/")
