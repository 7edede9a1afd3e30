"""No form and no JSON takes a field that it does not ask for, whatever of any table it is named after."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest
from flask.testing import FlaskClient
from sqlmodel import SQLModel

from casereader import models
from tests.source import ROOT, parsed
from tests.web.client import filled_in, page_of
from tests.web.reading_room import Room, address
from tests.web.site import Site, path_of, rules

assert models  # its tables are what the fields are named after

PLANTED = "planted4711"
NUMBER = "471147114"
TRIED = (
    "owner",
    "role",
    "locked",
    "is_admin",
    "admin",
    "_method",
    "id",
    "__class__",
    "csrf",
    "user_id",
    "score_moderated",
)
NEVER = {"/sign-out", "/lock", "/sign-in"}


def columns() -> dict[str, str]:
    """Every column of every table, and what a field of that name would bring in."""
    found = dict.fromkeys(TRIED, PLANTED)
    for table in SQLModel.metadata.tables.values():
        for column in table.columns:
            kind = str(column.type)
            found[column.name] = "1" if kind == "BOOLEAN" else NUMBER if kind == "INTEGER" else PLANTED
            if table.name in ("account", "membership"):
                found[f"{table.name}.{column.name}"] = found[f"{table.name}[{column.name}]"] = found[column.name]
    return found


COLUMNS = columns()


def forms(site: Site, who: str) -> Iterator[tuple[str, Element]]:
    """Every form that posts, on every page that a person of the cast can open."""
    seen = set(NEVER)
    for rule in rules(site, "GET"):
        if "filename" in rule.arguments or rule.arguments - {"public_id", "section"}:
            continue
        name = site.reading if rule.rule.startswith("/readings/") else site.inspection
        values = {"public_id": name} | ({"section": "C"} if "section" in rule.arguments else {})
        path = path_of(site, rule, **values)
        answer = site.ask(who, path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for form in page_of(answer).root.iter("form"):
            action = form.get("action") or path
            if form.get("method", "get").lower() == "post" and action not in seen:
                seen.add(action)
                yield action, form


def test_columns_of_every_table_are_tried() -> None:
    assert {"is_administrator", "state", "public_id", "password_hash", "reviewer_id", "is_waiting"} <= COLUMNS.keys()
    assert 200 < len(COLUMNS) < 900, "as many as one form may have"


@pytest.mark.parametrize("who", ["administrator", "coordinator", "lead", "moderator", "reviewer"])
def test_every_form_as_it_came_with_a_field_for_every_column_stores_nothing_of_them(
    site: Site, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    taken = 0
    flags = flags_of(site)
    for action, form in forms(site, who):
        sent = filled_in(form)
        extra = {name: value for name, value in COLUMNS.items() if name not in sent}
        names = {field.get("name") for tag in ("input", "select", "textarea", "button") for field in form.iter(tag)}
        extra = {name: value for name, value in extra.items() if name not in names}
        with caplog.at_level(logging.WARNING, logger="casereader"):
            caplog.clear()
            status = site.ask(who, action, method="POST", data=sent | extra).status_code
        assert status in (200, 303, 400, 403, 404, 409, 413, 422, 423), (action, status)
        if status < 400:
            taken += 1
            assert "unexpected fields, not taken" in caplog.text, action
        assert PLANTED not in caplog.text and NUMBER not in caplog.text

    stored = "\n".join(site.stored())
    assert taken or who == "moderator", taken
    assert PLANTED not in stored and NUMBER not in stored
    assert flags_of(site) == flags


def flags_of(site: Site) -> list[str]:
    """What opens doors: accounts and their roles."""
    doors = re.compile(r'INSERT INTO "(account|membership|outside_identity)"')
    return [line for line in site.stored() if doors.match(line)]


def test_json_with_a_field_for_every_column_stores_what_it_asks_for_and_nothing_else(
    room: Room, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    client = request.getfixturevalue("reviewer")
    opened = room.given(room.cast.reviewer)[0]
    token = {"X-CSRFToken": client.csrf_token("/readings")}
    sent = {**COLUMNS, "version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}

    with caplog.at_level(logging.WARNING, logger="casereader"):
        assert client.post(address(opened, "/answers"), json=sent, headers=token).status_code == 200
        active = client.post(address(opened, "/active"), json={**COLUMNS, "minutes_ago": [0]}, headers=token)

    assert active.status_code == 200
    assert caplog.text.count("unexpected fields, not taken") == 2 and PLANTED not in caplog.text
    stored = room.now(opened).reading
    assert (stored.reviewer_id, stored.public_id) == (opened.reading.reviewer_id, opened.reading.public_id)
    assert stored.version == 2 and room.answers(opened)["C9"] == "5"
    assert PLANTED not in str(room.stored(opened))
    inside = {"value": "5", "moderated_by": PLANTED}
    again = {**sent, "version": 2, "idempotency_key": "0123456789abcdeg", "answers": {"C9": inside}}
    assert (
        FlaskClient.open(client, address(opened, "/answers"), method="POST", json=again, headers=token).status_code
        == 422
    )


BY_NAMES_OF_OURS = {  # which names, is written beside it
    "casereader/programmes/calendars.py": "the dates of an inspection",
    "casereader/packing/placing.py": "the columns of a row that travel, which are checked as its file is read",
    "casereader/readings/saving.py": "the columns of an answer, as `as_columns` names them",
    "casereader/returns/changes.py": "what of a case a change of the list may be about",
}


def test_no_code_takes_all_that_was_sent_at_once() -> None:
    """Neither a form into a row, nor fields into an object by their names."""
    wrong = set()
    for file in (ROOT / "casereader").rglob("*.py"):
        where = str(file.relative_to(ROOT))
        text = file.read_text(encoding="utf-8")
        if re.search(r"populate_obj|model_construct|sqlmodel_update|\*\*\(?request\.(form|get_json|json)", text):
            wrong.add(where)
        for node in ast.walk(parsed(file)) if "setattr(" in text else ():
            is_set = isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr"
            if is_set and not isinstance(node.args[1], ast.Constant):  # type: ignore[attr-defined]
                wrong.add(where)

    assert wrong == BY_NAMES_OF_OURS.keys()
