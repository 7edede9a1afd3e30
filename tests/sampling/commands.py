"""Runs `python -m sampling` on a small list."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from sampling.__main__ import main


def run(*arguments: object) -> Result:
    """What a command says and ends with."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def written(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
