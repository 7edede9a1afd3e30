"""Accounts from the command line: the first administrator is made here."""

from __future__ import annotations

from datetime import date, datetime

import click
from flask.cli import AppGroup

from casereader import dated
from casereader.cli.edge import now, refusals_exit_2, warn_where_links_open_here_alone, writing
from casereader.factors import methods
from casereader.people import accounts, local_reviewers, passwords, sessions
from casereader.web.installed import settings

command = AppGroup("account", help="Make and end accounts.")


@command.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name, as others will see it.")
@click.option("--administrator", is_flag=True, help="May make accounts; sees no case content.")
@click.option("--coordinator", is_flag=True, help="May begin programmes.")
@click.option("--ends-on", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which the account works.")
@refusals_exit_2
def create(email: str, name: str, administrator: bool, coordinator: bool, ends_on: datetime | None) -> None:
    """Make an account and print the link with which its password is set."""
    last_day: date | None = ends_on.date() if ends_on else None
    with writing() as session:
        account = accounts.create(
            session,
            email=email,
            name=name,
            by=None,
            at=now(),
            is_administrator=administrator,
            may_begin_programmes=coordinator,
            ends_on=last_day,
        )
        token = passwords.issue_link(session, account=account, by=None, at=now())
    _print_link(token)


@command.command()
@click.argument("email")
@refusals_exit_2
def link(email: str) -> None:
    """Print a one-time link with which the person sets a new password."""
    with writing() as session:
        token = passwords.issue_link(session, account=accounts.by_email(session, email=email), by=None, at=now())
    _print_link(token)


@command.command("remove-methods")
@click.argument("email")
@refusals_exit_2
def remove_methods(email: str) -> None:
    """Take away the second factors and the password of somebody who lost theirs, and print a one-time link."""
    with writing() as session:
        account = accounts.by_email(session, email=email)
        methods.remove_all_of_another(session, account=account, by=None, at=now())
        token = passwords.issue_link(session, account=account, by=None, at=now())
    _print_link(token)


@command.command("last-day")
@click.argument("email")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]), required=False)
@refusals_exit_2
def last_day(email: str, day: datetime | None) -> None:
    """Let an account work through DAY (YYYY-MM-DD) and not after; without a day it does not end."""
    until = day.date() if day else None
    with writing() as session:
        account = accounts.by_email(session, email=email)
        local_reviewers.set_last_day(session, account=account, until=until, by=None, at=now())
    click.echo(f"The account works until the end of {dated.day(until)}." if until else "The account has no last day.")


@command.command()
@click.argument("email")
@refusals_exit_2
def disable(email: str) -> None:
    """Stop an account from working, at once."""
    with writing() as session:
        sessions.disable(session, account=accounts.by_email(session, email=email), by=None, at=now())
    click.echo("The account no longer works.")


@command.command()
@click.argument("email")
@refusals_exit_2
def enable(email: str) -> None:
    """Let a disabled account work again, with its password and sign-in methods."""
    with writing() as session:
        sessions.enable(session, account=accounts.by_email(session, email=email), by=None, at=now())
    click.echo("The account works again.")


def _print_link(token: str) -> None:
    click.echo("Open this address within seven days to set the password (it works once):")
    click.echo(f"  {settings().public_address}/set-password/{token}")
    warn_where_links_open_here_alone()
