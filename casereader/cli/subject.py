"""All that is held about one case, as files for the person it is about."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from casereader import subject, subject_shown
from casereader.cli.edge import now, refusals_exit_2, writing
from casereader.errors import RefusedError
from casereader.people import accounts
from casereader.private_files import write_private
from casereader.programmes import inspections
from casereader.vocabulary import Role

PRINTED = "subject/printed.html"  # stands by itself: whoever gets it has no service to load a style from


@click.command("subject")
@click.option("--inspection", "path", required=True, metavar="PROGRAMME/PARTNERSHIP", help="As `inspection list` says.")
@click.option("--reference", prompt="Reference of the case", help="Asked for where it is not given: a shell keeps it.")
@click.option("--by", "email", required=True, metavar="EMAIL", help="The lead of the inspection who asks for it.")
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), help="The folder to write into.")
@with_appcontext
@refusals_exit_2
def command(path: str, reference: str, email: str, folder: Path) -> None:
    """Write all that is held about one case: JSON to work with, HTML to read and print.

    Read it before it is handed over, and take out what is about other people. The trail keeps that it was taken.

    \b
    Example:
      flask --app app subject --inspection children-at-risk-2026/glen-test --by lead@example.org --out for-the-person
    """
    with writing() as session:
        place = inspections.by_name(session, path=path)
        by = accounts.by_email(session, email=email)
        if Role.LEAD not in {
            entry.role for entry in inspections.members(session, inspection=place.inspection, account=by)
        }:
            raise RefusedError(f"{by.email} is no lead of {place.name}.")
        held = subject.gather(session, place=place, reference=reference, by=by, at=now()).as_plain()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        html = current_app.jinja_env.get_template(PRINTED).render(held=held, sections=subject_shown.sections(held))
        try:
            write_private(folder / "held.json", json.dumps(held, ensure_ascii=False, indent=2) + "\n")
            write_private(folder / "held.html", html)
        except FileExistsError as error:
            raise RefusedError(f"{folder} holds such a file already: give another folder.") from error
    click.echo(f"Wrote held.json and held.html into {folder}.")
    click.echo(held["note"])
