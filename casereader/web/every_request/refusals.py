"""Refused rights in the trail: who asked for what their roles do not open. The log has a line of every one.

At most so many an hour of one account are written down: who tries every address would else fill the trail.
"""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, Response, g, request
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from casereader import audit
from casereader.db import at_once
from casereader.models import Account
from casereader.people import allowances
from casereader.web.access import Person
from casereader.web.clock import now
from casereader.web.installed import engine
from casereader.web.request_session import db
from casereader.web.signed_in import network
from casereader.web.tries import bucket_keys

REFUSED = "access refused"


def install(app: Flask) -> None:
    """Note every answer that says 403."""

    @app.after_request
    def _note(response: Response) -> Response:
        found: Person | None = g.get("person")
        if response.status_code == 403 and found is not None and request.endpoint:
            _write_down(found.account, request.endpoint)
        return response


def _write_down(account: Account, route: str) -> None:
    (bucket,) = bucket_keys().of_refusals(account)
    key = account.id
    with suppress(OperationalError):  # busy or full: the log has it
        if allowances.has_run_out(db(), bucket, at=now()):
            return
        db().rollback()  # a refused request changes nothing, and would make this write wait for itself
        with at_once(engine()) as session:
            if allowances.take(session, [bucket], at=now()) is None:
                _record(session, session.get_one(Account, key), route)


def _record(session: Session, account: Account, route: str) -> None:
    audit.record(
        session,
        REFUSED,
        by=account,
        at=now(),
        kind="page",
        object_id=route[:64],
        body={"method": request.method, "network": network()},
    )
