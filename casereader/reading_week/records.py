"""The agencies' records on their way into the reading room: which are expected, how far each has come, and who said so.

A record that nobody has marked is expected. Reserves stand in line behind the cases to be read: the first few of each
stratum are asked for with them, so that a replacement does not wait for its records.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from casereader import audit, readings
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, Case, DrawRecord, Inspection, RecordRequest, SampleCase
from casereader.vocabulary import CaseStatus, RecordState, SampleRole

FIRST_RESERVES, MOST_RESERVES = 2, 100
LONGEST_NOTE = 500
NOT_ASKED_FOR = (CaseStatus.INELIGIBLE, CaseStatus.NOT_REACHED)
ORDER = (RecordState.EXPECTED, RecordState.REQUESTED, RecordState.CHASED, RecordState.PROBLEM, RecordState.SUPPLIED)
NOT_HERE = tuple(state for state in ORDER if state is not RecordState.SUPPLIED)

Named = tuple[str, str]
"""A record by its case's public id and its agency."""


@dataclass(frozen=True)
class Tracked:
    """How far one agency's record of one case has come."""

    state: RecordState = RecordState.EXPECTED
    note: str = ""
    since: date | None = None  # the day on which somebody said so


@dataclass(frozen=True)
class TrackedCase:
    """A sampled case whose records are asked for, and those expected for its stratum, by agency."""

    key: int
    public_id: str
    case_ref: str
    stratum: str
    group: str  # the stratum in the instrument's words
    is_reserve: bool  # not called on: read only if a case before it is not eligible
    records: dict[str, Tracked] = field(default_factory=dict)


@dataclass(frozen=True)
class AgencyCount:
    """How many of one agency's records stand where."""

    agency: str
    label: str
    by_state: dict[RecordState, int]

    @property
    def n(self) -> int:
        """Records expected of it."""
        return sum(self.by_state.values())

    @property
    def n_missing(self) -> int:
        """Records that are not here."""
        return sum(self.by_state[state] for state in NOT_HERE)


@dataclass(frozen=True)
class Marked:
    """What a mark did: how many records it changed, and how many were further on already and stay."""

    changed: int
    stay: int


def tracked(
    session: Session, *, inspection: Inspection, instrument: Instrument, reserves: int = FIRST_RESERVES
) -> list[TrackedCase]:
    """Every case whose records are asked for, by stratum and ticket order, with the next `reserves` of each stratum.

    A reserve further down the line is there too once anything was marked of it; none is where cases were stopped.
    """
    query = (
        select(SampleCase, Case.case_ref, Case.group)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_(None))
        .order_by(SampleCase.stratum, col(SampleCase.order))
    )
    found = session.exec(query).all()
    marked: dict[int, dict[str, Tracked]] = defaultdict(dict)
    for row in _marked(session, inspection):
        marked[row.sample_case_id][row.agency] = Tracked(row.state, row.note, row.changed_at.date())
    stopped = {drawn.stratum for drawn, _, _ in found if drawn.status is CaseStatus.NOT_REACHED}
    in_line: Counter[str] = Counter()
    cases = []
    for drawn, case_ref, group in found:
        is_reserve = drawn.role is SampleRole.RESERVE and not drawn.called_on
        if is_reserve:
            in_line[drawn.stratum] += 1
            is_wanted = drawn.stratum not in stopped and (in_line[drawn.stratum] <= reserves or drawn.id in marked)
        else:
            is_wanted = drawn.status not in NOT_ASKED_FOR
        if is_wanted:
            stands = marked.get(drawn.id or 0, {})
            stratum = readings.stratum_of(instrument, group=group, label=drawn.stratum)
            cases.append(
                TrackedCase(
                    key=drawn.id or 0,
                    public_id=drawn.public_id,
                    case_ref=case_ref,
                    stratum=drawn.stratum,
                    group=_in_words(instrument, stratum),
                    is_reserve=is_reserve,
                    records={one: stands.get(one, Tracked()) for one in instrument.records_expected(stratum)},
                )
            )
    return cases


def counts(cases: Sequence[TrackedCase], *, instrument: Instrument) -> list[AgencyCount]:
    """How many records stand where, by agency in the instrument's order; without agencies of which none is expected."""
    by_agency = {
        agency: Counter(case.records[agency.value].state for case in cases if agency.value in case.records)
        for agency in instrument.agencies
    }
    return [
        AgencyCount(agency.value, agency.label, {state: found[state] for state in ORDER})
        for agency, found in by_agency.items()
        if found
    ]


def mark(
    session: Session,
    *,
    inspection: Inspection,
    cases: Sequence[TrackedCase],
    one_by_one: Collection[Named] = (),
    together: Collection[Named] = (),
    state: RecordState,
    note: str = "",
    by: Account,
    at: datetime,
) -> Marked:
    """Say how far these records of `cases` have come, all or none.

    Those named `one_by_one` are set as said; of those marked `together` none goes a step back: what is supplied stays.
    Raises AbsentError for records of other samples, ConflictError before the sample is drawn, RefusedError with every
    step that cannot be.
    """
    said = " ".join(note.split())
    reasons = []
    if not one_by_one and not together:
        reasons.append("Choose the records first: tick some of them, or a whole row, or an agency.")
    if state is RecordState.PROBLEM and not said:
        reasons.append("Say in the note what the problem is, without names.")
    if len(said) > LONGEST_NOTE:
        reasons.append(f"The note has {len(said)} characters. Say it in {LONGEST_NOTE} at most.")
    if reasons:
        raise RefusedError(*reasons)
    record = readings.hold_draw(session, inspection=inspection)  # two people at once mark one after the other
    if record is None:
        raise ConflictError("The sample is not drawn yet: no record is asked for.")
    by_name = {(case.public_id, agency): case.key for case in cases for agency in case.records}
    if not by_name.keys() >= {*one_by_one, *together}:
        raise AbsentError
    stored = {(row.sample_case_id, row.agency): row for row in _marked(session, inspection)}
    changed: list[Named] = []
    stay = 0
    for name in sorted({*one_by_one, *together}):
        place = (by_name[name], name[1])
        row = stored.get(place)
        stands = row.state if row else RecordState.EXPECTED
        if name not in one_by_one and ORDER.index(stands) > ORDER.index(state):
            stay += 1
            continue
        if row is not None and stands is state and (not said or said == row.note):
            continue
        if row is None:
            row = RecordRequest(sample_case_id=place[0], agency=place[1], changed_at=at, changed_by_id=by.id or 0)
        row.state, row.note, row.changed_at, row.changed_by_id = state, said, at, by.id or 0
        session.add(row)
        changed.append(name)
    session.flush()
    if changed:
        audit.record(
            session,
            "records marked",
            by=by,
            at=at,
            kind="draw",
            object_id=record.public_id,
            inspection_id=inspection.id,
            body={"state": state.value, "records": _by_agency(changed), "note_length": len(said)},
        )
    return Marked(len(changed), stay)


def _marked(session: Session, inspection: Inspection) -> Sequence[RecordRequest]:
    query = (
        select(RecordRequest)
        .join(SampleCase, col(SampleCase.id) == RecordRequest.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_(None))
        .execution_options(populate_existing=True)
    )
    return session.exec(query).all()


def _in_words(instrument: Instrument, stratum: str) -> str:
    code = instrument.stratum_code(stratum)
    return next((one.label for one in instrument.strata if one.code == code), stratum)


def _by_agency(names: Collection[Named]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for public_id, agency in names:
        found[agency].append(public_id)
    return found
