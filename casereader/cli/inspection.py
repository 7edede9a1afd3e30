"""Naming the inspections, for people and for other programs."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from casereader.cli.edge import looking, refusals_exit_2
from casereader.programmes import inspections
from casereader.stages import stages

command = AppGroup("inspection", help="Name the inspections.")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects instead of lines.")
@refusals_exit_2
def list_all(as_json: bool) -> None:
    """List every inspection by programme and partnership, with its path, stage and counts.

    \b
    Example:
      flask --app app inspection list --json
    """
    with looking() as session:
        places = inspections.all_places(session)
        standings = stages.standings(session, [place.inspection.id or 0 for place in places])
    found = []
    for place in places:
        standing = standings[place.inspection.id or 0]
        found.append(
            {
                "programme": place.programme.name,
                "partnership": place.partnership.name,
                "path": place.path,
                "instrument": place.programme.instrument_id,
                "instrument_version": place.programme.instrument_version,
                "data": place.programme.data_kind.value,
                "stage": standing.stage.value,
                "cases": standing.n_cases,
                "readings": standing.n_readings,
                "submitted": standing.n_submitted,
            }
        )
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("There are no inspections.")
    for row in found:
        submitted = f"{row['submitted']} of {row['readings']} readings submitted"
        click.echo(f"{row['path']}  {row['stage']}, {row['cases']} cases, {submitted}")
