"""Saving answers: only what changed, once, and never over somebody else's.

A save names the version it was made against and a key of its own. A stale version is refused; the same key again gets
the first reply and changes nothing; a save that changes nothing makes no version. Every revision is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypedDict

from sqlalchemy import bindparam, insert
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col, select

from casereader import audit
from casereader.drawing import unreached
from casereader.errors import ConflictError, QuestionsError
from casereader.in_waves import looks
from casereader.instrument import (
    CANNOT_BE_EVALUATED,
    NOT_APPLICABLE,
    Answer,
    Instrument,
    faults_of,
    open_keys,
    section_states,
    tidied,
)
from casereader.models import Account, AnswerRevision, AnswerRow
from casereader.readings import notes
from casereader.readings.filling import arrived_of, with_concerns, with_known_facts
from casereader.readings.finding import Opened, answers_of
from casereader.readings.replies import keep_reply, refuse_too_often, reply_of
from casereader.vocabulary import CaseStatus, ReadingState

KEY_LENGTH = range(16, 65)


class Change(TypedDict, total=False):
    """What a save says about one answer; what it leaves out stays as it is."""

    value: str | None
    note: str
    sources: tuple[str, ...]
    ground: str | None
    discuss: bool


@dataclass(frozen=True)
class Saved:
    """What a save came to: the reply for the page, and the keys whose answers or notes changed."""

    reply: dict[str, Any]
    changed: tuple[str, ...] = ()


class StaleError(ConflictError):
    """The save was made against an older version: `version` is the present one, `who` saved it and when."""

    def __init__(self, *, version: int, who: str, saved_at: datetime | None) -> None:
        self.version, self.who, self.saved_at = version, who, saved_at
        super().__init__(
            f"This reading was changed elsewhere, last by {who}. Nothing of yours was written over it: "
            "load the page again to see how it stands."
        )


class RefusedAnswersError(QuestionsError):
    """Answers of a save that cannot be taken: nothing of it was stored."""


def save(
    session: Session,
    *,
    opened: Opened,
    instrument: Instrument,
    changes: Mapping[str, Change],
    version: int,
    key: str,
    digest: str,
    by: Account,
    at: datetime,
) -> Saved:
    """Save the changed answers of a reading made against `version`; `digest` is the SHA-256 of what was sent.

    Raises StaleError, RefusedAnswersError, TooOftenError, or ConflictError when the reading is closed.
    """
    if (earlier := reply_of(session, key=key, digest=digest, by=by)) is not None:
        return Saved(earlier)
    refuse_closed(opened)
    reading = opened.reading
    if version != reading.version:
        raise StaleError(version=reading.version, who=_last_saved_by(session, opened), saved_at=reading.saved_at)
    refuse_too_often(session, opened, at)
    stratum = opened.stratum(instrument)
    stored = answers_of(session, opened.key)
    before = with_known_facts(instrument, opened, stored, records=arrived_of(session, opened))
    after = _merged(instrument, before, changes, stratum)
    noted = notes.keep(session, reading_id=opened.key, texts=notes.texts_in(changes), at=at)
    changed = {one: answer for one, answer in after.items() if answer != before.get(one, Answer(None))}
    if changed:
        if reading.state is ReadingState.ASSIGNED:
            looks.refuse_who_looked(session, draw_id=opened.sample_case.draw_id, by=by)
            first = {one: after.get(one, answer) for one, answer in {**before, **changed}.items()}
            changed = with_concerns(session, opened=opened, instrument=instrument, answers=first)
        store(session, reading_id=opened.key, before=stored, after=changed, by=by, at=at)
        reading.state = ReadingState.IN_PROGRESS
        reading.started_at = reading.started_at or at
    if changed or noted:  # notes alone start no reading: it may still turn out to be one that cannot be read
        _audit(session, opened, "answers saved", by, at, {"questions": sorted([*changed, *noted])})
    complete = {**before, **after, **changed}
    reply = {
        "version": reading.version,
        "saved_at": _iso(reading.saved_at or at),
        "open": list(open_keys(instrument, complete, stratum=stratum)),
        "sections": section_states(instrument, complete, stratum=stratum),
    }
    keep_reply(session, opened=opened, key=key, digest=digest, reply=reply, by=by, at=at)
    return Saved(reply, (*changed, *noted))


def begin(session: Session, *, opened: Opened, instrument: Instrument, by: Account, at: datetime) -> None:
    """Start a reading: what the list and the room know is filled in. A reading that was started stays as it is."""
    refuse_closed(opened)
    if opened.reading.state is not ReadingState.ASSIGNED:
        return
    looks.refuse_who_looked(session, draw_id=opened.sample_case.draw_id, by=by)
    known = with_known_facts(instrument, opened, {}, records=arrived_of(session, opened))
    facts = with_concerns(session, opened=opened, instrument=instrument, answers=known)
    store(session, reading_id=opened.key, before={}, after=facts, by=by, at=at)
    opened.reading.state = ReadingState.IN_PROGRESS
    opened.reading.started_at = at
    _audit(session, opened, "reading started", by, at, {"filled in": sorted(facts)})


def refuse_closed(opened: Opened) -> None:
    """Raise ConflictError, with the reason, when the reading takes no answers."""
    if opened.sample_case.status is CaseStatus.NOT_REACHED:
        why = unreached.why(opened.sample_case.reason)
        raise ConflictError(f"This record was taken out of the reading days: {why}.")
    if opened.is_set_aside and not opened.is_said_here:
        raise ConflictError("This record is not read, so it takes no answers.")
    if opened.sample_case.status is CaseStatus.NOT_PRODUCED:
        raise ConflictError("This record was said to be not produced. Say that it has turned up before you answer.")
    if opened.is_set_aside:
        raise ConflictError("This record was said to be not eligible, so it takes no answers.")
    if opened.reading.state not in (ReadingState.ASSIGNED, ReadingState.IN_PROGRESS):
        remedy = (
            "Reopen it with a reason before you change an answer."
            if opened.reading.signed_off_at is None
            else "It is signed off, so its answers stay as they are."
        )
        raise ConflictError(f"This reading was submitted. {remedy}")


def store(
    session: Session,
    *,
    reading_id: int,
    before: Mapping[str, Answer],
    after: Mapping[str, Answer],
    by: Account,
    at: datetime,
) -> None:
    """Write answers and a revision of each; `before` holds those that have a row already."""
    if not after:
        return
    new = [key for key in after if key not in before]
    if new:
        rows = [{"reading_id": reading_id, "key": key, "saved_at": at, **as_columns(after[key])} for key in new]
        session.execute(insert(AnswerRow), rows)
    if held := [key for key in after if key in before]:
        for row in session.exec(_rows_of_keys(), params={"reading_id": reading_id, "keys": held}):
            row.sqlmodel_update({**as_columns(after[row.key]), "saved_at": at})
    revisions = [
        {
            "reading_id": reading_id,
            "key": key,
            "before": as_columns(before[key]) if key in before else None,
            "after": as_columns(answer),
            "saved_at": at,
            "saved_by_id": by.id,
        }
        for key, answer in after.items()
    ]
    session.execute(insert(AnswerRevision), revisions)


@cache
def _rows_of_keys() -> Any:
    keys: Any = bindparam("keys", expanding=True)
    return select(AnswerRow).where(AnswerRow.reading_id == bindparam("reading_id"), col(AnswerRow.key).in_(keys))


def changed_by(answer: Answer, change: Change) -> Answer:
    """The answer as a change leaves it, tidied; a ground goes with the answer it was given for."""
    changed = tidied(replace(answer, **change))
    if "ground" not in change and changed.value not in (NOT_APPLICABLE, CANNOT_BE_EVALUATED):
        return replace(changed, ground=None)
    return changed


def as_columns(answer: Answer) -> dict[str, Any]:
    """An answer as its row and its revision hold it."""
    return {
        "value": answer.value,
        "note": answer.note,
        "sources": list(answer.sources),
        "ground": answer.ground,
        "discuss": answer.discuss,
    }


def _merged(
    instrument: Instrument, before: Mapping[str, Answer], changes: Mapping[str, Change], stratum: str
) -> dict[str, Answer]:
    merged: dict[str, Answer] = {}
    faults = notes.faults_of_notes(changes)
    for key, change in changes.items():
        if key in notes.LONGEST:
            continue
        merged[key] = changed_by(before.get(key, Answer(None)), change)
        if found := faults_of(instrument, key, merged[key], stratum=stratum):
            faults[key] = found
    if faults:
        raise RefusedAnswersError(faults)
    return merged


def _last_saved_by(session: Session, opened: Opened) -> str:
    query = (
        select(Account.name)
        .join(AnswerRevision, col(AnswerRevision.saved_by_id) == Account.id)
        .where(AnswerRevision.reading_id == opened.key)
        .order_by(col(AnswerRevision.id).desc())
        .limit(1)
    )
    return session.exec(query).first() or session.get_one(Account, opened.reading.reviewer_id).name


def _audit(session: Session, opened: Opened, action: str, by: Account, at: datetime, body: Mapping[str, Any]) -> None:
    """Write the deed; the flush in it raises the reading's version by exactly one."""
    reading = opened.reading
    reading.saved_at = at
    flag_modified(reading, "saved_at")  # the version rises even when two saves share a moment
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="reading",
        object_id=reading.public_id,
        inspection_id=opened.place.inspection.id,
        body=body,
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
