"""Restoring a backup."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from casereader import dated
from casereader.cli.audit import anchor_of
from casereader.cli.edge import now, refusals_exit_2
from casereader.cli.keys import read_key
from casereader.config import keep_key, make_data_folder
from casereader.errors import RefusedError
from casereader.places import COMMAND
from casereader.restoring import receipts, restoring
from casereader.restoring.restoring import Found, Wanted
from casereader.sealing import sealing_keys
from casereader.web.installed import engine, settings

GRANTS = f"Give the program's role its rights: {COMMAND} database grants --to ROLE (as the owner, as now)."
UNPROVEN = (
    "  NOTHING PROVES THAT YOUR SERVICE MADE THIS FILE: no head that you gave is in it, and no --sha256 was given.",
    "    Whoever has the public half of the key can seal a file with accounts of their own. Hold it against what",
    "    `backup` printed, or against a head on an older certificate, before anybody signs in.",
)
NEXT = (
    f"Next: {COMMAND} audit verify; then start the service, and have everybody sign in again.",
    "Make a new backup today: this one does not hold that it was restored.",
)


@click.command("restore")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--anchor", "anchors", multiple=True, metavar="HEX", help="A head that was printed; as often as you have."
)
@click.option(
    "--anchors",
    "anchors_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file of heads, one a line.",
)
@click.option("--sha256", metavar="HEX", help="What `backup` printed of the file: any other file is refused.")
@click.option(
    "--erased",
    "receipt_files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with receipts of `erase`: what was erased since is erased again.",
)
@click.option("--other-secret-key", "any_key", is_flag=True, help="The secret key that was in use then is lost.")
@click.option("--drill", is_flag=True, help="Restore and check it in a place of its own, and throw that away.")
@with_appcontext
@refusals_exit_2
def command(
    path: Path,
    anchors: tuple[str, ...],
    anchors_file: Path | None,
    sha256: str | None,
    receipt_files: tuple[Path, ...],
    any_key: bool,
    drill: bool,
) -> None:
    """Restore a backup into an empty database, and say what it does not hold of what was done since.

    Nothing is ever restored over a database. The key is in BACKUP_KEY_FILE: here its secret half. Give it the heads
    that were printed since (on certificates, receipts, issues, files): it says which of them the backup holds, and ends
    with 1 where one is missing. Whoever was signed in then is signed out.

    \b
    Example:
      flask --app app restore 2026-11-27.age --anchor 5d1c… --erased receipts.json
    """
    key_file = settings().backup_key_file
    lines = _lines_of(anchors_file) if anchors_file else []
    known = settings().data_folder / receipts.LIST
    wanted = Wanted(
        anchors=tuple(anchor_of(one) for one in (*anchors, *lines) if one.strip()),
        sha256="".join(sha256.split()).lower() if sha256 else None,
        receipts=tuple(
            receipt
            for file in (*receipt_files, *((known,) if known.exists() else ()))
            for receipt in receipts.receipts_in(file)
        ),
        installations=None if any_key else _installations(),
    )
    key = read_key(key_file) if key_file else None
    folder = settings().data_folder
    if drill:
        make_data_folder(settings())
        found = restoring.try_out(engine(), path, key=key, data_folder=folder, wanted=wanted, tell=click.echo)
        _leave_no_empty_file()
        click.echo("The backup is whole and can be restored. It was a drill: nothing was kept.")
    else:
        keep_key(settings())
        at = now()
        found = restoring.restore(engine(), path, key=key, data_folder=folder, wanted=wanted, at=at, tell=click.echo)
        click.echo("The backup is restored.")
    _say(found, wanted, is_drill=drill)
    if found.missing:
        sys.exit(1)


def _lines_of(path: Path) -> list[str]:
    if not path.is_file():
        raise RefusedError(f"{path} is no file of heads: name a file in which they stand, one a line.")
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _leave_no_empty_file() -> None:
    """Remove the file that connecting to SQLite made where there was none."""
    engine().dispose()
    name = engine().url.database
    if engine().dialect.name == "sqlite" and name and Path(name).exists() and not Path(name).stat().st_size:
        Path(name).unlink()


def _installations() -> frozenset[str]:
    """The public names of the secret key and of those before it."""
    keys = (settings().secret_key, *settings().retired_keys)
    return frozenset(sealing_keys(key).id for key in keys)


def _say(found: Found, wanted: Wanted, *, is_drill: bool) -> None:
    manifest = found.manifest
    rows = sum(one.rows for one in manifest.tables.values())
    click.echo(f"  Made on {dated.moment(manifest.made_at)}: {len(manifest.tables)} tables, {rows:,} rows, all whole.")
    click.echo(f"  Its trail ends with event {manifest.events:,}: {manifest.head}")
    if found.upgraded and not is_drill:
        click.echo(f"  {found.upgraded}")
    for anchor, n in found.held:
        click.echo(f"  Held: head {anchor}, of event {n:,}.")
    for anchor in found.missing:
        click.echo(f"  MISSING: head {anchor} is not in its trail. What was done up to it, after the backup, is lost,")
        click.echo(
            "    or this is not the trail that it was printed from. Write down why, beside the paper that has it."
        )
    if not wanted.anchors:
        click.echo("  No head was given, so nobody knows what is missing: give those on paper with --anchor.")
    if not found.held and wanted.sha256 is None:
        for line in UNPROVEN:
            click.echo(line)
    names = {one.inspection: one.body.get("name", "") for one in wanted.receipts}
    for public_id in found.come_back:
        done = "would be erased again" if is_drill else "is erased again"
        click.echo(f"  {names[public_id]} (inspection {public_id}) had been erased since, and {done}.")
    if not is_drill:
        click.echo(f"  {found.sign_ins:,} sign-ins and {found.links:,} unused links of then are ended.")
    for line in restoring.lost_since(found):
        click.echo(line)
    if is_drill:
        return
    if engine().dialect.name == "postgresql":
        click.echo(GRANTS)
    for line in NEXT:
        click.echo(line)
