"""The application on a new database of its own, a browser of somebody, and a finished text through the same server."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from casereader import create_app, schema
from casereader.db import transaction
from casereader.models import Account
from casereader.people import sessions
from casereader.vocabulary import Factor
from casereader.web.every_request.compressing import packed
from casereader.web.signed_in import TOKEN

DATABASE = "casereader.sqlite3"


def application(folder: Path) -> Flask:
    """The application on the SQLite file of this folder, made where there is none."""
    url = f"sqlite:///{folder / DATABASE}"
    schema.upgrade(url, at=datetime.now(UTC))
    return create_app({"CASEREADER_DATA": str(folder), "SECRET_KEY": secrets.token_hex(32), "DATABASE_URL": url})


def browser_of(app: Flask, account: Account) -> FlaskClient:
    """A browser in which somebody is signed in."""
    with transaction(app.extensions["casereader_engine"]) as session:
        token = sessions.begin(session, account=account, at=datetime.now(UTC), factor=Factor.RECOVERY_CODE)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = token
    return client


def finished_text(text: str, *, is_compressed: bool = False) -> FlaskClient:
    """A browser of a server that hands out this text at `/` and does nothing else."""
    static = Flask("static")
    static.add_url_rule("/", view_func=lambda: packed(text.encode()) if is_compressed else text)
    return static.test_client()
