"""A reading as one page: everything in one reply, the notes beside it, and the lock that erases them."""

import json

import pytest

from casereader.db import snapshot
from casereader.models import RunningNotes
from casereader.vocabulary import ReadingState
from tests.cast import SignIn
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(("rest", "view"), [("", "tasks"), ("/C", "C"), ("/check", "check")])
def test_every_address_of_a_reading_gives_all_of_it_with_its_own_part_in_view(
    room: Room, reviewer: PageClient, rest: str, view: str
) -> None:
    opened = room.given(room.cast.reviewer)[0]

    page = reviewer.page(address(opened, rest))

    views = {one.get("data-view"): one.get("hidden") is None for one in page.with_class("cr_view")}
    assert list(views) == [*(section.id for section in room.instrument.sections), "tasks", "check"]
    assert [name for name, in_view in views.items() if in_view] == [view]
    named = {field.get("name") for tag in ("input", "select", "textarea") for field in page.root.iter(tag)}
    assert set(room.instrument.parts) <= named
    rules = next(script for script in page.root.iter("script") if script.get("data-rules") is not None)
    assert list(json.loads(rules.text or "")["parts"]) == list(room.instrument.parts)


def test_each_question_leads_to_its_own_history(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]

    links = reviewer.page(address(opened, "/C")).links

    for question in room.instrument.questions:
        assert address(opened, f"/history?question={question.id}") in links, question.id


def test_the_records_supplied_are_always_in_view(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/A")
    assert "not said yet: Social work" in reviewer.page(section).text

    reviewer.submit(section, {"A4.health": "seen", "A4.police": "not_supplied"}, action=section, button="stay")

    text = reviewer.page(section).text
    assert "seen: Health; asked, not supplied: Police; not said yet: Social work, Education" in text


def test_notes_are_kept_by_their_button_and_both_texts_shown_when_they_differ(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/notes")
    token = reviewer.csrf_token(address(opened))
    sent = {"csrf_token": token, "version": "1", "_notes": "From the first tab.", "_story": "Moved <b>twice</b>."}
    assert reviewer.post(path, data=sent).status_code == 303
    page = reviewer.page(address(opened))
    assert "From the first tab." in page.text and "Moved &lt;b&gt;twice&lt;/b&gt;." in page.html

    late = reviewer.post(path, data={**sent, "_notes": "From the second tab."})

    assert late.status_code == 422
    page = page_of(late)
    assert any("From the first tab." in error for error in page.errors)
    assert next(field for field in page.root.iter("textarea") if field.get("name") == "_notes").text == (
        "From the second tab."
    )
    form = page.form(path)
    fields = {field.get("name", ""): field.get("value", "") for field in form.iter("input")}
    assert reviewer.post(path, data={**fields, "_notes": "Both."}).status_code == 303
    too_long = reviewer.post(path, data={**fields, "version": "3", "_story": "x" * 2_001})
    assert page_of(too_long).errors == ["The child's story has 2,001 characters; at most 2,000 are kept."]


def test_the_lead_locks_what_is_signed_off_and_the_notes_are_gone(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    sent = {"csrf_token": reviewer.csrf_token(address(opened)), "version": "1", "_notes": "Words."}
    reviewer.post(address(opened, "/notes"), data=sent)
    room.complete(opened.reading.public_id)
    home = f"/inspections/{room.cast.place.inspection.public_id}/moderation"
    moderator, lead = sign_in(room.cast.moderator), sign_in(room.cast.lead)
    show = f"{home}/{opened.reading.public_id}"
    moderator.submit(show, action=f"{show}/sign-off")
    assert "Lock the readings" not in moderator.page(home).text

    assert lead.submit(home, action=f"{home}/lock").status_code == 303

    assert room.now(opened).reading.state is ReadingState.LOCKED
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        assert session.get(RunningNotes, opened.key) is None
    assert "1 reading is locked, and its reader’s running notes are erased." in lead.page(home).text
