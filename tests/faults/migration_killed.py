"""An upgrade of the database killed in the middle: it is as it was or as it should be, never between, and goes on.

A database of the first schema with rows in it is upgraded by the command, which is killed with `kill -9` at an
arbitrary moment once it is at work; then it is looked at, and upgraded again. What is counted are databases. The
control keeps each step of a migration as it is done.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
from alembic import command
from sqlalchemy import Engine, MetaData, inspect, select, text

from casereader import schema
from casereader.db import make_engine
from tests import readable
from tests.casereader.test_schema import FIRST_ROWS
from tests.databases import address_of
from tests.faults.ground import KINDS, Ground
from tests.faults.outcome import Outcome

ROUNDS, ROUNDS_QUICK, ROUNDS_OF_CONTROL = {"SQLite": 40, "PostgreSQL": 20}, 3, 8
CASES = 20_000
FILE = "casereader.sqlite3"
PATIENCE = 120.0
BY_CHANCE = {("inspection", "digest_key"), ("sign_in", "public_id")}  # drawn anew by every upgrade


@dataclass(frozen=True)
class Old:
    """A database of the first schema: how to copy it, and how to tell that its upgrade is at work."""

    kind: str
    copy: Callable[[], tuple[str, Path]]
    is_at_work: Callable[[str, Path], bool]


def run(ground: Ground) -> Iterator[Outcome]:
    """So many kills on each database, and of a planted upgrade."""
    for kind in KINDS:
        yield killed(ground, kind, ROUNDS_QUICK if ground.quick else ROUNDS[kind])
    yield killed(ground, KINDS[0], ROUNDS_OF_CONTROL, app="planted_migrates_in_pieces")


def killed(ground: Ground, kind: str, rounds: int, *, app: str = "app") -> Outcome:
    """What so many kills came to."""
    old, chance = (_old_sqlite if kind == "SQLite" else _old_postgresql)(ground), random.Random(rounds)
    url, data = old.copy()
    before = digest(url)
    with upgrading(ground, app, url, data) as process:
        _wait_until_at_work(old, url, data, process)
        since = time.monotonic()
        process.wait(PATIENCE)
        works_for = time.monotonic() - since
    after = digest(url)
    states, healed, wrong, took = {before: 0, after: 0, "": 0}, 0, list[str](), []
    for number in range(rounds):
        url, data = old.copy()
        with upgrading(ground, app, url, data) as process:
            _wait_until_at_work(old, url, data, process)
            time.sleep(chance.uniform(number, number + 1) / rounds * works_for)  # anywhere, and everywhere
            process.kill()
            process.wait(PATIENCE)
        while kind == "PostgreSQL" and old.is_at_work(url, data):
            time.sleep(0.01)
        found = digest(url)
        states[found if found in states else ""] += 1
        since = time.monotonic()
        try:
            schema.upgrade(url, at=datetime.now(UTC))
        except Exception as error:
            wrong.append(f"the next upgrade ended with {type(error).__name__}")
        took.append(time.monotonic() - since)
        healed += digest(url) == after
        wrong += [f"{each.name} is not whole" for each in data.glob("*before-upgrade*.sqlite3") if not _is_sound(each)]
    whole = min(rounds - states[""], healed)
    done = (
        f"{rounds} times in {works_for:.1f} s of work on {CASES:,} rows: {states[before]} were as before, "
        f"{states[after]} upgraded, {states['']} between; {healed} were upgraded by the next"
    )
    name = f"upgrade killed, {kind}" if app == "app" else f"upgrade killed, {kind}, without one transaction"
    harmed = rounds - whole
    return Outcome(
        name, rounds, whole, harmed, 0, max(took), done, 0, tuple(dict.fromkeys(wrong)), is_control=app != "app"
    )


@contextmanager
def upgrading(ground: Ground, app: str, url: str, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`database upgrade` at work; ended after the block."""
    told = ground.surroundings(data) | {"DATABASE_URL": url}
    with (ground.folder / "upgrades.log").open("a") as said:
        process = ground.begin(["-m", "flask", "--app", app, "database", "upgrade"], told, said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def digest(url: str) -> str:
    """Of every table: its columns, its indexes and all its rows, but for what an upgrade draws by chance."""
    engine, summed = make_engine(url), hashlib.sha256()
    try:
        found, tables = inspect(engine), MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            for table in sorted(tables.tables.values(), key=lambda each: each.name):
                indexes = sorted(str(each["name"]) for each in found.get_indexes(table.name))
                summed.update(repr((table.name, [(c.name, str(c.type)) for c in table.columns], indexes)).encode())
                stand = [
                    column.is_not(None) if (table.name, column.name) in BY_CHANCE else column
                    for column in table.columns
                ]
                for row in sorted(repr(tuple(each)) for each in connection.execute(select(*stand))):
                    summed.update(row.encode())
    finally:
        engine.dispose()
    return summed.hexdigest()


def _old_sqlite(ground: Ground) -> Old:
    file = ground.own_folder(f"old-{next(_numbers)}") / FILE
    engine = make_engine(address_of(file))
    _fill(engine)
    engine.dispose()

    def copy() -> tuple[str, Path]:
        data = ground.own_folder(f"upgraded-{next(_numbers)}")
        shutil.copy(file, data)
        readable.give(data, ground.reader)
        return address_of(data / FILE), data

    return Old("SQLite", copy, lambda _, data: any(data.glob("*before-upgrade*")))


def _old_postgresql(ground: Ground) -> Old:
    name = f"old_{next(_numbers)}"
    engine = make_engine(ground.cluster.create(name))
    _fill(engine)
    engine.dispose()
    watching = psycopg.connect(f"host={ground.cluster.folder} user=casereader dbname=postgres", autocommit=True)
    ground.leaving.callback(watching.close)

    def copy() -> tuple[str, Path]:
        data = ground.own_folder(f"upgraded-{next(_numbers)}")
        return ground.cluster.create(data.name, template=name), data

    def is_at_work(_url: str, data: Path) -> bool:
        asked = "SELECT 1 FROM pg_locks JOIN pg_database ON database = pg_database.oid"
        asked += " WHERE locktype = 'advisory' AND datname = %s"
        return watching.execute(asked, [data.name]).fetchone() is not None

    return Old("PostgreSQL", copy, is_at_work)


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        command.upgrade(schema.configuration(connection), "0001")
        for row in FIRST_ROWS:
            connection.execute(text(row))
        connection.execute(
            text(
                'INSERT INTO frame_case (id, frame_id, case_ref, "group", attributes)'
                " VALUES (:number, 1, :ref, 'b', '{}')"
            ),
            [{"number": number, "ref": f"G-{number:05}"} for number in range(2, CASES + 2)],
        )


def _wait_until_at_work(old: Old, url: str, data: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while not old.is_at_work(url, data):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the upgrade ended with {process.returncode} before it was seen at work")
        time.sleep(0.002)


def _is_sound(copy: Path) -> bool:
    engine = make_engine(address_of(copy))
    try:
        with engine.connect() as connection:
            return connection.execute(text("PRAGMA integrity_check")).scalar() == "ok" and bool(
                connection.execute(text("SELECT count(*) FROM frame_case")).scalar()
            )
    except Exception:
        return False
    finally:
        engine.dispose()


_numbers = count(1)
