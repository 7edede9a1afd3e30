"""Making the key that backups are sealed to."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from casereader.cli.edge import refusals_exit_2
from casereader.sealed_files import RECIPIENT_ENDING, write_key

SAYS = (
    "The key is made:",
    "  {path}{ending}  is the public half. Let the host have it: BACKUP_KEY_FILE={path}{ending}",
    "  {path}  is the secret half, which opens every backup. Print it or put it on two sticks in two locked",
    "  places, and take it off this host. Who loses it loses every backup; who steals it reads every backup.",
    "For an offline week take a key of its own: `pack` and `unpack` are given its secret half (--key) on both sides.",
    "Whoever opens a backup with it needs no other program than age: age --decrypt --identity {path} FILE",
)


@click.command("backup-key")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
@refusals_exit_2
def command(path: Path) -> None:
    """Make a key for backups: its secret half in FILE, its public half in a file beside it.

    A host with the public half alone seals backups and opens none: whoever steals it reads no older one.

    \b
    Example:
      flask --app app backup-key /media/stick/casereader-backups.key
    """
    write_key(path)
    for line in SAYS:
        click.echo(line.format(path=path, ending=RECIPIENT_ENDING))
