"""A small inspection whose figures are worked by hand in the tests: three strata, and every way not to count.

Stratum b has 30 children on the list and 6 sampled: b01 to b05 read, b06 not produced. Stratum a has 16, and 7 sampled:
a01 to a06 read, a07 ineligible and replaced by the reserve a08, which is read; the reserve a09 was never called on.
Stratum c has 5; its one sampled record waits for the countersignature of a local reviewer's reading.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select

from casereader.models import Account, AnswerRow, Case, DrawRecord, Reading, SampleCase, SamplingFrame, SamplingPlan
from casereader.programmes.inspections import Place
from casereader.vocabulary import CaseStatus, FrameState, ReadingKind, ReadingState, SampleRole

DRAWN = datetime(2026, 6, 8, 9, 0, tzinfo=UTC)
READ = datetime(2026, 6, 15, 15, 30, tzinfo=UTC)
LISTED = {"b": 30, "a": 16, "c": 5}
PLAN = {"choices": {"strata": ["group"], "comparison_column": "age_band", "comparison_values": ["12-15"]}}

RATINGS = {
    "b01": "5", "b02": "4", "b03": "3", "b04": "2", "b05": "6",
    "a01": "2", "a02": "4", "a03": "5", "a04": "3", "a05": "2", "a06": "cannot_be_evaluated", "a08": "1",
}  # fmt: skip
"""C9 in the first readings; of a01 the consensus, 4, counts."""


@dataclass(frozen=True)
class People:
    """Who reads and who settles."""

    reader: Account
    second: Account
    local: Account
    lead: Account


def older(number: int) -> bool:
    """Whether a child of stratum b is 12 to 15: ten of the thirty are."""
    return number in (4, 5) or 13 <= number <= 20


def build(session: Session, place: Place, people: People) -> None:
    """Put the worked inspection into the database, as it is after the reading days."""
    draw, cases = _drawn(session, place, people)
    sampled = {ref: _sample(session, draw, cases[ref], order) for ref, order in _main().items()}
    for ref, order in (("a08", 8), ("a09", 9)):
        sampled[ref] = _sample(session, draw, cases[ref], order, role=SampleRole.RESERVE, called_on=ref == "a08")
    _decide(sampled["b06"], CaseStatus.NOT_PRODUCED, people.lead)
    _decide(sampled["a07"], CaseStatus.INELIGIBLE, people.lead, reason="Not in the group the list says")
    for ref, rating in RATINGS.items():
        answers = {"C9": rating, "A3.deprivation": "1" if ref.startswith("b") else "2"}
        if ref.startswith("b"):
            answers["D11"] = "4"
        if ref == "a03":
            answers |= {"A3": "none", "I8": "5"}  # answered before A3 closed it
        _decide(sampled[ref], CaseStatus.READ, people.reader)
        read(session, sampled[ref], people.reader, answers)
    read(session, sampled["b01"], people.second, {"C9": "1"}, kind=ReadingKind.SECOND)
    read(session, sampled["a01"], people.second, {"C9": "5"}, kind=ReadingKind.SECOND)
    read(session, sampled["a01"], people.lead, {"C9": "4", "A3.deprivation": "2"}, kind=ReadingKind.CONSENSUS)
    read(session, sampled["c01"], people.local, {"C9": "6"}, needs_countersigning=True)
    session.flush()


def build_over(session: Session, place: Place, people: People) -> None:
    """The worked inspection once its reading is over: c01, the last record, was not produced after all."""
    build(session, place, people)
    query = select(SampleCase).join(DrawRecord).where(DrawRecord.inspection_id == place.inspection.id)
    for sample in session.exec(query.where(SampleCase.status == CaseStatus.WAITING)):
        if sample.role is SampleRole.MAIN or sample.called_on:
            _decide(sample, CaseStatus.NOT_PRODUCED, people.lead)
    session.flush()


def build_drawn(session: Session, place: Place, people: People) -> None:
    """The same sample before anything is read."""
    draw, cases = _drawn(session, place, people)
    for ref, order in _main().items():
        _sample(session, draw, cases[ref], order)
    session.flush()


def build_voided(session: Session, place: Place, people: People) -> None:
    """An earlier draw of the same list, read in part and then voided: nothing of it counts."""
    draw, cases = _drawn(session, place, people)
    sample = _sample(session, draw, cases["b30"], 1)
    _decide(sample, CaseStatus.READ, people.reader)
    read(session, sample, people.reader, {"C9": "1"}, at=READ + timedelta(days=9))
    draw.voided_at, draw.void_reason = READ, "The list was the wrong one"
    draw.voided_by_id, draw.void_confirmed_by_id = people.lead.id, people.reader.id
    plan = session.get_one(SamplingPlan, draw.plan_id)
    plan.superseded_at = READ
    session.get_one(SamplingFrame, plan.frame_id).state = FrameState.SUPERSEDED
    session.flush()


def _main() -> dict[str, int]:
    return {f"b{n:02d}": n for n in range(1, 7)} | {f"a{n:02d}": n for n in range(1, 8)} | {"c01": 1}


def _drawn(session: Session, place: Place, people: People) -> tuple[DrawRecord, dict[str, Case]]:
    inspection_id = place.inspection.id or 0
    earlier = session.exec(select(SamplingFrame).where(SamplingFrame.inspection_id == inspection_id)).all()
    frame = SamplingFrame(
        inspection_id=inspection_id,
        version=len(earlier) + 1,
        state=FrameState.COMMITTED,
        file_sha256="0" * 64,
        file_bytes=1,
        n_cases=sum(LISTED.values()),
        received_at=DRAWN,
        received_by_id=people.lead.id or 0,
    )
    session.add(frame)
    session.flush()
    cases = {}
    for stratum, n in LISTED.items():
        for number in range(1, n + 1):
            band = None if stratum == "c" else "12-15" if stratum == "b" and older(number) else "5-11"
            case = Case(frame_id=frame.id or 0, case_ref=f"{stratum}{number:02d}", group=stratum, age_band=band)
            cases[case.case_ref] = case
    session.add_all(cases.values())
    plan = SamplingPlan(inspection_id=inspection_id, frame_id=frame.id or 0, plan=PLAN, plan_sha256="0" * 64)
    session.add(plan)
    session.flush()
    counts = [
        {"stratum": stratum, "population": n, "sample_size": sum(ref.startswith(stratum) for ref in _main())}
        for stratum, n in LISTED.items()
    ]
    draw = DrawRecord(
        inspection_id=inspection_id,
        plan_id=plan.id or 0,
        public_value="1 2 3",
        seed="seed",
        certificate=json.dumps({"strata_counts": counts}),
        certificate_sha256="0" * 64,
        drawn_at=DRAWN,
        drawn_by_id=people.lead.id or 0,
    )
    session.add(draw)
    session.flush()
    return draw, cases


def _sample(
    session: Session,
    draw: DrawRecord,
    case: Case,
    order: int,
    *,
    role: SampleRole = SampleRole.MAIN,
    called_on: bool = False,
) -> SampleCase:
    sample = SampleCase(
        draw_id=draw.id or 0,
        case_id=case.id or 0,
        stratum=case.group,
        role=role,
        order=order,
        ticket="0" * 64,
        called_on=called_on,
    )
    session.add(sample)
    session.flush()
    return sample


def _decide(sample: SampleCase, status: CaseStatus, by: Account, *, reason: str | None = None) -> None:
    sample.status, sample.reason, sample.decided_at, sample.decided_by_id = status, reason, READ, by.id


def read(
    session: Session,
    sample: SampleCase,
    reader: Account,
    answers: Mapping[str, str],
    *,
    kind: ReadingKind = ReadingKind.FIRST,
    needs_countersigning: bool = False,
    at: datetime = READ,
) -> None:
    """A submitted reading with these answers."""
    reading = Reading(
        sample_case_id=sample.id or 0,
        kind=kind,
        state=ReadingState.SUBMITTED,
        reviewer_id=reader.id or 0,
        instrument_id="CRR-1",
        instrument_version="1.0",
        assigned_at=DRAWN,
        assigned_by_id=reader.id or 0,
        started_at=at,
        saved_at=at,
        submitted_at=at,
        first_submitted_at=at,
        needs_countersigning=needs_countersigning,
    )
    session.add(reading)
    session.flush()
    session.add_all(
        AnswerRow(reading_id=reading.id or 0, key=key, value=value, saved_at=at) for key, value in answers.items()
    )
