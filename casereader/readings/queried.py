"""Queries as a reading's own steps touch them: what its submission says in them, and how many are not resolved.

A conversation waits for whoever did not begin it while it is open, and for whoever began it once it is answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, exists, func, select

from casereader import audit
from casereader.instrument import Answer, Instrument, open_keys
from casereader.models import Account, AnswerRevision, AnswerRow, Query, QueryMessage, Reading
from casereader.readings.finding import Opened
from casereader.readings.saving import as_columns
from casereader.vocabulary import QueryKind, QueryState

MARKED = "The reader marked it to discuss."
MARK_TAKEN_AWAY = "The mark “discuss” was taken away."
TOLD = ("value", "note", "sources", "ground")  # what of an answer its conversation is told of


@dataclass(frozen=True)
class _Talk:
    """A conversation that is not resolved, with what was said in it so far."""

    query: Query
    messages: Sequence[QueryMessage]

    @property
    def last_told(self) -> QueryMessage | None:
        """The message that last told how the answer was changed."""
        return next((one for one in reversed(self.messages) if one.after is not None), None)

    @property
    def known_since(self) -> datetime:
        """The moment as of which the answer is known in it."""
        return self.last_told.at if self.last_told else self.query.raised_at

    @property
    def bears_mark(self) -> bool:
        """Whether a moderator's question was joined by a mark that was not taken away since."""
        said = [one.said for one in self.messages if one.said in (MARKED, MARK_TAKEN_AWAY)]
        return bool(said) and said[-1] == MARKED

    @property
    def was_heard(self) -> bool:
        """Whether anybody but the one who began it said anything."""
        return any(one.by_id != self.query.raised_by_id for one in self.messages)


def state_after(kind: QueryKind, *, by_reader: bool) -> QueryState:
    """The state of a conversation once the reader, or a moderator, has said something in it."""
    is_by_beginner = by_reader is (kind is QueryKind.DISCUSS)
    return QueryState.OPEN if is_by_beginner else QueryState.ANSWERED


def waits_for_reader(query: Query) -> bool:
    """Whether it is the reader's turn; the moderator's otherwise, unless it is resolved."""
    return query.state is state_after(query.kind, by_reader=False)


def resolve_query(query: Query, *, by: Account, at: datetime) -> None:
    """Close the conversation."""
    query.state, query.resolved_at, query.resolved_by_id = QueryState.RESOLVED, at, by.id


def states_of_queries(session: Session, reading_ids: Collection[int]) -> dict[int, Counter[QueryState]]:
    """How many queries of each state there are, by reading."""
    query = (
        select(Query.reading_id, Query.state, func.count())
        .where(col(Query.reading_id).in_(reading_ids))
        .group_by(col(Query.reading_id), col(Query.state))
    )
    found: dict[int, Counter[QueryState]] = {key: Counter() for key in reading_ids}
    for reading_id, state, n in session.exec(query):
        found[reading_id][QueryState(state)] = n
    return found


def open_marks(session: Session, reading_ids: Collection[int]) -> set[tuple[int, str]]:
    """The answers marked *discuss*, by reading and key, without those whose last conversation is resolved."""
    about = select(Query.id).where(
        Query.reading_id == AnswerRow.reading_id,
        col(Query.key) == AnswerRow.key,
        (col(Query.raised_at) >= Reading.assigned_at) | col(Reading.begun_by_id).is_not(None),
    )
    query = (
        select(AnswerRow.reading_id, AnswerRow.key)
        .join(Reading, col(Reading.id) == AnswerRow.reading_id)
        .where(
            col(AnswerRow.reading_id).in_(reading_ids),
            col(AnswerRow.discuss).is_(True),
            ~exists(about) | exists(about.where(Query.state != QueryState.RESOLVED)),
        )
    )
    return set(session.exec(query).all())


def carry_on(
    session: Session,
    *,
    opened: Opened,
    instrument: Instrument,
    answers: Mapping[str, Answer],
    by: Account,
    at: datetime,
) -> None:
    """What submitting a reading says in its queries.

    An answer that was changed is told with what it was and is. A mark *discuss* begins a conversation, or joins the one
    that a moderator began; one taken away ends what it began, unless a moderator has spoken in it since: then it waits
    for them.
    """
    asked = set(open_keys(instrument, answers, stratum=opened.stratum(instrument)))
    now = {key: answer for key, answer in answers.items() if key in asked}
    talks = _unresolved(session, opened.key)
    revisions = _revisions(session, opened, [talk.query.key for talk in talks])
    marked = {key for key, answer in now.items() if answer.discuss}
    new = marked - _talked_over(session, opened, marked)
    deeds: dict[str, list[str]] = {"changed": [], "joined": [], "resolved": [], "begun": []}
    for talk in talks:
        if _tell_change(session, talk, revisions.get(talk.query.key, []), answers, now, by, at):
            deeds["changed"].append(talk.query.key)
        if talk.query.kind is QueryKind.QUERY and talk.query.key in new and not talk.bears_mark:
            _speak(session, talk.query, by, at, said=MARKED)
            deeds["joined"].append(talk.query.key)
        if (talk.query.kind is QueryKind.DISCUSS or talk.bears_mark) and talk.query.key not in marked:
            _take_mark_away(session, talk, by, at)
            if talk.query.state is QueryState.RESOLVED:
                deeds["resolved"].append(talk.query.key)
    for key in sorted(new - {talk.query.key for talk in talks}):
        begun = Query(reading_id=opened.key, key=key, kind=QueryKind.DISCUSS, raised_at=at, raised_by_id=by.id or 0)
        session.add(begun)
        deeds["begun"].append(key)
    session.flush()
    if any(deeds.values()):
        _audit(session, "queries carried on", opened.reading.public_id, by, at, opened.place.inspection.id, deeds)


def let_go(session: Session, *, reading_id: int, public_id: str, by: Account, at: datetime) -> None:
    """Resolve the queries of a reading that starts anew: what they were about is no answer any more."""
    talks = _unresolved(session, reading_id)
    for talk in talks:
        resolve_query(talk.query, by=by, at=at)
        session.add(talk.query)
    if talks:
        keys = {"resolved": [talk.query.key for talk in talks]}
        _audit(session, "queries let go", public_id, by, at, None, keys)


def _unresolved(session: Session, reading_id: int) -> list[_Talk]:
    query = select(Query).where(Query.reading_id == reading_id, Query.state != QueryState.RESOLVED)
    found = session.exec(query.order_by(col(Query.id))).all()
    said: dict[int, list[QueryMessage]] = {}
    messages = select(QueryMessage).where(col(QueryMessage.query_id).in_([one.id for one in found]))
    for message in session.exec(messages.order_by(col(QueryMessage.id))):
        said.setdefault(message.query_id, []).append(message)
    return [_Talk(one, said.get(one.id or 0, [])) for one in found]


def _revisions(session: Session, opened: Opened, keys: Collection[str]) -> dict[str, list[AnswerRevision]]:
    query = select(AnswerRevision).where(
        AnswerRevision.reading_id == opened.key, col(AnswerRevision.key).in_(list(keys))
    )
    found: dict[str, list[AnswerRevision]] = {}
    for revision in session.exec(query.order_by(col(AnswerRevision.id))):
        found.setdefault(revision.key, []).append(revision)
    return found


def _tell_change(
    session: Session,
    talk: _Talk,
    revisions: Sequence[AnswerRevision],
    stored: Mapping[str, Answer],
    now: Mapping[str, Answer],
    by: Account,
    at: datetime,
) -> bool:
    """Say in the conversation what the answer was and is, where it is another since; a question not asked has none."""
    key = talk.query.key
    later = next((one for one in revisions if one.saved_at > talk.known_since), None)
    is_now = as_columns(stored.get(key, Answer(None)))
    was: Mapping[str, Any] = is_now if later is None else later.before or as_columns(Answer(None))
    before = talk.last_told.after if talk.last_told else was["value"]
    after = is_now["value"] if key in now else None
    if (before or "") == (after or "") and (key not in now or all(was[name] == is_now[name] for name in TOLD)):
        return False
    _speak(session, talk.query, by, at, before=before or "", after=after or "")
    return True


def _take_mark_away(session: Session, talk: _Talk, by: Account, at: datetime) -> None:
    if talk.query.kind is QueryKind.DISCUSS and not talk.was_heard:
        resolve_query(talk.query, by=by, at=at)
        session.add(talk.query)
    elif talk.bears_mark or not any(one.said == MARK_TAKEN_AWAY for one in talk.messages):
        _speak(session, talk.query, by, at, said=MARK_TAKEN_AWAY)


def _speak(
    session: Session,
    query: Query,
    by: Account,
    at: datetime,
    *,
    said: str = "",
    before: str | None = None,
    after: str | None = None,
) -> None:
    row = QueryMessage(query_id=query.id or 0, at=at, by_id=by.id or 0, said=said, before=before, after=after)
    session.add(row)
    query.state = state_after(query.kind, by_reader=True)
    session.add(query)


def _talked_over(session: Session, opened: Opened, keys: Collection[str]) -> set[str]:
    """Of these marked answers, those whose mark is older than the end of a conversation about it."""
    resolved = select(Query.key, Query.resolved_at).where(
        Query.reading_id == opened.key, col(Query.key).in_(list(keys)), Query.state == QueryState.RESOLVED
    )
    ended: dict[str, datetime] = {}
    for key, moment in session.exec(resolved):
        if moment is not None:
            ended[key] = max(moment, ended.get(key, moment))
    found = set()
    for key, revisions in _revisions(session, opened, ended).items():
        marks = [one for one in revisions if one.after["discuss"] and not (one.before or {}).get("discuss")]
        if not any(one.saved_at > ended[key] for one in marks):
            found.add(key)
    return found


def _audit(
    session: Session,
    action: str,
    public_id: str,
    by: Account,
    at: datetime,
    inspection_id: int | None,
    keys: Mapping[str, list[str]],
) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="reading",
        object_id=public_id,
        inspection_id=inspection_id,
        body={name: value for name, value in keys.items() if value},
    )
