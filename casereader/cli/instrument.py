"""Checking questionnaire files, and printing what a questionnaire asks."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from casereader.cli.edge import refusals_exit_2
from casereader.instrument import InstrumentError, codebook, load

command = AppGroup("instrument", help="Check questionnaire files, and print their codebooks.")


@command.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@refusals_exit_2
def check(files: tuple[Path, ...]) -> None:
    """Say whether each of FILES is a sound questionnaire, and everything that is wrong with it (exit 1 when so).

    \b
    Example:
      flask --app app instrument check data/instruments/crr-1.toml
    """
    wanting = False
    for file in files:
        try:
            found = load(file)
        except InstrumentError as error:
            wanting = True
            for fault in error.faults:
                click.echo(str(fault), err=True)
        else:
            click.echo(
                f"{file}: {found.id} {found.version} is sound: "
                f"{len(found.questions)} questions with {len(found.parts)} parts in {len(found.sections)} sections."
            )
    if wanting:
        sys.exit(1)


@command.command("codebook")
@click.argument("name", metavar="ID")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The HTML file to write; without it, print."
)
@refusals_exit_2
def print_codebook(name: str, out: Path | None) -> None:
    """Print all that the questionnaire ID asks, with its conditions and how answers count, as an HTML page.

    \b
    Example:
      flask --app app instrument codebook CRR-1 --out codebook.html
    """
    instruments = current_app.extensions["casereader_instruments"]
    found = next((one for key, one in instruments.items() if key.casefold() == name.casefold()), None)
    if found is None:
        click.echo(f"There is no questionnaire {name} here. Known are {', '.join(sorted(instruments))}.", err=True)
        sys.exit(2)
    template = current_app.jinja_env.get_template("instrument/codebook.html")
    page = template.render(instrument=found, entries=codebook(found))
    if out is None:
        click.echo(page)
        return
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        click.echo(f"Cannot write {out}: {error.strerror}.", err=True)
        sys.exit(2)
    click.echo(f"Wrote {out}")
