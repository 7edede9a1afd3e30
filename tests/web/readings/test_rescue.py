"""Bringing in a rescue file over the web: by its own reader, beside what is stored, and every fault in plain words."""

from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from casereader.db import snapshot
from casereader.models import AuditEvent
from casereader.sealing import sealing_keys
from casereader.web.readings.rescue_file import LARGEST
from tests.cast import SignIn
from tests.web.client import PageClient, page_of
from tests.web.page import NUMBER, Page
from tests.web.reading_room import Room, address
from tests.web.rescue_files import choose, offer_of, rescue_file

ANY = "/readings/rescue"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the verbs are held to both


class Desk:
    """The reviewer at their browser, with what their reading's page gave out to seal files with."""

    def __init__(self, room: Room, client: PageClient) -> None:
        self.room, self.client = room, client
        self.opened, self.other = room.given(room.cast.reviewer)[:2]
        self.offer = offer_of(client, self.opened)
        self.path = address(self.opened, "/rescue")

    def file(self, answers: Any, **more: Any) -> bytes:
        return rescue_file(self.offer, answers, **more)

    def save_online(self, answers: dict[str, dict[str, Any]]) -> None:
        """Save as the page does while the server can be reached."""
        version = self.room.now(self.opened).reading.version
        body = {"version": version, "idempotency_key": f"online-save-{version:06}", "answers": answers}
        token = self.client.csrf_token(ANY)
        reply = self.client.post(address(self.opened, "/answers"), json=body, headers={"X-CSRFToken": token})
        assert reply.status_code == 200

    def send(self, page: Page, choices: dict[str, str] | None = None) -> tuple[int, Page | None, str]:
        """Send the preview's form with these choices: the status, the page that came, and where it leads."""
        form = page.form(self.path + "/save")
        fields = {field.get("name", ""): field.get("value", "") for field in form.iter("input")}
        sent = {name: value for name, value in fields.items() if not name.startswith("choose-")}
        response = self.client.post(self.path + "/save", data=sent | (choices or {}))
        shown = None if response.location else page_of(response)
        return response.status_code, shown, response.location or ""

    @property
    def values(self) -> dict[str, str | None]:
        return self.room.answers(self.opened)


@pytest.fixture
def desk(room: Room, reviewer: PageClient) -> Desk:
    return Desk(room, reviewer)


def audited(app: Flask, action: str) -> list[AuditEvent]:
    with snapshot(app.extensions["casereader_engine"]) as session:
        return list(session.exec(select(AuditEvent).where(AuditEvent.action == action)))


def test_what_waited_is_shown_beside_what_is_stored_and_saved_as_chosen(desk: Desk) -> None:
    desk.save_online({"C1": {"value": "yes"}, "C2": {"value": "yes"}, "C3": {"value": "yes", "note": "In March."}})
    content = desk.file(
        {
            "C1": {"value": "yes"},
            "C2": {"value": "no"},
            "C3": {"value": "yes", "note": "In <May>."},
            "C9": {"value": "5", "note": "Kept up.", "sources": ["health"], "discuss": True},
            "C10": {"value": "9"},
            "_notes": {"value": "Read to May."},
        }
    )

    page = choose(desk.client, content)

    assert page.heading == "What the rescue file holds"
    assert (
        "6 answers of this reading: 2 new, 2 to choose, because something else is stored, 1 stored already" in page.text
    )
    assert "1 not to be taken" in page.text and "“9” is not an answer here" in page.text
    assert "In March." in page.text and "In <May>." in page.text
    assert "Kept up." in page.text and "Found in: Health" in page.text and "Marked to discuss" in page.text
    assert desk.values["C2"] == "yes", "looking changes nothing"

    status, shown, _ = desk.send(page, {"choose-C2": "waited"})
    assert (status, desk.values["C2"]) == (422, "yes")
    assert shown and shown.errors == ["C3: choose which is to stand."]
    chosen = [field.get("name") for field in shown.root.iter("input") if field.get("checked") is not None]
    assert chosen == ["choose-C2"], "what was chosen is still chosen"

    status, _, leads_to = desk.send(shown, {"choose-C2": "waited", "choose-C3": "stored"})
    assert (status, leads_to) == (303, address(desk.opened))
    assert "3 answers are saved from the rescue file. 1 stayed as stored." in desk.client.page(leads_to).text
    stored = desk.room.stored(desk.opened)
    assert (stored["C2"].value, stored["C3"].note, stored["C9"].value) == ("no", "In March.", "5")
    assert (stored["C9"].note, stored["C9"].sources, stored["C9"].discuss) == ("Kept up.", ("health",), True)
    assert "C10" not in stored


def test_the_same_file_and_the_same_page_twice_change_nothing(desk: Desk) -> None:
    content = desk.file({"C9": {"value": "5"}})
    page = choose(desk.client, content, desk.path)
    assert desk.send(page)[0] == 303
    version = desk.room.now(desk.opened).reading.version

    status, _, leads_to = desk.send(page)
    assert status == 303
    assert "Nothing was changed" in desk.client.page(leads_to).text
    again = choose(desk.client, content)
    assert "There is nothing in it to save." in again.text
    assert not [form for form in again.root.iter("form") if form.get("action", "").endswith("/save")]
    assert desk.room.now(desk.opened).reading.version == version
    assert len(audited(desk.room.app, "rescue file brought in")) == 1


def test_a_reading_changed_between_looking_and_saving_is_shown_again(desk: Desk) -> None:
    page = choose(desk.client, desk.file({"C9": {"value": "5"}}))
    desk.save_online({"C9": {"value": "2"}})

    status, shown, _ = desk.send(page)

    assert (status, desk.values["C9"]) == (409, "2")
    assert shown and "This reading was changed since you looked" in shown.text
    assert desk.send(shown, {"choose-C9": "waited"})[0] == 303
    assert desk.values["C9"] == "5"


def test_a_submitted_reading_shows_the_words_and_takes_none(desk: Desk) -> None:
    page = choose(desk.client, desk.file({"C9": {"value": "5", "note": "Kept up to May."}}))
    desk.room.complete(desk.opened.reading.public_id)
    content = desk.file({"C9": {"value": "5", "note": "Kept up to May."}})

    shown = choose(desk.client, content)
    assert "This reading was submitted. Reopen it with a reason" in shown.text
    assert "Kept up to May." in shown.text
    assert not [form for form in shown.root.iter("form") if form.get("action", "").endswith("/save")]
    status, refused, _ = desk.send(page, {"choose-C9": "waited"})
    assert (status, desk.values["C9"]) == (409, "4")
    assert refused and "Kept up to May." in refused.text


def test_both_ways_in_are_linked_and_open_to_readers_alone(desk: Desk, sign_in: SignIn) -> None:
    cast = desk.room.cast
    assert ANY in desk.client.page("/readings").links
    assert desk.path in desk.client.page(address(desk.opened)).links
    assert desk.client.page(desk.path).heading == "Bring in a rescue file"
    for account in (cast.moderator, cast.lead, cast.coordinator, cast.administrator, cast.outsider):
        assert sign_in(account).get(ANY).status_code == 403, account.name
    assert sign_in(None).get(ANY).location.startswith("/sign-in")
    other = sign_in(cast.second_reviewer)
    assert other.get(ANY).status_code == 200
    assert other.get(desk.path).status_code == 404


def test_another_s_file_is_one_refusal_and_written_down(desk: Desk, sign_in: SignIn) -> None:
    second = sign_in(desk.room.cast.second_reviewer)
    (theirs, *_) = desk.room.given(desk.room.cast.second_reviewer)
    not_theirs = [
        desk.file({"C9": {"value": "5"}}),  # somebody else's file
        desk.file({"C9": {"value": "5"}}, account=desk.room.cast.second_reviewer.public_id),  # and reading
        desk.file({"C9": {"value": "5"}}, reading=theirs.reading.public_id),  # sealed by another account
        desk.file({"C9": {"value": "5"}}, account=desk.room.cast.second_reviewer.public_id, reading="A" * 22),
    ]

    pages = [choose(second, content, status=404) for content in not_theirs]

    assert len({NUMBER.sub("", page.text) for page in pages}) == 1
    assert "it is not yours" in pages[0].text
    events = audited(desk.room.app, "rescue file refused")
    assert [event.actor_id for event in events] == [desk.room.cast.second_reviewer.id] * 4
    assert events[0].object_id == desk.opened.reading.public_id
    assert desk.values == {} and desk.room.answers(theirs) == {}


def test_somebody_else_s_preview_cannot_be_sent(desk: Desk, sign_in: SignIn) -> None:
    (theirs, *_) = desk.room.given(desk.room.cast.second_reviewer)
    second = sign_in(desk.room.cast.second_reviewer)
    sent = {"csrf_token": second.csrf_token(ANY), "version": "1", "file": desk.file({"C9": {"value": "5"}}).decode()}

    assert second.post(desk.path + "/save", data=sent).status_code == 404
    assert second.post(address(theirs, "/rescue/save"), data=sent).status_code == 404
    own = desk.client.csrf_token(ANY)
    assert desk.client.post(address(desk.other, "/rescue/save"), data=sent | {"csrf_token": own}).status_code == 400
    assert len(audited(desk.room.app, "rescue file refused")) == 1


def test_a_file_of_another_reading_says_whose_it_is(desk: Desk) -> None:
    page = choose(desk.client, desk.file({"C9": {"value": "5"}}), address(desk.other, "/rescue"), status=422)

    assert page.errors == [
        f"This rescue file is of another reading of yours, {desk.opened.case_ref}: bring it in there or from Readings."
    ]


def test_a_file_that_cannot_be_read_says_why_on_the_page_and_leaves_no_trace(desk: Desk) -> None:
    whole = desk.file({"C9": {"value": "5"}})

    for content, says in ((whole[:-20], "is not whole"), (whole.replace(b"r", b"R"), "is not"), (b"{}", "is not a")):
        page = choose(desk.client, content, status=422)
        assert len(page.errors) == 1 and says in page.errors[0]
    other = choose(desk.client, desk.file({"C9": {"value": "5"}}, instrument_version="0.0"), status=422)
    assert "another version of the instrument" in other.errors[0]
    assert desk.values == {}


def test_no_file_is_asked_for_once_more_and_a_huge_one_is_turned_away(desk: Desk) -> None:
    token = desk.client.csrf_token(ANY)
    without = desk.client.post(ANY, data={"csrf_token": token}, content_type="multipart/form-data")
    assert (without.status_code, page_of(without).errors) == (422, ["Choose the rescue file."])
    huge = b" " * (5 * 1024 * 1024)
    assert desk.client.post(ANY, data=huge, content_type="multipart/form-data; boundary=x").status_code == 413
    assert desk.client.post(ANY, data={}).status_code == 400, "no token"


def test_answers_of_no_shape_are_told_and_odd_letters_are_shown_as_a_page_can(desk: Desk) -> None:
    content = desk.file(
        {"C9": {"value": 5}, "C10": {"note": "half \ud800 a letter"}, "\ud800": {"value": "x"}, "C1": {"note": "a\0b"}}
    )

    page = choose(desk.client, content)

    assert "4 not to be taken" in page.text
    assert "“value” is not a text." in page.text
    assert "half ? a letter" in page.text
    assert "There is nothing in it to save." in page.text


def test_a_file_sealed_before_the_secret_key_was_changed_still_opens(desk: Desk) -> None:
    content = desk.file({"C9": {"value": "5"}})
    settings = desk.room.app.extensions["casereader_settings"]
    newer = "a newer secret key, 0123456789abcdef"

    desk.room.app.extensions["casereader_sealing_keys"] = sealing_keys(newer, settings.secret_key)
    assert "1 new" in choose(desk.client, content).text
    assert offer_of(desk.client, desk.opened)["key-id"] != desk.offer["key-id"]

    desk.room.app.extensions["casereader_sealing_keys"] = sealing_keys(newer)
    assert desk.offer["key-id"] in choose(desk.client, content, status=422).errors[0]


def test_the_longest_notes_a_reading_takes_fit(desk: Desk) -> None:
    keys = [f"C{number}" for number in range(1, 11)] + [f"D{number}" for number in range(1, 9)]
    content = desk.file({key: {"note": "Words. " * 2_850} for key in keys})
    assert 300_000 < len(content) < LARGEST

    assert desk.send(choose(desk.client, content))[0] == 303
    assert len(desk.room.stored(desk.opened)["D8"].note) == 7 * 2_850
