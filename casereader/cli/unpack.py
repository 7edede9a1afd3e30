"""Unpacking an inspection: on the reading room's laptop, or at the office what came of it."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from casereader import packing, schema
from casereader.cli import packed_files
from casereader.cli.edge import now, refusals_exit_2, writing
from casereader.cli.pack import key_from
from casereader.packing import Taken
from casereader.vocabulary import Side
from casereader.web.installed import instruments


@click.command("unpack")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path), help="The key it is sealed with; else BACKUP_KEY_FILE."
)
@with_appcontext
@refusals_exit_2
def command(file: Path, key_file: Path | None) -> None:
    """Take over what a packed FILE holds: all of it, or nothing.

    On the laptop it makes the inspection; at the office it brings together what was done on both sides. An answer that
    both changed waits for a choice on the page “Offline week”. The same file a second time changes nothing.

    \b
    Example:
      flask --app app unpack glen-test-friday.packed --key week.key
    """
    with packed_files.opened(file, key=key_from(key_file)) as inside:
        content = packing.read(inside)
    with writing() as session:
        taken = packing.take(session, content, instruments=instruments(), schema=schema.newest(), at=now())
    _tell(taken)


def _tell(taken: Taken) -> None:
    if not taken.is_new:
        click.echo(f"This file of {taken.name} was taken over before: nothing was changed.")
        return
    rows = sum(taken.counts.values())
    click.echo(f"{taken.name}: {rows:,} rows taken over, in {taken.readings:,} readings.")
    click.echo(f"The other side's trail stood at {taken.head}")
    if taken.conflicts:
        click.echo(
            f"{taken.conflicts} answers were changed on both sides. Both texts are kept: somebody chooses on the page"
            " “Offline week” of the inspection."
        )
    if taken.side is Side.LAPTOP:
        if taken.is_first:
            click.echo("Next: give each person a slip with which they set a password here. For the first coordinator:")
            click.echo("  flask --app app account link EMAIL")
    elif taken.is_last:
        click.echo("It was the laptop's last file: the inspection is back. Wipe the laptop once you have looked at it.")
