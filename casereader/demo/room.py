"""The agencies' records of an inspection whose reading days have begun: nearly all there, some chased or lost."""

from __future__ import annotations

from datetime import datetime

from casereader.demo.inspecting import Inspecting
from casereader.demo.invented.chance import Chance
from casereader.demo.invented.records import CANNOT_BE_PRODUCED
from casereader.reading_week import records
from casereader.reading_week.records import Named
from casereader.vocabulary import RecordState

PROBLEMS = (
    "The first volume is missing; the archive is asked.",
    "Another child’s record came under this reference.",
    "The system was changed in the period; only the newer part can be printed.",
)
STILL_COMING = 0.04
A_RESERVE_S = 0.7  # of the reserves' records are there


def bring_records(of: Inspecting, at: datetime) -> None:
    """Mark how far every record has come on the morning of the first reading day."""
    chance = Chance(of.seed, "records", of.invented.name)
    cases = records.tracked(of.session, inspection=of.place.inspection, instrument=of.instrument)
    by_state: dict[RecordState, list[Named]] = {state: [] for state in records.ORDER}
    for case in cases:
        for agency in case.records:
            by_state[_state(agency, chance, is_reserve=case.is_reserve)].append((case.public_id, agency))
    for state in (RecordState.REQUESTED, RecordState.CHASED, RecordState.SUPPLIED, RecordState.PROBLEM):
        if by_state[state]:
            records.mark(
                of.session,
                inspection=of.place.inspection,
                cases=cases,
                one_by_one=by_state[state],
                state=state,
                note=chance.pick(PROBLEMS) if state is RecordState.PROBLEM else "",
                by=of.people.coordinator,
                at=at,
            )


def _state(agency: str, chance: Chance, *, is_reserve: bool) -> RecordState:
    if chance.happens(CANNOT_BE_PRODUCED.get(agency, 0.08)):
        return RecordState.PROBLEM if chance.happens(0.5) else RecordState.CHASED
    if chance.happens(STILL_COMING) or (is_reserve and not chance.happens(A_RESERVE_S)):
        return RecordState.REQUESTED
    return RecordState.SUPPLIED
