"""Readings made elsewhere, brought in from a file."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from casereader import readings
from casereader.cli.edge import inspection_to_change, now, refusals_exit_2, writing
from casereader.db import Turn, wait_for_turn
from casereader.programmes import inspections
from casereader.web.installed import instruments

command = AppGroup("readings", help="Bring in readings made elsewhere.")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--inspection",
    "path",
    metavar="PROGRAMME/PARTNERSHIP",
    help="The inspection they belong to; needed where a reference is in several samples.",
)
@refusals_exit_2
def import_file(file: Path, path: str | None) -> None:
    """Bring in the readings of FILE: one line for each answer, with the columns
    case_ref, kind, reader, question, answer, note, sources and read_on.

    `kind` is first or second; `reader` is the e-mail address of an account; `answer` is a value or its label, with the
    ground after a colon where it needs one ("not applicable: plan too new"); `sources` are separated by semicolons.
    Everything that is wrong is said at once, and then nothing is brought in. The same file again changes nothing.
    An inspection in which nothing is given out yet needs its lead and deputy first, each with a telephone number.

    \b
    Example:
      flask --app app readings import answers.csv --inspection children-at-risk-2026/glen-test
    """
    with writing() as session:
        if path is not None:
            places = [inspection_to_change(session, path=path)]
        else:  # any of them may be changed, and each programme stays as it is
            wait_for_turn(session, Turn("programmes"))
            places = inspections.all_places(session)
        brought = readings.bring_in(
            session,
            content=file.read_bytes(),
            places=places,
            instruments=instruments(),
            by=None,
            at=now(),
        )
    for warning in brought.warnings:
        click.echo(f"Look at this: {warning}", err=True)
    if not brought.readings:
        click.echo(f"All {brought.passed_over:,} readings of this file were brought in before: nothing was changed.")
        return
    click.echo(
        f"Brought in {brought.readings:,} readings with {brought.answers:,} answers, "
        f"in {len(brought.inspections):,} inspections."
    )
    if brought.passed_over:
        click.echo(f"{brought.passed_over:,} readings of this file were there already and stay as they are.")
