"""Matters of concern: raised at once by whoever reads the record, received by the lead of the inspection.

The reading shows only that one was raised; what was seen and needed is for the lead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import AbsentError, RefusedError
from casereader.inspections import Place, people
from casereader.instrument import Answer, Instrument
from casereader.models import Account, Case, Concern, DrawRecord, Reading, SampleCase
from casereader.readings import PUBLIC_ID, Opened, answers_of, said
from casereader.readings.saving import store
from casereader.vocabulary import ConcernKind, Role

LONGEST_TOLD = 300
YES = "yes"


@dataclass(frozen=True)
class Raised:
    """A matter of concern with the case it is about, who raised it and who received it."""

    concern: Concern
    case_ref: str
    raised_by: str
    received_by: str | None


def leads(session: Session, *, place: Place) -> list[Account]:
    """Whom a reviewer tells: the leads of the inspection, by name."""
    return [account for account, _ in people(session, inspection=place.inspection, role=Role.LEAD)]


def raise_concern(
    session: Session,
    *,
    opened: Opened,
    instrument: Instrument,
    kind: ConcernKind | None,
    told_whom: str,
    seen: str,
    needed: str,
    by: Account,
    at: datetime,
) -> Concern:
    """Record a matter of concern about the case of a reading; every fault of the form is told at once."""
    faults = [] if kind else ["Choose whether it is immediate risk or prolonged poor practice."]
    texts = []
    for text, ask in (
        (told_whom, "Say whom you told, how and when. Tell the inspection lead now, before you write."),
        (seen, "Say what you saw in the record."),
        (needed, "Say what is needed now."),
    ):
        try:
            texts.append(said(text, ask))
        except RefusedError as error:
            faults.extend(error.reasons)
    if texts and len(texts[0]) > LONGEST_TOLD and not faults:
        faults.append(f"Say whom you told in at most {LONGEST_TOLD} characters.")
    if faults or kind is None:
        raise RefusedError(*faults)
    concern = Concern(
        reading_id=opened.key,
        kind=kind,
        told_whom=texts[0],
        seen=texts[1],
        needed=texts[2],
        raised_at=at,
        raised_by_id=by.id or 0,
    )
    session.add(concern)
    session.flush()
    _fill_in(session, opened, instrument, by, at)
    audit.record(
        session,
        "concern raised",
        by=by,
        at=at,
        kind="concern",
        object_id=concern.public_id,
        inspection_id=opened.place.inspection.id,
        body={"kind": kind, "reading": opened.reading.public_id},
    )
    return concern


def receive(session: Session, *, place: Place, public_id: str, by: Account, at: datetime) -> Concern:
    """Mark a matter of concern as received by the lead; marking it again changes nothing."""
    query = _concerns_of(place).where(Concern.public_id == public_id)
    found = session.exec(query).first() if PUBLIC_ID.fullmatch(public_id) else None
    if found is None:
        raise AbsentError
    concern: Concern = found[0]
    if concern.received_at is not None:
        return concern
    concern.received_at, concern.received_by_id = at, by.id
    session.add(concern)
    session.flush()
    audit.record(
        session,
        "concern received",
        by=by,
        at=at,
        kind="concern",
        object_id=concern.public_id,
        inspection_id=place.inspection.id,
    )
    return concern


def of_inspection(session: Session, *, place: Place) -> list[Raised]:
    """The inspection's matters of concern, those not yet received first, then the newest first."""
    rows = session.exec(_concerns_of(place)).all()
    ids = {one.raised_by_id for one, _ in rows} | {one.received_by_id for one, _ in rows if one.received_by_id}
    names = dict(session.exec(select(Account.id, Account.name).where(col(Account.id).in_(ids))).all())
    found = [
        Raised(one, case_ref, names[one.raised_by_id], names.get(one.received_by_id) if one.received_by_id else None)
        for one, case_ref in rows
    ]
    return sorted(found, key=lambda each: (each.concern.received_at is not None, -each.concern.raised_at.timestamp()))


def not_received(session: Session, *, inspection_ids: Sequence[int]) -> dict[int, int]:
    """How many matters of concern wait to be received, by inspection; none is left out."""
    found = dict.fromkeys(inspection_ids, 0)
    query = (
        select(DrawRecord.inspection_id)
        .join(SampleCase, col(SampleCase.draw_id) == DrawRecord.id)
        .join(Reading, col(Reading.sample_case_id) == SampleCase.id)
        .join(Concern, col(Concern.reading_id) == Reading.id)
        .where(col(DrawRecord.inspection_id).in_(inspection_ids), col(Concern.received_at).is_(None))
    )
    for key in session.exec(query):
        found[key] += 1
    return found


def raised_on(session: Session, *, reading_id: int) -> int:
    """How many matters of concern were raised on a reading: all that the reading shows of them."""
    return len(session.exec(select(Concern.id).where(Concern.reading_id == reading_id)).all())


def _fill_in(session: Session, opened: Opened, instrument: Instrument, by: Account, at: datetime) -> None:
    """Answer for the reader, in a reading under way, that one was raised; its version stays, so no tab is stale."""
    if not opened.is_open or opened.reading.started_at is None:
        return
    answers = answers_of(session, opened.key)
    for part in instrument.filled_from("concern"):
        if part.choice(YES) is not None and answers.get(part.key, Answer(None)).value != YES:
            before = {part.key: answers[part.key]} if part.key in answers else {}
            after = {part.key: replace(answers.get(part.key, Answer(None)), value=YES)}
            store(session, reading_id=opened.key, before=before, after=after, by=by, at=at)


def _concerns_of(place: Place) -> Any:
    return (
        select(Concern, Case.case_ref)
        .join(Reading, col(Reading.id) == Concern.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == place.inspection.id)
    )
