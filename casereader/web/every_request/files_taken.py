"""Files in the trail: who took which file of which inspection, whatever route hands it out.

It looks at the answer, so that a route which is new is told of too. Pages pass by at the cost of one look at a header.
"""

from __future__ import annotations

import logging

from flask import Flask, Response, g, request
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from casereader import audit
from casereader.db import transaction
from casereader.models import Account, Inspection
from casereader.web.access import Person
from casereader.web.clock import now
from casereader.web.installed import engine
from casereader.web.logs import OURS

LOG = logging.getLogger(OURS)
TELL_THEMSELVES = frozenset(  # a deed of its own says more
    {"actions.export", "evaluation.export_challenges", "subject.give", "trail.as_csv"}
)


def install(app: Flask) -> None:
    """Note every answer that is a file to be saved."""

    @app.after_request
    def _note(response: Response) -> Response:
        if "Content-Disposition" in response.headers and response.status_code == 200 and request.method == "GET":
            found: Person | None = g.get("person")
            endpoint = request.endpoint or ""
            if found is not None and endpoint not in TELL_THEMSELVES:
                _write_down(found.id, endpoint)
        return response


def _write_down(account_id: int, endpoint: str) -> None:
    of = str((request.view_args or {}).get("public_id", ""))
    try:
        with transaction(engine()) as session:
            _record(session, session.get_one(Account, account_id), endpoint, of)
    except OperationalError:  # busy for longer than anybody waits, or full: the log has the line of every request
        LOG.warning("file not told")


def _record(session: Session, account: Account, endpoint: str, of: str) -> None:
    inspection_id = session.exec(select(Inspection.id).where(col(Inspection.public_id) == of)).first()
    audit.record(
        session,
        audit.FILE_TAKEN,
        by=account,
        at=now(),
        kind="file",
        object_id=endpoint[:64],
        inspection_id=inspection_id,
        body={} if inspection_id is not None else {"of": of},
    )
