"""The group that each inspection's plan names, set against its peers: who is on which side, and the figures of both.

Sides come from the list as it was drawn from, whose children are known, never from the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlmodel import Session, col, select

from casereader.drawing import plans
from casereader.drawing.comparison import Comparison
from casereader.figures import material
from casereader.in_waves import looking
from casereader.instrument import Instrument
from casereader.models import Case, DrawRecord, SamplingPlan
from casereader.programmes.inspections import Place
from casereader.returns import frames
from casereader.rollup.peers import GROUP, PEERS, Sides, peer_figures
from casereader.vocabulary import CaseStatus

NO_DRAW = "The sample is not drawn yet."
BEING_READ = "Its records are still being read."
NOT_PLANNED = "The plan names no group to compare, so no comparison was promised before the sample was drawn."
NO_GROUP = "No child on the list is in the group: there is nobody to compare."
NO_PEERS = "The list holds no peers: every child whose {column} it gives is in the group, so no comparison is possible."


@dataclass(frozen=True)
class Peers:
    """The comparison of inspections with one group: their rows as `peer_figures` has them, and why others have none.

    `listed` holds the children of the group, of its peers and of neither on each list; all by `Place.path`.
    """

    comparison: Comparison | None
    figures: pd.DataFrame
    listed: Mapping[str, tuple[int, int, int]]
    why_not: Mapping[str, str]
    is_complete: bool


def peers_for(session: Session, places: Sequence[Place], instrument: Instrument, *, keys: Sequence[str]) -> Peers:
    """Compare the group with its peers on these questions, in each inspection and across those with the same group.

    Where the plans of several inspections name different groups, the one that most of them name is compared. Of several
    only those count whose reading is complete; one alone is compared as it stands, unless it is read in waves and its
    figures are held back.
    """
    drawn_by = _plans(session, places)
    named = {path: chosen for path, plan in drawn_by.items() if (chosen := plans.choices_of(plan).comparison)}
    comparison = Counter(named.values()).most_common(1)[0][0] if named else None
    listed, of_case = _sides(session, places, drawn_by, named, comparison)
    why_not = {place.path: _why_not(place.path, drawn_by, named, comparison, listed) for place in places}
    looked = looking.looked(session, [place.inspection.id or 0 for place in places])
    why_not |= {
        place.path: looking.NOT_SHOWN if one.is_held_back else looking.NOT_TESTED
        for place in places
        if (one := looked.get(place.inspection.id or 0))
        and (one.is_held_back or (one.is_always_valid and not why_not[place.path]))
    }
    sound = [place for place in places if not why_not[place.path]]
    loaded = material.load(session, sound, instrument, only=keys)
    waiting = set(loaded.cases.loc[loaded.cases["status"] == CaseStatus.WAITING.value, "inspection"])
    if len(places) > 1:
        why_not |= dict.fromkeys(waiting, BEING_READ)
    cases, answers = (table[~table["inspection"].map(why_not).astype(bool)] for table in (loaded.cases, loaded.answers))
    sides = Sides(of_case, {path: (group, peers) for path, (group, peers, _) in listed.items()})
    return Peers(
        comparison,
        peer_figures(cases, answers, instrument, sides, keys=keys),
        listed,
        {path: says for path, says in why_not.items() if says},
        is_complete=not waiting,
    )


def _why_not(
    path: str,
    drawn_by: Mapping[str, SamplingPlan],
    named: Mapping[str, Comparison],
    comparison: Comparison | None,
    listed: Mapping[str, tuple[int, int, int]],
) -> str:
    """Why an inspection compares nothing; blank where it does."""
    if path not in drawn_by:
        return NO_DRAW
    if path not in named:
        return NOT_PLANNED
    if comparison is None or named[path] != comparison:
        return f"Its plan compares another group: {named[path].name}."
    group, peers, _ = listed[path]
    if not group:
        return NO_GROUP
    return "" if peers else NO_PEERS.format(column=frames.COLUMN_WORDS[comparison.column].lower())


def _plans(session: Session, places: Sequence[Place]) -> dict[str, SamplingPlan]:
    paths = {place.inspection.id: place.path for place in places}
    query = (
        select(DrawRecord.inspection_id, SamplingPlan)
        .join(SamplingPlan, col(SamplingPlan.id) == DrawRecord.plan_id)
        .where(col(DrawRecord.inspection_id).in_(paths), col(DrawRecord.voided_at).is_(None))
    )
    return {paths[inspection_id]: plan for inspection_id, plan in session.exec(query)}


def _sides(
    session: Session,
    places: Sequence[Place],
    drawn_by: Mapping[str, SamplingPlan],
    named: Mapping[str, Comparison],
    comparison: Comparison | None,
) -> tuple[dict[str, tuple[int, int, int]], dict[tuple[str, str], str]]:
    """Children on each list by side, and the side of every one."""
    counted: dict[str, list[int]] = {place.path: [0, 0, 0] for place in places}
    of_case: dict[tuple[str, str], str] = {}
    if comparison is None:
        return dict.fromkeys(counted, (0, 0, 0)), of_case
    lists = {plan.frame_id: path for path, plan in drawn_by.items() if named.get(path) == comparison}
    columns: Any = select(Case.frame_id, Case.case_ref, *_columns(comparison.column))
    for frame_id, ref, value in session.exec(columns.where(col(Case.frame_id).in_(lists))):
        said = value.get(comparison.column) if isinstance(value, dict) else value
        side = _side(said, comparison)
        counted[lists[frame_id]][(GROUP, PEERS, "").index(side)] += 1
        of_case[lists[frame_id], ref] = side
    return {path: (one[0], one[1], one[2]) for path, one in counted.items()}, of_case


def _columns(column: str) -> list[Any]:
    return [getattr(Case, column) if hasattr(Case, column) else Case.attributes]


def _side(value: str | None, comparison: Comparison) -> str:
    if not value:
        return ""
    return GROUP if value in comparison.values else PEERS
