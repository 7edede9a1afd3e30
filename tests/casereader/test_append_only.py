"""What is written once is not changed through the program's own connections, nor by its role on PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from casereader import append_only, schema
from casereader.db import make_engine, transaction
from casereader.errors import RefusedError
from casereader.models import metadata
from casereader.people import accounts
from tests.databases import ROLE, address_of, give_rights

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
COPY = "INTO audit_event SELECT n, at, actor_id, 'other', object_kind, object_id, inspection_id, body, previous, hash"
CHANGES = {
    "an event changed": "UPDATE audit_event SET action = 'other'",
    "an event removed": "DELETE FROM audit_event",
    "an event moved": "UPDATE audit_event SET n = n + 100",
    "the table dropped": "DROP TABLE audit_event",
    "the table renamed": "ALTER TABLE audit_event RENAME TO elsewhere",
    "a column dropped": "ALTER TABLE audit_event DROP COLUMN body",
    "a draw removed": "DELETE FROM draw",
    "another certificate's digest": "UPDATE draw SET certificate_sha256 = '0'",
    "a seed changed": "UPDATE draw SET seed = 'other'",
    "another certificate": "UPDATE draw SET certificate = '{}'",
    "another public value": "UPDATE draw SET public_value = '1'",
}
ON_SQLITE = {
    "an event replaced": f"REPLACE {COPY} FROM audit_event",
    "an event replaced by its hash": f"INSERT OR REPLACE {COPY.replace('n, at', 'n + 1, at')} FROM audit_event",
    "an event changed where it is there": f"INSERT {COPY} FROM audit_event WHERE true"
    " ON CONFLICT DO UPDATE SET action = 'other'",
    "a trigger of one's own": "CREATE TRIGGER away AFTER INSERT ON audit_event BEGIN SELECT 1; END",
    "the trigger dropped": 'DROP TRIGGER temp."audit_event stays"',
    "the trigger passed by": "PRAGMA recursive_triggers=OFF",
    "the schema written by hand": "PRAGMA writable_schema=ON",
    "the trigger's storage changed": "PRAGMA temp_store=MEMORY",
    "the same file by another name": "ATTACH '{file}' AS other",
    "another table of the same name": "CREATE TEMP TABLE Audit_Event AS SELECT * FROM audit_event WHERE n > 1",
    "another table that gets the name": "CREATE TEMP TABLE another (n INTEGER)",
    "a view of the same name": "CREATE TEMP VIEW audit_event AS SELECT * FROM main.audit_event",
    "another kind of table": "CREATE VIRTUAL TABLE temp.audit_event USING fts5(n)",
    "a trigger on a view": "CREATE TEMP TRIGGER away AFTER INSERT ON allowance BEGIN DELETE FROM reading; END",
}
ON_POSTGRESQL = {
    "the table emptied": "TRUNCATE audit_event",
    "a trigger of one's own": "CREATE TRIGGER away AFTER INSERT ON audit_event EXECUTE FUNCTION suppress_redundant()",
    "a rule instead": "CREATE RULE away AS ON INSERT TO audit_event DO INSTEAD NOTHING",
    "the triggers left out": "SET session_replication_role = replica",
    "the right taken": f'GRANT UPDATE ON audit_event TO "{ROLE}"; UPDATE audit_event SET n = 9',
    "the schema's version changed": "UPDATE alembic_version SET version_num = '0001'",
}


@pytest.fixture
def held(sqlite_url: str) -> Iterator[Engine]:
    """The program's engine on SQLite, with one event and one account."""
    engine = make_engine(sqlite_url)
    with transaction(engine) as session:
        _account(session)
    yield engine
    engine.dispose()


@pytest.fixture
def granted(granted_url: str) -> Iterator[Engine]:
    """The program's engine as its own role, with one event and one account."""
    engine = make_engine(granted_url)
    with transaction(engine) as session:
        _account(session)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("statement", [*CHANGES.values(), *ON_SQLITE.values()], ids=[*CHANGES, *ON_SQLITE])
def test_on_sqlite_the_program_cannot_change_what_is_written_once(held: Engine, statement: str) -> None:
    before = _events(held)
    with pytest.raises(DBAPIError, match=r"prohibited|authorized|written once"), transaction(held) as session:
        session.execute(text(statement.replace("{file}", held.url.database or "")))

    assert _events(held) == before


@pytest.mark.parametrize("statement", [*CHANGES.values(), *ON_POSTGRESQL.values()], ids=[*CHANGES, *ON_POSTGRESQL])
def test_on_postgresql_the_programs_role_cannot_change_what_is_written_once(granted: Engine, statement: str) -> None:
    before = _events(granted)
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), transaction(granted) as session:
        session.execute(text(statement))

    assert _events(granted) == before


def test_a_connection_opened_before_the_tables_were_made_is_held_once_they_are(tmp_path: Path) -> None:
    url = address_of(tmp_path / "new.sqlite3")
    engine = make_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    schema.upgrade(url, at=NOW)
    with transaction(engine) as session:
        _account(session)
    with pytest.raises(DBAPIError, match="written once"), transaction(engine) as session:
        session.execute(text(ON_SQLITE["an event replaced"]))
    engine.dispose()


def test_what_is_written_once_names_tables_and_columns_that_there_are() -> None:
    tables = {table.name: set(table.columns.keys()) for table in metadata.sorted_tables}

    assert append_only.WRITTEN_ONCE.keys() <= tables.keys()
    assert all((columns or set()) <= tables[table] for table, columns in append_only.WRITTEN_ONCE.items())


def test_a_held_database_is_still_copied_whole(held: Engine, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    raw = held.raw_connection()
    with append_only.copying(raw.driver_connection):
        raw.cursor().execute("VACUUM INTO ?", (str(copy),))
    with pytest.raises(sqlite3.DatabaseError, match="denied"):
        raw.cursor().execute("VACUUM INTO ?", (str(tmp_path / "another.sqlite3"),))
    raw.close()

    with sqlite3.connect(copy) as found:
        assert found.execute("SELECT count(*) FROM audit_event").fetchone() == (1,)


def test_only_erasing_changes_certificates_and_it_changes_nothing_else(held: Engine) -> None:
    shortened = "UPDATE draw SET certificate = '{}'"
    raw = held.raw_connection()
    with append_only.erasing(raw.driver_connection):
        raw.cursor().execute(shortened)
        for refused in (*ON_SQLITE.values(), "UPDATE draw SET public_value = '1'", "DELETE FROM draw"):
            with pytest.raises(sqlite3.DatabaseError, match=r"prohibited|authorized|written once"):
                raw.cursor().execute(refused)
    with pytest.raises(sqlite3.DatabaseError, match="authorized"):
        raw.cursor().execute(shortened)
    raw.close()


def test_the_owner_is_told_that_the_program_could_change_its_own_trail(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["database", "check"])

    assert said.exit_code == 0
    is_postgresql = app.extensions["casereader_engine"].dialect.name == "postgresql"
    assert ("runs as the owner" in said.output) == is_postgresql


WAYS = {  # what an owner might give the program's role, and what it could do with it then
    "a column": ("GRANT UPDATE (body) ON audit_event TO {role}", "UPDATE audit_event SET body = '{{}}'", "audit_event"),
    "a column of a draw": ("GRANT UPDATE (seed) ON draw TO {role}", "UPDATE draw SET seed = 'other'", "draw"),
    "removing": ("GRANT DELETE ON draw TO {role}", "DELETE FROM draw", "draw"),
    "emptying": ("GRANT TRUNCATE ON audit_event TO {role}", "TRUNCATE audit_event", "audit_event"),
    "triggers": (
        "GRANT TRIGGER ON audit_event TO {role}",
        "CREATE TRIGGER away BEFORE INSERT ON audit_event EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "audit_event",
    ),
    "references": ("GRANT REFERENCES (hash) ON audit_event TO {role}", "SELECT 1", "audit_event"),
    "everybody": ("GRANT DELETE ON audit_event TO PUBLIC", "DELETE FROM audit_event", "audit_event"),
    "another role that may": (
        "CREATE ROLE other; GRANT DELETE ON audit_event TO other; GRANT other TO {role}",
        "SET LOCAL ROLE other; DELETE FROM audit_event",
        "audit_event",
    ),
    "the owner's role": (
        "CREATE ROLE other; ALTER TABLE audit_event OWNER TO other; GRANT other TO {role}",
        "SET LOCAL ROLE other; DELETE FROM audit_event",
        "the owner",
    ),
    "the table, without a right to it": (
        "ALTER TABLE audit_event OWNER TO {role}; REVOKE ALL ON audit_event FROM {role}",
        "GRANT DELETE ON audit_event TO {role}; DELETE FROM audit_event",
        "the owner",
    ),
    "the schema": ("ALTER SCHEMA public OWNER TO {role}", "DROP TABLE audit_event", "the owner"),
    "making roles": ("ALTER ROLE {role} CREATEROLE", "SELECT 1", "the owner"),
}


def test_each_way_by_which_postgresql_would_let_the_program_change_its_trail_is_seen(granted: Engine) -> None:
    owner = make_engine(granted.url.set(username="casereader").render_as_string())
    for way in WAYS:
        given, done, says = (part.format(role=f'"{ROLE}"') for part in WAYS[way])
        with owner.connect() as connection:  # rolled back: the database is one that tests share
            connection.execute(text(f'ALTER ROLE "{ROLE}" NOINHERIT'))
            connection.execute(text(given))
            connection.execute(text(f'SET LOCAL ROLE "{ROLE}"'))
            found = append_only.why_not_held(connection)

            assert found is not None and says in found, way
            connection.execute(text(done))
    owner.dispose()


def test_giving_rights_takes_back_what_was_given_by_columns_or_to_everybody(granted: Engine, postgres_url: str) -> None:
    owner = make_engine(postgres_url)
    with owner.begin() as connection:
        connection.execute(text(f'GRANT UPDATE (body), TRIGGER ON audit_event TO "{ROLE}"'))
        connection.execute(text("GRANT DELETE ON audit_event, draw TO PUBLIC"))
    owner.dispose()
    with granted.connect() as connection:
        assert "audit_event and draw" in (append_only.why_not_held(connection) or "")
    give_rights(postgres_url)
    with granted.connect() as connection:
        assert append_only.why_not_held(connection) is None


def test_a_role_without_its_rights_is_told_which(granted_url: str, postgres_url: str) -> None:
    owner = make_engine(postgres_url)
    engine = make_engine(granted_url)
    with owner.begin() as connection:
        connection.execute(text(f'REVOKE ALL ON evaluation FROM "{ROLE}"'))
    with engine.connect() as connection:
        assert append_only.why_not_held(connection) is None
        assert append_only.missing_rights(connection) == ["evaluation"]
    give_rights(postgres_url)
    with engine.connect() as connection:
        assert append_only.missing_rights(connection) == []
    engine.dispose()
    owner.dispose()


@pytest.mark.parametrize(
    ("name", "says"), [("nobody-of-that-name", "no role"), ("casereader", "give the program another role")]
)
def test_rights_go_to_a_role_that_is_there_and_owns_nothing(postgres_url: str, name: str, says: str) -> None:
    engine = make_engine(postgres_url)
    with pytest.raises(RefusedError, match=says):
        append_only.grant(engine, role=name)
    engine.dispose()


@pytest.mark.usefixtures("role_url")
def test_a_role_that_may_act_as_the_owner_is_given_nothing_even_where_it_inherits_nothing(postgres_url: str) -> None:
    owner = make_engine(postgres_url)
    with owner.begin() as connection:
        connection.execute(text(f'ALTER ROLE "{ROLE}" NOINHERIT; GRANT casereader TO "{ROLE}"'))
    with pytest.raises(RefusedError, match="may act as their owner"):
        append_only.grant(owner, role=ROLE)
    owner.dispose()


def test_sqlite_has_no_roles_to_give_rights_to(held: Engine) -> None:
    with pytest.raises(RefusedError, match="SQLite has no roles"):
        append_only.grant(held, role=ROLE)


def _account(session: Session) -> None:
    accounts.create(session, email="ada@example.org", name="Ada", by=None, at=NOW)


def _events(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT n, action, hash FROM audit_event ORDER BY n"))
        return [tuple(row) for row in rows]
