"""How long a record took: measured while its pages are used, corrected by its reader, told only of a whole inspection.

A minute counts when a page of the reading was used in it or an answer saved; so do pauses of up to a quarter hour
between such minutes, in which the record itself was read. Longer ones do not. It is never used to compare people.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles

from sqlalchemy import insert
from sqlmodel import Session, col, select

from casereader.models import ActiveMinute, AnswerRevision, DrawRecord, Inspection, Reading, SampleCase
from casereader.readings.filling import measured_minutes
from casereader.readings.finding import Opened
from casereader.vocabulary import ReadingKind

LONGEST_AGO = 720  # minutes: no session lasts longer
LEAST_READINGS = 5  # below that a spread would tell of single readings


@dataclass(frozen=True)
class Spread:
    """The minutes of an inspection's submitted readings: how many there are, and the quarters they fall into."""

    n: int
    quarter: int
    half: int
    three_quarters: int


def note_active(session: Session, *, opened: Opened, minutes_ago: Collection[int], at: datetime) -> int:
    """Keep the minutes in which the page was used and hand back the minutes measured so far.

    Each once, however often it is sent; none from before the reading was given, and none of a closed reading.
    """
    if opened.is_open:
        now = at.replace(second=0, microsecond=0)
        sent = {now - timedelta(minutes=ago) for ago in minutes_ago if 0 <= ago <= LONGEST_AGO}
        wanted = {minute for minute in sent if minute + timedelta(minutes=1) > opened.reading.assigned_at}
        of_reading = ActiveMinute.reading_id == opened.key
        known = session.exec(select(ActiveMinute.minute).where(of_reading, col(ActiveMinute.minute).in_(wanted))).all()
        new = wanted.difference(known)
        if new:
            session.execute(
                insert(ActiveMinute), [{"reading_id": opened.key, "minute": minute} for minute in sorted(new)]
            )
    return minutes_so_far(session, reading_id=opened.key)


def minutes_so_far(session: Session, *, reading_id: int, until: datetime | None = None) -> int:
    """The minutes that the present reader of a reading spent on it, from their saves and the use of its pages."""
    saves = (
        select(AnswerRevision.saved_at)
        .join(Reading, col(Reading.id) == AnswerRevision.reading_id)
        .where(Reading.id == reading_id, AnswerRevision.saved_by_id == Reading.reviewer_id)
    )
    used = select(ActiveMinute.minute).where(ActiveMinute.reading_id == reading_id)
    moments = [*session.exec(saves), *session.exec(used)]
    return measured_minutes([*moments, until] if until is not None else moments)


def spread(session: Session, *, inspection: Inspection) -> Spread | None:
    """How long the inspection's submitted readings took; None where they are too few to tell it of nobody."""
    query = (
        select(Reading.minutes)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            DrawRecord.inspection_id == inspection.id,
            col(DrawRecord.voided_at).is_(None),
            Reading.kind != ReadingKind.CONSENSUS,
            col(Reading.submitted_at).is_not(None),
            col(Reading.minutes).is_not(None),
        )
    )
    found = [minutes for minutes in session.exec(query) if minutes is not None]
    if len(found) < LEAST_READINGS:
        return None
    quarter, half, three_quarters = (round(cut) for cut in quantiles(found, n=4, method="inclusive"))
    return Spread(len(found), quarter, half, three_quarters)
