"""Unpacking an inspection: on the reading room's laptop, or at the office what came of it."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from casereader import packing, schema
from casereader.cli import packed_files
from casereader.cli.edge import (
    now,
    refusals_exit_2,
    refuse_other_schema,
    warn_where_links_open_here_alone,
    writing,
)
from casereader.cli.pack import key_from
from casereader.db import at_inspection, wait_for_turn
from casereader.errors import RefusedError
from casereader.packing import Taken
from casereader.places import COMMAND
from casereader.private_files import write_private
from casereader.vocabulary import Side
from casereader.web.installed import instruments, settings


@click.command("unpack")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path), help="The key it is sealed with; else BACKUP_KEY_FILE."
)
@click.option(
    "--slips",
    "slips_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="On the laptop: a new file to write a one-time link into for each person who has no password there yet.",
)
@with_appcontext
@refusals_exit_2
def command(file: Path, key_file: Path | None, slips_file: Path | None) -> None:
    """Take over what a packed FILE holds: all of it, or nothing.

    On the laptop it makes the inspection; at the office it brings together what was done on both sides. An answer that
    both changed waits for its reader, or for whoever moderates, to choose. The same file a second time changes nothing.

    \b
    Example:
      flask --app app unpack glen-test-friday.packed --key week.key
    """
    if slips_file is not None and (slips_file.exists() or not slips_file.parent.is_dir()):
        raise RefusedError(f"{slips_file} cannot be written: name a new file in a folder that is there.")
    refuse_other_schema()
    with packed_files.opened(file, key=key_from(key_file), folder=settings().data_folder) as inside:
        content = packing.read(inside)
    checked = packing.check(content, instruments=instruments(), schema=schema.newest())
    with writing() as session:
        wait_for_turn(session, at_inspection(content.head.inspection))
        taken = packing.take(session, checked, at=now())
        if slips_file is not None and taken.side is not Side.LAPTOP:
            raise RefusedError("Slips are for the laptop: at the office people have their passwords.")
        is_wanted = slips_file is not None and taken.is_new
        slips = packing.slips(session, inspection=content.head.inspection, at=now()) if is_wanted else []
    if slips_file is not None and taken.is_new:
        write_private(slips_file, "\n".join(_slip(account.name, account.email, token) for account, token in slips))
    _tell(taken, has_slips=slips_file is not None)
    if slips_file is not None and taken.is_new:
        click.echo(f"{len(slips)} slips are in {slips_file}: print it, cut it up, hand them out, then delete it.")
        warn_where_links_open_here_alone()
        if not taken.is_first:
            click.echo("They are for whoever has no password here yet. A slip that they had before opens nothing now.")
    elif slips_file is not None:
        click.echo("No slips were written, and those that were printed still open. For one who lost theirs:")
        click.echo(f"  {COMMAND} account link EMAIL")


def _slip(name: str, email: str, token: str) -> str:
    address = f"{settings().public_address}/set-password/{token}"
    return f"{name}\nSign in with: {email}\nSet a password, once, within seven days:\n{address}\n{'- ' * 30}\n"


def _what_came(taken: Taken) -> str:
    n = sum(taken.counts.values())
    if not n:
        return "all that this file holds is here already, so nothing had to be changed."
    said = f"{n:,} entr{'y is' if n == 1 else 'ies are'} taken over that {'was' if n == 1 else 'were'} not here yet"
    if not taken.readings:
        return f"{said}, none of them of a reading."
    of = "1 reading" if taken.readings == 1 else f"{taken.readings:,} readings, first and second readings together"
    return f"{said}: answers, notes and what goes with them, of {of}."


def _tell(taken: Taken, *, has_slips: bool) -> None:
    if not taken.is_new:
        click.echo(f"This file of {taken.name} was taken over before: nothing was changed.")
        return
    click.echo(f"{taken.name}: {_what_came(taken)}")
    click.echo(f"The other side's trail stood at {taken.head}")
    if taken.conflicts:
        click.echo(
            f"Answers changed on both sides: {taken.conflicts:,}. Both texts are kept. In an open reading its"
            " reader chooses, else whoever moderates: the inspection's page “Offline week” says for whom they wait."
        )
    if taken.side is Side.LAPTOP:
        if taken.is_first and not has_slips:
            click.echo(
                "Next: each person sets a password here with a one-time link. `--slips FILE` writes them all; for one:"
            )
            click.echo(f"  {COMMAND} account link EMAIL")
    elif taken.is_last:
        click.echo("It was the laptop's last file: the inspection is back. Wipe the laptop once you have looked at it.")
