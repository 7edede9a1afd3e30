"""Making, upgrading and checking the database."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from casereader import append_only, schema
from casereader.cli.edge import now, refusals_exit_2
from casereader.config import keep_key
from casereader.db import snapshot
from casereader.factors import app
from casereader.web import starting
from casereader.web.installed import engine, factor_keys, sealing_keys, settings
from sampling.version import SOFTWARE

command = AppGroup("database", help="Make, upgrade and check the database.")


@command.command()
@refusals_exit_2
def upgrade() -> None:
    """Bring the database to the schema this version knows; makes it, with the secret key, when there is none."""
    keep_key(settings())
    click.echo(schema.upgrade(settings().database_url, at=now()))


@command.command()
@refusals_exit_2
def check() -> None:
    """Say whether the database has the schema this version knows and the rights it needs (exit 1 when not)."""
    if not schema.is_current(engine()):
        click.echo(schema.why_not_current(engine()))
        sys.exit(1)
    click.echo(f"The database is up to date: schema {schema.newest()} of {SOFTWARE}.")
    click.echo(f"The secret key here is known by {sealing_keys().id}: with several hosts, each must say the same.")
    with snapshot(engine()) as session:
        for line in starting.other_secret_key(app.n_lost(session, keys=factor_keys())):
            click.echo(line)
    with engine().connect() as connection:
        missing = append_only.missing_rights(connection)
        why_not = append_only.why_not_held(connection)
    if why_not:
        click.echo(f"Mind: {why_not} {append_only.REMEDY}")
    if missing:
        click.echo(f"The program may not write to {', '.join(missing)}: run `database grants` again as the owner.")
        sys.exit(1)


@command.command()
@click.option("--to", "role", required=True, metavar="ROLE", help="The role of PostgreSQL that the program runs as.")
@refusals_exit_2
def grants(role: str) -> None:
    """Give the program's role what it needs, and no right to change the trail (PostgreSQL; as the owner).

    Run it with the owner's DATABASE_URL after every `database upgrade`; run everything else with the role's.
    """
    append_only.grant(engine(), role=role)
    click.echo(f"{role} may read and add to the trail and to draws, and change or remove nothing of them.")
