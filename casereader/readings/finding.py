"""Loading readings for the people they are assigned to: a few queries, and nothing of anybody else's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, exists, select

from casereader.errors import AbsentError, present
from casereader.instrument import Answer, Instrument
from casereader.models import (
    Account,
    AnswerRow,
    Case,
    DrawRecord,
    Inspection,
    Membership,
    Partnership,
    Programme,
    Reading,
    Replacement,
    SampleCase,
    SavedReply,
)
from casereader.people import conflicts
from casereader.programmes.inspections import Place
from casereader.readings.holding import hold_cases_of
from casereader.readings.sight import locked, shown_to, with_place
from casereader.vocabulary import NOT_TO_BE_READ, OPEN_STATES, READER_ROLES, ReadingKind, ReadingState, Role

PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


@dataclass(frozen=True)
class Opened:
    """A reading with the case it is of, the inspection it belongs to, and the replacement proposed, if any."""

    reading: Reading
    sample_case: SampleCase
    case: Case
    place: Place
    replacement: Replacement | None = None

    @property
    def key(self) -> int:
        """The reading's key."""
        return self.reading.id or 0

    @property
    def case_ref(self) -> str:
        """The case's local reference."""
        return self.case.case_ref

    @property
    def is_open(self) -> bool:
        """Whether its reviewer may still answer: not submitted, and the case not decided otherwise."""
        return self.reading.state in OPEN_STATES and not self.is_set_aside

    @property
    def is_set_aside(self) -> bool:
        """Whether the case was said to be not produced or not eligible."""
        return self.replacement is not None or self.sample_case.status in NOT_TO_BE_READ

    @property
    def is_said_here(self) -> bool:
        """Whether its reader said so, or one it was taken over from since: the case's other reader learns no reason."""
        case, proposed = self.sample_case, self.replacement
        who, when = (
            (proposed.proposed_by_id, proposed.proposed_at) if proposed else (case.decided_by_id, case.decided_at)
        )
        return when is not None and (who == self.reading.reviewer_id or self.reading.assigned_at > when)

    def stratum(self, instrument: Instrument) -> str:
        """The stratum that skip logic goes by: the list's own group where the instrument knows it."""
        return stratum_of(instrument, group=self.case.group, label=self.sample_case.stratum)


def stratum_of(instrument: Instrument, *, group: str, label: str) -> str:
    """The stratum of a case for an instrument: its group on the list, else the label it was drawn under."""
    return group if instrument.stratum_code(group) is not None else label


def find(session: Session, *, public_id: str, account: Account, to_change: bool = False) -> Opened:
    """The reading of that name if it is the account's own to read; AbsentError otherwise.

    `to_change` holds its case and locks its row, so that of two saves at once the second sees what the first did.
    """
    if not PUBLIC_ID.fullmatch(public_id):
        raise AbsentError
    if to_change:
        hold_cases_of(session, [public_id])
    given = {"public_id": public_id, "account_id": account.id}
    found = present(session.exec(_own_query(to_change=to_change), params=given).first())
    return opened_from(found)


def find_for_pair(session: Session, *, public_id: str, account: Account, to_change: bool = False) -> Opened:
    """The submitted reading of a local reviewer whom the account is paired with; AbsentError otherwise.

    Withheld while the account has a reading of the same case still to submit, so that a second reading stays blind.
    """
    if not PUBLIC_ID.fullmatch(public_id):
        raise AbsentError
    query = _of_pair().where(Reading.public_id == public_id)
    if to_change:
        hold_cases_of(session, [public_id])
        query = locked(query)
    found = present(session.exec(query, params={"account_id": account.id}).first())
    return opened_from(found)


def to_countersign(session: Session, *, account: Account) -> list[Opened]:
    """The submitted readings that wait for the account, as the paired inspector, to countersign."""
    found = session.exec(_to_countersign(), params={"account_id": account.id})
    return sorted(map(opened_from, found), key=lambda one: (one.place.name, one.case_ref))


def mine(session: Session, *, account: Account) -> list[Opened]:
    """The readings assigned to the account, those still to do first."""
    found = [opened_from(row) for row in session.exec(_all_own_query(), params={"account_id": account.id})]
    return sorted(found, key=lambda one: (not one.is_open, one.place.name, one.sample_case.stratum, one.case_ref))


def begun_by(session: Session, *, opened: Opened) -> str:
    """The name of whoever began a reading that was taken over with its answers; blank where nobody did."""
    found = session.get(Account, opened.reading.begun_by_id or 0)
    return found.name if found else ""


def by_names(session: Session, public_ids: Sequence[str]) -> dict[str, Opened]:
    """The readings of these names, whoever's they are now: for what was issued of them. None of a voided draw."""
    query = _opened_query().where(col(Reading.public_id).in_(public_ids))
    return {one.reading.public_id: one for one in map(opened_from, session.exec(query))}


def answers_of(session: Session, reading_id: int) -> dict[str, Answer]:
    """The present answers of one reading, by key."""
    return answers_of_many(session, [reading_id])[reading_id]


def answers_of_many(session: Session, reading_ids: Sequence[int]) -> dict[int, dict[str, Answer]]:
    """The present answers of several readings, by reading and key, in one query."""
    found: dict[int, dict[str, Answer]] = {key: {} for key in reading_ids}
    rows = session.execute(_answers(), {"reading_ids": list(found)})
    for reading_id, key, value, note, sources, ground, discuss in rows:
        found[reading_id][key] = Answer(value, note, tuple(sources), ground, discuss)
    return found


@cache
def _answers() -> Any:
    """Built once: every page of a reading and every save asks it."""
    table: Any = AnswerRow.__table__  # type: ignore[attr-defined]
    names = ("reading_id", "key", "value", "note", "sources", "ground", "discuss")
    columns = [table.c[name] for name in names]
    return select_columns(*columns).where(table.c.reading_id.in_(bindparam("reading_ids", expanding=True)))


def saved_at(session: Session, reading_id: int) -> dict[str, datetime]:
    """When each present answer of a reading was last saved, by key."""
    query = select(AnswerRow.key, AnswerRow.saved_at).where(AnswerRow.reading_id == reading_id)
    return dict(session.exec(query).all())


def taken(session: Session, *, opened: Opened, keys: Sequence[str], by: Account) -> list[str]:
    """Of these keys of saves to the reading, those under which somebody's save was taken."""
    query = select(SavedReply.idempotency_key).where(
        SavedReply.account_id == by.id,
        SavedReply.reading_id == opened.key,
        col(SavedReply.idempotency_key).in_(keys),
    )
    found = set(session.exec(query))
    return [key for key in keys if key in found]


def opened_from(row: Any) -> Opened:
    """An `Opened` from one row of `_opened_query`."""
    reading, sample_case, case, inspection, programme, partnership, replacement = row
    return Opened(reading, sample_case, case, Place(inspection, programme, partnership), replacement)


def _opened_query() -> Any:
    columns: Any = select(Reading, SampleCase, Case, Inspection).add_columns(Programme, Partnership, Replacement)
    return (
        with_place(columns.select_from(Reading))
        .outerjoin(Replacement, col(Replacement.sample_case_id) == SampleCase.id)
        .where(col(DrawRecord.voided_at).is_(None))
    )


@cache
def _own_query(*, to_change: bool) -> Any:
    """Built once: every page of a reading and every save begins with it."""
    query = _all_own_query().where(Reading.public_id == bindparam("public_id"))
    return locked(query) if to_change else query


@cache
def _all_own_query() -> Any:
    account_id: Any = bindparam("account_id")
    return _opened_query().where(
        Reading.reviewer_id == account_id,
        Reading.kind != ReadingKind.CONSENSUS,
        col(Reading.handed_back_at).is_(None),
        exists(_memberships(account_id)),
        ~conflicts.covered(account_id),
    )


@cache
def _to_countersign() -> Any:
    """Built once: Home asks it."""
    return _of_pair().where(Reading.state == ReadingState.SUBMITTED)


@cache
def _of_pair() -> Any:
    """The submitted readings of the local reviewers whom `account_id` is paired with."""
    account_id: Any = bindparam("account_id")
    paired = select(Membership.id).where(
        Membership.inspection_id == DrawRecord.inspection_id,
        Membership.account_id == Reading.reviewer_id,
        Membership.role == Role.LOCAL_REVIEWER,
        Membership.paired_with_id == account_id,
    )
    # Said apart as well, so that these people's readings are looked up and not everybody's.
    theirs: Any = select(Membership.account_id).where(Membership.paired_with_id == account_id)
    return _opened_query().where(
        col(Reading.reviewer_id).in_(theirs),
        col(Reading.submitted_at).is_not(None),
        col(Reading.needs_countersigning).is_(True),
        exists(paired),
        exists(_memberships(account_id)),
        shown_to(account_id),
    )


def _memberships(account_id: Any) -> Any:
    return select(Membership.id).where(
        Membership.inspection_id == DrawRecord.inspection_id,
        Membership.account_id == account_id,
        col(Membership.role).in_(READER_ROLES),
    )
