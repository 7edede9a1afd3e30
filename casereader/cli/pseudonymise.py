"""Replacing a list's references by keyed ones, at the partnership, before it is sent."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import click

from casereader.cli.edge import refusals_exit_2
from casereader.errors import RefusedError
from sampling.errors import FrameError
from sampling.files import write_together
from sampling.pseudonyms import SHORTEST_KEY, pseudonymise

writable = click.Path(dir_okay=False, path_type=Path)


@click.command("pseudonymise")
@click.argument("list_file", metavar="LIST", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=writable, help="Where the list to be sent is written (CSV).")
@click.option(
    "--key", "key_file", required=True, type=writable, help="The file with the key; made when it is not there."
)
@click.option("--lookup", type=writable, help="Where to write which reference is which, to be kept with the key.")
@click.option("--id", "id_column", default="case_ref", show_default=True, help="The column of references.")
@click.option("--also", multiple=True, help="A further column that holds references, such as family_group; repeatable.")
@click.option("--sheet", help="The sheet of a workbook that holds several lists.")
@click.option("--force", is_flag=True, help="Replace files that are there; never the key.")
@refusals_exit_2
def command(
    list_file: Path,
    out: Path,
    key_file: Path,
    lookup: Path | None,
    id_column: str,
    also: tuple[str, ...],
    sheet: str | None,
    force: bool,
) -> None:
    """Replace the references of LIST (CSV or XLSX) by keyed ones, and leave out columns that identify a child.

    Run it where the list is kept, and keep the key there: with it the same child has the same reference in every list,
    and without it nobody can find out whose it is. Exit 2 with every fault when the list cannot be used; nothing is
    written then.

    \b
    Example:
      flask --app app pseudonymise children.xlsx --id "Case number" --key our.key --out to-send.csv --lookup ours.csv
    """
    in_the_way = [str(path) for path in (out, lookup) if path is not None and path.exists() and not force]
    if in_the_way:
        raise RefusedError(f"{', '.join(in_the_way)} is there already: choose another name, or say --force.")
    if len({path.resolve() for path in (list_file, out, key_file, lookup) if path is not None}) < 3 + bool(lookup):
        raise RefusedError("Name different files for the list, what is to be sent, the key and the lookup.")
    key, is_new = _key(key_file)
    try:
        made = pseudonymise(list_file, key=key, id=id_column, also=also, sheet=sheet)
    except FrameError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        sys.exit(2)
    if is_new:
        _keep_key(key_file, key)
    write_together(out.parent, {out.name: made.as_csv()})
    if lookup is not None:
        write_together(lookup.parent, {lookup.name: made.lookup_csv()})
    for name in made.left_out:
        click.echo(f"Left out the column {name}: it looks as if it identifies a child.", err=True)
    click.echo(f"Wrote {len(made.rows):,} cases to {out}. Send that file, and keep {key_file} to yourselves.")


def _key(path: Path) -> tuple[bytes, bool]:
    """The key, and whether it is a new one that is not kept yet."""
    if not path.exists():
        return secrets.token_bytes(SHORTEST_KEY), True
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (UnicodeDecodeError, ValueError):
        key = b""
    if len(key) < SHORTEST_KEY:
        raise RefusedError(f"{path} holds no key that was made here: name another file, and a new key is made in it.")
    return key, False


def _keep_key(path: Path, key: bytes) -> None:
    """Written for its owner alone, and never over another."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
