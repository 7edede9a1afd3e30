"""What a roll-up is made of, loaded from the database: sampled cases, counting answers, and the frames' own counts.

The number of queries does not depend on how many inspections there are, but for those that are read in waves and whose
reading ended early; and nothing of any other is looked at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from casereader.in_waves import looking
from casereader.in_waves.looking import Looked
from casereader.instrument import Answer, Instrument, open_keys
from casereader.instrument.alike import deciding
from casereader.instrument.model import Filler
from casereader.models import AnswerRow, Case, DrawRecord, Reading, SampleCase, SamplingPlan
from casereader.programmes.inspections import Place
from casereader.readings import Counted, counting_of, stratum_of
from casereader.rollup import ALWAYS_VALID, ATTRIBUTES, PLANNED, WHOLE
from casereader.vocabulary import CaseStatus, SampleRole

AT_ONCE = 500  # keys in one query: well under what SQLite takes
FILLERS: dict[str, Filler] = {
    "age_band": "age_band",
    "legal_basis": "legal_basis",
    "living": "living",
    "deprivation": "deprivation",
}
CASE_COLUMNS = ("inspection", "case_ref", "stratum", "population", "status", *ATTRIBUTES)
ANSWER_COLUMNS = ("inspection", "case_ref", "key", "value")
COUNT_COLUMNS = ("inspection", "domain", "level", "population")

Answered = dict[int, dict[str, str]]  # by sampled case, then key


@dataclass(frozen=True)
class Material:
    """The three tables that `roll_up` takes, and the latest moment at which anything in them changed.

    The column `inspection` holds `Place.path`. `data_time` is None before any draw. `looked` says of those inspections
    that are read in waves what may be seen, by path; where it matters the cases say it too.
    """

    cases: pd.DataFrame
    answers: pd.DataFrame
    frame_counts: pd.DataFrame
    data_time: datetime | None
    looked: Mapping[str, Looked]
    planned: Mapping[tuple[str, str], int]  # by path and stratum, the cases that the plan reads


def with_plan(loaded: Material) -> pd.DataFrame:
    """The cases with how many of their stratum the plan reads, by which limits that hold at any time are weighted."""
    named = zip(loaded.cases["inspection"], loaded.cases["stratum"], strict=True)
    return loaded.cases.assign(**{PLANNED: [loaded.planned[one] for one in named]})


def load(
    session: Session,
    places: Sequence[Place],
    instrument: Instrument,
    *,
    only: Collection[str] | None,
    readings: Sequence[Reading | Counted] | None = None,
) -> Material:
    """Load what the roll-up of these inspections needs; `only` these parts, or all.

    `readings`, at most one of a case, stand in place of those that count.
    """
    paths = {place.inspection.id or 0: place.path for place in places}
    by_key = looking.with_later(session, looking.looked(session, paths))
    looked = {paths[key]: one for key, one in by_key.items()}
    drawn = _draws(session, paths)
    sampled = _sampled(session, drawn, not_reached=looking.uncounted(session, by_key))
    counting = counting_of(session, list(paths)) if readings is None else readings
    answered, last_saved = _answered(session, counting, with_conditions(instrument, only))
    _drop_closed(answered, sampled, instrument)
    counts = _frame_counts(session, paths, drawn)
    answers = pd.DataFrame(
        [
            (drawn[row.draw_id].path, row.case_ref, key, value)
            for row in sampled
            for key, value in answered.get(row.id, {}).items()
        ],
        columns=list(ANSWER_COLUMNS),
    )
    times = [one.at for one in drawn.values()] + [row.decided_at for row in sampled if row.decided_at] + last_saved
    loaded = Material(
        cases=_case_table(sampled, drawn, counts, answered, instrument),
        answers=answers,
        frame_counts=counts,
        data_time=max(times, default=None),
        looked=looked,
        planned={(one.path, stratum): n for one in drawn.values() for stratum, n in one.planned.items()},
    )
    return _how_limited(loaded)


def with_conditions(instrument: Instrument, only: Collection[str] | None) -> frozenset[str] | None:
    """The parts asked for, what their skip logic looks at, and what the record itself says of its groups."""
    if only is None:
        return None
    wanted = set(only) | {part.key for filler in FILLERS.values() for part in instrument.filled_from(filler)}
    return frozenset(wanted | deciding(instrument, wanted))


@dataclass(frozen=True)
class _Drawn:
    """One active draw: whose it is, each stratum's N and how many cases are planned of it, and when it was made."""

    path: str
    populations: Mapping[str, int]
    planned: Mapping[str, int]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Sampled:
    """One case that was to be read."""

    id: int
    draw_id: int
    stratum: str
    status: CaseStatus
    decided_at: datetime | None
    case_ref: str
    group: str
    attributes: tuple[str | None, ...]


def _draws(session: Session, paths: Mapping[int, str]) -> dict[int, _Drawn]:
    query = select(DrawRecord.id, DrawRecord.inspection_id, DrawRecord.certificate, DrawRecord.drawn_at).where(
        col(DrawRecord.inspection_id).in_(paths), col(DrawRecord.voided_at).is_(None)
    )
    found = {}
    for key, inspection_id, certificate, drawn_at in session.exec(query):
        strata = {row["stratum"]: row for row in json.loads(certificate)["strata_counts"]}
        populations, planned = (
            {stratum: row.get(name, 0) for stratum, row in strata.items()} for name in ("population", "sample_size")
        )
        found[key or 0] = _Drawn(paths[inspection_id], populations, planned, drawn_at)
    return found


def _sampled(session: Session, drawn: Mapping[int, _Drawn], *, not_reached: Collection[int]) -> list[_Sampled]:
    """The cases that were to be read; those `not_reached` as such, whatever was said of them."""
    case: Any = Case.__table__  # type: ignore[attr-defined]
    sample: Any = SampleCase.__table__  # type: ignore[attr-defined]
    columns = [sample.c[name] for name in ("id", "draw_id", "stratum", "status", "decided_at")]
    columns += [case.c.case_ref, case.c.group, *(case.c[name] for name in ATTRIBUTES)]
    query = (
        select_columns(*columns)
        .join(case, case.c.id == sample.c.case_id)
        .where(sample.c.draw_id.in_(drawn), (sample.c.role == SampleRole.MAIN) | sample.c.called_on.is_(True))
        .order_by(sample.c.draw_id, sample.c.stratum, sample.c.order)
    )
    return [
        _Sampled(
            key,
            draw_id,
            stratum,
            CaseStatus.NOT_REACHED if key in not_reached else status,
            decided_at,
            case_ref,
            group,
            tuple(attributes),
        )
        for key, draw_id, stratum, status, decided_at, case_ref, group, *attributes in session.execute(query)
    ]


def _answered(
    session: Session, counting: Sequence[Reading | Counted], keys: Collection[str] | None
) -> tuple[Answered, list[datetime]]:
    """What these readings say, and when each of them last changed."""
    case_of = {one.id or 0: one.sample_case_id for one in counting}
    table: Any = AnswerRow.__table__  # type: ignore[attr-defined]
    found: Answered = {key: {} for key in case_of.values()}
    for some in _in_turns(list(case_of)):
        query = select_columns(table.c.reading_id, table.c.key, table.c.value).where(
            table.c.reading_id.in_(some), table.c.value.is_not(None)
        )
        if keys is not None:
            query = query.where(table.c.key.in_(keys))
        for reading_id, key, value in session.execute(query):
            found[case_of[reading_id]][key] = value
    moments = (moment for one in counting for moment in (one.saved_at, one.submitted_at, one.countersigned_at))
    return found, [moment for moment in moments if moment is not None]


def _in_turns(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _drop_closed(answered: Answered, sampled: Iterable[_Sampled], instrument: Instrument) -> None:
    """Take out answers that skip logic closed where it went by the list's group, and the drawn stratum does not say it.

    Where the stratum does, the roll-up itself closes them.
    """
    for row in sampled:
        by = stratum_of(instrument, group=row.group, label=row.stratum)
        given = answered.get(row.id)
        if given and instrument.stratum_code(by) != instrument.stratum_code(row.stratum):
            opened = frozenset(open_keys(instrument, {key: Answer(value) for key, value in given.items()}, stratum=by))
            answered[row.id] = {key: value for key, value in given.items() if key in opened}


def _frame_counts(session: Session, paths: Mapping[int, str], drawn: Mapping[int, _Drawn]) -> pd.DataFrame:
    """N of every level the frames hold, counted in the database; of the strata as the certificates state them."""
    levels = [getattr(Case, name) for name in ATTRIBUTES]
    query = (
        select_columns(col(DrawRecord.inspection_id), func.count(), *map(col, levels))
        .select_from(Case)
        .join(SamplingPlan, col(SamplingPlan.frame_id) == Case.frame_id)
        .join(DrawRecord, col(DrawRecord.plan_id) == SamplingPlan.id)
        .where(col(DrawRecord.inspection_id).in_(paths), col(DrawRecord.voided_at).is_(None))
        .group_by(col(DrawRecord.inspection_id), *map(col, levels))
    )
    counted: Counter[tuple[str, str, str]] = Counter()
    for inspection_id, n, *values in session.execute(query):
        path = paths[inspection_id]
        counted[path, WHOLE, ""] += n
        for name, value in zip(ATTRIBUTES, values, strict=True):
            if value:
                counted[path, name, value] += n
    for one in drawn.values():
        for stratum, population in one.populations.items():
            counted[one.path, "stratum", stratum] = population
    rows = [(*level, n) for level, n in sorted(counted.items())]
    return pd.DataFrame(rows, columns=list(COUNT_COLUMNS)).astype({"population": "int64"})


def _case_table(
    sampled: Sequence[_Sampled],
    drawn: Mapping[int, _Drawn],
    counts: pd.DataFrame,
    answered: Answered,
    instrument: Instrument,
) -> pd.DataFrame:
    """The sampled cases as the roll-up takes them.

    A group comes from the list, whose N is known; where a list holds nothing of an attribute, from the record read.
    """
    held = set(zip(counts["inspection"], counts["domain"], strict=True))
    rows = []
    for row in sampled:
        path = drawn[row.draw_id].path
        said = answered.get(row.id, {}) if row.status is CaseStatus.READ else {}
        attributes = [
            value if (path, name) in held else _from_record(instrument, FILLERS[name], said)
            for name, value in zip(ATTRIBUTES, row.attributes, strict=True)
        ]
        population = drawn[row.draw_id].populations[row.stratum]
        rows.append((path, row.case_ref, row.stratum, population, row.status.value, *attributes))
    return pd.DataFrame(rows, columns=list(CASE_COLUMNS))


def _how_limited(loaded: Material) -> Material:
    """The material with the columns that have limits hold at any time, where some inspection's must."""
    always = {path for path, one in loaded.looked.items() if one.is_always_valid}
    if not always:
        return loaded
    return replace(loaded, cases=with_plan(loaded).assign(**{ALWAYS_VALID: loaded.cases["inspection"].isin(always)}))


def _from_record(instrument: Instrument, filler: Filler, said: Mapping[str, str]) -> str | None:
    return next((said[part.key] for part in instrument.filled_from(filler) if part.key in said), None)
