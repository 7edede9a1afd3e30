"""The child that works out an issue, or looks one over before it goes out: it reads, and writes nothing.

It is asked again where something was touched meanwhile, and then looks at nothing but that.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask
from sqlmodel import Session

from casereader import create_app, issues
from casereader.db import snapshot
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.issues import Basis, Scope
from casereader.models import Account, Issue
from casereader.web.issuing.at_work import SECONDS
from casereader.web.issuing.keeping import PUBLISH, scope_of
from sampling.apart import serve, tell


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`basis` with the issue (`drafted`) or what was looked over (`looked`); `why_not` if there is none, or `broke`."""
    app = create_app(
        {
            "DATABASE_URL": request["database_url"],
            "CASEREADER_DATA": request["data_folder"],
            "SECRET_KEY": secrets.token_hex(32),  # nothing is signed here
        }
    )
    engine = app.extensions["casereader_engine"]
    try:
        with snapshot(engine) as session:
            scope = scope_of(session, request["programme"], request["inspection"])
            instruments = app.extensions["casereader_instruments"]
            instrument = instruments.find(scope.programme.instrument_id, scope.programme.instrument_version)
            if "again" in request:
                return _again(session, scope, instrument, request)
            if request["deed"] == PUBLISH:
                return _looked_over(session, scope, instrument, request)
            return _drafted(session, scope, instrument, app, request)
    except (RefusedError, ConflictError) as error:
        return {"why_not": list(error.reasons)}
    except Exception as error:
        return {"broke": type(error).__name__}  # its text may quote what somebody wrote
    finally:
        engine.dispose()


def _drafted(
    session: Session, scope: Scope, instrument: Instrument, app: Flask, request: dict[str, Any]
) -> dict[str, Any]:
    made = issues.draft(
        session,
        scope=scope,
        instrument=instrument,
        library=app.extensions["casereader_instruments"],
        by=session.get_one(Account, request["by"]),
        threshold=request["threshold"],
        note=request["note"],
        looked=request["looked"],
        tell=tell,
    )
    return {"drafted": _told(made.row), "basis": made.basis.record()}


def _again(session: Session, scope: Scope, instrument: Instrument, request: dict[str, Any]) -> dict[str, Any]:
    is_prepared, basis = request["deed"] == PUBLISH, Basis.of(request["again"])
    found = issues.look_again(session, scope=scope, instrument=instrument, basis=basis, is_prepared=is_prepared)
    return {"basis": found.record()}


def _looked_over(session: Session, scope: Scope, instrument: Instrument, request: dict[str, Any]) -> dict[str, Any]:
    by = session.get_one(Account, request["by"])
    found = issues.look_over(session, scope=scope, public_id=request["issue"], instrument=instrument, by=by, tell=tell)
    return {"looked": {"mark": found.mark, "content": found.content}, "basis": found.basis.record()}


def _told(row: Issue) -> dict[str, Any]:
    """What was worked out of it, as JSON holds it."""
    return row.model_dump(mode="json", exclude_unset=True)


if __name__ == "__main__":
    serve(answer, seconds=SECONDS)
