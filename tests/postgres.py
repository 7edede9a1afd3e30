"""A throw-away PostgreSQL of the tests' own: made, used over a Unix socket, stopped and deleted.

Durability is off, since nothing here outlives the run. PostgreSQL refuses to run as root, so root's tests run
it as somebody without rights. Text sorts by language, as on most servers, so that an order left to the
database shows.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import MetaData

from tests.programs import find_postgresql

SETTINGS = (
    "listen_addresses=''",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=64MB",
    "max_connections=40",
)
UNPRIVILEGED_NAMES = ("postgres", "nobody")
LONGEST_SOCKET_FOLDER = 80  # a socket's path, with the file's own name, must fit into about 104 bytes


class PostgresCluster:
    """One running server; each database in it is made from nothing or as a copy of another."""

    def __init__(self, programs: Path, settings: Sequence[str] = SETTINGS) -> None:
        self._programs, self._settings = programs, settings
        self.folder = Path(_short_temporary_folder())
        self._owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            person = _unprivileged_person()
            os.chown(self.folder, person.pw_uid, person.pw_gid)
            self._owner = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}

    def start(self) -> None:
        """Make the cluster and start its server."""
        ways = self._run("initdb", "--help")
        by_language = ["--locale-provider=icu", "--icu-locale=en-GB"] if "--icu-locale" in ways else []
        self._run(
            *("initdb", "--pgdata=data", "--username=casereader", "--auth=trust", "--encoding=UTF8"),
            *("--locale=C", "--no-sync", "--no-instructions", *by_language),
        )
        self.start_server()

    def start_server(self) -> None:
        """Start the server of the cluster."""
        options = " ".join(f"-c {setting}" for setting in (*self._settings, f"unix_socket_directories='{self.folder}'"))
        self._run("pg_ctl", "--pgdata=data", "--log=server.log", f"--options={options}", "--wait", "start")

    def stop_server(self, mode: str = "fast") -> None:
        """Stop the server, which breaks off whatever is under way and keeps what was committed."""
        self._run("pg_ctl", "--pgdata=data", f"--mode={mode}", "--wait", "stop")

    def stop(self) -> None:
        """Stop the server at once and delete all it held."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "--pgdata=data", "--mode=immediate", "--wait", "stop")
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        """The address of `database` as SQLAlchemy takes it."""
        return f"postgresql+psycopg://casereader@/{database}?host={self.folder}"

    def create(self, database: str, *, template: str = "template0") -> str:
        """Make `database` as a copy of `template`, which nobody may be using; its address."""
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._command(make.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Delete `database`, and close whatever still uses it."""
        self._command(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def empty(self, database: str, *, revision: str) -> None:
        """Take every row out of `database`, which is at `revision`, and close whatever still uses it.

        Keys are numbered from one again, as in a new database. Tables that a test made go with their rows.
        """
        with psycopg.connect(f"host={self.folder} user=casereader dbname={database}", autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            known = {str(name) for name in metadata().tables}
            commands = [sql.SQL("SET session_replication_role = replica")]  # rows go in any order
            for (table,) in found:
                if table in known:
                    commands.append(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                elif table == "alembic_version":
                    at = sql.SQL("UPDATE alembic_version SET version_num = {}")
                    commands.append(at.format(sql.Literal(revision)))
                else:
                    commands.append(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(table)))
            commands.append(
                sql.SQL(
                    "SELECT setval(format('public.%I', sequencename)::regclass, start_value, false)"
                    " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
                )
            )
            connection.execute(sql.SQL("; ").join(commands))  # at one go: a turn for each takes three times as long

    def connected(self) -> psycopg.Connection[Any]:
        """A connection of who may do all; what is asked by it is done at once."""
        return psycopg.connect(f"host={self.folder} user=casereader dbname=postgres", autocommit=True)

    @property
    def is_running(self) -> bool:
        """Whether the server's first process is there."""
        try:
            pid = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        except (OSError, IndexError):
            return False
        return Path(f"/proc/{pid}").exists()

    def _command(self, command: sql.Composed) -> None:
        with self.connected() as connection:
            connection.execute(command)

    def _run(self, program: str, *arguments: str) -> str:
        # The server keeps the output it is given: to a file, then, not to a pipe that nobody would close.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [self._programs / program, *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                **self._owner,
            )
            output.seek(0)
            said = output.read()
        if done.returncode != 0:
            raise RuntimeError(f"{program} ended with {done.returncode}: {said}")
        return said


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """The running server that every test of this run shares."""
    programs = find_postgresql()
    if programs is None:
        raise RuntimeError("PostgreSQL's server is missing: run `make test`, which says what to install.")
    cluster = PostgresCluster(programs)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def metadata() -> MetaData:
    """The program's tables; it is imported where it is needed, so that the sampling library is tested without it."""
    from casereader.models import metadata as tables

    return tables


def _short_temporary_folder() -> str:
    folder = tempfile.mkdtemp(prefix="casereader-postgresql-")
    if len(folder) <= LONGEST_SOCKET_FOLDER:
        return folder
    Path(folder).rmdir()
    return tempfile.mkdtemp(prefix="casereader-", dir="/var/tmp")


def _unprivileged_person() -> pwd.struct_passwd:
    people = {person.pw_name: person for person in pwd.getpwall()}
    return next(people[name] for name in UNPRIVILEGED_NAMES if name in people)
