"""What is about one inspection, one reading or one person goes through no table that every inspection adds to.

Nor does what people do there every day, in what it writes as in what it looks up; and of the pages of a programme each
goes through none, though it looks up whatever its inspections hold.
Each statement that is really issued is explained by the database that it was put to. SQLite goes by its indexes
whatever the tables hold. PostgreSQL reads short tables whole, and is told not to: what it still reads whole has no
index that serves. `make bench-growth` times the same pages with millions of rows.
"""

from __future__ import annotations

import re
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
from casereader.vocabulary import INELIGIBLE_REASONS
from tests import read_twice, sampled
from tests.cast import Cast, SignIn
from tests.databases import ON_BOTH
from tests.postgres import PostgresCluster
from tests.reading import complete, given_to
from tests.web.evaluation.test_roll_up_pages import at, people_of

PAGES = {
    "lead": (
        *("", "list", "progress", "progress/room", "progress/second-readings", "progress/cases.csv"),
        *("records", "conflicts", "roll-up", "roll-up/questions.csv", "roll-up/readings", "evaluation/5.1", "issues"),
        *("actions", "concerns", "take-away", "unlocking", "/", "/board", "/board/calendar", "/programmes"),
        "/search?sealed={lead}",
    ),
    "moderator": ("moderation", "moderation/{reading}", "agreement", "briefing", "queries", "/"),
    "reviewer": (
        "/",
        "/readings",
        "/readings/{reading}",
        "/readings/{reading}/history",
        "/queries",
        "/search?sealed={reviewer}",
    ),
    "administrator": ("/trail", "/trail?action=signed+in", "/accounts"),
}
OF_PROGRAMME = ("overview", "across", "variation", "peers", "agreement", "severity", "issues")
WRITES = re.compile(r'(INSERT|UPDATE|DELETE) (?:INTO |FROM )?"?(\w+)')
Asked = dict[str, tuple[str, Any]]  # by statement, where it was issued and its values


@pytest.fixture
def postgres_url(postgres: PostgresCluster, migrated_postgres: str) -> Iterator[str]:
    """A database that no test has used: rows that hundreds of tests took out again make other ways look cheaper."""
    yield postgres.create("by_index", template=migrated_postgres)
    postgres.drop("by_index")


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
    for who in ("lead", "reviewer"):
        seal = app.extensions["casereader_search_keys"].seal
        names[who] = seal("T0", bound_to=getattr(read, who).public_id)
    app.test_client_class = FlaskClient  # the pages are looked over elsewhere
    asked: Asked = {}

    for who, pages in PAGES.items():
        client = browser_of(app, getattr(read, who))
        for page in pages:
            path = page.format(**names) if page.startswith("/") else at(read, page.format(**names)).rstrip("/")
            with listening(engine, lambda said, given, path=path: asked.setdefault(said, (path, given))):
                assert client.get(path).status_code == 200, path

    assert {table for table in GROWING if any(f"FROM {table}" in said for said in asked)} >= {"answer", "audit_event"}
    assert faults(engine, asked) == set()


@ON_BOTH
def test_no_page_of_a_programme_goes_through_what_other_programmes_add_to(app: Flask, read: Cast) -> None:
    engine, asked = app.extensions["casereader_engine"], Asked()
    app.test_client_class = FlaskClient
    client = browser_of(app, read.lead)

    for page in OF_PROGRAMME:
        with listening(engine, lambda said, given, page=page: asked.setdefault(said, (page, given))):
            path = f"/programmes/{read.place.programme.public_id}/{page}"
            assert client.get(path).status_code == 200, page

    assert any("FROM answer" in said for said in asked)
    assert faults(engine, asked) == set()


@ON_BOTH
def test_what_people_do_every_day_goes_through_nothing_that_every_inspection_adds_to(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    engine, instrument = app.extensions["casereader_engine"], app.extensions["casereader_instruments"]["CRR-1"]
    asked: Asked = {}
    doing = ["dealing"]
    coordinator, reviewer, moderator = (sign_in(getattr(cast, who)) for who in ("coordinator", "reviewer", "moderator"))

    with listening(engine, lambda said, given: asked.setdefault(said, (doing[-1], given))):
        with transaction(engine) as session:
            sampled.assign(session, cast, instrument)
            mine = [one.reading.public_id for one in given_to(session, cast.reviewer)]
        doing.append("saving an answer")
        sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5", "note": "May."}}}
        heads = {"X-CSRFToken": reviewer.csrf_token("/readings"), "Accept": "application/json"}
        for saved in (sent, {**sent, "version": 2, "idempotency_key": "f" * 16, "answers": {"C9": {"value": "4"}}}):
            assert reviewer.post(f"/readings/{mine[0]}/answers", json=saved, headers=heads).status_code == 200
        doing.append("handing in")
        with transaction(engine) as session:
            for one in given_to(session, cast.reviewer)[1:3]:
                complete(session, one, instrument, by=cast.reviewer)
        doing.append("reopening")
        reopen = f"/readings/{mine[1]}/reopen"
        assert reviewer.submit(reopen, {"reason": "A page was missing."}).status_code == 303
        doing.append("signing off")
        path = at(cast, f"moderation/{mine[2]}")
        assert moderator.submit(path, action=f"{path}/sign-off").status_code == 303
        doing.append("replacing")
        links = coordinator.page(at(cast, "progress")).links
        propose = next(link for link in links if "/replacements/propose/" in link)
        assert coordinator.submit(propose, {"reason": INELIGIBLE_REASONS[0]}).status_code == 303
        forms = [form.get("action", "") for form in moderator.page("/").root.iter("form")]
        confirm = next(action for action in forms if "/replacements/" in action and "confirm" in action)
        assert moderator.submit("/", action=confirm).status_code == 303
        doing.append("handing over")
        moves = at(cast, "moves")
        asks = f"{moves}?reader={cast.second_reviewer.public_id}"
        assert coordinator.submit(asks, {"reason": "Illness."}, action=moves).status_code == 303

    written = {tuple(found.groups()) for said in asked if (found := WRITES.match(said))}
    assert written >= {("UPDATE", "reading"), ("UPDATE", "answer"), ("UPDATE", "sample_case")}
    assert faults(engine, asked) == set()


def test_nobody_s_roles_are_asked_for_one_by_one_when_a_file_is_taken(app: Flask, read: Cast) -> None:
    asked: list[str] = []
    client = browser_of(app, read.lead)
    with listening(app.extensions["casereader_engine"], lambda said, _: asked.append(" ".join(said.split()))):
        assert client.get(at(read, "roll-up/questions.csv")).status_code == 200

    assert [said for said in asked if "FROM membership WHERE membership.account_id =" in said]
    assert [said for said in asked if "FROM membership WHERE membership.id =" in said] == []


def faults(engine: Engine, asked: Asked) -> set[str]:
    """Which statements cannot but go through a growing table that they may not, and where they were issued."""
    with engine.connect() as connection:
        for control in (
            "SELECT count(*) FROM answer WHERE note = 'x'",
            "UPDATE answer SET note = 'y' WHERE note = 'x'",
        ):
            assert must_be_read_whole(connection, control, ()) == {"answer"}
        return {
            f"{where}: {table} in {said}"
            for said, (where, given) in asked.items()
            for table in must_be_read_whole(connection, said, given)
        }


@contextmanager
def listening(engine: Engine, hear: Callable[[str, Any], object]) -> Iterator[None]:
    """Hear every statement that reads or writes rows as it is put to the database, with its first values."""

    def heard(_connection: Any, _cursor: Any, said: str, given: Any, *_: Any) -> None:
        if said.startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            hear(said, given[0] if isinstance(given, list) else given)

    event.listen(engine, "before_cursor_execute", heard)
    yield
    event.remove(engine, "before_cursor_execute", heard)
