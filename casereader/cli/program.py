"""The program as it is started from outside: by flask, waitress and gunicorn, and as `casereader` once installed."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import ScriptInfo

from casereader import create_app
from casereader.config import ConfigError
from casereader.instrument import InstrumentError
from casereader.web import logs
from sampling.version import VERSION


def start(*, makes: bool = True) -> Flask:
    """The application, its log as lines of JSON; says in one line why it cannot start, and leaves with 2.

    Unless it `makes` what is not there, the commands that set up do (see `create_app`).
    """
    try:
        app = create_app(makes=makes)
    except (ConfigError, InstrumentError) as error:
        click.echo(f"casereader did not start: {error}", err=True)
        sys.exit(2)
    logs.as_json_lines()
    return app


def main() -> None:
    """`casereader COMMAND`: each command of `flask --app app`, without those that are Flask's own."""
    app = start(makes=False)
    group = click.Group("casereader", commands=app.cli.commands, help=sys.modules["casereader"].__doc__)
    group = click.version_option(VERSION, "-V", "--version", prog_name="casereader")(group)
    group.main(prog_name="casereader", obj=ScriptInfo(create_app=lambda: app))
