"""Where a command meets the world: its clock, its transaction, and how refusals become exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session

from casereader import beginning, schema
from casereader.config import ConfigError
from casereader.db import at_inspection, snapshot, transaction, wait_for_turn
from casereader.errors import CasereaderError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Programme
from casereader.places import COMMAND
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.schema import SchemaError
from casereader.web.installed import engine, installed, settings

Words = ParamSpec("Words")
Result = TypeVar("Result")


def now() -> datetime:
    """The moment of the command."""
    return datetime.now(UTC)


def instrument_of(programme: Programme) -> Instrument:
    """The instrument a programme runs on, in its version; AbsentError where its file is not there."""
    return installed(programme.instrument_id, programme.instrument_version)


@contextmanager
def writing() -> Iterator[Session]:
    """The command's one transaction; RefusedError where the database has another schema."""
    refuse_other_schema()
    with transaction(engine()) as session:
        yield session


@contextmanager
def looking() -> Iterator[Session]:
    """A transaction that only reads; RefusedError where the database has another schema."""
    refuse_other_schema()
    with snapshot(engine()) as session:
        yield session


def refuse_other_schema() -> None:
    """RefusedError where there is no database, or none of the schema that this version knows; it says what to do."""
    if schema.is_current(engine()):
        return
    if schema.is_empty(engine()):
        raise beginning.nothing_in(engine(), settings())
    raise RefusedError(schema.why_not_current(engine()))


def inspection_to_change(session: Session, *, path: str) -> Place:
    """The inspection called `PROGRAMME/PARTNERSHIP`, which nobody else changes until the command is done."""
    found = inspections.by_name(session, path=path)
    wait_for_turn(session, at_inspection(found.inspection.public_id))
    return inspections.by_name(session, path=path)


def warn_where_links_open_here_alone() -> None:
    """Say of links that were just made, on standard error, that no other machine opens them, where it is so."""
    if settings().is_reached_here_alone:
        click.echo(
            "Links open in a browser on this machine. For others name the host in TRUSTED_HOSTS first.", err=True
        )


def refusals_exit_2(command: Callable[Words, Result]) -> Callable[Words, Result]:
    """Say on standard error what was refused, and leave with 2; no traceback reaches a user."""

    @wraps(command)
    def run(*args: Words.args, **kwargs: Words.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except (CasereaderError, ConfigError, SchemaError) as error:
            click.echo(str(error), err=True)
        except (OperationalError, ProgrammingError) as error:
            click.echo(f"The database cannot be used: {str(error.orig).splitlines()[0]}", err=True)
            click.echo(f"Run `{COMMAND} database upgrade` first, or check DATABASE_URL.", err=True)
        sys.exit(2)

    return run
