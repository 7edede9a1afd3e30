"""A copy of a PostgreSQL database in use, with its own programs: pg_dump, and pg_restore into an empty one.

Passwords go to them in their environment, never on a command line, where everybody on the host would read them.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from casereader.append_only import owns_all
from casereader.backups.database_aside import may_make_one
from casereader.backups.state import State, state_of
from casereader.errors import RefusedError
from casereader.models import metadata

NOT_THE_OWNER = (
    "Back up as the owner of the tables, as `database upgrade` is run: the program's own role may not read all that a"
    " copy needs. Give DATABASE_URL with the owner's name for this command."
)
NO_PROGRAM = "{program} is not installed here: install postgresql-client, of the server's version or a newer one."
OTHER_VERSION = "It is older than the server: install postgresql-client of the server's version."
_TYPES = "SELECT typname FROM pg_type WHERE typtype = 'e' AND typnamespace = CAST('public' AS regnamespace)"
_FUNCTIONS = """
    SELECT CAST(CAST(oid AS regprocedure) AS text) FROM pg_proc
    WHERE pronamespace = CAST('public' AS regnamespace)
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def copy(engine: Engine, to: Path) -> State:
    """Copy the database as one transaction sees it, whoever writes meanwhile; what that transaction saw.

    Raises RefusedError where the role does not own the tables, or the program of PostgreSQL is not there or fails.
    """
    whole = engine.execution_options(isolation_level="REPEATABLE READ")
    with whole.connect() as connection:
        if not owns_all(connection, [table.name for table in metadata.sorted_tables]):
            raise RefusedError(NOT_THE_OWNER)
        may_make_one(connection)
        moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        state = state_of(connection)
        options = ("--format=custom", "--no-owner", "--no-acl", f"--snapshot={moment}", f"--file={to}")
        _run("pg_dump", *options, "--dbname", url=engine.url)
    return state


def restore(dump: Path, *, url: URL) -> None:
    """Bring a copy into an empty database, all of it or nothing.

    Raises RefusedError where the program of PostgreSQL is not there or fails.
    """
    options = ("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction")
    _run("pg_restore", *options, "--dbname", url=url, last=(str(dump),))


def empty(engine: Engine) -> None:
    """Take all out of a database that was empty before."""
    quoted = engine.dialect.identifier_preparer.quote_identifier
    with engine.begin() as connection:
        for name in connection.execute(text(_TABLES)).scalars().all():
            connection.execute(text(f"DROP TABLE {quoted(name)} CASCADE"))
        for name in connection.execute(text(_TYPES)).scalars().all():
            connection.execute(text(f"DROP TYPE {quoted(name)}"))
        for signature in connection.execute(text(_FUNCTIONS)).scalars().all():
            connection.execute(text(f"DROP FUNCTION {signature}"))


def _run(program: str, *options: str, url: URL, last: tuple[str, ...] = ()) -> None:
    where, environment = address_of(url)
    command = [program, "--no-password", *options, where, *last]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise RefusedError(NO_PROGRAM.format(program=program)) from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error:" in line]  # the others may hold what rows hold
        says = lines[0].partition("error:")[2].strip() if lines else f"it ended with {done.returncode}"
        more = f" {OTHER_VERSION}" if "version mismatch" in done.stderr else ""
        raise RefusedError(f"{program} could not do it: {says}.{more}")


def address_of(url: URL) -> tuple[str, Mapping[str, str]]:
    """A database's address without its password, and the environment that has it."""
    parts: dict[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "dbname": url.database,
        **url.query,
    }
    given = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in parts.items() if value}
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    from psycopg.conninfo import make_conninfo  # SQLite does without, and starts sooner

    return make_conninfo(**given), {**os.environ, "LC_ALL": "C.UTF-8", **password}
