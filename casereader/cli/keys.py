"""Keys on the command line: read from their files, and said of one that others of this machine may read just now."""

from __future__ import annotations

from pathlib import Path

import click

from casereader import sealed_files
from casereader.private_files import cannot_be_closed
from casereader.sealed_files import Key

OPEN_NOW = (
    "Warning: {path} lies where files have no modes, as on most memory sticks: whoever is signed in to this machine can"
    " read it while the stick is in. Take the stick out as soon as this is done."
)


def read_key(path: Path) -> Key:
    """The key in a file; a warning where it cannot be closed to others."""
    key = sealed_files.read_key(path)
    if cannot_be_closed(path):
        click.echo(OPEN_NOW.format(path=path), err=True)
    return key
