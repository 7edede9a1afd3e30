"""Making, upgrading and checking the database."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from casereader import schema
from casereader.cli.edge import now, refusals_exit_2
from casereader.web.installed import engine, settings

command = AppGroup("database", help="Make, upgrade and check the database.")


@command.command()
@refusals_exit_2
def upgrade() -> None:
    """Bring the database to the schema this version knows; makes it when there is none."""
    click.echo(schema.upgrade(settings().database_url, at=now()))


@command.command()
@refusals_exit_2
def check() -> None:
    """Say whether the database has the schema this version knows (exit 1 when not)."""
    if schema.is_current(engine()):
        click.echo("The database is up to date.")
        return
    click.echo("The database is not up to date: run `flask --app app database upgrade`.")
    sys.exit(1)
