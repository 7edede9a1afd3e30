"""The figures of one inspection as files, and an issue rebuilt from the data as they are."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlmodel import Session

from casereader import issues
from casereader.cli.edge import instrument_of, looking, refusals_exit_2
from casereader.exports import covers, finding_sheets, tables, workbook
from casereader.figures import reader_effects
from casereader.figures.whole_results import whole_results
from casereader.issues import Scope
from casereader.programmes import inspections, programmes
from casereader.web.installed import instruments

QUESTIONS, WORKBOOK, READ_ME = "questions.csv", "tables.xlsx", "README.txt"


@click.command("rollup")
@click.option("--inspection", "path", metavar="PROGRAMME/PARTNERSHIP", help="The inspection to roll up.")
@click.option("--programme", "programme", metavar="PROGRAMME", help="With --issue: the programme whose issue it is.")
@click.option(
    "--out",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="The folder for questions.csv and tables.xlsx; it is made when it is not there.",
)
@click.option("--issue", "number", type=click.IntRange(min=1), help="The number of an issue, with --compare.")
@click.option("--compare", "is_compared", is_flag=True, help="Rebuild the issue and name what is not as it was.")
@with_appcontext
@refusals_exit_2
def command(
    path: str | None, programme: str | None, folder: Path | None, number: int | None, is_compared: bool
) -> None:
    """Write every figure of an inspection as it stands: questions.csv, unrounded, and a workbook of all tables.

    Where the data are no real record reading, a README.txt beside them says so.

    The same data give the same bytes. Files of these names in the folder are replaced.

    With --issue N --compare nothing is written: the issue is rebuilt from the data as they are now. Exit 0: it is the
    same; 1: it is not, and each difference is named. Without an inspection or a programme, N must be the number of one
    issue only.

    \b
    Example:
      flask --app app rollup --inspection children-at-risk-2026/glen-test --out figures
      flask --app app rollup --inspection children-at-risk-2026/glen-test --issue 1 --compare
    """
    if number is not None and is_compared and folder is None and not (path and programme):
        _compare(number, path, programme)
    elif path is not None and folder is not None and number is None and not is_compared and programme is None:
        _roll_up(path, folder)
    else:
        raise click.UsageError("Give --inspection and --out, or --issue and --compare for one inspection or programme.")


def _roll_up(path: str, folder: Path) -> None:
    with looking() as session:
        place = inspections.by_name(session, path=path)
        instrument = instrument_of(place.programme)
        whole = whole_results(session, place, instrument)
        said = reader_effects.moved(session, place.programme, instrument, instruments())
    found, cover = whole.results, covers.cover_of(place, whole, reader_notes=said)
    more = finding_sheets.of_findings(whole, instrument)
    files: dict[str, Callable[[Path], object]] = {
        QUESTIONS: lambda target: tables.write_questions(target, found.figures.questions),
        WORKBOOK: lambda target: workbook.write(target, found.figures, instrument, cover, more=more),
    }
    if cover.banner:
        says = f"{cover.title}\n\n{cover.banner}\n"
        files[READ_ME] = lambda target: target.write_text(says, encoding="utf-8", newline="\n")
    try:
        _write(folder, files)
    except OSError as error:
        click.echo(f"Cannot write to {folder}: {error.strerror}. Nothing was changed there.", err=True)
        sys.exit(2)
    click.echo(f"{place.name}: {covers.records_in_words(found.reach[place.path])}")
    click.echo(f"Wrote {folder / QUESTIONS} and {folder / WORKBOOK}")
    if found.figures.questions.empty:
        click.echo("No record has an answer that counts yet: the files hold no figure.", err=True)


def _compare(number: int, path: str | None, programme: str | None) -> None:
    with looking() as session:
        scope = _scope(session, number, path, programme)
        row = issues.numbered(session, scope=scope, number=number)
        found = issues.compare(
            session,
            scope=scope,
            row=row,
            instrument=instrument_of(scope.programme),
            library=instruments(),
        )
    for line in found.remarks:
        click.echo(line, err=True)
    for line in found.differences:
        click.echo(line)
    if not found.is_same:
        click.echo(f"Issue {number} of {scope.full_name} is not what the data of today give.", err=True)
        sys.exit(1)
    click.echo(f"Issue {number} of {scope.full_name} was rebuilt as it is, from the same data.")


def _scope(session: Session, number: int, path: str | None, programme: str | None) -> Scope:
    if path is not None:
        return issues.of_place(inspections.by_name(session, path=path))
    if programme is not None:
        return issues.of_programme(session, programmes.by_name(session, name=programme))
    return issues.only_one(session, number=number)


def _write(folder: Path, files: dict[str, Callable[[Path], object]]) -> None:
    """Write the files beside their places first, so that a failure leaves what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".rollup-") as beside:
        for name, write in files.items():
            write(Path(beside) / name)
        for name in files:
            (Path(beside) / name).replace(folder / name)
