"""Rows that a test writes by hand: recorded as what they are, since nothing changes without a deed.

Within a request or a command nothing is excused: what a page or a command changes needs a deed of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import has_request_context
from sqlalchemy import event
from sqlmodel import Session

from casereader import audit
from casereader.audit.changes import trail_of

ARRANGED = "arranged for a test"


@event.listens_for(audit.WatchedSession, "before_commit", insert=True)
def _say_so(session: Session) -> None:
    if has_request_context() or click.get_current_context(silent=True) is not None:
        return
    session.flush()
    trail = trail_of(session)
    if trail.loose and trail.last is None:
        audit.record(session, ARRANGED, by=None, at=datetime.now(UTC), kind="test", object_id="by hand")
