"""Second steps on the pages: an app set up, the code it shows next, and a sign-in whose proof lies long ago."""

import re
from datetime import timedelta

import pyotp
from flask import Flask
from sqlmodel import select, update

from casereader.db import transaction
from casereader.models import Authenticator
from casereader.models import SignIn as Entry
from casereader.people import sessions
from casereader.web.signed_in import FULLY
from tests.second_steps import code_of_now
from tests.web.client import PageClient


def set_up_app(client: PageClient) -> pyotp.TOTP:
    """Set an app up on the pages; what makes its codes."""
    client.submit("/sign-in-methods", action="/sign-in-methods/app/begin")
    page = client.page("/sign-in-methods/app")
    key = re.search(r"Key: ((?:[A-Z2-7]{4} ?){8})", page.text)
    assert key is not None
    codes = pyotp.TOTP(key[1].replace(" ", ""))
    client.submit("/sign-in-methods/app", {"code": code_of_now(codes)})
    return codes


def next_code(app: Flask, codes: pyotp.TOTP) -> str:
    """The code of now, as if the one that set the app up lay further back."""
    with transaction(app.extensions["casereader_engine"]) as session:
        session.exec(update(Authenticator).values(last_step=0))
    return code_of_now(codes)


def long_ago(app: Flask, *browsers: PageClient) -> None:
    """Let so much time pass that nobody has proved lately who they are, in these browsers not even what is asked for
    to change how they sign in.
    """
    passed = sessions.PROVED_FOR + timedelta(seconds=1)
    with transaction(app.extensions["casereader_engine"]) as session:
        for entry in session.exec(select(Entry)):
            if entry.proved_at is not None:
                entry.proved_at -= passed
    for browser in browsers:
        with browser.session_transaction() as cookie:
            cookie[FULLY] -= int(passed.total_seconds())
