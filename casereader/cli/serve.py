"""Serving the pages."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from waitress import create_server

from casereader import accounts, inspections, publishing, schema
from casereader.cli.edge import looking, refusals_exit_2
from casereader.vocabulary import BANNERS
from casereader.web import incoming, return_work
from casereader.web.installed import engine, instruments, settings

THREADS = 8
LIMITS = {  # what the server refuses by itself, before a page is asked
    "max_request_header_size": 48 * 1024,  # bytes of address and headers
    "max_request_body_size": 22 * 1024 * 1024,  # bytes: a little more than the largest list, so that a page says so
}


@click.command("serve", help="Serve the pages on HOST and PORT until interrupted.")
@with_appcontext
@refusals_exit_2
def command() -> None:
    """Start waitress, and say where it listens and how to sign in."""
    if not schema.is_current(engine()):
        click.echo("The database is not up to date: run `flask --app app database upgrade` first.", err=True)
        sys.exit(2)
    with looking() as session:
        refused, lacking = publishing.changed(session, instruments()), publishing.missing(session, instruments())
    for line in [*refused, *lacking]:
        click.echo(line, err=True)
    if refused:
        sys.exit(2)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    host, port = settings().host, settings().port
    try:
        server = create_server(app, host=host, port=port, threads=THREADS, ident=None, **LIMITS)
    except OSError as error:
        click.echo(f"Cannot listen on {host} port {port}: {error.strerror}. Set PORT to another.", err=True)
        sys.exit(2)
    return_work.start_anew(app)
    incoming.clear(settings().data_folder)
    click.echo(f"casereader is at http://{host}:{port} (stop it with Ctrl+C)")
    _say_how_to_sign_in()
    server.run()


def _say_how_to_sign_in() -> None:
    with looking() as session:
        kind = inspections.kind_of_instance(session)
        demo = accounts.demonstration(session)
    if not demo:
        click.echo("Sign in with your account. Make the first one with `flask --app app account create --help`.")
        return
    click.echo(f"{BANNERS.get(kind, 'Real record reading')}. Sign in as one of:".replace("..", "."))
    for email in demo:
        click.echo(f"  {email}")
    path = settings().data_folder / "demo-password"
    if path.exists():
        click.echo(f"The password of all of them is in {path}")
    else:
        click.echo("The password of all of them is the CASEREADER_DEMO_PASSWORD the demonstration was made with.")
