"""A record that turns up after all: whether it is read, or not reached like those that were stopped."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from casereader import audit, readings
from casereader.drawing import places
from casereader.in_waves import looking
from casereader.models import Account, DrawRecord, Inspection, SampleCase
from casereader.readings import Opened, hold_draw
from casereader.vocabulary import CaseStatus

TURNED_UP = "It turned up after earlier cases of its stratum were stopped"
CAME_LATE = "It turned up after reading of its stratum was over"


def is_overtaken(session: Session, *, sample_case: SampleCase) -> bool:
    """Whether an earlier case of its stratum is stopped: read all the same, it would leave no random sample.

    By their places, as for the pattern: a reserve stands where the case stood that it replaced.
    """
    query = select(SampleCase.id, SampleCase.order).where(
        SampleCase.draw_id == sample_case.draw_id,
        SampleCase.stratum == sample_case.stratum,
        SampleCase.status == CaseStatus.NOT_REACHED,
    )
    stopped = session.exec(query).all()
    if not stopped:
        return False
    draw = session.get_one(DrawRecord, sample_case.draw_id)
    stands = places.of_reserves(session, [draw.inspection_id])
    own = stands.get(sample_case.id or 0, sample_case.order)
    return any(stands.get(key or 0, order) < own for key, order in stopped)


def turn_up(session: Session, *, opened: Opened, by: Account, at: datetime) -> bool:
    """Take back that a record was not produced, and say whether it is to be read.

    Where an earlier case of its stratum is stopped, or reading ended after a wave before it, it is not reached like
    those, unless a reading of it counts: the coordinator decides whether it is read after all.
    """
    case, inspection = opened.sample_case, opened.place.inspection
    hold_draw(session, inspection=inspection)
    was_missing = case.status is CaseStatus.NOT_PRODUCED
    came_late = was_missing and _counts_no_more(session, inspection, case)
    readings.say_turned_up(session, opened=opened, by=by, at=at)
    if not was_missing or case.status is not CaseStatus.WAITING:
        return case.status is not CaseStatus.NOT_REACHED
    if not came_late and not is_overtaken(session, sample_case=case):
        return True
    why = CAME_LATE if came_late else TURNED_UP
    case.status, case.reason, case.decided_at, case.decided_by_id = CaseStatus.NOT_REACHED, why, at, by.id
    session.add(case)
    session.flush()
    audit.record_of_inspection(
        session,
        "cases stopped",
        inspection,
        by=by,
        at=at,
        body={"cases": [case.public_id], "is_random": True, "turned_up": True},
    )
    return False


def _counts_no_more(session: Session, inspection: Inspection, case: SampleCase) -> bool:
    """Whether reading in waves ended before this case: read all the same, it would shut the figures again."""
    found = looking.looked(session, [inspection.id or 0])
    return not any(one.is_held_back for one in found.values()) and case.id in looking.uncounted(session, found)
