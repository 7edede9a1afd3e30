"""Odd answers and notes of a section, item by item as the list of bad inputs numbers them: refused, or kept whole."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from casereader.db import snapshot
from casereader.models import AuditEvent
from tests.cast import SignIn
from tests.web.client import PageClient, filled_in, page_of
from tests.web.page import Page, words
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MARKUP = "<script>alert(1)</script> <img src=x onerror=alert(2)> </textarea></p> {{7*7}} ${7*7} ]]> =1+1 &amp; \"'"
TURNED = "Seen in \u202eyaM\u202c and June."


def test_b02_a_score_is_one_of_its_points_and_nothing_that_looks_like_one(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")
    sent = {"csrf_token": reviewer.csrf_token(path), "version": "1", "C9__note": "Kept.", "go": "stay"}
    for odd in ("0", "7", "-1", "3.5", "1e0", "0x3", "４", "4\u200b", "six"):
        refused = FlaskClient.open(reviewer, path, method="POST", data=sent | {"C9": odd})
        assert refused.status_code == 422, odd
        assert "C9: “" in refused.text and "Kept." in refused.text and room.answers(opened) == {}
    (said,) = page_of(reviewer.post(path, data=sent | {"C9": "6" * 10_000})).errors
    assert said.startswith("C9: ") and len(said) < 250

    assert reviewer.post(path, data=sent | {"C9": " 4 "}).status_code == 303
    assert room.answers(opened)["C9"] == "4"


def test_b01_b06_a_judgement_without_its_note_is_kept_as_a_draft_and_holds_back_the_submission(
    room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")

    assert reviewer.submit(path, {"C9": "1"}, action=path, button="stay").status_code == 303
    submitted = reviewer.submit(address(opened, "/check"), {"declared": "y"}, action=address(opened, "/submit"))

    assert submitted.status_code == 422
    said = [words(link) for link in page_of(submitted).root.iter("a")]
    assert any(one.startswith("C9 ") and "note" in one for one in said), "the note that the judgement needs"
    assert any(one.startswith("C10 ") and "not answered" in one for one in said)
    assert room.answers(opened)["C9"] == "1"


def test_b11_line_ends_of_every_kind_are_one_and_the_same_text_again_is_no_new_version(
    room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")
    versions = set()
    for note in ("One\r\ntwo\r\n\r\nthree", "One\ntwo\n\nthree", "One\rtwo\r\rthree"):
        assert reviewer.submit(path, {"C9__note": note}, action=path, button="stay").status_code == 303
        assert room.stored(opened)["C9"].note == "One\ntwo\n\nthree"
        versions.add(room.now(opened).reading.version)

    assert len(versions) == 1
    assert reviewer.post(path, data=filled_in(reviewer.page(path).form(path))).status_code == 303
    assert room.now(opened).reading.version in versions, "the page sent as it came"


def test_b10_b12_b13_b15_markup_marks_and_turned_text_stand_on_every_page_as_typed_set_apart_and_pointed_out(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")
    notes = {"C9": MARKUP, "C10": TURNED, "C1": "e" + "\u0301" * 19_000}
    reviewer.submit(path, {f"{key}__note": text for key, text in notes.items()}, action=path, button="stay")

    check = look(reviewer, address(opened, "/check"))
    assert "C10 " in page_of(check).text and "text whose direction is turned round" in page_of(check).text
    whole = [look(reviewer, path), look(reviewer, address(opened, "/history")), check]
    own = room.complete(opened.reading.public_id, C9="5")
    assert own.id == room.cast.reviewer.id
    moderated = f"/inspections/{room.cast.place.inspection.public_id}/moderation/{opened.reading.public_id}"
    whole += [look(reviewer, address(opened, "/check")), look(sign_in(room.cast.moderator), moderated)]
    for answer in whole[:3]:
        assert MARKUP in typed(page_of(answer)), answer.request.path
    for answer in whole:
        html = answer.get_data(as_text=True)
        assert answer.status_code == 200 and "<script>alert" not in html and "<img" not in html
        around = html.split(TURNED) if TURNED in html else []
        assert all(piece.endswith(("<bdi>", "\n", ">")) for piece in around[:-1]), "set apart from the line around it"


def look(client: PageClient, path: str) -> TestResponse:
    """A page that is not looked over: its words are such as only a program would say."""
    return FlaskClient.open(client, path)


def typed(page: Page) -> str:
    """All words of a page, also those inside its fields."""
    return " ".join("".join(page.root.itertext()).split())


def test_b21_a_form_sent_after_a_moderator_signed_the_reading_off_says_so_and_keeps_the_text(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")
    sent = {"csrf_token": reviewer.csrf_token(path), "version": "3", "C9": "1", "C9__note": "Late words."}
    room.complete(opened.reading.public_id, C9="5")
    moderated = f"/inspections/{room.cast.place.inspection.public_id}/moderation/{opened.reading.public_id}"
    assert sign_in(room.cast.moderator).submit(moderated, action=f"{moderated}/sign-off").status_code == 303

    refused = reviewer.post(path, data=sent)

    assert refused.status_code == 409
    assert "signed off" in page_of(refused).text and "Late words." in page_of(refused).text
    assert room.answers(opened)["C9"] == "5"


def test_b22_whoever_lost_the_role_in_the_meantime_saves_nothing(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.second_reviewer)[0]
    second = sign_in(room.cast.second_reviewer)
    path = address(opened, "/C")
    sent = {"csrf_token": second.csrf_token(path), "version": "1", "C9": "5"}
    people = f"/inspections/{room.cast.place.inspection.public_id}/people"
    taken = f"{people}/{room.cast.second_reviewer.public_id}/reviewer/end"
    assert sign_in(room.cast.coordinator).submit(people, action=taken).status_code == 303

    assert second.post(path, data=sent).status_code == 403
    assert room.stored(opened) == {}
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        assert "role taken" in set(session.exec(select(AuditEvent.action)))


def test_b24_b26_fields_that_are_not_the_reader_s_change_nothing_and_are_noted_without_their_values(
    room: Room, reviewer: PageClient, caplog: pytest.LogCaptureFixture
) -> None:
    opened, other = room.given(room.cast.reviewer)[0], room.given(room.cast.second_reviewer)[0]
    path = address(opened, "/C")
    extra = {
        "owner": "somebody-else",
        "role": "lead",
        "locked": "0",
        "score_moderated": "6",
        "case_id": other.reading.public_id,
        "public_id": other.reading.public_id,
    }
    sent = {"csrf_token": reviewer.csrf_token(path), "version": "1", "C9": "5", "go": "stay", **extra}

    with caplog.at_level(logging.WARNING, logger="casereader"):
        assert reviewer.post(path, data=sent).status_code == 303

    assert all(name in caplog.text for name in extra)
    assert "somebody-else" not in caplog.text and other.reading.public_id not in caplog.text
    assert room.stored(other) == {} and room.answers(opened)["C9"] == "5"
    assert room.now(opened).reading.reviewer_id == opened.reading.reviewer_id
