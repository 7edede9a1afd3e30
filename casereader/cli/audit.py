"""Checking the trail."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from casereader import audit, backup_list, dated
from casereader.cli.edge import looking, refusals_exit_2

NOTED = (
    "A backup was restored on {at}, and its event notes this head as missing: what was done"
    " between the backup and that head is lost, and the paper with it should say so."
)

command = AppGroup("audit", help="Check the trail of what was done.")


def _anchor(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    """As somebody types it from paper: in capitals or in groups."""
    return None if given is None else anchor_of(given)


def anchor_of(given: str) -> str:
    """A head as it is stored; UsageError where what was typed is none."""
    typed = "".join(given.split()).lower()
    if len(typed) != len(audit.FIRST) or set(typed) - set("0123456789abcdef"):
        raise click.BadParameter(f"a head has {len(audit.FIRST)} digits 0 to 9 and a to f, and this has not.")
    return typed


@command.command()
@click.option(
    "--anchor",
    metavar="HEX",
    callback=_anchor,
    help="The head on any certificate, file or issue; the chain must still hold it.",
)
@click.option(
    "--state/--no-state",
    "with_state",
    default=True,
    help="Also hold every row and text that stands against what the trail says was left there.",
)
@refusals_exit_2
def verify(anchor: str | None, with_state: bool) -> None:
    """Say whether any event was changed, removed or moved, or any row was changed past the program (exit 1 when so)."""
    with looking() as session:
        faults = audit.verify(session, anchor=anchor)
        if with_state and not faults:
            faults = audit.compare(session)
        head = audit.head(session)
        noted = backup_list.noted_missing(session, anchor) if anchor and faults else None
    for fault in faults:
        click.echo(fault)
    if noted:
        click.echo(NOTED.format(at=dated.moment(noted)))
    if faults:
        sys.exit(1)
    if anchor is not None:
        click.echo("It still holds the head that you gave, and all that was done before it.")
    if with_state:
        click.echo("What stands in the tables is what the trail says was left there.")
    click.echo(f"The trail is whole. Its newest hash is {head}")
