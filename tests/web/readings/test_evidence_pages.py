"""Evidence on the form without scripts: a note for several questions, what is missing where, marks and signs."""

from xml.etree.ElementTree import Element

import pytest

from casereader.db import transaction
from casereader.readings import Change
from tests.cast import SignIn
from tests.reading import NOTE, again, full_answers, save
from tests.web.client import PageClient, page_of
from tests.web.page import Page
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def lacking(page: Page, section: str) -> list[str]:
    (box,) = (one for one in page.root.iter("details") if one.get("data-lacking") == section)
    return [] if box.get("hidden") is not None else [link.get("href", "") for link in box.iter("a")]


def answered(room: Room, changes: dict[str, Change]) -> str:
    """The reviewer's first reading with every answer given, changed as said; its address."""
    opened = room.given(room.cast.reviewer)[0]
    everything: dict[str, Change] = {
        key: {"value": one.value, "note": one.note, "sources": one.sources, "ground": one.ground}
        for key, one in full_answers(room.instrument, opened).items()
    }
    for key, change in changes.items():
        everything[key] = {**everything[key], **change}
    with transaction(room.app.extensions["casereader_engine"]) as session:
        found = again(session, opened, room.cast.reviewer)
        save(session, found, room.instrument, everything, by=room.cast.reviewer)
    return address(opened)


def test_a_section_lists_what_it_lacks_once_it_is_begun_each_with_a_link(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")
    assert lacking(reviewer.page(path), "C") == []

    saved = reviewer.submit(path, {"C1": "no"}, action=path, button="stay")

    page = reviewer.page(saved.location)
    assert f"{path}#q-C1" in lacking(page, "C") and f"{path}#q-C9" in lacking(page, "C")
    assert all(link.startswith(f"{path}#q-C") for link in lacking(page, "C"))
    assert lacking(page, "D") == []


def test_a_question_takes_the_note_of_another_by_naming_it(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")
    values = {"C1": "no", "C1__see": "C9", "C9": "4", "C9__note": NOTE, "C9__sources": "health"}
    reviewer.submit(path, values, action=path, button="stay")

    assert room.stored(opened)["C1"].note == "see C9"
    page = reviewer.page(path)
    assert f"{path}#q-C1" not in lacking(page, "C")
    options = [one.get("value") for one in page.root.iter("option")]
    assert {"C1", "C9", "C10"} <= set(options)
    check = reviewer.page(address(opened, "/check")).text
    assert f"see C9: {NOTE}" in check

    both = reviewer.submit(path, {"C2": "no", "C2__note": "Of its own.", "C2__see": "C9"}, action=path, button="stay")
    assert both.status_code == 422
    assert "C2: Give a note of its own, or name the question whose note serves this one: not both." in (
        page_of(both).errors
    )
    assert "Of its own." in both.text
    moved = reviewer.submit(path, {"C1__see": "C10"}, action=path, button="stay")
    assert moved.status_code == 303 and room.stored(opened)["C1"].note == "see C10"


def test_submission_asks_about_marks_and_names_and_takes_them_when_they_are_meant(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    path = answered(room, {"C9": {"note": "Jack’s teacher wrote this in May.", "discuss": True}})
    check, submit = f"{path}/check", f"{path}/submit"
    assert "this looks like a name" in reviewer.page(check).text
    assert asked_at(reviewer.page(check)) == {"keep_marks", "keep_signs"}
    assert "#keep_marks" in reviewer.page(check).links

    asked = reviewer.submit(check, {"declared": "y"}, action=submit)
    assert asked.status_code == 422
    assert page_of(asked).errors == [
        "Marked “discuss”: C9 Assessment. Clear the marks, or say that you leave them.",
        "This may name somebody: C9 Assessment. Put it right, or say that you looked.",
    ]
    assert [one.get("checked") for one in page_of(asked).root.iter("input") if one.get("name") == "declared"] == [""]
    undeclared = reviewer.submit(check, {"keep_marks": "y"}, action=submit)
    assert page_of(undeclared).errors[1:] == ["Confirm the declaration before you submit."]
    token = reviewer.csrf_token(check)
    half = reviewer.post(submit, data={"csrf_token": token, "declared": "y", "keep_marks": "y"})
    assert half.status_code == 422
    assert [(one.get("name"), one.get("checked")) for one in page_of(half).root.iter("input") if _is_kept(one)] == [
        ("keep_marks", ""),
        ("keep_signs", None),
    ]
    both = {"csrf_token": token, "declared": "y", "keep_marks": "y", "keep_signs": "y"}
    assert reviewer.post(submit, data=both).status_code == 303

    moderator = sign_in(room.cast.moderator)
    key = path.rpartition("/")[2]
    page = moderator.page(f"/inspections/{room.cast.place.inspection.public_id}/moderation/{key}")
    assert "Marked to discuss" in page.text


def asked_at(page: Page) -> set[str]:
    """What is to be said of marks and names before the reading is submitted."""
    boxes = [one for one in page.root.iter("div") if one.get("data-confirm")]
    return {one.get("data-confirm", "") for one in boxes if one.get("hidden") is None}


def test_what_a_submission_does_not_have_to_say_is_not_asked(room: Room, reviewer: PageClient) -> None:
    path = answered(room, {"C9": {"note": NOTE, "sources": ("health",)}})

    assert asked_at(reviewer.page(f"{path}/check")) == set()


def _is_kept(field: Element) -> bool:
    return field.get("name", "").startswith("keep_")
