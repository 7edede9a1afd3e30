"""Readings for tests, made by the verbs that people use: found, answered in full, submitted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count

from sqlmodel import Session, select

from casereader import readings
from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Answer, Instrument, Part, missing, open_keys
from casereader.models import Account, DrawRecord, Membership, Reading, SampleCase
from casereader.readings import Change, Opened, Saved
from casereader.vocabulary import ReadingKind, Role

STARTED = datetime(2026, 6, 8, 9, 0, tzinfo=UTC)
NOTE = "The record shows this in entries of March and May."
_numbers = count(1)


def given_to(session: Session, account: Account, *, kind: ReadingKind = ReadingKind.FIRST) -> list[Opened]:
    """The readings of one kind that the account was given."""
    return [one for one in readings.mine(session, account=account) if one.reading.kind is kind]


def again(session: Session, opened: Opened, account: Account) -> Opened:
    """The reading as it stands now."""
    return readings.find(session, public_id=opened.reading.public_id, account=account)


def pair_of(session: Session, *, record: DrawRecord) -> tuple[Reading, Reading]:
    """The first and the second reading of a case that was given to two: two inspectors where there are such."""
    query = select(Reading).join(SampleCase).where(SampleCase.draw_id == record.id)
    every = session.exec(query).all()
    firsts = {one.sample_case_id: one for one in every if one.kind is ReadingKind.FIRST}
    pairs = [(firsts[one.sample_case_id], one) for one in every if one.kind is ReadingKind.SECOND]
    local = select(Membership.account_id).where(Membership.role == Role.LOCAL_REVIEWER)
    to_countersign = set(session.exec(local))
    return min(pairs, key=lambda pair: pair[0].reviewer_id in to_countersign)


def save(
    session: Session,
    opened: Opened,
    instrument: Instrument,
    changes: Mapping[str, Change],
    *,
    by: Account,
    at: datetime = STARTED,
    version: int | None = None,
    key: str | None = None,
    digest: str | None = None,
) -> Saved:
    """Save answers as a page would, against the present version unless another is given."""
    return readings.save(
        session,
        opened=opened,
        instrument=instrument,
        changes=changes,
        version=opened.reading.version if version is None else version,
        key=key or f"key-of-a-test-{next(_numbers):06}",
        digest=digest or "0" * 64,
        by=by,
        at=at,
    )


def full_answers(
    instrument: Instrument, opened: Opened, *, overrides: Mapping[str, str] | None = None
) -> dict[str, Answer]:
    """Answers with which nothing is missing: good all through, bar what `overrides` says."""
    answers = dict(readings.known_facts(instrument, opened))
    stratum = opened.stratum(instrument)
    while True:
        asked = [instrument.part(key) for key in open_keys(instrument, answers, stratum=stratum)]
        given = [part for part in asked if part.rating is None and part.overrides is None]
        unanswered = [part.key for part in given if part.key not in answers]
        if not unanswered:
            break
        for key in unanswered:
            answers[key] = _plain(instrument.part(key), (overrides or {}).get(key))
    for one in missing(instrument, answers, stratum=stratum):
        held = answers[one.key]
        answers[one.key] = Answer(held.value, NOTE, (instrument.sources[0].value,), held.ground)
    assert missing(instrument, answers, stratum=stratum) == []
    return answers


def complete(
    session: Session,
    opened: Opened,
    instrument: Instrument,
    *,
    by: Account,
    at: datetime = STARTED,
    overrides: Mapping[str, str] | None = None,
) -> Reading:
    """Answer everything and submit."""
    changes: dict[str, Change] = {
        key: {"value": answer.value, "note": answer.note, "sources": answer.sources, "ground": answer.ground}
        for key, answer in full_answers(instrument, opened, overrides=overrides).items()
    }
    save(session, opened, instrument, changes, by=by, at=at)
    return readings.submit(session, opened=opened, instrument=instrument, declared=True, by=by, at=at)


def _plain(part: Part, value: str | None) -> Answer:
    if value is not None:
        return Answer(value)
    if part.filled_from == "minutes":
        return Answer(None)  # measured
    if part.scale.kind == "count":
        return Answer(str(part.scale.minimum))
    if part.scale.kind == "text":
        return Answer("Nothing to add.")
    if part.scale.kind == "six":
        return Answer("4")
    if part.scale.kind == "presence":
        return Answer("not_indicated")
    good = next((choice for choice in part.choices if choice.y == 1 and choice.need == "none"), None)
    outside = (NOT_APPLICABLE, CANNOT_BE_EVALUATED)
    quiet = next((one for one in part.choices if one.need == "none" and one.value not in outside), None)
    best = next((choice for choice in part.choices if choice.y == 1), part.choices[0])
    return Answer((good or (best if part.reversed else quiet or best)).value)
