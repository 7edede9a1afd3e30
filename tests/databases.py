"""Migrated databases for tests: each test gets one of its own, copied from one made once per run.

A test that takes `database_url` (or `engine`, `session`, `app`) runs twice, on SQLite and on PostgreSQL. The program
is imported where it is needed, so that the tests of the sampling library run without it.
"""

import itertools
import re
import shutil
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import Session

from tests.postgres import PostgresCluster

BOTH = ("sqlite", "postgresql")
ON_BOTH = pytest.mark.parametrize("database_url", BOTH, indirect=True)
ROLE = "casereader program"  # of PostgreSQL; a name that must be quoted
MIGRATED_AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


# What is about the database itself is held to both kinds in every run (decision 104).
OF_DATABASES = re.compile(
    r"append_only|at_once|_once\b|backups|beside_saves|chain|cli|database|erasing|packing|schema|trail|turns"
)


def is_for_slow_runs(item: pytest.Item) -> bool:
    """Whether a test of the verbs runs here on the kind of database that its name does not fall to.

    In quick runs half of those that ask for `database_url` run on SQLite and half on PostgreSQL; in slow ones all on
    both, as those always do that say on which they run.
    """
    kind = item.callspec.params.get("database_url") if hasattr(item, "callspec") else None
    within = item.path.relative_to(item.config.rootpath)
    name = f"{within}::{getattr(item, 'originalname', item.name)}"
    if kind not in BOTH or within.parts[:2] != ("tests", "casereader") or OF_DATABASES.search(name):
        return False
    if any("database_url" in mark.args[0] for mark in item.iter_markers("parametrize")):
        return False
    return bool(kind != BOTH[zlib.crc32(name.encode()) % 2])


def address_of(file: Path | str) -> str:
    """The address of a SQLite file as SQLAlchemy takes it."""
    return f"sqlite:///{file}"


class Compilations(dict[Any, Any]):
    """What was compiled of statements, for every engine of one kind of database: hundreds of tests make one."""

    def get(self, key: Any, default: Any = None) -> Any:
        """What was compiled of a statement for any engine of its kind."""
        return super().get(self._of_kind(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(self._of_kind(key), compiled)

    @staticmethod
    def _of_kind(key: Any) -> Any:
        dialect, *statement = key
        return dialect.name, *statement


COMPILATIONS = Compilations()


def not_waiting(engine: Engine) -> Engine:
    """Let commits on SQLite not wait for the disk, as PostgreSQL's do not: nothing here outlives the run.

    Nor is a statement compiled anew for each of the engines.
    """
    engine.update_execution_options(compiled_cache=COMPILATIONS)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return engine


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy, never to open."""
    from casereader.schema import upgrade

    path = tmp_path_factory.mktemp("migrated") / "casereader.sqlite3"
    upgrade(address_of(path), at=MIGRATED_AT)
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresCluster) -> str:
    """The name of a migrated PostgreSQL database to copy, never to open."""
    from casereader.schema import upgrade

    upgrade(postgres.create("migrated"), at=MIGRATED_AT)
    return "migrated"


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database."""
    return address_of(shutil.copy(migrated_sqlite, tmp_path))


@pytest.fixture(scope="session")
def shared_postgres(postgres: PostgresCluster, migrated_postgres: str) -> str:
    """The migrated PostgreSQL database that the tests of this run use in turn: making one takes a third of a second."""
    return postgres.create("shared", template=migrated_postgres)


@pytest.fixture
def postgres_url(postgres: PostgresCluster, shared_postgres: str) -> Iterator[str]:
    """A migrated, empty PostgreSQL database."""
    yield shared_postgres
    from casereader.schema import newest

    postgres.empty("shared", revision=newest())


@pytest.fixture
def role_url(postgres_url: str) -> Iterator[str]:
    """The PostgreSQL database as somebody reaches it who owns nothing in it, and has no right yet."""
    from casereader.db import make_engine

    owner = make_engine(postgres_url)
    with owner.begin() as connection:
        connection.execute(text(f'CREATE ROLE "{ROLE}" LOGIN'))
    yield postgres_url.replace("casereader@", f"{ROLE.replace(' ', '%20')}@")
    with owner.begin() as connection:
        connection.execute(text(f'DROP OWNED BY "{ROLE}"'))
        connection.execute(text(f'DROP ROLE "{ROLE}"'))
    owner.dispose()


@pytest.fixture
def granted_url(postgres_url: str, role_url: str) -> str:
    """The PostgreSQL database as the program reaches it whose role has what it needs and no more."""
    from casereader.db import make_engine

    give_rights(postgres_url)
    owner = make_engine(postgres_url)
    with owner.begin() as connection:  # the tests put rows of before with their numbers, and go on counting from there
        connection.execute(text(f'GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO "{ROLE}"'))
    owner.dispose()
    return role_url


def give_rights(owners_url: str) -> None:
    """What `database grants` does, as the owner."""
    from casereader.append_only import grant
    from casereader.db import make_engine

    owner = make_engine(owners_url)
    grant(owner, role=ROLE)
    owner.dispose()


def let_go(session: Session) -> None:
    """Let a test change what is written once, as whoever has the file could; PostgreSQL's owner may anyway."""
    if session.get_bind().dialect.name == "sqlite":
        held: Any = session.connection().connection.driver_connection
        held.set_authorizer(None)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database, once of each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=BOTH)
def unmigrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, once of each kind: for the tests of the migrations themselves."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'unmigrated.sqlite3'}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    name = f"unmigrated_{next(_numbers)}"
    yield cluster.create(name)
    cluster.drop(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated, empty database, once of each kind."""
    from casereader.db import make_engine

    made = not_waiting(make_engine(database_url))
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A writing session on a migrated, empty database, once of each kind; what it did is rolled back."""
    from casereader.db import open_session

    with open_session(engine, write=True) as opened:
        yield opened
