"""Two inspections whose readers differ by known steps: C9 alone is answered, and every case on the lists is read.

The reviewer rates 3 and 4 in turn, the second reviewer 4 and 5, the moderator, who reads too, 4: half a point below the
mean of the three, half a point above it, and on it. The local reviewer rates 6, and the deputy reads too few to show.
In Strath every rating is a point lower than it would be in Glen.
"""

from __future__ import annotations

import json

from sqlmodel import Session, col, select

from casereader.models import Account, Case, DrawRecord, Reading, SampleCase, SamplingFrame, SamplingPlan
from casereader.programmes import adding, inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import CaseStatus, FrameState, ReadingState, Role, SampleRole
from tests.cast import Cast
from tests.worked import DRAWN, READ, read

READINGS = {  # in Glen and in Strath
    "reviewer": (30, 10),
    "second_reviewer": (10, 30),
    "moderator": (10, 20),
    "local_reviewer": (0, 30),
    "deputy": (5, 0),
}
RATED = {
    "reviewer": (3, 4),
    "second_reviewer": (4, 5),
    "moderator": (4, 4),
    "local_reviewer": (6, 6),
    "deputy": (2, 2),
}


def build(session: Session, cast: Cast, *, elsewhere: str = "Strath Test") -> Place:
    """Read both inspections; the cast's own is Glen. Returns the other, which has the same lead and moderator."""
    made = adding.add_partnership(
        session,
        programme=cast.place.programme,
        name=elsewhere,
        period_from=cast.place.inspection.period_from,
        period_to=cast.place.inspection.period_to,
        lead=cast.lead,
        by=cast.coordinator,
        at=DRAWN,
    )
    inspections.give_role(
        session, inspection=made, account=cast.moderator, role=Role.MODERATOR, by=cast.coordinator, at=DRAWN
    )
    other = inspections.place_of(session, inspection_id=made.id or 0)
    for at, place in enumerate((cast.place, other)):
        _read(session, cast, place, {who: counts[at] for who, counts in READINGS.items()}, lower_by=at)
    return other


def _read(session: Session, cast: Cast, place: Place, counts: dict[str, int], *, lower_by: int) -> None:
    samples = iter(_sampled(session, place, sum(counts.values()), by=cast.lead))
    for who, n in counts.items():
        for turn in range(n):
            rating = str(RATED[who][turn % 2] - lower_by)
            is_local = who == "local_reviewer"
            read(session, next(samples), getattr(cast, who), {"C9": rating}, needs_countersigning=is_local)
    session.flush()
    for reading in session.exec(select(Reading).where(col(Reading.needs_countersigning))).all():
        reading.state, reading.countersigned_at = ReadingState.COUNTERSIGNED, READ
        reading.countersigned_by_id = cast.reviewer.id
    session.flush()


def _sampled(session: Session, place: Place, n: int, *, by: Account) -> list[SampleCase]:
    inspection_id = place.inspection.id or 0
    frame = SamplingFrame(
        inspection_id=inspection_id,
        version=1,
        state=FrameState.COMMITTED,
        file_sha256="0" * 64,
        file_bytes=1,
        n_cases=n,
        received_at=DRAWN,
        received_by_id=by.id or 0,
    )
    session.add(frame)
    session.flush()
    cases = [Case(frame_id=frame.id or 0, case_ref=f"b{number:03d}", group="b") for number in range(n)]
    plan = SamplingPlan(
        inspection_id=inspection_id,
        frame_id=frame.id or 0,
        plan={"choices": {"strata": ["group"]}},
        plan_sha256="0" * 64,
    )
    session.add_all([*cases, plan])
    session.flush()
    draw = DrawRecord(
        inspection_id=inspection_id,
        plan_id=plan.id or 0,
        public_value="1 2 3",
        seed="seed",
        certificate=json.dumps({"strata_counts": [{"stratum": "b", "population": n, "sample_size": n}]}),
        certificate_sha256="0" * 64,
        drawn_at=DRAWN,
        drawn_by_id=by.id or 0,
    )
    session.add(draw)
    session.flush()
    samples = [
        SampleCase(
            draw_id=draw.id or 0,
            case_id=case.id or 0,
            stratum="b",
            role=SampleRole.MAIN,
            order=order,
            ticket="0" * 64,
            status=CaseStatus.READ,
            decided_at=READ,
            decided_by_id=by.id,
        )
        for order, case in enumerate(cases, start=1)
    ]
    session.add_all(samples)
    session.flush()
    return samples
