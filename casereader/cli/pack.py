"""Packing an inspection for the reading room's laptop, or on the laptop for the office."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from casereader import audit, packing, schema
from casereader.cli import packed_files
from casereader.cli.edge import (
    inspection_to_change,
    instrument_of,
    looking,
    now,
    refusals_exit_2,
    refuse_other_schema,
    writing,
)
from casereader.cli.keys import read_key
from casereader.errors import RefusedError
from casereader.places import COMMAND
from casereader.programmes import inspections
from casereader.sealed_files import Key
from casereader.vocabulary import Side
from casereader.web.installed import settings

NO_KEY = "Give --key FILE, or set BACKUP_KEY_FILE: a packed inspection is always sealed."


def key_from(given: Path | None) -> Key:
    """The key that was given, or that of the backups; RefusedError where there is none."""
    path = given or settings().backup_key_file
    if path is None:
        raise RefusedError(NO_KEY)
    return read_key(path)


@click.command("pack")
@click.argument("path", metavar="PROGRAMME/PARTNERSHIP")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path), help="The key to seal it with; else BACKUP_KEY_FILE."
)
@click.option(
    "--last", "is_last", is_flag=True, help="On the laptop: the week is over, and nothing more is done there."
)
@with_appcontext
@refusals_exit_2
def command(path: str, file: Path, key_file: Path | None, is_last: bool) -> None:
    """Write all that the reading room needs of one inspection to a sealed FILE, or on its laptop, all that came of it.

    No password and no sign-in method is in it. Pack as often as you like: each file holds everything again.

    \b
    Example:
      flask --app app pack children-at-risk-2026/glen-test glen-test-monday.packed --key week.key
    """
    refuse_other_schema()
    key = key_from(key_file)
    packed_files.refuse_taken(file)
    with looking() as session:
        place = inspections.by_name(session, path=path)
        instrument = instrument_of(place.programme)
    with writing() as session:
        place = inspection_to_change(session, path=path)  # what others have begun with it is in the file, or waits
        row = packing.begin(session, place=place, is_last=is_last, at=now())
        number = row.number
    with looking() as session:
        head = audit.head(session)
        lines = packing.prepare(session, place=place, number=number, instrument=instrument, schema=schema.newest())
        size = packed_files.write(file, lines, key=key)
        week = packing.week_here(session, place=place)
    here = week.side if week else Side.OFFICE
    click.echo(f"{place.name} is packed in {file} ({size:,} bytes, sealed; file {number} from here).")
    click.echo(f"The head of the trail that it carries: {head}")
    click.echo("Write it down: `audit verify --anchor` with it holds both trails to this file, here and there.")
    if here is Side.OFFICE:
        click.echo(f"Next, on the laptop: {COMMAND} unpack FILE --key KEY. Carry the key apart from the file.")
        click.echo("Until its last file is back, drawing, unlocking and publishing wait here, and the page says so.")
    elif is_last:
        click.echo("Next, at the office: unpack it, and see that all is there. Only then wipe this laptop.")
    else:
        click.echo("Next, at the office: unpack it. Reading goes on here meanwhile.")
