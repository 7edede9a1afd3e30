"""Invented readings written in bulk: the rows that a week of saving, submitting and signing off would leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, update
from sqlmodel import Session

from casereader import audit
from casereader.audit.changes import added, changed, counted, told_of, trail_of
from casereader.audit.telling import Told
from casereader.instrument import Answer
from casereader.models import Account, Reading, metadata
from casereader.readings.pair_moderation import COUNTERSIGNED
from casereader.readings.saving import as_columns
from casereader.vocabulary import ReadingState

READINGS, ANSWERS, REVISIONS = (metadata.tables[name] for name in ("reading", "answer", "answer_revision"))


@dataclass(frozen=True)
class Written:
    """What is to stand of one reading. The moments of later steps are blank where it has not come so far."""

    reading: Reading
    answers: Mapping[str, Answer]
    started_at: datetime
    saved_at: datetime
    submitted_at: datetime | None = None
    minutes: int | None = None
    needs_countersigning: bool = False
    countersigned_at: datetime | None = None
    countersigned_by: Account | None = None
    signed_off_at: datetime | None = None
    signed_off_by: Account | None = None

    @property
    def state(self) -> ReadingState:
        """How far the reading has come."""
        if self.signed_off_at is not None:
            return ReadingState.SIGNED_OFF
        if self.countersigned_at is not None:
            return ReadingState.COUNTERSIGNED
        return ReadingState.IN_PROGRESS if self.submitted_at is None else ReadingState.SUBMITTED


def write(session: Session, readings: Sequence[Written], *, inspection_id: int | None) -> int:
    """Write the readings with every answer, its revision and the deeds of each; how many answers there are."""
    if not readings:
        return 0
    deeds = [_Deeds(session, one, inspection_id) for one in readings]
    columns = [_columns(one) for one in readings]
    names = [name for name in columns[0] if name != "key"]
    statement = update(READINGS).where(READINGS.c.id == bindparam("key"))
    session.connection().execute(statement.values({name: bindparam(name) for name in names}), columns)
    answers: list[dict[str, Any]] = []
    revisions: list[dict[str, Any]] = []
    for one, said in zip(readings, deeds, strict=True):
        filled = _answers(one)
        said.record(*filled)
        answers += filled[0]
        revisions += filled[1]
    session.connection().execute(insert(ANSWERS), answers)
    session.connection().execute(insert(REVISIONS), revisions)
    audit.write(session)
    session.expire_all()
    return len(answers)


def _answers(one: Written) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of the answers, and of their revisions."""
    answers, revisions = [], []
    for key, answer in one.answers.items():
        content = as_columns(answer)
        owner = {"reading_id": one.reading.id, "key": key, "saved_at": one.saved_at}
        answers.append({**owner, **content})
        revisions.append({**owner, "before": None, "after": content, "saved_by_id": one.reading.reviewer_id})
    return answers, revisions


class _Deeds:
    """What the trail is told of one reading, as if it had been read, submitted and signed off on the pages."""

    def __init__(self, session: Session, one: Written, inspection_id: int | None) -> None:
        self._session, self._one, self._inspection_id = session, one, inspection_id
        self._reader = session.get_one(Account, one.reading.reviewer_id)
        self._stands = {column.name: getattr(one.reading, column.name) for column in READINGS.c}

    def record(self, answers: Sequence[dict[str, Any]], revisions: Sequence[dict[str, Any]]) -> None:
        """Record its deeds, each with what it changed."""
        one, trail = self._one, trail_of(self._session)
        for row in answers:
            trail.add(added(ANSWERS, _told(ANSWERS), row))
        trail.add(counted(REVISIONS, _told(REVISIONS), "added", revisions))
        keys: dict[str, object] = {"questions": sorted(one.answers)}
        begun = {"state": ReadingState.IN_PROGRESS, "started_at": one.started_at}
        self._deed("answers saved", self._reader, one.saved_at, begun, keys)
        whole, state = _columns(one), "state"
        if one.submitted_at is not None:
            names = ("submitted_at", "first_submitted_at", "needs_countersigning", "minutes", "read_on")
            now = {name: whole[name] for name in names} | {state: ReadingState.SUBMITTED}
            self._deed("reading submitted", self._reader, one.submitted_at, now, {"answers": len(answers)})
        if one.countersigned_at is not None:
            now = {name: whole[name] for name in ("countersigned_at", "countersigned_by_id")}
            now |= {state: ReadingState.COUNTERSIGNED}
            self._deed(COUNTERSIGNED, one.countersigned_by, one.countersigned_at, now, {"changed": 0})
        if one.signed_off_at is not None:
            now = {name: whole[name] for name in ("signed_off_at", "signed_off_by_id")}
            now |= {state: ReadingState.SIGNED_OFF}
            self._deed("reading signed off", one.signed_off_by, one.signed_off_at, now, {})

    def _deed(
        self, action: str, by: Account | None, at: datetime, now: Mapping[str, Any], body: Mapping[str, Any]
    ) -> None:
        trail_of(self._session).add(changed(READINGS, _told(READINGS), self._stands, now))
        self._stands |= now
        audit.record(
            self._session,
            action,
            by=by,
            at=at,
            kind="reading",
            object_id=self._one.reading.public_id,
            inspection_id=self._inspection_id,
            body=body,
        )


def _told(table: Table) -> Told:
    told = told_of(table)
    assert told is not None
    return told


def _columns(one: Written) -> dict[str, object]:
    return {
        "key": one.reading.id,
        "state": one.state,
        "version": 1 + len(one.answers),
        "started_at": one.started_at,
        "saved_at": one.saved_at,
        "submitted_at": one.submitted_at,
        "first_submitted_at": one.submitted_at,
        "needs_countersigning": one.needs_countersigning,
        "countersigned_at": one.countersigned_at,
        "countersigned_by_id": one.countersigned_by.id if one.countersigned_by else None,
        "signed_off_at": one.signed_off_at,
        "signed_off_by_id": one.signed_off_by.id if one.signed_off_by else None,
        "minutes": one.minutes,
        "read_on": one.submitted_at.date() if one.submitted_at else None,
    }
