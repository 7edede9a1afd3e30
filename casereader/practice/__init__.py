"""Practice: invented cases to read before the real ones, with model answers afterwards. Nothing of it ever counts.

Kept in a table that knows no case, draw or inspection: what counts cannot reach it. What somebody answered when they
first handed a case in is kept however often they practise again: readers are compared on it before the week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, select

from casereader import audit
from casereader.errors import ConflictError
from casereader.instrument import Answer, Part, faults_of, missing, open_keys
from casereader.models import Account, PracticeReading
from casereader.practice.cases import PracticeCase, PracticeError, load_cases
from casereader.readings import Change, IncompleteError, RefusedAnswersError
from casereader.readings.saving import as_columns, changed_by

__all__ = [
    "Compared",
    "PracticeCase",
    "PracticeError",
    "again",
    "answers_in",
    "answers_of",
    "compare",
    "find",
    "load_cases",
    "save",
    "submit",
]

Verdict = Literal["same", "near", "other"]  # near: one point off on the six-point scale


@dataclass(frozen=True)
class Compared:
    """One answer beside the model's."""

    key: str
    given: Answer
    model: Answer
    why: str
    verdict: Verdict


def find(session: Session, *, account: Account, case: PracticeCase) -> PracticeReading | None:
    """The person's answers to a practice case, if they began it."""
    query = select(PracticeReading).where(PracticeReading.account_id == account.id, PracticeReading.case_id == case.id)
    return session.exec(query).first()


def answers_of(reading: PracticeReading | None, case: PracticeCase) -> dict[str, Answer]:
    """The answers given so far, with the facts the case begins with."""
    return answers_in(reading.answers if reading is not None else {}, case)


def answers_in(kept: Mapping[str, Any], case: PracticeCase) -> dict[str, Answer]:
    """Answers as they are kept, with the facts the case begins with."""
    given = {
        key: Answer(one["value"], one["note"], tuple(one["sources"]), one["ground"], one["discuss"])
        for key, one in kept.items()
    }
    return {**case.facts, **given}


def save(
    session: Session, *, account: Account, case: PracticeCase, changes: Mapping[str, Change], version: int, at: datetime
) -> PracticeReading:
    """Save answers, by the rules of a real reading; ConflictError from a page that is no longer the newest."""
    reading = find(session, account=account, case=case)
    if reading is not None and reading.submitted_at is not None:
        raise ConflictError("You submitted this practice already. Begin it again to answer anew.")
    if version != (reading.version if reading is not None else 1):
        raise ConflictError("You answered this practice case in another tab meanwhile.")
    before = answers_of(reading, case)
    after = {key: changed_by(before.get(key, Answer(None)), change) for key, change in changes.items()}
    faults = {
        key: found
        for key, answer in after.items()
        if (found := faults_of(case.instrument, key, answer, stratum=case.stratum))
    }
    if faults:
        raise RefusedAnswersError(faults)
    if reading is None:
        reading = PracticeReading(account_id=account.id or 0, case_id=case.id, version=1, saved_at=at)
    reading.answers = {**reading.answers, **{key: as_columns(answer) for key, answer in after.items()}}
    reading.version += 1
    reading.saved_at = at
    session.add(reading)
    session.flush()
    return reading


def submit(session: Session, *, account: Account, case: PracticeCase, at: datetime) -> PracticeReading:
    """Hand the practice in, so that the model answers can be seen; IncompleteError with what is missing."""
    reading = find(session, account=account, case=case)
    found = missing(case.instrument, answers_of(reading, case), stratum=case.stratum)
    if found or reading is None:
        raise IncompleteError(found)
    if reading.submitted_at is None:
        reading.submitted_at = at
        if reading.first_submitted_at is None:
            reading.first_answers, reading.first_submitted_at = reading.answers, at
        session.add(reading)
        audit.record(session, "practice submitted", by=account, at=at, kind="practice", object_id=case.id)
    return reading


def again(session: Session, *, account: Account, case: PracticeCase) -> None:
    """Begin anew: what was answered is forgotten, but for what was first handed in."""
    reading = find(session, account=account, case=case)
    if reading is None:
        return
    if reading.first_submitted_at is None:
        session.delete(reading)
        return
    reading.answers, reading.submitted_at = {}, None
    reading.version += 1  # a page of before is no longer the newest
    session.add(reading)


def compare(reading: PracticeReading, case: PracticeCase) -> list[Compared]:
    """Every answer beside the model's, in the order of the form, closed questions left out."""
    given = answers_of(reading, case)
    asked = open_keys(case.instrument, {**given, **case.model}, stratum=case.stratum)
    found = []
    for key in asked:
        model, own = case.model.get(key, Answer(None)), given.get(key, Answer(None))
        found.append(Compared(key, own, model, case.why.get(key, ""), _verdict(case.instrument.part(key), own, model)))
    return found


def _verdict(part: Part, own: Answer, model: Answer) -> Verdict:
    if own.value == model.value:
        return "same"
    points = (own.value or "", model.value or "")
    is_rated = part.scale.kind == "six" and all(point.isdigit() for point in points)
    return "near" if is_rated and abs(int(points[0]) - int(points[1])) == 1 else "other"
