"""What is about one inspection, one reading or one person goes through no table that every inspection adds to.

Each query that the pages really issue is explained by the database that it was put to. SQLite goes by its indexes
whatever the tables hold. PostgreSQL reads short tables whole, and is told not to: what it still reads whole has no
index that serves. `make bench-growth` times the same pages with millions of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlmodel import select

from bench.explained import GROWING, must_be_read_whole
from bench.serving import browser_of
from casereader.db import snapshot, transaction
from casereader.models import Reading
from tests import read_twice
from tests.cast import Cast
from tests.databases import ON_BOTH
from tests.web.test_roll_up_pages import at, people_of

PAGES = {
    "lead": (
        *("", "list", "progress", "progress/room", "progress/second-readings", "progress/cases.csv"),
        *("records", "conflicts", "roll-up", "roll-up/questions.csv", "roll-up/readings", "evaluation/5.1", "issues"),
        *("actions", "concerns", "take-away", "unlocking", "/", "/board", "/board/calendar", "/programmes"),
    ),
    "moderator": ("moderation", "moderation/{reading}", "agreement", "briefing", "queries", "/"),
    "reviewer": ("/", "/readings", "/readings/{reading}", "/readings/{reading}/history", "/queries"),
    "administrator": ("/trail", "/trail?action=signed+in", "/accounts"),
}


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, every record of their inspection read by two people."""
    with transaction(app.extensions["casereader_engine"]) as session:
        read_twice.build(session, cast.place, people_of(cast))
    return cast


@ON_BOTH
def test_no_page_of_one_inspection_or_person_goes_through_what_every_inspection_adds_to(app: Flask, read: Cast) -> None:
    engine = app.extensions["casereader_engine"]
    with snapshot(engine) as session:
        reading = session.exec(select(Reading.public_id).where(Reading.reviewer_id == read.reviewer.id)).first()
    names = {"reading": reading, "programme": read.place.programme.public_id}
    app.test_client_class = FlaskClient  # the pages are looked over elsewhere
    asked: dict[str, tuple[str, Any]] = {}

    for who, pages in PAGES.items():
        client = browser_of(app, getattr(read, who))
        for page in pages:
            path = page.format(**names) if page.startswith("/") else at(read, page.format(**names)).rstrip("/")
            with listening(engine, lambda said, given, path=path: asked.setdefault(said, (path, given))):
                assert client.get(path).status_code == 200, path

    assert {table for table in GROWING if any(f"FROM {table}" in said for said in asked)} >= {"answer", "audit_event"}
    with engine.connect() as connection:
        control = must_be_read_whole(connection, "SELECT count(*) FROM answer WHERE note = 'x'", ())
        faults = {
            f"{path}: {table} in {said}"
            for said, (path, given) in asked.items()
            for table in must_be_read_whole(connection, said, given)
        }
    assert (control, faults) == ({"answer"}, set())


def test_nobody_s_roles_are_asked_for_one_by_one_when_a_file_is_taken(app: Flask, read: Cast) -> None:
    asked: list[str] = []
    client = browser_of(app, read.lead)
    with listening(app.extensions["casereader_engine"], lambda said, _: asked.append(" ".join(said.split()))):
        assert client.get(at(read, "roll-up/questions.csv")).status_code == 200

    assert [said for said in asked if "FROM membership WHERE membership.account_id =" in said]
    assert [said for said in asked if "FROM membership WHERE membership.id =" in said] == []


@contextmanager
def listening(engine: Engine, hear: Callable[[str, Any], object]) -> Iterator[None]:
    """Hear every SELECT with its values as it is put to the database."""

    def heard(_connection: Any, _cursor: Any, said: str, given: Any, *_: Any) -> None:
        if said.startswith(("SELECT", "WITH")):
            hear(said, given)

    event.listen(engine, "before_cursor_execute", heard)
    yield
    event.remove(engine, "before_cursor_execute", heard)
