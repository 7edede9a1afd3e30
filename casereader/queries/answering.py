"""The reader's side of queries: answering in words, or reopening the reading to change the answer."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from casereader import audit, readings
from casereader.errors import ConflictError
from casereader.models import Account, Query, QueryMessage
from casereader.queries.finding import find_mine
from casereader.queries.wording import worded
from casereader.readings import Opened, state_after

ASK = "Write your answer."


def reply(
    session: Session,
    *,
    opened: Opened,
    public_id: str,
    text: str,
    by: Account,
    at: datetime,
    keep_signs: bool = False,
) -> Query:
    """Say something in a query about a reading of one's own, held `to_change`: it waits for a moderator then.

    Raises ConflictError once it is resolved.
    """
    query = _unresolved(session, opened, public_id)
    said = worded(text, ask=ASK, keep_signs=keep_signs)
    session.add(QueryMessage(query_id=query.id or 0, at=at, by_id=by.id or 0, said=said))
    query.state = state_after(query.kind, by_reader=True)
    session.add(query)
    audit.record(
        session,
        "query answered",
        by=by,
        at=at,
        kind="query",
        object_id=query.public_id,
        inspection_id=opened.place.inspection.id,
        body={"key": query.key},
    )
    return query


def reopen_to_change(session: Session, *, opened: Opened, public_id: str, by: Account, at: datetime) -> Query:
    """Take the reading back into work with the query as the reason; submitting it tells the query what was changed.

    Raises ConflictError once it is resolved.
    """
    query = _unresolved(session, opened, public_id)
    readings.reopen(session, opened=opened, reason=f"To look again at {query.key}, as asked.", by=by, at=at)
    return query


def _unresolved(session: Session, opened: Opened, public_id: str) -> Query:
    found = find_mine(session, opened=opened, public_id=public_id)
    if found.is_resolved:
        raise ConflictError("This query is resolved: nothing more is asked of you.")
    return found.query
