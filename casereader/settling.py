"""Settling two readings of one case into a consensus, question by question; the originals are kept.

Where both readers agree their answer stands. Elsewhere the moderator takes one of the two, or a third with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import ConflictError, RefusedError
from casereader.inspections import Place
from casereader.instrument import Answer, Answers, Instrument, Part, faults_of, open_keys, tidied
from casereader.models import Account, Reading
from casereader.moderation import Pair, differences, find_pair
from casereader.readings import answers_of_many, settle_statuses
from casereader.readings.saving import store
from casereader.vocabulary import ReadingKind, ReadingState


@dataclass(frozen=True)
class Chosen:
    """What the moderator chose for one part: a reader's answer, or another value with a reason."""

    whose: Literal["first", "second", "other"]
    value: str | None = None
    ground: str | None = None
    reason: str = ""


class UnsettledError(RefusedError):
    """Questions that are not settled yet; `faults` holds the reasons by key."""

    def __init__(self, faults: Mapping[str, list[str]]) -> None:
        self.faults = dict(faults)
        super().__init__(*(f"{key}: {says}" for key, reasons in faults.items() for says in reasons))


def settle(
    session: Session,
    *,
    place: Place,
    public_id: str,
    instrument: Instrument,
    chosen: Mapping[str, Chosen],
    by: Account,
    at: datetime,
) -> Reading:
    """Settle the two readings of a case into the consensus that counts. Raises UnsettledError with every gap."""
    pair = find_pair(session, place=place, public_id=public_id, account=by, to_change=True)
    if (why := why_not_settled(session, pair, by)) is not None:
        raise ConflictError(why)
    found = answers_of_many(session, [pair.first.key, pair.second.key])
    stratum = pair.first.stratum(instrument)
    answers = settled_answers(instrument, found[pair.first.key], found[pair.second.key], chosen, stratum=stratum)
    consensus = Reading(
        sample_case_id=pair.first.reading.sample_case_id,
        kind=ReadingKind.CONSENSUS,
        state=ReadingState.SUBMITTED,
        reviewer_id=by.id or 0,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        assigned_at=at,
        assigned_by_id=by.id or 0,
        started_at=at,
        saved_at=at,
        submitted_at=at,
        first_submitted_at=at,
        read_on=pair.first.reading.read_on,
    )
    session.add(consensus)
    session.flush()
    store(session, reading_id=consensus.id or 0, before={}, after=answers, by=by, at=at)
    for opened in (pair.first, pair.second):
        reading = opened.reading
        reading.state = ReadingState.SETTLED
        if reading.signed_off_at is None:
            reading.signed_off_at, reading.signed_off_by_id = at, by.id
        session.add(reading)
    audit.record(
        session,
        "readings settled",
        by=by,
        at=at,
        kind="reading",
        object_id=consensus.public_id,
        inspection_id=place.inspection.id,
        body={"first": pair.first.reading.public_id, "second": pair.second.reading.public_id, "chosen": len(chosen)},
    )
    settle_statuses(session, sample_case_ids=[consensus.sample_case_id], by=by, at=at)
    return consensus


def why_not_settled(session: Session, pair: Pair, by: Account) -> str | None:
    """Why the account may not settle the two readings now; None when it may."""
    if ReadingState.LOCKED in (pair.first.reading.state, pair.second.reading.state):
        return "These readings are locked: nothing in them changes any more."
    for opened in (pair.first, pair.second):
        if opened.reading.reviewer_id == by.id:
            return "One of these readings is your own: another moderator or the lead settles them."
        if opened.reading.needs_countersigning and opened.reading.countersigned_at is None:
            return "A local reviewer made one of these readings: the paired inspector countersigns it first."
    query = select(Reading.id).where(
        Reading.sample_case_id == pair.first.reading.sample_case_id, col(Reading.kind) == ReadingKind.CONSENSUS
    )
    if session.exec(query).first() is not None:
        return "These readings are settled already."
    return None


def settled_answers(
    instrument: Instrument, first: Answers, second: Answers, chosen: Mapping[str, Chosen], *, stratum: str
) -> dict[str, Answer]:
    """The answers of the consensus: what both say, and what was chosen where they differ. Raises UnsettledError."""
    differing = {one.part.key for one in differences(instrument, first, second, stratum=stratum)}
    faults: dict[str, list[str]] = {}
    answers: dict[str, Answer] = {}
    for key in instrument.parts:
        one, other = first.get(key, Answer(None)), second.get(key, Answer(None))
        choice = chosen.get(key)
        if choice is None and key in differing and instrument.part(key).choices:
            faults[key] = ["Choose one of the two answers, or give another with the reason."]
            continue
        answer = _taken(instrument.part(key), one, other, choice)
        reasons = faults_of(instrument, key, answer, stratum=stratum) if choice is not None else []
        if choice is not None and choice.whose == "other":
            reasons += _lacks(instrument.part(key), choice, answer)
        if reasons:
            faults[key] = reasons
        answers[key] = answer
    asked = open_keys(instrument, answers, stratum=stratum)
    for key in asked:
        if key not in faults and instrument.part(key).required and answers[key].value is None:
            faults[key] = ["With the answers chosen, this question is asked too: give an answer with the reason."]
    if faults:
        raise UnsettledError({key: faults[key] for key in instrument.parts if key in faults})
    return {key: answers[key] for key in asked if answers[key] != Answer(None)}


def _taken(part: Part, one: Answer, other: Answer, choice: Chosen | None) -> Answer:
    if choice is not None and choice.whose == "other":
        return tidied(Answer(choice.value, note=choice.reason.strip(), ground=choice.ground))
    taken = other if choice is not None and choice.whose == "second" else one
    if choice is None and not taken.note:
        taken = other if other.value == one.value and other.note else taken
    if choice is None and taken.value is None and not part.choices:
        taken = other
    return Answer(taken.value, taken.note, taken.sources, taken.ground)


def _lacks(part: Part, choice: Chosen, answer: Answer) -> list[str]:
    found = []
    if answer.value is None:
        found.append("Give the answer that you settle on.")
    if not choice.reason.strip():
        found.append("Say why neither reader's answer is taken.")
    grounds = {"not_applicable": part.na_grounds, "cannot_be_evaluated": part.cbe_grounds}.get(answer.value or "", ())
    if len(grounds) > 1 and answer.ground is None:
        found.append("Choose the ground for this answer.")
    return found
