"""An upgrade of the database killed in the middle: it is as it was or as it should be, never between, and goes on.

A database of the first schema with rows in it is upgraded by the command, which is killed with `kill -9` at an
arbitrary moment once it is at work; then it is looked at, and upgraded again. What is counted are databases. The
control keeps each step of a migration as it is done, and is killed between the first step and a third of its work;
where it is not killed it comes to the same.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from alembic import command
from sqlalchemy import Engine, MetaData, inspect, select, text
from sqlalchemy.exc import NoSuchTableError

from casereader import schema
from casereader.db import make_engine
from tests import readable
from tests.casereader.test_schema import FIRST_ROWS
from tests.databases import address_of
from tests.faults.ground import KINDS, Ground
from tests.faults.outcome import Control, FoundBy, Outcome, build_of, is_quiet

ROUNDS, ROUNDS_QUICK, ROUNDS_OF_CONTROL = {"SQLite": 40, "PostgreSQL": 20}, 3, 8
CONTROL = Control("each step of a migration is kept", FoundBy.LOSS, "planted_migrates_in_pieces")
EARLY = 1 / 3  # of the work of the control in which it is killed: its last steps are soon followed by its end
CASES = 20_000
FILE = "casereader.sqlite3"
LOG = "upgrades.log"
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
    for control in (CONTROL, CONTROL.quiet):
        yield killed(ground, KINDS[0], ROUNDS_OF_CONTROL, control)


def killed(ground: Ground, kind: str, rounds: int, control: Control | None = None) -> Outcome:
    """What so many kills came to."""
    old, chance = (_old_sqlite if kind == "SQLite" else _old_postgresql)(ground), random.Random(rounds)
    if control is not None:
        old = replace(old, is_at_work=_has_another_schema(old))
    url, _ = old.copy()
    before = digest(url)
    schema.upgrade(url, at=datetime.now(UTC))
    after = digest(url)
    states, healed, wrong, took = {before: 0, after: 0, "": 0}, 0, list[str](), []
    works_for = _works_for(ground, old, build_of(control))
    for number in range(rounds):
        url, data = old.copy()
        with upgrading(ground, build_of(control), url, data) as process:
            _wait_until_at_work(ground, old, url, data, process)
            if not is_quiet(control):
                lasts = works_for if control is None else works_for * EARLY
                time.sleep(chance.uniform(number, number + 1) / rounds * lasts)  # anywhere, and everywhere
                process.kill()
            process.wait(PATIENCE)
        while kind == "PostgreSQL" and old.is_at_work(url, data):
            time.sleep(0.01)
        found = _seen(url)
        states[found if found in states else ""] += 1
        since = time.monotonic()
        try:
            schema.upgrade(url, at=datetime.now(UTC))
        except Exception as error:
            wrong.append(f"the next upgrade ended with {type(error).__name__}")
        took.append(time.monotonic() - since)
        healed += _seen(url) == after
        wrong += [f"{each.name} is not whole" for each in data.glob("*before-upgrade*.sqlite3") if not _is_sound(each)]
    if is_quiet(control) and states[before]:
        wrong.append("an upgrade that was not killed did nothing")
    whole = min(rounds - states[""], healed)
    how = f"not killed, {rounds} times" if is_quiet(control) else f"{rounds} times in {works_for:.1f} s of work"
    done = (
        f"{how} on {CASES:,} rows: {states[before]} were as before, {states[after]} upgraded, {states['']} between; "
        f"{healed} were upgraded by the next"
    )
    return Outcome(
        f"upgrade killed, {kind}",
        acknowledged=rounds,
        found=whole,
        lost=rounds - whole,
        duplicated=0,
        seconds=max(took),
        done=done,
        wrong=tuple(dict.fromkeys(wrong)),
        control=control,
    )


def _works_for(ground: Ground, old: Old, app: str) -> float:
    """Seconds from when it is seen at work to its end."""
    url, data = old.copy()
    with upgrading(ground, app, url, data) as process:
        _wait_until_at_work(ground, old, url, data, process)
        since = time.monotonic()
        process.wait(PATIENCE)
        return time.monotonic() - since


@contextmanager
def upgrading(ground: Ground, app: str, url: str, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`database upgrade` at work; ended after the block."""
    told = ground.surroundings(data) | {"DATABASE_URL": url}
    with (ground.folder / LOG).open("a") as said:
        process = ground.begin(["-m", "flask", "--app", app, "database", "upgrade"], told, said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _seen(url: str) -> str:
    """Its digest; nothing where a table is asked for that is not there, as between two steps of what is kept."""
    try:
        return digest(url)
    except NoSuchTableError:
        return ""


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
    watching = ground.cluster.connected()
    ground.leaving.callback(watching.close)

    def copy() -> tuple[str, Path]:
        data = ground.own_folder(f"upgraded-{next(_numbers)}")
        return ground.cluster.create(data.name, template=name), data

    def is_at_work(_url: str, data: Path) -> bool:
        asked = "SELECT 1 FROM pg_locks JOIN pg_database ON database = pg_database.oid"
        asked += " WHERE locktype = 'advisory' AND datname = %s"
        return watching.execute(asked, [data.name]).fetchone() is not None

    return Old("PostgreSQL", copy, is_at_work)


def _has_another_schema(old: Old) -> Callable[[str, Path], bool]:
    """That the first step of an upgrade was kept: SQLite counts the changes of its tables."""

    def version(data: Path) -> int:
        with closing(sqlite3.connect(f"file:{data / FILE}?mode=ro", uri=True, timeout=0.0)) as connection:
            return int(connection.execute("PRAGMA schema_version").fetchone()[0])

    before = version(old.copy()[1])

    def is_at_work(_url: str, data: Path) -> bool:
        try:
            return version(data) != before
        except sqlite3.OperationalError:  # locked: it is being written
            return False

    return is_at_work


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


def _wait_until_at_work(ground: Ground, old: Old, url: str, data: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while not old.is_at_work(url, data):
        if process.poll() is not None or time.monotonic() > until:
            said = (ground.folder / LOG).read_text().rstrip().rpartition("\n")[2]
            raise RuntimeError(f"the upgrade ended with {process.returncode} before it was seen at work: {said}")
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
