"""What may be seen of an inspection that is read in waves, and which interval its figures must have.

While somebody may end reading because of what was seen, or let it go on, the figures are the lead's alone: everybody
else is held back until all of it is read or two people end it: stopping the rest is one person's deed, who could take
it back once the figures were seen. So a wave with a stopped case is not read whole, and shows nothing by itself. An
interval made for a fixed sample holds only where all of the planned sample was read, as it was planned. Where reading
was ended early, stopped short or made longer, that may have been for what was seen: such figures have the limits that
hold at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Any

from sqlalchemy import bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, exists, select

from casereader.drawing import places
from casereader.in_waves import looks, waves
from casereader.in_waves.handed_in import ever_handed_in
from casereader.in_waves.wave_words import (
    GO_BY,
    NOT_SAID_HERE,
    SAYS_ALWAYS,
    SAYS_FIXED,
    chance_says,
    ended_says,
    later_says,
    rule_says,
    settled_says,
)
from casereader.in_waves.waves import Rule, Wave, WaveCase, rule_of
from casereader.models import DrawExtension, DrawRecord, Ending, Inspection, SampleCase, SamplingPlan, WaveLook
from casereader.vocabulary import CaseStatus, SampleRole

UNREAD = (CaseStatus.NOT_PRODUCED, CaseStatus.INELIGIBLE)  # decided without a reading

NOT_TESTED = (
    "The sample here was read in waves and did not end as planned: reading was ended early, was stopped short, or was "
    "made longer while its figures could be seen. A test of a difference is made for a sample whose size nobody could "
    "change, so nothing is compared."
)
NOT_SHOWN = "It is read in waves: its figures are not shown before reading is complete or two people end it."
HELD_BACK = (
    "{name} is read in waves. Its figures are shown to nobody but the lead, after each wave, until reading is complete "
    "or two people end it: figures that everybody watches would sway how the rest is read."
)


@dataclass(frozen=True)
class Looked:
    """An inspection read in waves: whether its figures are held back still, and why its limits hold at any time.

    `is_cut`: some cases were not reached, and others are decided without a reading, of which not all need count.
    `rule` says when reading could end, `outcome` what was settled when it did. `n_later`, known of what is loaded for
    figures, is how many records of waves after the one that reading ended after count. `chance` says the error rate
    of the rule, `error_rate` sets it beside what is published.
    """

    is_held_back: bool
    why_always: str = ""
    is_cut: bool = False
    rule: str = ""
    chance: str = ""
    outcome: str = ""
    n_later: int = 0
    error_rate: str = ""

    @property
    def is_always_valid(self) -> bool:
        """Whether its figures have the limits that hold at any time."""
        return bool(self.why_always)

    @property
    def follows(self) -> str:
        """What follows for its figures from how reading ended; blank where intervals are made for a fixed sample."""
        if not self.why_always:
            return ""
        return _joined(self.outcome, later_says(self.n_later), SAYS_ALWAYS, self.error_rate)

    def says(self) -> str:
        """Why its intervals are what they are; blank where they are made for a fixed sample."""
        return _joined(self.why_always, self.follows)

    def says_rule(self) -> str:
        """By which rule reading could end, once its figures are open."""
        if self.is_held_back:
            return ""
        return self.rule if self.why_always else _joined(self.rule, self.chance, SAYS_FIXED, GO_BY)

    def says_in_issue(self) -> str:
        """The same for the public: how reading ended, but not what was settled, which tells of answers."""
        if self.is_held_back:
            return ""
        if not self.why_always:
            return _joined(self.rule, self.chance, SAYS_FIXED)
        return _joined(self.why_always, self.rule, self.chance, self.outcome and NOT_SAID_HERE)


@dataclass(frozen=True)
class _Drawn:
    """What became of a draw whose plan has waves."""

    by_status: Mapping[CaseStatus, int]
    was_longer: bool
    wave: int | None
    rule: Rule
    ended_at: datetime | None
    n_stopped: int  # by the ending itself; none where time had run out before it
    published: Sequence[Mapping[str, Any]]
    n_seen: int  # the last wave of which somebody saw the figures


def looked(session: Session, inspection_ids: Collection[int]) -> dict[int, Looked]:
    """Those of these inspections that are read in waves and whose sample is drawn."""
    return {key: _looked(one) for key, one in _drawn(session, inspection_ids).items()}


def uncounted(session: Session, found: Mapping[int, Looked]) -> set[int]:
    """The sampled cases that count as not reached where reading ended early, though they were decided.

    Which record is missing is often said on the first day, of all of the sample. Of the waves that were not read only
    such cases would count, and a stratum that lacks many would weigh less. So a stratum counts up to its last case that
    was read, or belongs to a wave all of which was decided with nothing stopped in it or before, and no further. One
    that was read and is found to be ineligible since stands where it was read.
    """
    cut = [key for key, one in found.items() if one.is_cut]
    stands = places.of_reserves(session, cut) if cut else {}
    handed_in = ever_handed_in(session, cut)
    beyond: set[int] = set()
    for inspection in session.exec(select(Inspection).where(col(Inspection.id).in_(cut))).all() if cut else []:
        of_draw = waves.of_inspection(session, inspection=inspection)
        read_out = takewhile(
            lambda wave: all(case.status in UNREAD or _was_read(case, handed_in) for case in wave.cases), of_draw
        )
        whole = {case.id for wave in read_out for case in wave.cases}
        beyond |= _beyond([case for wave in of_draw for case in wave.cases], whole, stands, handed_in)
    return beyond


def with_later(session: Session, found: Mapping[int, Looked]) -> dict[int, Looked]:
    """The same, each that was ended after a wave with how many records of later waves count beside it."""
    ended = [key for key, one in found.items() if one.outcome]
    query = (
        select_columns(DrawRecord, col(Ending.wave))
        .join(Ending, col(Ending.draw_id) == DrawRecord.id)
        .where(col(DrawRecord.inspection_id).in_(ended), col(DrawRecord.voided_at).is_(None), col(Ending.n_stopped) > 0)
    )
    later: dict[int, int] = {}
    for record, last in session.execute(query) if ended else ():
        of = waves.wave_of_cases(session, draw_record=record)
        read = select(SampleCase.id).where(SampleCase.draw_id == record.id, SampleCase.status == CaseStatus.READ)
        later[record.inspection_id] = sum(of.get(key or 0, 0) > last for key in session.exec(read))
    return {key: replace(one, n_later=later.get(key, 0)) for key, one in found.items()}


def complete_waves(session: Session, inspection_ids: Collection[int]) -> dict[int, int]:
    """Of those that are read in waves and held back still, how many waves are complete, if any is.

    None while a wave that was looked at is being corrected: the figures of an earlier one are not shown in its place.
    """
    held = [key for key, one in looked(session, inspection_ids).items() if one.is_held_back]
    here = session.exec(select(Inspection).where(col(Inspection.id).in_(held))).all() if held else []
    found = {one.id or 0: n_complete(waves.of_inspection(session, inspection=one)) for one in here}
    seen = looks.last_waves(session, held)
    return {key: n for key, n in found.items() if n and n >= seen.get(key, 0)}


def n_complete(found: Sequence[Wave]) -> int:
    """How many waves count: complete, and every one before them."""
    return next((place for place, wave in enumerate(found) if not wave.is_complete), len(found))


def before_least(rule: Rule, n_complete: int, n_seen: int) -> str:
    """That fewer waves were read whole than the plan named as the least, and what was seen by then; blank otherwise."""
    if n_complete >= rule.minimum:
        return ""
    least = "wave that" if rule.minimum == 1 else f"{rule.minimum} waves that"
    seen = f"; the lead had seen the figures after wave {n_seen}" if n_seen else ""
    return f"before the {least} the plan named as the least{seen}"


def _looked(one: _Drawn) -> Looked:
    why = outcome = ""
    is_short = bool(one.by_status.get(CaseStatus.NOT_REACHED))
    if one.ended_at is not None:
        short = "" if one.n_stopped else before_least(one.rule, (one.wave or 1) - 1, one.n_seen)
        why = ended_says(one.rule, wave=one.wave or 0, at=one.ended_at, ran_out=not one.n_stopped, short=short)
        outcome = settled_says(one.rule, one.published)
    elif one.was_longer:
        why = "The sample was made longer while its figures could be seen."
    elif is_short:
        why = "Reading stopped before all of the planned sample was read, while its figures could be seen."
    is_cut = is_short and any(one.by_status.get(status) for status in UNREAD)
    is_held_back = one.ended_at is None and (is_short or bool(one.by_status.get(CaseStatus.WAITING)))
    rule, chance, beside = rule_says(one.rule), chance_says(one.rule), one.rule.beside_published()
    return Looked(is_held_back, why, is_cut, rule, chance, outcome, error_rate=beside)


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _beyond(
    cases: Sequence[WaveCase], whole: Collection[int], stands: Mapping[int, int], handed_in: Collection[int]
) -> set[int]:
    """Of the cases of one draw those decided without a reading after the last of their stratum that counts.

    `whole`: the cases of the waves that were read out; `handed_in`: those of which a reading was once handed in.
    """
    last: dict[str, int] = {}
    for case in cases:
        if _was_read(case, handed_in) or case.id in whole:
            last[case.stratum] = max(last.get(case.stratum, 0), stands.get(case.id, case.order))
    return {
        case.id
        for case in cases
        if case.status in UNREAD and stands.get(case.id, case.order) > last.get(case.stratum, 0)
    }


def _was_read(case: WaveCase, handed_in: Collection[int]) -> bool:
    """Whether it was read, be it that its reading is open again or that it was found to be ineligible since."""
    if case.status is CaseStatus.READ:
        return True
    return case.id in handed_in and case.status in (CaseStatus.WAITING, CaseStatus.INELIGIBLE)


@cache
def _drawn_query() -> Any:
    """Built once: Home and the board ask it."""
    here = col(DrawRecord.inspection_id).in_(bindparam("inspection_ids", expanding=True))
    seen = select_columns(func.max(WaveLook.wave)).where(col(WaveLook.draw_id) == col(DrawRecord.id)).scalar_subquery()
    is_confirmed = col(DrawExtension.confirmed_at).is_not(None)
    longer = exists().where(col(DrawExtension.draw_id) == col(DrawRecord.id), is_confirmed)
    return (
        select_columns(
            col(DrawRecord.id),
            col(DrawRecord.inspection_id),
            SamplingPlan,
            longer,
            col(Ending.wave),
            col(Ending.confirmed_at),
            col(Ending.n_stopped),
            col(Ending.published),
            seen,
        )
        .join(SamplingPlan, col(SamplingPlan.id) == DrawRecord.plan_id)
        .outerjoin(Ending, (col(Ending.draw_id) == DrawRecord.id) & col(Ending.confirmed_at).is_not(None))
        .where(here, col(DrawRecord.voided_at).is_(None))
    )


def _drawn(session: Session, inspection_ids: Collection[int]) -> dict[int, _Drawn]:
    rows = session.execute(_drawn_query(), {"inspection_ids": list(inspection_ids)}) if inspection_ids else ()
    with_waves = [(row, rule) for row in rows if (rule := rule_of(row[2])) is not None]
    counted = _counted(session, [row[0] for row, _ in with_waves])
    return {
        inspection_id: _Drawn(
            counted.get(draw_id, {}), bool(longer), wave, rule, ended_at, n_stopped or 0, published or (), n_seen or 0
        )
        for (draw_id, inspection_id, _, longer, wave, ended_at, n_stopped, published, n_seen), rule in with_waves
    }


def _counted(session: Session, draw_ids: Collection[int]) -> dict[int, dict[CaseStatus, int]]:
    """How many cases that are to be read stand where, by draw."""
    if not draw_ids:
        return {}
    query: Any = (
        select(SampleCase.draw_id, SampleCase.status, func.count())
        .where(
            col(SampleCase.draw_id).in_(draw_ids),
            (col(SampleCase.role) == SampleRole.MAIN) | col(SampleCase.called_on).is_(True),
        )
        .group_by(col(SampleCase.draw_id), col(SampleCase.status))
    )
    found: dict[int, dict[CaseStatus, int]] = {}
    for draw_id, status, n in session.exec(query):
        found.setdefault(draw_id, {})[status] = n
    return found
