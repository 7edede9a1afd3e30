"""A reading as one page: everything in one reply, the notes beside it, and the lock that erases them."""

import json

import pytest

from casereader.db import snapshot
from casereader.instrument import open_keys
from casereader.models import RunningNotes
from casereader.readings import Opened
from casereader.vocabulary import ReadingState
from tests.cast import SignIn
from tests.web.client import PageClient, filled_in, page_of
from tests.web.page import words
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


def test_without_scripts_either_button_beside_a_section_saves_answers_and_notes(
    room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/C")
    for button, leads in (("stay", "/C"), ("next", "/D")):
        sent = {"C1": "yes", "_notes": f"Notes and {button}.", "_story": "Moved twice."}
        saved = reviewer.submit(section, sent, action=section, button=button)
        assert (saved.status_code, saved.location) == (303, address(opened, leads))
        page = reviewer.page(section)
        assert f"Notes and {button}." in page.html and "Moved twice." in page.html
    assert room.answers(opened)["C1"] == "yes"
    (notes_button,) = (one for one in page.root.iter("button") if words(one) == "Save the notes")
    assert (notes_button.get("form"), notes_button.get("value")) == ("form-C", "stay")

    wrong = {"C1": "no", "C2": "yes", "C2__note": "Mine.", "C2__see": "C9", "_notes": "x" * 20_001}
    refused = reviewer.submit(section, wrong, action=section, button="stay")

    assert refused.status_code == 422 and "x" * 20_001 in refused.text
    both = reviewer.submit(section, {"C1": "no", "_notes": "x" * 20_001}, action=section, button="stay")
    assert page_of(both).errors == ["The running notes has 20,001 characters; at most 20,000 are kept."]
    assert "x" * 20_001 in both.text and room.answers(opened)["C1"] == "yes"


def test_notes_typed_beside_the_check_are_kept_by_each_of_its_buttons(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    check, submit = address(opened, "/check"), address(opened, "/submit")

    refused = reviewer.submit(check, {"_notes": "Kept though it was refused."}, action=submit)
    assert refused.status_code == 422
    form = page_of(refused).form(submit)
    assert {one.get("formaction") for one in form.iter("button") if one.get("form")} == {address(opened, "/notes")}
    sent = {**filled_in(form), "_notes": "By their own button."}
    assert "Kept though it was refused." in reviewer.page(check).html
    kept = reviewer.post(address(opened, "/notes"), data=sent)

    assert (kept.status_code, kept.location) == (303, check)
    assert "By their own button." in reviewer.page(check).html


def test_notes_from_two_pages_may_both_be_kept_one_above_the_other(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/C")
    early = filled_in(reviewer.page(section).form(section))
    reviewer.submit(section, {"_notes": "From the first tab."}, action=section, button="stay")

    late = reviewer.post(section, data={**early, "_notes": "From the second tab.", "C1": "yes"})

    assert late.status_code == 409
    assert {"From the first tab.", "From the second tab.", "Running notes"} <= {
        words(one) for tag in ("td", "th") for one in page_of(late).root.iter(tag)
    }
    kept = reviewer.post(section, data={**filled_in(page_of(late).form(section)), "keep": "both"})
    assert kept.status_code == 303
    assert "From the first tab.\n\nFrom the second tab." in reviewer.page(section).html
    assert room.answers(opened)["C1"] == "yes"


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


def test_a_section_that_is_not_asked_asks_for_no_note_and_offers_no_save(room: Room, reviewer: PageClient) -> None:
    opened = next(one for one in room.given(room.cast.reviewer) if closed_of(room, one))
    for section, is_closed in (("C", False), (closed_of(room, opened), True)):
        page = reviewer.page(address(opened, f"/{section}"))
        (view,) = (one for one in page.with_class("cr_view") if one.get("data-view") == section)
        (about,) = (one for one in view.iter() if one.get("data-asked") is not None)
        saves = {
            one.get("value"): (words(one), one.get("hidden")) for one in view.iter("button") if one.get("name") == "go"
        }
        assert (about.get("hidden") is not None) == is_closed
        assert saves["next"][0] == ("Go on" if is_closed else "Save and go on")
        assert (saves["stay"][1] is not None) == is_closed


def closed_of(room: Room, opened: Opened) -> str:
    """The first section that is not asked of a case; blank where all are."""
    asked = open_keys(room.instrument, {}, stratum=opened.stratum(room.instrument))
    sections = (one for one in room.instrument.sections if not any(part.key in asked for part in one.parts))
    return next((one.id for one in sections), "")


def test_two_lists_of_meanings_say_of_what_they_are(room: Room, reviewer: PageClient) -> None:
    page = reviewer.page(address(room.given(room.cast.reviewer)[0], "/H"))
    (view,) = (one for one in page.with_class("cr_view") if one.get("data-view") == "H")

    said = [words(one) for one in view.iter("summary") if words(one).startswith("What each point means:")]

    assert len(said) == 2 and len(set(said)) == 2


def test_a_page_says_that_buttons_save_until_a_script_takes_over(room: Room, reviewer: PageClient) -> None:
    page = reviewer.page(address(room.given(room.cast.reviewer)[0]))

    assert [words(one) for one in page.root.iter("p") if one.get("data-how-saved") is not None] == [
        "An answer or a note is saved when you press a button that says so."
    ]
    assert "Everything is saved as you write" not in page.text
