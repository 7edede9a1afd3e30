"""Finding queries: one, those of some readings, a reader's own, those that a moderator may see, and their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, func, or_, select

from casereader.errors import AbsentError, present
from casereader.models import Account, Case, DrawRecord, Query, QueryMessage, Reading, SampleCase
from casereader.programmes.inspections import Place
from casereader.readings import PUBLIC_ID, Opened, shown_to, state_after, waits_for_reader, with_case
from casereader.vocabulary import NOT_TO_BE_READ, QueryKind, QueryState


@dataclass(frozen=True)
class Said:
    """One message of a conversation, and who said it."""

    row: QueryMessage
    who: str


@dataclass(frozen=True)
class Conversation:
    """A query with all that was said in it; `resolved_by` is blank until it is."""

    query: Query
    raised_by: str
    resolved_by: str
    messages: tuple[Said, ...]

    @property
    def is_resolved(self) -> bool:
        """Whether it is closed."""
        return self.query.state is QueryState.RESOLVED

    @property
    def waits_for_reader(self) -> bool:
        """Whether it is the reader's turn."""
        return not self.is_resolved and waits_for_reader(self.query)

    @property
    def waits_for_moderator(self) -> bool:
        """Whether it is a moderator's turn."""
        return not self.is_resolved and not waits_for_reader(self.query)


@dataclass(frozen=True)
class Mine:
    """A query about a reading of one's own."""

    opened: Opened
    conversation: Conversation


@dataclass(frozen=True)
class Seen:
    """A query that a moderator may see, with the reading that it is about."""

    conversation: Conversation
    opened: Opened
    reader: str

    @property
    def is_back(self) -> bool:
        """Whether the reading is submitted, so that the moderator may go on with the query."""
        return self.opened.reading.submitted_at is not None


@dataclass(frozen=True)
class Sought:
    """What a search asks for; a blank asks for nothing."""

    words: str = ""  # in what was said, or the case's reference
    key: str = ""  # of a question, or of one of its parts
    state: QueryState | None = None
    kind: QueryKind | None = None


def of_readings(session: Session, opened: Iterable[Opened]) -> dict[int, list[Conversation]]:
    """The conversations about each reading's answers, oldest first; none from before it was started anew."""
    by_key = {one.key: one for one in opened}
    asked = session.exec(_of_readings(), params={"reading_ids": list(by_key)}) if by_key else ()
    rows = [row for row in asked if _is_of_this_start(row[0], by_key[row[0].reading_id].reading)]
    said = _messages(session, [row[0].id for row in rows]) if rows else {}
    found: dict[int, list[Conversation]] = {key: [] for key in by_key}
    for one, raised_by, resolved_by in rows:
        messages = tuple(said.get(one.id, ()))
        found[one.reading_id].append(Conversation(one, raised_by, resolved_by or "", messages))
    return found


@cache
def _of_readings() -> Any:
    """Built once: every page of a reading asks it."""
    raiser, resolver = aliased(Account), aliased(Account)
    columns: Any = select(Query, raiser.name, resolver.name)
    return (
        columns.select_from(Query)
        .join(raiser, raiser.id == Query.raised_by_id)
        .outerjoin(resolver, resolver.id == Query.resolved_by_id)
        .where(col(Query.reading_id).in_(bindparam("reading_ids", expanding=True)))
        .order_by(col(Query.id))
    )


def mine(session: Session, *, readings: Sequence[Opened]) -> list[Mine]:
    """The queries about these readings of one's own, those that wait for the reader first, then by case."""
    taken = [one for one in readings if not one.is_set_aside]
    by_reading = of_readings(session, taken)
    found = [Mine(opened, one) for opened in taken for one in by_reading[opened.key]]
    return sorted(found, key=lambda one: (_turn(one.conversation), one.opened.place.name, one.opened.case_ref))


def find_mine(session: Session, *, opened: Opened, public_id: str) -> Conversation:
    """The query of that name about the reading; AbsentError otherwise."""
    found = of_readings(session, [opened])[opened.key]
    return present(next((one for one in found if one.query.public_id == public_id), None))


def find_seen(session: Session, *, place: Place, public_id: str, account: Account) -> Seen:
    """One query of the inspection that the moderator may see; AbsentError otherwise."""
    if not PUBLIC_ID.fullmatch(public_id):
        raise AbsentError
    found = _seen(session, place, account, Query.public_id == public_id)
    return present(next((one for one in found if one.conversation.query.public_id == public_id), None))


def search(session: Session, *, place: Place, account: Account, sought: Sought) -> list[Seen]:
    """The queries of the inspection that the moderator may see and that are sought, those that wait for them first."""
    found = _seen(session, place, account)
    kept = [one for one in found if _is_sought(one, sought)]
    return sorted(kept, key=lambda one: (_turn_of_moderator(one), one.opened.case_ref, one.conversation.query.key))


def counts(found: Iterable[Seen]) -> dict[str, Counter[QueryState]]:
    """How many of each state there are, by the part of the instrument that they are about."""
    by_key: dict[str, Counter[QueryState]] = {}
    for one in found:
        query = one.conversation.query
        by_key.setdefault(query.key, Counter())[query.state] += 1
    return by_key


def waiting(session: Session, *, inspection_ids: Collection[int], account: Account) -> Counter[int]:
    """How many queries wait for the account as a moderator, by inspection: none about a reading of their own."""
    asked = {"inspection_ids": list(inspection_ids), "account_id": account.id}
    return Counter(dict(session.exec(_waiting(), params=asked).all())) if inspection_ids else Counter()


@cache
def _waiting() -> Any:
    """Built once: Home asks it."""
    account_id: Any = bindparam("account_id")
    turns = [(col(Query.kind) == kind) & (col(Query.state) == state_after(kind, by_reader=True)) for kind in QueryKind]
    columns: Any = select(DrawRecord.inspection_id, func.count())
    query = with_case(columns.select_from(Query).join(Reading, col(Reading.id) == Query.reading_id)).where(
        col(DrawRecord.inspection_id).in_(bindparam("inspection_ids", expanding=True)),
        or_(*turns),
        col(Reading.submitted_at).is_not(None),
        Reading.reviewer_id != account_id,
        *_may_see(account_id),
    )
    return query.group_by(col(DrawRecord.inspection_id))


def _seen(session: Session, place: Place, account: Account, *where: Any) -> list[Seen]:
    """The queries about readings with a query such as this."""
    columns: Any = select(Reading, SampleCase, Case, Account.name)
    query = (
        with_case(columns.select_from(Reading))
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .where(
            DrawRecord.inspection_id == place.inspection.id,
            exists(select(Query.id).where(Query.reading_id == Reading.id, *where)),
            *_may_see(account.id),
        )
    )
    readers = {
        reading.id: (Opened(reading, sample_case, case, place), reader)
        for reading, sample_case, case, reader in session.exec(query)
    }
    by_reading = of_readings(session, [opened for opened, _ in readers.values()])
    return [Seen(one, opened, reader) for opened, reader in readers.values() for one in by_reading[opened.key]]


def _may_see(account_id: Any) -> tuple[Any, ...]:
    """As for the readings themselves: no other reading of a case that the account has still to submit."""
    return (
        col(DrawRecord.voided_at).is_(None),
        col(SampleCase.status).not_in(NOT_TO_BE_READ),
        shown_to(account_id),
    )


def _messages(session: Session, ids: Sequence[Any]) -> dict[int, list[Said]]:
    query = (
        select(QueryMessage, Account.name)
        .join(Account, col(Account.id) == QueryMessage.by_id)
        .where(col(QueryMessage.query_id).in_(ids))
        .order_by(col(QueryMessage.id))
    )
    found: dict[int, list[Said]] = {}
    for message, who in session.exec(query):
        found.setdefault(message.query_id, []).append(Said(message, who))
    return found


def _is_of_this_start(query: Query, reading: Reading) -> bool:
    """Whoever starts a reading anew sees nothing of what was said about the answers before."""
    return query.raised_at >= reading.assigned_at or reading.begun_by_id is not None


def _turn(one: Conversation) -> int:
    return 2 if one.is_resolved else 0 if one.waits_for_reader else 1


def _turn_of_moderator(one: Seen) -> int:
    if one.conversation.is_resolved:
        return 2
    return 0 if one.conversation.waits_for_moderator and one.is_back else 1


def _is_sought(one: Seen, sought: Sought) -> bool:
    query = one.conversation.query
    texts = [one.opened.case_ref, *(said.row.said for said in one.conversation.messages)]
    return (
        (not sought.key or query.key == sought.key or query.key.startswith(f"{sought.key}."))
        and sought.state in (None, query.state)
        and sought.kind in (None, query.kind)
        and all(any(word in text.casefold() for text in texts) for word in sought.words.casefold().split())
    )
