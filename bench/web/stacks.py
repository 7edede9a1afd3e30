"""The two ways in which the program is served: waitress on SQLite, and gunicorn's two processes on PostgreSQL.

Each runs as a user without rights in a throw-away folder, on loopback; the floor runs after it on the same.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from flask import Flask

from casereader import schema
from tests import readable
from tests.databases import address_of
from tests.deployed import two_roles
from tests.ports import held_port
from tests.postgres import PostgresCluster
from tests.programs import find_postgresql
from tests.source import ROOT
from tests.throwaway import ThrowAway, app_of, folder_named, wait_until_healthy

SQLITE, POSTGRESQL = "sqlite", "postgresql"
NAMES = {SQLITE: "SQLite, waitress (8 threads)", POSTGRESQL: "PostgreSQL, gunicorn (2 processes of 4 threads)"}
DURABLE = ("listen_addresses=''", "max_connections=60")  # as it comes: fsync is on
GUNICORN = ("-m", "gunicorn", "--config", "gunicorn.conf.py")
BESIDE = ("bench/web/floor.py", "docs/deployment/gunicorn.conf.py")  # the program, in its throw-away folder
FLOOR = "CREATE TABLE floor (id {key}, words TEXT NOT NULL)"
STARTS_WITHIN = 180.0  # seconds, on a machine with much other work


@dataclass
class Stack:
    """A database and how it is served."""

    name: str
    folder: ThrowAway
    settings: dict[str, str]
    owners_url: str  # on PostgreSQL another role than the one that the program serves as
    floors_database: str
    database_process: Callable[[], tuple[int, ...]]

    @property
    def data(self) -> Path:
        """The program's own folder."""
        return Path(self.settings["CASEREADER_DATA"])

    @contextmanager
    def owned(self) -> Iterator[Flask]:
        """The program in this process as the owner, to prepare the database and to look at it afterwards."""
        made = app_of(self.settings | {"DATABASE_URL": self.owners_url})
        try:
            yield made
        finally:
            made.extensions["casereader_engine"].dispose()

    @contextmanager
    def served(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The program's port and the processes that work for it, while the block runs."""
        readable.give(self.data, self.folder.reader)
        words = ("-m", "flask", "--app", "app", "serve") if self.name == SQLITE else (*GUNICORN, "app:app")
        with self._run(words, self.settings) as found:
            yield found

    @contextmanager
    def floor(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The same of an application that only puts a row into a table."""
        plain = ("--worker-class", "gthread", "--logger-class", "gunicorn.glogging.Logger", "floor:app")
        words = ("floor.py",) if self.name == SQLITE else (*GUNICORN, *plain)
        with self._run(words, {"FLOOR_DATABASE": self.floors_database}) as found:
            yield found

    @contextmanager
    def _run(self, words: tuple[str, ...], told: Mapping[str, str]) -> Iterator[tuple[int, tuple[int, ...]]]:
        log = self.folder.folder / f"{words[-1].partition(':')[0]}.log"
        reader = self.folder.reader
        with held_port() as port, log.open("w", encoding="utf-8") as said:
            process = subprocess.Popen(
                [reader.python, *words],
                cwd=self.folder.program,
                env=self.folder.surroundings(self.data) | told | {"PORT": str(port)},
                stdout=said,
                stderr=said,
                **reader.owner,
            )
            try:
                wait_until_healthy(port, process, log, patience=STARTS_WITHIN)
                yield port, (process.pid, *self.database_process())
            finally:
                process.terminate()
                try:
                    process.wait(timeout=40)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@contextmanager
def stack(name: str) -> Iterator[Stack]:
    """One of them, with an empty, migrated database; all is gone after the block."""
    with folder_named("casereader-load-") as path, ExitStack() as leaving:
        folder = ThrowAway(path)
        for beside in BESIDE:
            shutil.copy(ROOT / beside, folder.program)
        data = folder.own_folder("data")
        made = _on_sqlite(folder, data) if name == SQLITE else _on_postgresql(folder, data, leaving)
        yield made


def _on_sqlite(folder: ThrowAway, data: Path) -> Stack:
    floor = folder.own_folder("floor") / "floor.sqlite3"
    with sqlite3.connect(floor) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(FLOOR.format(key="INTEGER PRIMARY KEY"))
    connection.close()
    readable.give(floor.parent, folder.reader)
    url = address_of(data / "casereader.sqlite3")
    schema.upgrade(url, at=datetime.now(UTC))
    return Stack(SQLITE, folder, _settings(data, url), url, str(floor), tuple)


def _on_postgresql(folder: ThrowAway, data: Path, leaving: ExitStack) -> Stack:
    programs = find_postgresql()
    if programs is None:
        raise RuntimeError("PostgreSQL's server is missing: run `make bench-web`, which says what to install.")
    cluster = PostgresCluster(programs, DURABLE)
    leaving.callback(cluster.stop)
    cluster.start()
    cluster.folder.chmod(0o711)  # the program's user comes as far as the socket
    owners_url, programs_url = two_roles(cluster)
    floor = f"host={cluster.folder} user=casereader dbname=floor"
    cluster.create("floor")
    with psycopg.connect(floor) as connection:
        connection.execute(FLOOR.format(key="SERIAL PRIMARY KEY"))

    def postmaster() -> tuple[int, ...]:
        return (int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0]),)

    return Stack(POSTGRESQL, folder, _settings(data, programs_url), owners_url, floor, postmaster)


def _settings(data: Path, url: str) -> dict[str, str]:
    return {"CASEREADER_DATA": str(data), "DATABASE_URL": url, "SECRET_KEY": secrets.token_hex(32)}
