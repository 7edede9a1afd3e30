"""Erasing the content of an inspection: the second of two people does it here, as the owner of the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from flask.cli import with_appcontext

from casereader import erasing
from casereader.cli import erasure_sheet
from casereader.cli.edge import inspection_to_change, looking, now, refusals_exit_2, writing
from casereader.cli.proving import prove
from casereader.errors import RefusedError
from casereader.models import Account
from casereader.programmes import inspections
from casereader.restoring import receipts
from casereader.web.installed import engine, settings

TO_DESTROY = (
    "Destroy now what this command cannot reach, and write down that it was done:",
    "  - every backup, snapshot and copy of this database and of its folder made before {at}, wherever it is kept;",
    "    Those that `backup` made here are named in the receipt under “backups”, where each was written to;",
    "  - every export, workbook, printed form and certificate with references that was given out and is not published;",
    "    The receipt names under “given_out” those that this service gave out;",
    "  - what the partnership sent, in mailboxes and on drives.",
)
COPY = "  - this, which looks like a copy of the database: {file}"
LISTED = (
    "\nThe receipt is in {file} too, on this host alone: copy that file to where the backups are kept, so that whoever"
    " restores one from before erases this again."
)
OF_POSTGRESQL = (
    "  - on every other host of the service, unless they share them: the folders `made` and `returns` of its data",
    "    folder. A host that runs empties them within an hour by itself, one that is switched off does not;",
    "  - PostgreSQL's write-ahead log: pg_wal is written over within the next checkpoints, but archived files,",
    "    replicas that lag behind and base backups from before hold the rows until they are removed.",
)


@click.command("erase")
@click.option("--inspection", "path", required=True, metavar="PROGRAMME/PARTNERSHIP", help="As `inspection list` says.")
@click.option("--by", "email", required=True, metavar="EMAIL", help="The administrator who does it.")
@click.option(
    "--proof-from-input", "reads_input", is_flag=True, help="Read the password and the code from two lines of input."
)
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask whether it is meant.")
@with_appcontext
@refusals_exit_2
def command(path: str, email: str, reads_input: bool, is_sure: bool) -> None:
    """Erase the content of an inspection for good, once its lead has asked for it, and print the receipt.

    Whoever gives it shows who they are: it asks for their password, and for a code of their app or a line of their
    recovery sheet, and shows neither. The lead has done so on the page where they asked.

    Answers, notes, texts, references and files go; counts, the trail, the certificate without its cases and what was
    published stay. After the receipt comes a sheet in plain words, to print, fill in and sign.
    Cut off on the way it did all in the database or nothing: give it again to have it finished.

    \b
    Example:
      flask --app app erase --inspection children-at-risk-2026/glen-test --by administrator@example.org
    """
    with looking() as session:
        place = inspections.by_name(session, path=path, erased=True)
        is_done = place.inspection.erased_at is not None
        if not is_done and erasing.asked(session, inspection=place.inspection) is None:
            raise RefusedError(erasing.NOBODY_ASKED)
    if not is_done:
        by = prove(email, reads_input=reads_input)
        if not is_sure:
            click.confirm(f"Erase all that was read in {place.name}? Nothing brings it back", abort=True)
        with writing() as session:
            place = inspection_to_change(session, path=path)
            erasing.erase(session, place=place, by=session.get_one(Account, by.id), at=now())
    removed = erasing.clear(engine(), data_folder=settings().data_folder)
    copies = erasing.copies_left(engine(), data_folder=settings().data_folder)
    with looking() as session:
        event = erasing.receipt_of(session, place=place)
        if event is None:
            raise LookupError("an erased inspection without its receipt")
        is_postgresql = engine().dialect.name == "postgresql"
        sheet = list(erasure_sheet.lines(session, place=place, event=event, copies=copies, is_postgresql=is_postgresql))
        receipt = {
            "inspection": place.inspection.public_id,
            "name": place.name,
            **event.body,
            "event": event.n,
            "hash": event.hash,
        }
    _print(place.name, receipt, removed, copies)
    click.echo("\n" + "\n".join(sheet))
    receipts.keep(settings().data_folder / receipts.LIST, receipt)
    click.echo(LISTED.format(file=settings().data_folder / receipts.LIST))


def _print(name: str, receipt: dict[str, Any], removed: Sequence[str], copies: Sequence[str]) -> None:
    click.echo(f"The content of {name} is erased. Keep this receipt:")
    click.echo(json.dumps(receipt, ensure_ascii=False, indent=2))
    for file in removed:
        click.echo(f"Removed too: {file}")
    for line in TO_DESTROY:
        click.echo(line.format(at=receipt["made_before"]))
    for copy in copies:
        click.echo(COPY.format(file=copy))
    if engine().dialect.name == "postgresql":
        for line in OF_POSTGRESQL:
            click.echo(line)
