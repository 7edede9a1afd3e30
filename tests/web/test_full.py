"""A disk without room: said so in plain words, reading goes on, and saving works again once there is room."""

from __future__ import annotations

import io
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlmodel import select
from werkzeug.test import TestResponse

from casereader.cli.serve import LIMITS
from casereader.db import snapshot
from casereader.models import SamplingFrame
from tests.cast import Cast, SignIn
from tests.faults.forms import signed_in
from tests.lists import list_csv
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room, address
from tests.web.served import behind_the_server
from tests.web.test_busy import last_seen, seen_a_while_ago

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LONG = "Words that fill it. " * 1000


@contextmanager
def no_page_more(engine: Engine) -> Iterator[None]:
    """SQLite may not make its file larger: it says so while a row is written."""

    def hold(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "connect", hold)
    engine.dispose()
    yield
    event.remove(engine, "connect", hold)
    engine.dispose()


@contextmanager
def no_byte_more(engine: Engine) -> Iterator[None]:
    """The system refuses to make files longer, as a quota does: SQLite only finds out when it commits."""
    log = Path(f"{make_url(engine.url).database}-wal")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@contextmanager
def no_room_for_answers(engine: Engine) -> Iterator[None]:
    """PostgreSQL says of the table of answers what it says where a table cannot be made larger."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        connection.exec_driver_sql("CREATE TRIGGER no_room BEFORE INSERT ON answer EXECUTE FUNCTION no_room()")
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP FUNCTION no_room CASCADE")


@pytest.mark.parametrize(
    ("database_url", "full"),
    [("sqlite", no_page_more), ("sqlite", no_byte_more), ("postgresql", no_room_for_answers)],
    indirect=["database_url"],
)
def test_e14_a_save_on_a_full_disk_is_told_so_reads_go_on_and_the_same_save_is_taken_once_there_is_room(
    app: Flask, room: Room, reviewer: PageClient, full: Any
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False  # as it is served
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    notes = {key: {"note": LONG} for key in ("C1", "C2", "C3", "C4", "C9", "C10", "D1", "D2")}
    sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": notes}

    def save() -> TestResponse:
        reply: TestResponse = reviewer.post(
            address(opened, "/answers"),
            data=json.dumps(sent),
            content_type="application/json",
            headers={"X-CSRFToken": token, "Accept": "application/json"},
        )
        return reply

    seen = seen_a_while_ago(app)
    with full(app.extensions["casereader_engine"]):
        reviewer.page(address(opened, "/C"))  # though the idle clock is due
        refused = save()
        form = reviewer.post(
            address(opened, "/C"), data={"csrf_token": token, "version": "1", "C9__note": LONG, "C10__note": LONG}
        )
        reviewer.page(address(opened, "/C"))
    assert refused.status_code == 507
    assert refused.json and refused.json["error"] == "No room left to save"
    assert "disk is full" in refused.json["says"][0]
    assert form.status_code == 507
    assert page_of(form).heading == "No room left to save"
    assert room.cast.reviewer.name in page_of(form).text  # still signed in
    assert room.stored(opened) == {} and room.now(opened).reading.version == 1

    assert save().status_code == 200
    assert room.stored(opened)["D2"].note == LONG
    assert last_seen(app) > seen


@ON_SQLITE
def test_e30_a_file_that_no_disk_has_room_for_is_told_so_and_nothing_of_it_is_kept(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = sign_in(cast.coordinator)
    path = f"/inspections/{cast.place.inspection.public_id}/list"
    token = client.csrf_token(path)
    content = list_csv({"b": 4_000}).encode()

    def send() -> TestResponse:
        sent = {"csrf_token": token, "file": (io.BytesIO(content), "list.csv")}
        return client.post(path, data=sent, content_type="multipart/form-data")

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(content) // 2, limits[1]))
    try:
        refused = send()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert refused.status_code == 507 and page_of(refused).heading == "No room left to save"
    folder = app.extensions["casereader_settings"].data_folder
    assert not [file for file in folder.rglob("*") if file.name.startswith(("incoming-", "arriving-"))]
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(SamplingFrame)).all() == []
    assert send().status_code == 303


@ON_SQLITE
def test_e30_a_file_that_the_server_has_no_room_for_is_told_so_by_the_page_and_its_connection_is_not_cut_off(
    app: Flask, cast: Cast
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    path = f"/inspections/{cast.place.inspection.public_id}/list"
    content = list_csv({"b": 6_000}).encode()
    room = len(content) // 2
    assert room > LIMITS["inbuf_overflow"], "the server puts the rest into a file"
    with behind_the_server(app) as (_, port):
        client = signed_in(app, "catriona", port)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        try:
            refused = client.upload(path, content, "list.csv")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert refused == 507 and "No room left to save" in client.last
        assert client.upload(path, content, "list.csv") == 303
