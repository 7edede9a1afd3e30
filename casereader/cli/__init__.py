"""The command line of the application: each command checks its words, calls one verb, and says what came of it.

Exit codes: 0 done, 1 found wanting, 2 used wrongly or refused.
"""

from __future__ import annotations

from importlib import import_module

import click
from flask import Flask

from casereader.places import IS_INSTALLED, as_called_here

GROUPS = (
    "database",
    "serve",
    "audit",
    "account",
    "inspection",
    "rollup",
    "demo",
    "readings",
    "frame",
    "pseudonymise",
    "erase",
    "pack",
    "unpack",
    "subject",
    "draw",
    "instrument",
    "backup",
    "backup_key",
    "restore",
)


def install(app: Flask) -> None:
    """Add every command group to `flask --app app`, and to `casereader` where the program is installed."""
    for name in GROUPS:
        command: click.Command = import_module(f"casereader.cli.{name}").command
        if IS_INSTALLED:
            _call_as_installed(command)
        app.cli.add_command(command)


def _call_as_installed(command: click.Command) -> None:
    """Have the examples of its help name the command as it is called here."""
    command.help = command.help and as_called_here(command.help)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _call_as_installed(inner)
