"""Serving the pages."""

from __future__ import annotations

import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from waitress import create_server
from waitress.server import BaseWSGIServer, MultiSocketServer

from casereader import away, beginning, data_kinds, schema
from casereader.cli.bodies import tell_what_has_no_room
from casereader.cli.edge import looking, now, refusals_exit_2
from casereader.cli.until_stopped import UntilStopped
from casereader.config import Settings, keep_key
from casereader.people import accounts
from casereader.places import COMMAND
from casereader.vocabulary import BANNERS
from casereader.web import starting
from casereader.web.installed import settings

THREADS = 8
LIMITS = {  # what the server refuses by itself, before a page is asked
    # Each reader's browser keeps a connection, some several: whoever is beyond the limit waits until another leaves.
    "connection_limit": 1000,
    "asyncore_use_poll": True,  # select() knows no more than 1,024 files
    "channel_timeout": 60,  # seconds that one may be idle
    "inbuf_overflow": 64 * 1024,  # bytes of a body of which the rest goes to the disk
    "max_request_header_size": 48 * 1024,  # bytes of address and headers
    "max_request_body_size": 22 * 1024 * 1024,  # bytes: a little more than the largest list, so that a page says so
}
OF_THE_ROOM = (
    "This is a reading room’s laptop. Each person signs in with their address and the password that they set here with"
    f" their slip; passwords of the office do not hold. A new link for somebody: {COMMAND} account link EMAIL"
)


@click.command("serve", help="Serve the pages on HOST and PORT until interrupted or terminated.")
@with_appcontext
@refusals_exit_2
def command() -> None:
    """Start waitress, and say where it listens and how to sign in."""
    if beginning.is_first_start(settings()):
        begin_here()
    beginning.refuse_no_database(settings())
    keep_key(settings())
    found = starting.look()
    for line in found.says:
        click.echo(line, err=True)
    if not found.may_serve:
        sys.exit(2)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    host, port = settings().host, settings().port
    try:
        server = listen(app, settings())
    except OSError as error:
        click.echo(f"Cannot listen on {host} port {port}: {error.strerror}. Set PORT to another.", err=True)
        sys.exit(2)
    starting.begin(app)
    click.echo(f"casereader is at {settings().own_address} (stop it with Ctrl+C)")
    say_how_to_sign_in()
    serving = UntilStopped(app, server, drain_seconds=settings().drain_seconds)
    with serving.told_by_signals():
        serving.run()
    click.echo("casereader has stopped; what was asked is answered.")


def begin_here() -> None:
    """Make a service in the user's own data folder, which no command can mistake for another's, and say where it is."""
    keep_key(settings())
    schema.upgrade(settings().database_url, at=now())
    click.echo(f"A new service was made in {settings().data_folder}: CASEREADER_DATA names another folder.")
    click.echo(f"To look at a demonstration with invented data: `{COMMAND} demo seed`, before any account is made.")


def listen(app: Flask, given: Settings, **more: object) -> MultiSocketServer | BaseWSGIServer:
    """The server on its port, which answers once it is run; what proxies say comes as far as whoever may believe it.

    Waitress would take X-Forwarded-* away unless told whom to trust: which of them holds, PROXY_HOPS decides behind it.
    """
    keeps = given.proxy_hops > 0
    ours = {**LIMITS, "host": given.host, "port": given.port, "threads": THREADS, "ident": None, **more}
    server = create_server(app, clear_untrusted_proxy_headers=not keeps, **ours)
    tell_what_has_no_room(server)
    return server


def say_how_to_sign_in() -> None:
    """Say who can sign in here, and with what."""
    with looking() as session:
        kind = data_kinds.of_instance(session)
        demo = accounts.demonstration(session)
        is_laptop = away.serves_a_room(session)
    if is_laptop:
        click.echo(OF_THE_ROOM)
        return
    if not demo:
        click.echo(f"Sign in with your account. Make the first one with `{COMMAND} account create --help`.")
        return
    click.echo(f"{BANNERS.get(kind, 'Real record reading')}. Sign in as one of:".replace("..", "."))
    for email in demo:
        click.echo(f"  {email}")
    path = settings().data_folder / "demo-password"
    if path.exists():
        click.echo(f"The password of all of them is in {path}")
    else:
        click.echo("The password of all of them is the CASEREADER_DEMO_PASSWORD the demonstration was made with.")
