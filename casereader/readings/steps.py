"""The steps a reading takes at its reviewer's hand: submitted, and reopened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import ConflictError, RefusedError
from casereader.in_waves import looks
from casereader.instrument import Answer, Answers, Instrument, Missing, missing
from casereader.models import Account, Membership, Reading
from casereader.naming import said
from casereader.readings.counting import settle_statuses
from casereader.readings.finding import Opened, answers_of
from casereader.readings.queried import carry_on
from casereader.readings.saving import begin, refuse_closed, store
from casereader.readings.signs import signs_of_answers
from casereader.readings.time_spent import minutes_so_far
from casereader.vocabulary import ReadingState, Role

UNDECLARED = "Confirm the declaration before you submit."


class IncompleteError(RefusedError):
    """A reading that cannot be submitted yet, with all that stands in its way at once.

    `missing` says what is missing, where; `marks` are the answers still marked *discuss* and `signs` the texts that
    look as if they identified somebody, where its reader did not say that they know of them; `faults` is the rest.
    """

    def __init__(
        self,
        missing: Sequence[Missing],
        *,
        marks: Sequence[Missing] = (),
        signs: Sequence[Missing] = (),
        is_declared: bool = True,
        faults: Sequence[str] = (),
    ) -> None:
        self.missing, self.marks, self.signs = list(missing), list(marks), list(signs)
        self.is_declared, self.faults = is_declared, list(faults)
        places = (f"{one.key}: {one.says}" for one in (*missing, *marks, *signs))
        super().__init__(*([] if is_declared else [UNDECLARED]), *faults, *places)


def naming(session: Session, *, opened: Opened, instrument: Instrument, answers: Answers) -> list[Missing]:
    """The notes and texts that look as if they identified somebody, each with what it looks like."""
    found = signs_of_answers(session, opened=opened, instrument=instrument, answers=answers)
    return [
        Missing(key, instrument.part(key).section, f"this looks like {' and '.join(signs)}.")
        for key, signs in found.items()
    ]


def submit(
    session: Session,
    *,
    opened: Opened,
    instrument: Instrument,
    declared: bool,
    by: Account,
    at: datetime,
    keep_marks: bool = False,
    keep_signs: bool = False,
    minutes: int | None = None,
    faults: Sequence[str] = (),
) -> Reading:
    """Hand in a reading that is complete; handing it in again changes nothing. Raises IncompleteError.

    `minutes` are those the reader says it took, where what was measured is wrong; `faults` is what could not be taken
    of what they said, told with the rest.

    An answer marked *discuss* stands only where its reader says so (`keep_marks`): the moderator then finds it. So does
    a text that looks as if it identified somebody (`keep_signs`).
    """
    reading = opened.reading
    if reading.submitted_at is not None and not opened.is_set_aside:
        return reading
    refuse_closed(opened)
    looks.refuse_who_looked(session, draw_id=opened.sample_case.draw_id, by=by)
    begin(session, opened=opened, instrument=instrument, by=by, at=at)
    answers = answers_of(session, opened.key)
    found = missing(instrument, answers, stratum=opened.stratum(instrument))
    lacks, marks = [one for one in found if not one.is_mark], [one for one in found if one.is_mark]
    signs = naming(session, opened=opened, instrument=instrument, answers=answers)
    unmarked, unsigned = [] if keep_marks else marks, [] if keep_signs else signs
    if lacks or unmarked or unsigned or faults or not declared:
        raise IncompleteError(lacks, marks=unmarked, signs=unsigned, is_declared=declared, faults=faults)
    measured = _fill_minutes(session, opened, instrument, answers, by, at)
    reading.minutes = measured if minutes is None else minutes
    reading.state = ReadingState.SUBMITTED
    reading.submitted_at = at
    reading.first_submitted_at = reading.first_submitted_at or at
    reading.read_on = at.date()
    reading.needs_countersigning = _pair_of(session, opened) is not None
    _audit(session, opened, "reading submitted", by, at, answers=len(answers), marks=len(marks), signs=len(signs))
    carry_on(session, opened=opened, instrument=instrument, answers=answers, by=by, at=at)
    settle_statuses(session, sample_case_ids=[reading.sample_case_id], by=by, at=at)
    return reading


def reopen(session: Session, *, opened: Opened, reason: str, by: Account, at: datetime) -> Reading:
    """Take a submitted reading back into work, with a reason, until it is signed off.

    Raises ConflictError after that, and before it was submitted; RefusedError without a reason.
    """
    reading = opened.reading
    if reading.signed_off_at is not None:
        raise ConflictError("This reading is signed off: ask the moderator if an answer must change.")
    if reading.state is ReadingState.ASSIGNED:
        raise ConflictError("This reading was never submitted: begin it.")
    if reading.submitted_at is None:
        return reading  # it is open: the button was pressed twice
    looks.refuse_who_looked(session, draw_id=opened.sample_case.draw_id, by=by)
    reading.reopened_reason = said(reason, "Say why you reopen it.")
    reading.state = ReadingState.IN_PROGRESS
    reading.submitted_at = None
    reading.countersigned_at = reading.countersigned_by_id = None
    _audit(session, opened, "reading reopened", by, at)
    settle_statuses(session, sample_case_ids=[reading.sample_case_id], by=by, at=at)
    return reading


def _fill_minutes(
    session: Session,
    opened: Opened,
    instrument: Instrument,
    answers: dict[str, Answer],
    by: Account,
    at: datetime,
) -> int | None:
    """The minutes the reader gave, else those measured, filled in where the instrument asks."""
    measured = minutes_so_far(session, reading_id=opened.key, until=at)
    for part in instrument.filled_from("minutes"):
        given = answers.get(part.key, Answer(None))
        if given.value is not None:
            return int(given.value)
        within = str(max(part.scale.minimum, min(measured, part.scale.maximum)))
        stored = {part.key: given} if part.key in answers else {}
        store(session, reading_id=opened.key, before=stored, after={part.key: Answer(within)}, by=by, at=at)
    return measured


def _pair_of(session: Session, opened: Opened) -> int | None:
    """The inspector that the reading's reviewer is paired with; None for an inspector's own reading."""
    query = select(Membership.paired_with_id).where(
        Membership.inspection_id == opened.place.inspection.id,
        Membership.account_id == opened.reading.reviewer_id,
        col(Membership.role) == Role.LOCAL_REVIEWER,
    )
    return session.exec(query).first()


def _audit(session: Session, opened: Opened, action: str, by: Account, at: datetime, **body: int) -> None:
    session.add(opened.reading)
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="reading",
        object_id=opened.reading.public_id,
        inspection_id=opened.place.inspection.id,
        body=body,
    )
