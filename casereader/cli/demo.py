"""Making the demonstration."""

from __future__ import annotations

import secrets

import click
from flask import current_app
from flask.cli import AppGroup

from casereader import demo
from casereader.cli import database
from casereader.cli import serve as serving
from casereader.cli.edge import now, refusals_exit_2, writing
from casereader.demo import services as published
from casereader.errors import RefusedError
from casereader.figures import results
from casereader.people import passwords
from casereader.places import DATA
from casereader.private_files import write_private
from casereader.web.installed import instruments, settings

NOT_EMPTY = "This database holds programmes or accounts already: the demonstration needs an empty one."
PASSWORD_FILE = "demo-password"  # noqa: S105 - the name of the file, not what is in it

command = AppGroup("demo", help="Make a demonstration with invented data, or one with real published evaluations.")


@command.command()
@click.option("--if-empty", is_flag=True, help="Do nothing where the database holds a programme or an account.")
@click.option(
    "--partnerships",
    type=click.IntRange(1, demo.MOST),
    default=demo.MOST,
    show_default=True,
    help="How many partnerships; fewer are made sooner.",
)
@refusals_exit_2
def seed(if_empty: bool, partnerships: int) -> None:
    """Make the demonstration: a programme over 32 invented partnerships, and people to sign in as.

    \b
    Example:
      flask --app app demo seed --if-empty
    """
    with writing() as session:
        if not demo.is_empty(session):
            if not if_empty:
                raise RefusedError(NOT_EMPTY)
            click.echo("The database holds data already: nothing was added.")
            return
        click.echo(f"Making the demonstration: {partnerships} invented partnerships (half a second each) …")
        made = demo.seed(
            session,
            instrument=instruments()["CRR-1"],
            password_hash=passwords.hash_demo_password(_password()),
            at=now(),
            partnerships=partnerships,
            practice=current_app.extensions["casereader_practice"],
            library=instruments(),
        )
    click.echo(
        f"Made {made.partnerships} partnerships with {made.cases:,} cases, {made.readings:,} readings "
        f"and {made.answers:,} answers. All of it is invented."
    )


@command.command()
@refusals_exit_2
def services() -> None:
    """Bring real published evaluations into a database of their own: a list, a draw and readings for each of 32 areas.

    \b
    Example:
      export CASEREADER_DATA=services-data
      flask --app app database upgrade
      flask --app app demo services
      flask --app app serve
    """
    instrument = instruments()[published.INSTRUMENT]
    with writing() as session:
        if published.is_there(session):
            click.echo("The published evaluations are here already: nothing was changed.")
            return
        click.echo("Listing, drawing and reading the services of 32 areas (about ten seconds) …")
        places, brought = published.bring_in(
            session,
            folder=DATA / "services",
            instrument=instrument,
            password_hash=passwords.hash_demo_password(_password()),
            at=now(),
        )
        found = results.results_for(session, places, instrument)
    click.echo(f"{len(places)} areas, {brought.readings:,} services drawn, {brought.answers:,} evaluations.")
    click.echo("Areas by their weighted share of services that are good or better:")
    whole = found.figures.questions.query("domain == 'all'")
    for key in instrument.parts:
        shares = whole.loc[whole["question"] == key, "share"]
        click.echo(f"  {key}: {len(shares)} areas, from {shares.min():.0%} to {shares.max():.0%}")
    click.echo("These are real published evaluations; not record reading.")


@command.command()
@click.pass_context
def serve(context: click.Context) -> None:
    """Serve the demonstration, and make it first where there is none: `make run`, in one go."""
    context.invoke(database.upgrade)
    context.invoke(seed, if_empty=True)
    context.invoke(serving.command)


def _password() -> str:
    """The password of the demonstration: the one that was set, else the one kept, else a new one that is kept."""
    given = settings().demo_password
    path = settings().data_folder / PASSWORD_FILE
    if given is not None:
        path.unlink(missing_ok=True)
        return given
    if not path.exists():
        write_private(path, secrets.token_urlsafe(12) + "\n")
    return path.read_text(encoding="utf-8").strip()
