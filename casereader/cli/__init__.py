"""The command line of the application: each command checks its words, calls one verb, and says what came of it.

Exit codes: 0 done, 1 found wanting, 2 used wrongly or refused.
"""

from __future__ import annotations

from importlib import import_module

import click
from flask import Flask

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
    """Add every command group to `flask --app app`."""
    for name in GROUPS:
        command: click.Command = import_module(f"casereader.cli.{name}").command
        app.cli.add_command(command)
