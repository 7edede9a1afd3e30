"""The demonstration as the page tests use it: seeded once per run, looked at and never changed.

Seeding takes ten seconds, so the processes of a run share what the first of them seeded, on SQLite, and each copies its
rows into its own PostgreSQL. Seeding PostgreSQL itself is tested with the demonstration's own tests, on fewer areas.
"""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from tests.databases import address_of
from tests.once import made_once
from tests.postgres import PostgresCluster, metadata
from tests.web.app import make_app
from tests.web.client import PageClient

ACCOUNTS = (
    "coordinator",
    "reviewer-1",
    "reviewer-2",
    "local-reviewer",
    "moderator",
    "lead",
    "administrator",
    "outsider",
)
PARTNERSHIPS = 20  # of 32: every stage is among them
NOBODY = "nobody"
EVERYBODY = (*ACCOUNTS, NOBODY)
DATABASE = "casereader.sqlite3"
PASSWORD = sha256(os.environ.get("PYTEST_XDIST_TESTRUNUID", secrets.token_hex()).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Demonstration:
    """A seeded application."""

    app: Flask

    def browser_of(self, who: str) -> PageClient:
        """A browser in which one of `EVERYBODY` is signed in, or nobody."""
        client = self.app.test_client()
        assert isinstance(client, PageClient)
        if who != NOBODY:
            client.sign_in(f"{who}@demo.example", PASSWORD)
        return client


def seed(database_url: str, folder: Path) -> Demonstration:
    """Seed the demonstration into a migrated database, by the command that people use."""
    app = make_app(database_url, folder, CASEREADER_DEMO_PASSWORD=PASSWORD)
    done = app.test_cli_runner().invoke(args=["demo", "seed", "--partnerships", str(PARTNERSHIPS)])
    assert done.exit_code == 0, done.output
    return Demonstration(app)


@pytest.fixture(scope="session")
def seeded(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a seeded database and its files, to copy and never to open; the first process to ask makes it."""
    return made_once(tmp_path_factory, "seeded", lambda folder: _seed_into(folder, migrated_sqlite))


def _seed_into(folder: Path, migrated: Path) -> None:
    made = seed(address_of(shutil.copy(migrated, folder / DATABASE)), folder)
    settle(made.app)


def settle(app: Flask) -> None:
    """Let the database's file hold all that was written, and let go of it."""
    engine = app.extensions["casereader_engine"]
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@contextmanager
def copied(folder: Path, into: Path) -> Iterator[Demonstration]:
    """The demonstration of a folder as it is kept there, on a database of its own in `into`, to be changed at will."""
    into.mkdir(exist_ok=True)
    shutil.copytree(folder / "data", into / "data")
    app = make_app(address_of(shutil.copy(folder / DATABASE, into)), into, CASEREADER_DEMO_PASSWORD=PASSWORD)
    yield Demonstration(app)
    settle(app)


@pytest.fixture(scope="session")
def demonstration_on_sqlite(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The seeded SQLite database of this process."""
    return address_of(shutil.copy(seeded / DATABASE, tmp_path_factory.mktemp("seeded-database")))


@pytest.fixture(scope="session")
def demonstration_on_postgresql(seeded: Path, postgres: PostgresCluster, migrated_postgres: str) -> str:
    """The same rows on the PostgreSQL of this process."""
    url = postgres.create("demonstration", template=migrated_postgres)
    with (
        closing(sqlite3.connect(seeded / DATABASE)) as source,
        psycopg.connect(url.replace("+psycopg", ""), options="-c timezone=UTC") as target,
    ):
        target.execute("SET session_replication_role = replica")  # rows go in any order
        for table in metadata().tables.values():
            columns = [column.name for column in table.columns]
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            rows = source.execute(str(table.select()))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
            with target.cursor().copy(into) as copy:
                for row in rows:
                    copy.write_row(row)
            if "id" in columns:
                name = sql.Identifier(table.name)
                last = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}")
                target.execute(last.format(sql.Literal(name.as_string(target)), name))
    return url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def demonstration(
    request: pytest.FixtureRequest, seeded: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demonstration]:
    """The demonstration, once on each kind of database."""
    url: str = request.getfixturevalue(f"demonstration_on_{request.param}")
    folder = tmp_path_factory.mktemp("demonstration")
    shutil.copytree(seeded / "data", folder / "data")
    app = make_app(url, folder, CASEREADER_DEMO_PASSWORD=PASSWORD)
    yield Demonstration(app)
    app.extensions["casereader_engine"].dispose()
