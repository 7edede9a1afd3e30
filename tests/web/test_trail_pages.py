"""The administrator searches the trail and checks it; whoever may see a record sees what was done to it."""

import csv
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import text
from sqlmodel import col, select

from casereader import audit
from casereader.db import snapshot, transaction
from casereader.models import AuditEvent, Case, SampleCase, TextVersion
from casereader.people import conflicts
from casereader.web.trail import MOST_AN_HOUR
from tests.cast import BEGAN, Cast, SignIn
from tests.databases import let_go
from tests.web.reading_room import Room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DIGEST = "ab" * 32
SAID = "The child said so in May."
CHANGES = [
    {
        "table": "reading",
        "row": "READING",
        "kind": "changed",
        "fields": {"state": ["assigned", "in progress"], "sample_case_id": [1, 2]},
    },
    {
        "table": "answer",
        "row": "9/C9",
        "kind": "changed",
        "fields": {"note": ["", {"digest": DIGEST, "length": len(SAID)}], "confidence": [1, 2]},
    },
]


class Desk:
    """An administrator's browser, and the trail behind it."""

    def __init__(self, app: Flask, cast: Cast, sign_in: SignIn) -> None:
        self.engine = app.extensions["casereader_engine"]
        self.cast, self.sign_in = cast, sign_in
        self.client = sign_in(cast.administrator)

    def record(self, action: str, n: int = 1, **more: Any) -> None:
        """Have that done so often in the inspection."""
        given = {
            "by": self.cast.lead,
            "at": BEGAN + timedelta(days=1),
            "kind": "reading",
            "object_id": "READING",
            "inspection_id": self.cast.place.inspection.id,
        }
        with transaction(self.engine) as session:
            for _ in range(n):
                audit.record(session, action, **given | more)

    def keep_text(self) -> None:
        """Have the text stand under its digest."""
        with transaction(self.engine) as session:
            row = TextVersion(inspection_id=self.cast.place.inspection.id, digest=DIGEST, text=SAID, kept_at=BEGAN)
            session.add(row)

    def found(self, query: str) -> list[list[str]]:
        """The rows of the page."""
        return self.client.page(f"/trail?{query}").rows(0)[1:]

    def events(self, action: str) -> list[AuditEvent]:
        """What the trail says of these deeds."""
        with snapshot(self.engine) as session:
            return list(session.exec(select(AuditEvent).where(AuditEvent.action == action)))


@pytest.fixture
def desk(app: Flask, cast: Cast, sign_in: SignIn) -> Desk:
    return Desk(app, cast, sign_in)


def test_deeds_are_found_by_person_deed_object_inspection_and_day(desk: Desk) -> None:
    desk.record("odd deed")
    desk.record("odd deed", by=None, inspection_id=None, kind="oddity", at=BEGAN + timedelta(days=3))
    lead, place = desk.cast.lead.public_id, desk.cast.place.inspection.public_id

    for query, n in (
        ("action=odd+deed", 2),
        (f"action=odd+deed&who={lead}", 1),
        ("action=odd+deed&who=command-line", 1),
        ("thing=oddity", 1),
        ("thing=READING", 2),
        (f"action=odd+deed&inspection={place}", 1),
        ("action=odd+deed&since=2026-06-03", 1),
        ("action=odd+deed&until=2026-06-02", 1),
    ):
        assert len(desk.found(query)) == n, query


def test_the_page_tells_of_texts_and_answers_only_that_they_changed(desk: Desk) -> None:
    desk.keep_text()
    desk.record("answers saved", body={"changes": CHANGES})

    ((_, who, what, to_what, where, changed),) = desk.found("thing=READING")

    assert (who, what, to_what, where) == (
        "Leslie Lead",
        "Answers saved",
        "ReadingREADING",
        "Glen Test, Programme 2026",
    )
    assert "Reading: state: assigned → in progress" in changed
    assert f"Answer C9, note: not shown → a text of {len(SAID)} characters" in changed
    assert "Answer C9, confidence" in changed and "confidence: 1" not in changed
    assert SAID not in changed


def test_25_deeds_stand_on_a_page_and_the_filter_goes_along(desk: Desk) -> None:
    desk.record("odd deed", n=26)

    assert len(desk.found("action=odd+deed")) == 25
    assert len(desk.found("action=odd+deed&page=2")) == 1
    assert len(desk.found("action=odd+deed&page=99")) == 1, "the last page there is"
    assert "/trail?action=odd+deed&page=2" in desk.client.get("/trail?action=odd+deed").text.replace("&amp;", "&")


@pytest.mark.parametrize("query", ["who=nobody", "since=soon", "page=0", "inspection=none", f"thing={'x' * 255}"])
def test_what_cannot_be_looked_for_is_said(desk: Desk, query: str) -> None:
    assert desk.client.get(f"/trail?{query}").status_code == 422


def test_what_was_found_is_saved_as_a_file_and_that_it_was_is_a_deed(desk: Desk) -> None:
    desk.record("odd deed", object_id="=1+1")

    saved = desk.client.submit("/trail?action=odd+deed", {}, action="/trail/csv")

    (row,) = csv.DictReader(saved.text.splitlines())
    assert (row["who"], row["object"]) == ("Leslie Lead", "'=1+1")
    assert row["hash"] == desk.events("odd deed")[0].hash
    assert [one.body for one in desk.events("trail exported")] == [{"events": 1}]


def test_the_file_is_for_somebody_who_has_proved_who_they_are_and_not_ten_times_an_hour(desk: Desk) -> None:
    assert desk.client.application.view_functions["trail.as_csv"].is_proved_first  # type: ignore[attr-defined]
    token = {"csrf_token": desk.client.csrf_token("/trail")}
    for _ in range(MOST_AN_HOUR):
        assert desk.client.post("/trail/csv", data=token).status_code == 200
    assert desk.client.post("/trail/csv", data=token).status_code == 422


def test_the_whole_trail_is_checked_at_a_press_and_who_did_is_kept(desk: Desk) -> None:
    assert "It was not checked from here yet." in desk.client.page("/trail").text
    desk.client.submit("/trail", {}, action="/trail/check")

    assert "events, whole. Its head was" in desk.client.page("/trail").text
    with transaction(desk.engine) as session:
        let_go(session)
        session.execute(text("UPDATE audit_event SET action = 'other' WHERE n = 2"))
    desk.client.submit("/trail", {}, action="/trail/check")

    assert re.search(r"Event 2 \(other, .*?\) was changed after it was written", desk.client.page("/trail").text)
    assert [one.body["faults"] for one in desk.events("trail checked")] == [0, 1]


def test_an_account_has_a_history_that_names_the_roles_it_was_given(desk: Desk) -> None:
    page = desk.client.page(f"/accounts/{desk.cast.lead.public_id}/history")

    assert "Account created" in page.text and "Role given" in page.text
    assert "Membership: rolelead" in page.text and "Membership: rolebefore" not in page.text
    assert "Membership: inspectionGlen Test, Programme 2026" in page.text


def test_whoever_moderates_sees_what_was_done_to_a_reading_with_its_texts(room: Room, desk: Desk) -> None:
    name = room.pair[0]
    room.complete(name)
    desk.keep_text()
    mine = [CHANGES[0] | {"row": name}, CHANGES[1]]
    desk.record("odd deed", object_id=name, body={"changes": mine})
    desk.record("many moved", object_id="somebody", kind="account", body={"changes": [*mine, CHANGES[0]]})
    place = desk.cast.place.inspection.public_id

    text = desk.sign_in(desk.cast.moderator).page(f"/inspections/{place}/moderation/{name}").text

    assert "Reading submitted" in text
    assert "Odd deed · Leslie Lead" in text
    assert f"Answer C9, note{SAID}" in text
    assert text.count("Reading: statebefore: assigned; after: in progress") == 2
    assert text.count(SAID) == 1, "of a deed done to something else only what changed in this reading"


def test_whoever_runs_an_inspection_sees_its_deeds_and_roles_and_declared_conflicts_and_a_moderator_none(
    desk: Desk,
) -> None:
    inspection = desk.cast.place.inspection
    with transaction(desk.engine) as session:
        by = {"inspection": inspection, "by": desk.cast.coordinator, "at": BEGAN + timedelta(days=1)}
        kept = conflicts.keep(session, account=desk.cast.reviewer, case=None, reason="Worked there.", **by)
        conflicts.end(session, public_id=kept.public_id, **by)
    home = f"/inspections/{inspection.public_id}"

    shown = {path: desk.sign_in(desk.cast.coordinator).page(home + path).text for path in ("", "/people", "/conflicts")}

    assert "History of this inspection" in shown[""] and "Inspection added" in shown[""]
    assert "at the foot of their own pages" in shown[""]
    assert "History of roles" in shown["/people"] and "Membership: rolelead" in shown["/people"]
    assert "Conflict of interest ended" in shown["/conflicts"] and "Worked there." in shown["/conflicts"]
    assert "History of this inspection" not in desk.sign_in(desk.cast.moderator).page(home).text


def test_a_text_that_was_erased_is_told_by_its_length(desk: Desk) -> None:
    desk.record("odd deed", body={"changes": CHANGES})
    with snapshot(desk.engine) as session:
        (entry,) = audit.history_of(session, ["READING"], inspection_id=desk.cast.place.inspection.id)

    (note,) = [line for line in entry.lines if "note" in line.what]
    assert note.after == f"a text of {len(SAID)} characters, no longer kept"


def test_a_reader_sees_what_was_done_to_their_reading_and_no_text_of_it(room: Room, desk: Desk) -> None:
    opened = room.given(room.cast.reviewer)[0]
    desk.keep_text()
    desk.record("odd deed", object_id=opened.reading.public_id, body={"changes": CHANGES})
    desk.record("other deed", object_id="elsewhere", body={"changes": [CHANGES[0] | {"row": opened.reading.public_id}]})

    text = desk.sign_in(room.cast.reviewer).page(f"/readings/{opened.reading.public_id}/history").text

    assert "Odd deed · Leslie Lead" in text
    assert SAID not in text and "Other deed" not in text


def test_a_deed_says_in_words_what_it_says_of_itself_but_nothing_that_was_judged(desk: Desk) -> None:
    who = desk.cast.reviewer
    body = {"network": "<b>192.0.2.0/24</b>", "parts": {"one": [1, 2]}, "reader": who.public_id, "rating": 4}
    desk.record("odd deed", body=body | {"reason": "Aged 18"})
    desk.record("reading given to another", body={"from": who.id, "to": desk.cast.lead.id})

    ((*_, says),) = desk.found("action=odd+deed")
    ((*_, handed),) = desk.found("action=reading+given+to+another")

    assert "Network: <b>192.0.2.0/24</b>" in says, "escaped: it is read as it was written"
    assert "Parts: One: (1, 2)" in says and f"Reader: {who.name}" in says
    assert "4" not in says.replace("192.0.2.0/24", "") and "Aged" not in says
    assert f"From: {who.name}" in handed and "To: Leslie Lead" in handed


@pytest.mark.usefixtures("room")
def test_deeds_are_found_by_the_name_or_address_of_an_account_and_by_the_reference_of_a_case(
    desk: Desk,
) -> None:
    lead = desk.cast.lead
    desk.record("odd deed", kind="account", object_id=lead.public_id)
    with transaction(desk.engine) as session:
        sample, ref = session.exec(
            select(SampleCase.public_id, Case.case_ref).join(Case, col(Case.id) == SampleCase.case_id).limit(1)
        ).one()
    desk.record("odder deed", kind="sample case", object_id=sample)

    for thing in (lead.email.upper(), lead.name, lead.public_id):
        ((_, _, _, to_what, *_),) = desk.found(f"action=odd+deed&thing={quote(thing)}")
        assert f"{lead.name}, {lead.public_id}" in to_what
    assert len(desk.found(f"action=odder+deed&thing={quote(ref)}")) == 1
    assert "the reference of a case" in desk.client.page("/trail").text
