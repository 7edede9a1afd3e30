"""A moderator's side of queries: asking about an answer, going on with it, and resolving it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Instrument, open_keys
from casereader.models import Account, Query, QueryMessage, Reading
from casereader.moderating import moderation
from casereader.programmes.inspections import Place
from casereader.queries.finding import Conversation, Seen, find_seen, of_readings
from casereader.queries.wording import worded
from casereader.readings import Opened, answers_of, resolve_query, state_after
from casereader.vocabulary import QueryKind, QueryState, ReadingKind

ASK = "Write what you ask."
SAY = "Write what you say."
TALKED_OVER = "Say what came of talking the marks over."


def ask(
    session: Session,
    *,
    place: Place,
    public_id: str,
    key: str,
    instrument: Instrument,
    question: str,
    by: Account,
    at: datetime,
    keep_signs: bool = False,
) -> Query:
    """Ask the reader of a submitted reading about one answer. One conversation about it at a time."""
    one = moderation.find(session, place=place, public_id=public_id, account=by, to_change=True)
    refuse_asking(session, one.opened, key, instrument, by)
    said = worded(question, ask=ASK, keep_signs=keep_signs)
    query = Query(reading_id=one.opened.key, key=key, kind=QueryKind.QUERY, raised_at=at, raised_by_id=by.id or 0)
    session.add(query)
    session.flush()
    session.add(QueryMessage(query_id=query.id or 0, at=at, by_id=by.id or 0, said=said))
    _audit(session, "query asked", query, place, by, at)
    return query


def refuse_asking(session: Session, opened: Opened, key: str, instrument: Instrument, by: Account) -> None:
    """Raise why the account may not ask about the answer now, if it may not.

    AbsentError for what is not asked in the reading, RefusedError for one's own, ConflictError where there is a
    conversation or nothing changes any more.
    """
    reading = opened.reading
    answers = answers_of(session, opened.key)
    if not instrument.has(key) or key not in open_keys(instrument, answers, stratum=opened.stratum(instrument)):
        raise AbsentError
    if reading.kind is ReadingKind.CONSENSUS:
        raise ConflictError("Nobody read the consensus: ask about the readings that it was settled from.")
    if reading.reviewer_id == by.id:
        raise RefusedError("This is your own reading: another moderator or the lead asks about its answers.")
    if reading.signed_off_at is not None:
        raise ConflictError("This reading is signed off: nothing more is asked about its answers.")
    if unresolved_about(session, opened, key) is not None:
        raise ConflictError("There is a conversation about this answer already: go on with it.")


def unresolved_about(session: Session, opened: Opened, key: str) -> Query | None:
    """The conversation about an answer that is not resolved, if there is one."""
    query = select(Query).where(
        Query.reading_id == opened.key, col(Query.key) == key, Query.state != QueryState.RESOLVED
    )
    return session.exec(query).first()


def say(
    session: Session, *, place: Place, public_id: str, text: str, by: Account, at: datetime, keep_signs: bool = False
) -> Query:
    """Go on with a query as a moderator: it waits for the reader then.

    Raises ConflictError once it is resolved or while the reader has the reading, RefusedError about one's own.
    """
    seen = _to_change(session, place, public_id, by)
    query = seen.conversation.query
    said = worded(text, ask=SAY, keep_signs=keep_signs)
    session.add(QueryMessage(query_id=query.id or 0, at=at, by_id=by.id or 0, said=said))
    query.state = state_after(query.kind, by_reader=False)
    session.add(query)
    _audit(session, "query gone on with", query, place, by, at)
    return query


def resolve(
    session: Session,
    *,
    place: Place,
    public_id: str,
    note: str = "",
    by: Account,
    at: datetime,
    keep_signs: bool = False,
) -> Query:
    """Close a query, with a word if there is one to say; closing it again without a word changes nothing.

    Raises ConflictError once it is resolved or while the reader has the reading, RefusedError about one's own.
    """
    found = find_seen(session, place=place, public_id=public_id, account=by)
    if found.conversation.is_resolved and not note.strip():
        return found.conversation.query
    query = _to_change(session, place, public_id, by).conversation.query
    _close(session, query, note, by, at, keep_signs=keep_signs)
    _audit(session, "query resolved", query, place, by, at)
    return query


def resolve_marks(
    session: Session, *, place: Place, public_id: str, note: str, by: Account, at: datetime, keep_signs: bool = False
) -> int:
    """Close every conversation of a reading that a mark *discuss* began, with what came of talking it over.

    Raises ConflictError where none is left, RefusedError for one's own.
    """
    one = moderation.find(session, place=place, public_id=public_id, account=by, to_change=True)
    _refuse_own(one.opened.reading, by)
    found = of_readings(session, [one.opened])[one.opened.key]
    marks = [each.query for each in found if _is_mark(each)]
    if not marks and note.strip():
        raise ConflictError("No mark of this reading waits to be talked over any more.")
    if marks:
        worded(note, ask=TALKED_OVER, keep_signs=keep_signs)
    for query in marks:
        _close(session, query, note, by, at, keep_signs=keep_signs)
        _audit(session, "query resolved", query, place, by, at)
    return len(marks)


def _is_mark(one: Conversation) -> bool:
    return one.query.kind is QueryKind.DISCUSS and not one.is_resolved


def _close(session: Session, query: Query, note: str, by: Account, at: datetime, *, keep_signs: bool) -> None:
    if note.strip():
        said = worded(note, ask=SAY, keep_signs=keep_signs)
        session.add(QueryMessage(query_id=query.id or 0, at=at, by_id=by.id or 0, said=said))
    resolve_query(query, by=by, at=at)
    session.add(query)


def _to_change(session: Session, place: Place, public_id: str, by: Account) -> Seen:
    """The query with its reading held, as it stands then; ConflictError while nothing can be said in it."""
    seen = find_seen(session, place=place, public_id=public_id, account=by)
    if not seen.is_back:
        raise ConflictError("Its reader has the reading open again: go on once it is submitted.")
    name = seen.opened.reading.public_id
    moderation.find(session, place=place, public_id=name, account=by, to_change=True)
    session.refresh(seen.conversation.query)
    _refuse_own(seen.opened.reading, by)
    if seen.conversation.is_resolved:
        raise ConflictError("This query is resolved: ask again about the answer if there is more to ask.")
    return seen


def _refuse_own(reading: Reading, by: Account) -> None:
    if reading.reviewer_id == by.id:
        raise RefusedError("This is your own reading: another moderator or the lead goes on with its queries.")


def _audit(session: Session, action: str, query: Query, place: Place, by: Account, at: datetime) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="query",
        object_id=query.public_id,
        inspection_id=place.inspection.id,
        body={"key": query.key},
    )
