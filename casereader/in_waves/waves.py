"""The waves of a sample that is drawn: which case belongs to which, and whether a wave is complete. Never a rating.

Main cases are split as `sampling.waves` says. A reserve that is called on belongs to the wave of the case that it
replaces. The cases of each longer sample are one more wave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from casereader.drawing import draws, plans
from casereader.drawing.wave_rule import Rule
from casereader.models import Case, DrawExtension, DrawRecord, Inspection, Replacement, SampleCase, SamplingPlan
from casereader.vocabulary import CaseStatus, SampleRole
from sampling.waves import waves_of

__all__ = ["Rule", "Wave", "WaveCase", "of_inspection", "rule_of", "rule_of_draw", "wave_of_cases"]


@dataclass(frozen=True)
class WaveCase:
    """A case of a wave: where it stands, and whether it is said to be ineligible and not confirmed yet."""

    id: int
    case_ref: str
    stratum: str
    order: int
    status: CaseStatus
    said_ineligible: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether it is known what became of it: read, so that it counts, or not produced, ineligible, not reached."""
        return self.status is not CaseStatus.WAITING and not self.said_ineligible


@dataclass(frozen=True)
class Wave:
    """One wave by its number, from 1, with its cases by stratum and ticket order."""

    number: int
    cases: tuple[WaveCase, ...]

    @property
    def n_decided(self) -> int:
        """How many of its cases are decided."""
        return sum(case.is_decided for case in self.cases)

    @property
    def is_complete(self) -> bool:
        """Whether it counts: each of its cases is decided, in whatever order, and none because it was stopped."""
        return self.n_decided == len(self.cases) and not self.is_cut

    @property
    def is_cut(self) -> bool:
        """Whether a case of it was stopped: it was not read whole, and one person may take the case back."""
        return any(case.status is CaseStatus.NOT_REACHED for case in self.cases)


def rule_of(plan: SamplingPlan | None) -> Rule | None:
    """The rule that the plan states; None where the sample is read without waves, as it is unless somebody chose."""
    return plans.choices_of(plan).waves


def rule_of_draw(session: Session, *, draw_record: DrawRecord) -> Rule | None:
    """The rule of the plan that the draw followed."""
    return rule_of(session.get_one(SamplingPlan, draw_record.plan_id))


def of_inspection(session: Session, *, inspection: Inspection) -> list[Wave]:
    """The waves of the active draw in order, with every main case and every reserve called on; none without waves."""
    record = draws.current(session, inspection=inspection)
    if record is None or rule_of_draw(session, draw_record=record) is None:
        return []
    number = wave_of_cases(session, draw_record=record)
    query = (
        select(SampleCase, Case.case_ref, Replacement.id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .outerjoin(
            Replacement, (col(Replacement.sample_case_id) == SampleCase.id) & col(Replacement.confirmed_at).is_(None)
        )
        .where(SampleCase.draw_id == record.id)
        .order_by(SampleCase.stratum, col(SampleCase.order))
    )
    found: defaultdict[int, list[WaveCase]] = defaultdict(list)
    for case, case_ref, proposed in session.exec(query):
        if (wave := number.get(case.id or 0)) is not None:
            found[wave].append(
                WaveCase(case.id or 0, case_ref, case.stratum, case.order, case.status, proposed is not None)
            )
    return [Wave(wave, tuple(cases)) for wave, cases in sorted(found.items())]


def wave_of_cases(session: Session, *, draw_record: DrawRecord) -> dict[int, int]:
    """The wave of every case that is to be read, main or called on, by its key; empty without waves."""
    plan = session.get_one(SamplingPlan, draw_record.plan_id)
    rule = rule_of(plan)
    if rule is None:
        return {}
    sizes = plans.sampling_plan(plan).sizes
    of_place = waves_of(sizes, rule.n_waves)
    longer = _longer(session, draw_record)
    cases = session.exec(select(SampleCase).where(SampleCase.draw_id == draw_record.id)).all()
    found = {
        case.id or 0: of_place.get((case.stratum, case.order)) or rule.n_waves + _which(longer, case)
        for case in cases
        if case.role is SampleRole.MAIN
    }
    stands_for = _stands_for(session, draw_record)
    for case in cases:
        if case.role is SampleRole.RESERVE and case.called_on:
            replaced = stands_for[case.id or 0]
            while replaced not in found:  # a reserve that was replaced in its turn
                replaced = stands_for[replaced]
            found[case.id or 0] = found[replaced]
    return found


def _longer(session: Session, record: DrawRecord) -> Sequence[Mapping[str, int]]:
    """How far each longer sample goes in the strata that it made longer, the earliest first."""
    query = select(DrawExtension.sizes).where(
        DrawExtension.draw_id == record.id, col(DrawExtension.confirmed_at).is_not(None)
    )
    return session.exec(query.order_by(col(DrawExtension.id))).all()


def _which(longer: Sequence[Mapping[str, int]], case: SampleCase) -> int:
    """The number of the longer sample, from 1, that brought a case."""
    return next(number for number, sizes in enumerate(longer, 1) if case.order <= sizes.get(case.stratum, 0))


def _stands_for(session: Session, record: DrawRecord) -> dict[int, int]:
    """The case that each reserve replaced, both by their keys."""
    query = (
        select(Replacement.reserve_id, Replacement.sample_case_id)
        .join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
        .where(SampleCase.draw_id == record.id, col(Replacement.reserve_id).is_not(None))
    )
    return {reserve: case for reserve, case in session.exec(query) if reserve is not None}
