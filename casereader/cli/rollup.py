"""The figures of one inspection as files."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import with_appcontext

from casereader import inspections, reader_effects, results
from casereader.cli.edge import instrument_of, looking, refusals_exit_2
from casereader.exports import covers, tables, workbook
from casereader.web.installed import instruments

QUESTIONS, WORKBOOK = "questions.csv", "tables.xlsx"


@click.command("rollup")
@click.option("--inspection", "path", metavar="PROGRAMME/PARTNERSHIP", required=True, help="The inspection to roll up.")
@click.option(
    "--out",
    "folder",
    metavar="FOLDER",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder for questions.csv and tables.xlsx; it is made when it is not there.",
)
@with_appcontext
@refusals_exit_2
def command(path: str, folder: Path) -> None:
    """Write every figure of an inspection as it stands: questions.csv, unrounded, and a workbook of all tables.

    The same data give the same bytes. Files of these names in the folder are replaced.

    \b
    Example:
      flask --app app rollup --inspection children-at-risk-2026/glen-test --out figures
    """
    with looking() as session:
        place = inspections.by_name(session, path=path)
        instrument = instrument_of(place.programme)
        found, data_time = results.drawn_results(session, place, instrument)
        said = reader_effects.moved(session, place.programme, instrument, instruments())
    cover = covers.cover_of(place, found, data_time, reader_notes=said)
    try:
        _write(
            folder,
            {
                QUESTIONS: lambda target: tables.write_questions(target, found.figures.questions),
                WORKBOOK: lambda target: workbook.write(target, found.figures, instrument, cover),
            },
        )
    except OSError as error:
        click.echo(f"Cannot write to {folder}: {error.strerror}. Nothing was changed there.", err=True)
        sys.exit(2)
    click.echo(f"{place.name}: {covers.records_in_words(found.reach[place.path])}")
    click.echo(f"Wrote {folder / QUESTIONS} and {folder / WORKBOOK}")
    if found.figures.questions.empty:
        click.echo("No record has an answer that counts yet: the files hold no figure.", err=True)


def _write(folder: Path, files: dict[str, Callable[[Path], None]]) -> None:
    """Write the files beside their places first, so that a failure leaves what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".rollup-") as beside:
        for name, write in files.items():
            write(Path(beside) / name)
        for name in files:
            (Path(beside) / name).replace(folder / name)
