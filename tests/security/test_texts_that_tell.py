"""Whatever tells who a child is, in any field of any form and any text of any JSON, is warned of or not taken.

The forms are those of the field fuzz, on every page of the table of access; what is sent as JSON is what
docs/openapi.json describes. At the end the inspection is erased, and none of it is in any file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlmodel import col, select

from casereader import erasing
from casereader.db import snapshot, transaction
from casereader.models import Account, Case, Inspection
from casereader.web.every_request import looked_over
from tests.cast import PASSWORD
from tests.second_steps import line
from tests.security.access_table import rules_of, table
from tests.security.test_extra_fields import forms
from tests.source import ROOT
from tests.web.client import PageClient, filled_in
from tests.web.reading_room import Room, address
from tests.web.site import Site

TELLS = "born 3 May 2012, EH1 2AB"
WARNS = re.compile(r"looks as if it held|[Tt]his looks like")
NEVER_LOOKED_AT = {looked_over.NO_TEXT_KEPT, looked_over.NOTHING_KEPT, looked_over.OTHERWISE["practice"]}
TYPED = ("text", "search", "email", "tel")
NUMBER = count(1)
# What is no reference, number or address is refused.
HAVE_A_FORM = ("case_ref", "reference", "telephone", "email")
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Sent:
    """A form that was sent with the text: to where, under which mark, and what came of it."""

    endpoint: str
    mark: str
    status: int
    is_warned: bool


def filled(form: Element, mark: str) -> tuple[dict[str, object], bool]:
    """A form with the text wherever one can type, and the first of whatever is to be chosen; whether one can type."""
    sent: dict[str, object] = dict(filled_in(form))
    can_type = False
    for field in form.iter():
        name, kind = field.get("name", ""), field.get("type", "text")
        if not name or name == "csrf_token" or field.get("disabled") is not None:
            continue
        is_number = field.get("inputmode") in ("numeric", "decimal")
        if field.tag == "textarea" or (field.tag == "input" and kind in TYPED and not is_number):
            if not name.endswith("__see"):  # says which question's note serves, and may not stand beside a note
                sent[name], can_type = f"{TELLS} {mark}", True
        elif field.tag == "input" and kind == "checkbox" and name not in ("keep_signs", "looked"):
            sent.setdefault(name, field.get("value", "y"))
        elif field.tag == "input" and kind in ("radio", "date"):
            day = "2099-06-15" if name == "ends_on" else "2026-06-15"  # the last day of an account is still to come
            sent[name] = sent.get(name) or (field.get("value", "") if kind == "radio" else day)
        elif field.tag == "input" and is_number:
            sent[name] = sent.get(name) or "1"
        elif field.tag == "select":
            options = [option.get("value", "") for option in field.iter("option")]
            sent[name] = sent.get(name) or next(filter(None, options), "")
        elif field.tag == "button" and field.get("value"):
            sent.setdefault(name, field.get("value"))
    return sent, can_type


def well_formed(name: str, site: Site, mark: str) -> str:
    """What such a field takes."""
    if name == "case_ref":
        with snapshot(site.app.extensions["casereader_engine"]) as session:
            return session.exec(select(Case.case_ref).order_by(col(Case.id).desc()).limit(1)).one()
    return f"{mark}@cast.example" if name == "email" else ""


def sent_to(site: Site, who: str) -> Iterator[Sent]:
    """Every form that somebody sees, sent with the text; a refused one again without what has a form of its own."""
    for action, form in forms(site, who):
        for but in ((), HAVE_A_FORM):
            mark = f"zq{next(NUMBER)}zq"
            values, can_type = filled(form, mark)
            values |= {name: well_formed(name, site, mark) for name in but if name in values}
            if "case_ref" in but:
                values.pop("with_all", None)  # one case, or all of them: whoever says all sees no page after it
            if not can_type or (but and not values.keys() & set(but)):
                break
            answer = site.ask(who, action, method="POST", data=values)
            page = site.ask(who, answer.location).text if answer.status_code == 303 and answer.location else answer.text
            endpoint, _ = site.app.url_map.bind("127.0.0.1").match(urlsplit(action).path, method="POST")
            if answer.status_code == 200:
                page = site.ask(who, "/settings").text  # what was shown at once is told of on the page after it
            yield Sent(endpoint, mark, answer.status_code, WARNS.search(page) is not None)
            if answer.status_code != 422 or WARNS.search(page):
                break


@pytest.mark.parametrize(
    ("who", "fewest"),
    [("reviewer", 3), ("coordinator", 5), ("administrator", 1), pytest.param("lead", 2, marks=pytest.mark.slow)],
)
def test_a_text_that_tells_in_any_form_is_warned_of_or_not_taken(site: Site, who: str, fewest: int) -> None:
    sent = list(sent_to(site, who))

    stored = "\n".join(site.stored())
    assert [one.endpoint for one in sent if one.mark in stored and not one.is_warned] == []
    assert {one.endpoint for one in sent if one.status == 303 and not one.is_warned} <= {"searching.ask"}
    taken = {one.endpoint for one in sent if one.mark in stored}
    assert len(taken) >= fewest, taken


def test_every_row_of_the_table_that_takes_anything_is_looked_over_or_says_why_not(site: Site) -> None:
    rules = rules_of(site.app)
    endpoints = {rules[row.key].endpoint for row in table() if row.method == "POST"}

    without = {one for one in endpoints if looked_over.OTHERWISE.get(one.partition(".")[0]) in NEVER_LOOKED_AT}

    assert looked_over.OTHERWISE.keys() <= {one.partition(".")[0] for one in endpoints}
    assert {one.partition(".")[0] for one in without} == {"account", "signing", "settings", "practice", "searching"}
    assert len(endpoints - without) > 90


def texts_of(schema: dict[str, Any], *, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where in a body of that schema a text may stand."""
    if reference := schema.get("$ref"):
        schema = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
    kinds = [schema.get("type")] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if "string" in kinds and "pattern" not in schema:
        yield at
    for name, inner in schema.get("properties", {}).items():
        yield from texts_of(inner, at=(*at, name))
    if isinstance(inner := schema.get("additionalProperties"), dict):
        yield from texts_of(inner, at=(*at, "*"))
    if inner := schema.get("items"):
        yield from texts_of(inner, at=(*at, "[]"))


def test_the_only_texts_that_come_as_json_are_those_of_answers() -> None:
    found = {
        (path, *where)
        for path, methods in DOCUMENT["paths"].items()
        for body in [methods.get("post", {}).get("requestBody")]
        if body
        for where in texts_of(body["content"]["application/json"]["schema"])
    }

    answer = ("/readings/{reading_id}/answers", "answers", "*")
    assert found == {(*answer, "value"), (*answer, "note"), (*answer, "ground"), (*answer, "sources", "[]")}


@pytest.mark.parametrize(
    ("key", "field", "status"),
    [
        ("C9", "note", 200),
        ("_notes", "value", 200),
        ("_story", "value", 200),
        ("J6.example", "value", 200),
        ("C9", "value", 422),
        ("C9", "ground", 422),
        ("C9", "sources", 422),
    ],
)
def test_a_text_that_tells_in_a_save_is_answered_with_what_it_looks_like_or_refused(
    room: Room, reviewer: PageClient, key: str, field: str, status: int
) -> None:
    opened, other = room.given(room.cast.reviewer)[:2]
    text = f"{TELLS}; see {other.case_ref}"
    answer: dict[str, Any] = {field: [text] if field == "sources" else text}
    body = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {key: answer}}
    headers = {"X-CSRFToken": reviewer.csrf_token("/readings")}

    sent = reviewer.post(address(opened, "/answers"), json=body, headers=headers)
    again = reviewer.post(address(opened, "/answers"), json=body, headers=headers)

    assert (sent.status_code, again.json) == (status, sent.json)
    assert sent.json is not None
    if status == 200:
        assert sent.json["signs"] == {key: ["a postcode", "a date of birth", "the reference of another case"]}
    else:
        assert room.answers(opened) == {}


def test_a_save_of_ordinary_words_and_of_the_case_s_own_reference_is_answered_with_no_signs(
    room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    note = f"Reviewed in May 2026, as {opened.case_ref} says; 3 of 4 visits were kept."
    body = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"note": note}}}
    token = reviewer.csrf_token("/readings")

    saved = reviewer.post(address(opened, "/answers"), json=body, headers={"X-CSRFToken": token})

    assert saved.status_code == 200 and saved.json is not None and "signs" not in saved.json


def test_once_the_inspection_is_erased_nothing_that_was_typed_is_in_any_file(
    app: Flask, room: Room, reviewer: PageClient
) -> None:
    (opened, second), engine = room.given(room.cast.reviewer)[:2], app.extensions["casereader_engine"]
    folders = {Path(engine.url.database).parent, app.extensions["casereader_settings"].data_folder}
    headers = {"X-CSRFToken": reviewer.csrf_token("/readings")}
    for version, mark in enumerate((b"zq1zq", b"zq2zq"), 1):  # the first stays as a revision only
        answers = {"C9": {"note": f"{TELLS} {mark!r}"}, "_notes": {"value": f"{mark!r}"}}
        body = {"version": version, "idempotency_key": f"0123456789abcde{version}", "answers": answers}
        assert reviewer.post(address(opened, "/answers"), json=body, headers=headers).status_code == 200
    reason = {"way": "not produced", "reason": "zq3zq"}
    assert reviewer.submit(address(second, "/not-readable"), reason).status_code == 303
    assert marks_in(folders) == {b"zq1zq", b"zq2zq", b"zq3zq"}
    with transaction(engine) as session:
        inspection = session.get_one(Inspection, room.cast.place.inspection.id)
        inspection.retain_until = date(2026, 4, 1)
        lead = session.get_one(Account, room.cast.lead.id)
        erasing.ask(session, inspection=inspection, is_sooner=True, by=lead, at=datetime.now(UTC))

    words = ["erase", "--inspection", room.cast.place.path, "--by", room.cast.administrator.email, "--yes"]
    typed = f"{PASSWORD}\n{line(1)}\n"
    done = app.test_cli_runner().invoke(args=[*words, "--proof-from-input"], input=typed)

    assert done.exit_code == 0, done.output
    assert marks_in(folders) == set()


def marks_in(folders: set[Path]) -> set[bytes]:
    """Which of what was typed stands in any file."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {mark for path in files for mark in re.findall(rb"zq\d+zq", path.read_bytes())}
