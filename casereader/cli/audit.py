"""Checking the trail."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from casereader import audit
from casereader.cli.edge import looking, refusals_exit_2

command = AppGroup("audit", help="Check the trail of what was done.")


@command.command()
@click.option("--anchor", metavar="HEX", help="A hash printed earlier; the chain must still hold it.")
@refusals_exit_2
def verify(anchor: str | None) -> None:
    """Say whether any event was changed, removed or moved (exit 1 when so)."""
    with looking() as session:
        faults = audit.verify(session, anchor=anchor)
        head = audit.head(session)
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(1)
    click.echo(f"The trail is whole. Its newest hash is {head}")
