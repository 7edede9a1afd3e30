"""Making a backup of the whole database."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from casereader import beginning
from casereader.backups import making
from casereader.cli.edge import now, refusals_exit_2
from casereader.cli.keys import read_key
from casereader.errors import RefusedError
from casereader.places import COMMAND
from casereader.sealed_files import Key
from casereader.web.installed import engine, sealing_keys, settings

NO_KEY = (
    f"A backup is sealed to a key, and there is none: make one with `{COMMAND} backup-key FILE`, and set"
    " BACKUP_KEY_FILE to its public half. (--plain writes a file that anybody can read who has it.)"
)
PLAIN = "It is NOT sealed: whoever has the file reads every record in it. Keep it on an encrypted disk, mode 600."
BOTH_HALVES = (
    "It opens with the key in {file}, which this host has whole: whoever steals the host reads its backups. Give the"
    " host the public half alone, and lock the other away."
)
LIST = "It is on the list in the audit trail: when an inspection is erased, its receipt names this file."


@click.command("backup")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--plain", "is_plain", is_flag=True, help="Do not seal it: whoever has the file can read it.")
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="Afterwards remove all but the newest N backups that this service made in the same folder.",
)
@with_appcontext
@refusals_exit_2
def command(path: Path, is_plain: bool, keep: int | None) -> None:
    """Write a sealed backup of the whole database to FILE, which is new, and check it by restoring it elsewhere.

    It works while people work: it holds one moment, and all that was saved before. On PostgreSQL give it as the owner
    of the tables. The key is in BACKUP_KEY_FILE. The secret key of the service is not in it: keep that apart.

    \b
    Example:
      flask --app app backup /var/backups/casereader/2026-11-27.age --keep 30
    """
    beginning.refuse_no_database(settings())
    key_file = settings().backup_key_file
    if not is_plain and key_file is None:
        raise RefusedError(NO_KEY)
    key = None if is_plain or key_file is None else read_key(key_file)
    made = making.make(
        engine(),
        path,
        key=key,
        data_folder=settings().data_folder,
        installation=sealing_keys().id,
        at=now(),
        tell=click.echo,
        keep=keep,
    )
    tables = made.manifest.tables.values()
    click.echo(f"The backup is {made.path} ({_size(made.bytes_)}), readable by you alone.")
    click.echo(
        f"  {len(tables)} tables, {sum(one.rows for one in tables):,} rows; restored and compared, all as copied."
    )
    click.echo(f"  The trail in it ends with event {made.manifest.events:,}: {made.manifest.head}")
    click.echo(f"  SHA-256 of the file: {made.sha256}")
    for file in made.removed:
        click.echo(f"  Removed: {file}")
    click.echo(_who_opens(key, key_file))
    click.echo(LIST)


def _who_opens(key: Key | None, file: Path | None) -> str:
    if key is None:
        return PLAIN
    return BOTH_HALVES.format(file=file) if key.opens else f"It opens with the secret half of the key in {file} alone."


def _size(n: int) -> str:
    return f"{n / 1e6:,.1f} MB" if n >= 1e5 else f"{n / 1e3:,.1f} kB"
