"""Saving answers to the partnership's own instrument: all of a page or nothing, and never over somebody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, select

from casereader import audit, identifying
from casereader.errors import ConflictError
from casereader.instrument import Answer, Answers, Instrument, Library, Question, faults_of, tidied
from casereader.models import Account, Inspection, PartnershipAnswer
from casereader.own_instrument.finding import Answered, answered, mark_of
from casereader.programmes.inspections import Place
from casereader.readings import RefusedAnswersError


class MeanwhileError(ConflictError):
    """Somebody answered the same questions otherwise since the page was loaded; `questions` are their ids."""

    def __init__(self, questions: Sequence[str], *, who: str) -> None:
        self.questions = list(questions)
        named = ", ".join(self.questions)
        super().__init__(
            f"{who} answered {named} in the meantime. Nothing of yours is saved yet: it stands below, with theirs "
            "beside it. Change it if you wish, and save again."
        )


def save(
    session: Session,
    *,
    place: Place,
    library: Library,
    typed: Mapping[str, Answer],
    seen: Mapping[str, str],
    by: Account,
    at: datetime,
    looked: bool = False,
) -> list[str]:
    """Save what a page says of the questions in `seen`, and give the ids of those that changed.

    `seen` holds `mark_of` each question as the page showed it: what the person left alone stays as it is now, whoever
    saved it. Raises RefusedAnswersError with the reasons by key, a text that looks as if it identified somebody among
    them unless they `looked`, or MeanwhileError. An answer may lack its reason or its evidence: then it is incomplete.
    """
    session.exec(
        select(Inspection.id).where(Inspection.id == place.inspection.id).with_for_update(key_share=True)
    ).one()
    now = answered(session, place=place, library=library)
    touched = [
        question
        for question in now.instrument.questions
        if seen.get(question.id, "") not in ("", mark_of(question, typed))
    ]
    _refuse(now.instrument, touched, typed, now.answers, looked)
    changed = [question for question in touched if mark_of(question, typed) != mark_of(question, now.answers)]
    if crossed := [one.id for one in changed if mark_of(one, now.answers) != seen[one.id]]:
        raise MeanwhileError(crossed, who=now.saved_by)
    if not changed:
        return []
    _store(session, place, now, {key: tidied(typed[key]) for key in _keys(changed, typed)}, by, at)
    _tell(session, place, now, changed, typed, library, by, at)
    return [question.id for question in changed]


def _keys(questions: Sequence[Question], typed: Answers) -> list[str]:
    return [part.key for question in questions for part in question.parts if part.key in typed]


def _refuse(
    instrument: Instrument, questions: Sequence[Question], typed: Answers, stored: Answers, looked: bool
) -> None:
    faults: dict[str, list[str]] = {}
    for key in _keys(questions, typed):
        answer = tidied(typed[key])
        found = faults_of(instrument, key, answer)
        texts = "\n".join((answer.note, answer.value or "" if not instrument.part(key).choices else ""))
        if not found and not looked and answer != stored.get(key) and (signs := identifying.signs_in(texts)):
            found = [identifying.looks_like(signs)]
        if found:
            faults[key] = found
    if faults:
        raise RefusedAnswersError(faults)


def _store(session: Session, place: Place, now: Answered, answers: Answers, by: Account, at: datetime) -> None:
    query = select(PartnershipAnswer).where(PartnershipAnswer.inspection_id == place.inspection.id)
    rows = {row.key: row for row in session.exec(query)}
    for key, answer in answers.items():
        row = rows.get(key) or PartnershipAnswer(
            inspection_id=place.inspection.id or 0,
            instrument_id=now.instrument.id,
            instrument_version=now.instrument.version,
            key=key,
            saved_by_id=by.id or 0,
        )
        row.value, row.note, row.sources = answer.value, answer.note, list(answer.sources)
        row.saved_at, row.saved_by_id = at, by.id or 0
        session.add(row)
    session.flush()


def _tell(
    session: Session,
    place: Place,
    before: Answered,
    changed: Sequence[Question],
    typed: Answers,
    library: Library,
    by: Account,
    at: datetime,
) -> None:
    """The deed names what was answered; how it was and is stands with its changes, where erasing reaches it."""
    keys = [key for key in _keys(changed, typed) if before.answers.get(key, Answer(None)) != tidied(typed[key])]
    after = answered(session, place=place, library=library)
    audit.record_of_inspection(
        session,
        "partnership's own instrument answered",
        place.inspection,
        by=by,
        at=at,
        body={"answered": keys, "complete": after.is_complete},
    )
