"""A partnership's list, from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from casereader.cli.acting import coordinator_of
from casereader.cli.edge import inspection_to_change, instrument_of, looking, now, refusals_exit_2, writing
from casereader.programmes import inspections
from casereader.returns import frames
from sampling.errors import FrameError

command = AppGroup("frame", help="Check a partnership's list and keep it as the sampling frame.")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--inspection", "path", metavar="PROGRAMME/PARTNERSHIP", required=True, help="Whose list it is.")
@click.option("--id", "id_column", default="case_ref", show_default=True, help="The column of the references.")
@click.option("--group", "group_column", default="stratum", show_default=True, help="The column of the groups.")
@click.option("--sheet", help="The sheet of a workbook that holds more than one.")
@click.option("--own-groups", is_flag=True, help="The list's groups are not those of the instrument.")
@click.option(
    "--by", "email", metavar="EMAIL", help="The coordinator it is entered by; needed where there are several."
)
@refusals_exit_2
def import_file(
    file: Path, path: str, id_column: str, group_column: str, sheet: str | None, own_groups: bool, email: str | None
) -> None:
    """Check the list in FILE (CSV or XLSX) and keep it as the inspection's frame, in place of an earlier one.

    Everything that is wrong is said at once, and then nothing is kept.

    \b
    Example:
      flask --app app frame import list.csv --inspection children-at-risk-2026/glen-test
    """
    with looking() as session:
        instrument = instrument_of(inspections.by_name(session, path=path).programme)
    source = frames.Source(
        path=file,
        filename=file.name,
        id_column=id_column,
        group_column=group_column,
        sheet=sheet,
        own_groups=own_groups or not instrument.strata,
    )
    try:
        checked = frames.check(source, instrument=instrument, today=now().date())
    except FrameError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        click.echo("The list was not taken.", err=True)
        sys.exit(2)
    with writing() as session:
        place = inspection_to_change(session, path=path)
        frame = frames.receive(
            session,
            inspection=place.inspection,
            instrument=instrument,
            checked=checked,
            source=source,
            file_bytes=file.stat().st_size,
            by=coordinator_of(session, place, email),
            at=now(),
        )
        counts = frames.counts(session, frame=frame)
    for warning in checked.warnings:
        click.echo(f"Look at this: {warning}", err=True)
    click.echo(f"{place.name}: {frame.n_cases:,} cases, list {frame.version}")
    for group, n in counts:
        click.echo(f"  {group}: {n:,}")
