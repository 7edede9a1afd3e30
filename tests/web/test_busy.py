"""A database that somebody else is writing to for longer than we wait: said so, nothing changed, and then it works."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlmodel import select

from casereader.db import SQLITE_PRAGMAS, at_once, open_session, snapshot, transaction
from casereader.drawing import verifying
from casereader.models import SignIn as Entry
from casereader.web.access import Door, allow
from casereader.web.background import BUSY
from casereader.web.drawing import plan_page
from casereader.web.programmes import joining
from casereader.web.request_session import db
from tests import sampled
from tests.cast import Cast, SignIn
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def waiting(engine: Engine, milliseconds: int) -> Iterator[None]:
    """Others are waited for so long only."""

    def wait(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={milliseconds}")

    event.listen(engine, "connect", wait)
    engine.dispose()
    yield
    event.remove(engine, "connect", wait)
    engine.dispose()


@contextmanager
def held_by_another(engine: Engine) -> Iterator[None]:
    """Somebody else writes, and we wait for a twentieth of a second only."""
    with waiting(engine, 50), open_session(engine, write=True) as session:
        session.connection()
        yield


def test_a_save_meets_a_busy_database_with_503_and_is_taken_when_it_is_sent_again(
    app: Flask, room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}

    def save() -> Any:
        return reviewer.post(
            address(opened, "/answers"),
            data=json.dumps(sent),
            content_type="application/json",
            headers={"X-CSRFToken": token, "Accept": "application/json"},
        )

    with held_by_another(app.extensions["casereader_engine"]):
        refused = save()
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "5"
    assert "busy" in refused.json["says"][0]
    assert room.stored(opened) == {}

    assert save().status_code == 200
    assert room.answers(opened)["C9"] == "5"


def test_e13_a_save_is_given_between_4_and_8_seconds_by_the_database(app: Flask) -> None:
    with app.extensions["casereader_engine"].connect() as connection:
        milliseconds = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()

    assert f"busy_timeout={milliseconds}" in SQLITE_PRAGMAS
    assert 4000 < milliseconds < 8000, "a writer of 4 seconds is waited for, one of 8 is not"


@pytest.mark.parametrize(("ends", "given", "status"), [("soon", 60_000, 200), ("after the reply", 100, 503)])
def test_e13_a_save_waits_for_a_writer_who_ends_in_the_time_it_is_given_and_not_for_one_who_does_not(
    app: Flask, room: Room, reviewer: PageClient, ends: str, given: int, status: int
) -> None:
    """Who is waited for ends long before that time, who is not only after the reply, however slow the machine."""
    engine = app.extensions["casereader_engine"]
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with open_session(engine, write=True) as session:
            session.connection()
            held.set()
            over.wait(0.2 if ends == "soon" else 60)

    with waiting(engine, given):
        writer = threading.Thread(target=hold)
        writer.start()
        assert held.wait(60)
        reply = reviewer.post(address(opened, "/answers"), json=sent, headers={"X-CSRFToken": token})
        over.set()
        writer.join()

    assert reply.status_code == status
    assert room.now(opened).reading.version == (2 if status == 200 else 1)
    assert status == 200 or "Nothing was changed: try again" in reply.json["says"][0]


def test_whatever_a_request_ends_in_nobody_waits_for_it_afterwards(
    app: Flask, room: Room, reviewer: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}
    monkeypatch.setitem(app.view_functions, "reading.start", _write_and_break)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    replies = []

    for path, body in (
        (address(opened, "/answers"), sent),
        (address(opened, "/answers"), {**sent, "idempotency_key": "fedcba9876543210"}),
        (address(opened, "/answers"), {**sent, "version": 2, "answers": {"C9": {"value": "7"}}}),
        (address(opened, "/start"), {}),
    ):
        replies.append(reviewer.post(path, json=body, headers={"X-CSRFToken": token}).status_code)
        with at_once(app.extensions["casereader_engine"]) as session:
            session.connection()

    assert replies == [200, 409, 422, 500]


@allow(Door.ANYONE)
def _write_and_break(public_id: str) -> str:
    db().connection()
    raise LookupError(public_id)


def test_a_page_is_shown_while_another_writes_even_when_the_idle_clock_is_due(
    app: Flask, room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    page = address(opened, "/C")
    token = reviewer.csrf_token(page)
    seen = seen_a_while_ago(app)
    with held_by_another(app.extensions["casereader_engine"]):
        reviewer.page(page)
        busy = reviewer.post(address(opened, "/start"), data={"csrf_token": token})
    assert busy.status_code == 503
    assert room.cast.reviewer.name in page_of(busy).text, "the page that says so knows who is signed in"
    assert last_seen(app) == seen

    reviewer.page(page)
    assert last_seen(app) > seen


def seen_a_while_ago(app: Flask) -> datetime:
    """Everybody's idle clock set back by two minutes: the next page moves it on."""
    with transaction(app.extensions["casereader_engine"]) as session:
        for entry in session.exec(select(Entry)):
            entry.last_seen_at -= timedelta(minutes=2)
    return last_seen(app)


def last_seen(app: Flask) -> datetime:
    with snapshot(app.extensions["casereader_engine"]) as session:
        return max(entry.last_seen_at for entry in session.exec(select(Entry)))


def test_a_form_meets_a_busy_database_with_a_page_that_says_what_to_do(
    app: Flask, room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))

    with held_by_another(app.extensions["casereader_engine"]):
        refused = reviewer.post(address(opened, "/start"), data={"csrf_token": token})

    assert refused.status_code == 503
    assert page_of(refused).heading == "Busy"
    assert room.cast.reviewer.name in page_of(refused).text  # still signed in: reading goes on
    assert "Nothing was changed: try again in a minute." in page_of(refused).text
    assert room.now(opened).reading.started_at is None


@pytest.mark.parametrize("page", ["plan", "draw/verify", "people/list/check"])
def test_whoever_only_looks_leaves_the_database_to_those_who_save(
    app: Flask, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    engine = app.extensions["casereader_engine"]
    with transaction(engine) as session:
        draw = sampled.draw if page == "draw/verify" else sampled.receive
        made = draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    client, home = sign_in(cast.coordinator), f"/inspections/{cast.place.inspection.public_id}"
    saved = []

    def beside(does: Any) -> Any:
        def wrapped(*given: Any, **named: Any) -> Any:
            with at_once(engine) as writing:  # somebody else's save, while the list is looked at
                saved.append(writing.exec(select(Entry)).first())
            return does(*given, **named)

        return wrapped

    for module, name in ((plan_page, "preview"), (verifying, "check_apart"), (joining, "sheets_apart")):
        monkeypatch.setattr(module, name, beside(getattr(module, name)))
    sent: dict[str, Any] = {
        "plan": lambda: {"do": "show", "strata": "group"},
        "draw/verify": lambda: {"pasted": made.certificate, "list": (io.BytesIO(b"case_ref,stratum\nR1,a\n"), "l.csv")},  # type: ignore[union-attr]
        "people/list/check": lambda: {"file": (io.BytesIO(b"PK"), "people.xlsx")},
    }[page]()
    token = client.csrf_token(f"{home}/{page.removesuffix('/check')}")

    client.post(f"{home}/{page}", data={"csrf_token": token, **sent}, content_type="multipart/form-data")

    assert len(saved) == 1


@pytest.mark.parametrize("page", ["draw/verify", "people/list/check", "workbooks"])
def test_a_file_is_not_read_beside_as_many_as_may_be_and_the_page_says_when_to_send_it(
    app: Flask, cast: Cast, sign_in: SignIn, page: str
) -> None:
    background = app.extensions["casereader_background"]
    with transaction(app.extensions["casereader_engine"]) as session:
        record = sampled.draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    client, home = sign_in(cast.coordinator), f"/inspections/{cast.place.inspection.public_id}"
    token = client.csrf_token(f"{home}/{page.removesuffix('/check')}")
    field = "list" if page == "draw/verify" else "file"
    pasted = {"pasted": record.certificate} if field == "list" else {}
    name = "list.csv" if field == "list" else "sent.xlsx"

    def send() -> Any:
        sent = {"csrf_token": token, **pasted, field: (io.BytesIO(b"PK"), name)}
        return client.post(f"{home}/{page}", data=sent, content_type="multipart/form-data")

    with background.place(), background.place():
        busy = send()

    assert busy.status_code == 422
    assert page_of(busy).errors == [BUSY]
    assert BUSY not in send().text
