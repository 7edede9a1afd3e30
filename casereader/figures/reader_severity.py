"""Severity of the readers of a programme, over the inspections that one person leads or moderates.

What counts are the blind readings, first and second, as they were first submitted; one begun on another version of the
instrument counts in the questions that both versions ask. An inspection comes in once its
reading is over: before that a running severity could be watched in the reading room's own week.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from casereader import audit, readings
from casereader.figures import double_readings, material
from casereader.figures.across_versions import Questions, Version, needed
from casereader.figures.reader_effects import headline_keys
from casereader.in_waves import looking
from casereader.instrument import Instrument, Library, Part
from casereader.models import Account, Case, DrawRecord, Membership, Programme, Reading, SampleCase
from casereader.programmes.inspections import Place
from casereader.rollup.design import Floats, build_design
from casereader.rollup.marks import mark_answers
from casereader.scoring import y_of
from casereader.severity import COLUMNS, Moved, ReaderSeverity, measure
from casereader.vocabulary import NOT_TO_BE_READ, OPEN_STATES, ReadingKind, Role

SEES = (Role.LEAD, Role.MODERATOR)
MOST_KNOWN = 16  # lookers whose result is kept
RECORD_COLUMNS = ("partnership", "question", "reader", "weight", "y")


@dataclass(frozen=True)
class Named:
    """A reader shown, by name."""

    name: str
    severity: ReaderSeverity


@dataclass(frozen=True)
class Found:
    """What the page shows; `moves` has a row for each inspection and headline question with a share.

    `n_too_few`: readers short of the least readings; `n_local`: local reviewers, who are never shown; `is_reader`:
    whether who looks has read in these inspections, and so has no row.
    """

    places: list[Place]
    n_readings: int
    readers: list[Named]
    n_too_few: int
    n_local: int
    is_reader: bool
    has_points: bool
    moves: list[Moved]


def of_readers(
    session: Session, places: Sequence[Place], instrument: Instrument, library: Library, *, by: Account
) -> Found:
    """Measure the readers of these inspections of one programme, for whoever leads or moderates all of them.

    `by`'s own severity is not worked out for them, and nothing shown depends on it.
    """
    standings = double_readings.standings(session, [place.inspection.id or 0 for place in places])
    marks = {key: one.mark for key, one in standings.items() if one.is_over}
    inside = [place for place in places if place.inspection.id in marks]
    looked = looking.looked(session, list(marks))
    mark = (
        by.id,
        *(instrument.id, *(one.version for one in library.versions(instrument.id)), instrument.version),
        *((place.path, marks[place.inspection.id or 0], looked.get(place.inspection.id or 0)) for place in inside),
    )
    known = _KNOWN.get(mark)
    if known is None or known.by_role != _local_by_role(session, known.keys):
        known = _KNOWN[mark] = _measured(session, inside, instrument, library, by=by)
    for old in [*_KNOWN][: max(0, len(_KNOWN) - MOST_KNOWN)]:
        _KNOWN.pop(old, None)
    shown = [int(str(one.reader)) for one in known.readers]
    names = dict(session.exec(select(Account.id, Account.name).where(col(Account.id).in_(shown))).all())
    return Found(
        places=inside,
        n_readings=known.n_readings,
        readers=[Named(names[key], one) for key, one in zip(shown, known.readers, strict=True)],
        n_too_few=known.n_too_few,
        n_local=known.n_local,
        is_reader=by.id in known.keys,
        has_points=known.has_points,
        moves=known.moves,
    )


@dataclass(frozen=True)
class _Measured:
    """What was worked out: nobody's answer, and readers by their keys, of whom `by_role` are local reviewers."""

    n_readings: int
    keys: frozenset[int]
    by_role: set[int]
    n_local: int
    readers: list[ReaderSeverity]
    n_too_few: int
    has_points: bool
    moves: list[Moved]


# By who looks and the marks of the inspections, which are others after any save: the last few, since a reading that is
# over hardly ever changes, and to work them out takes seconds where a programme has hundreds.
_KNOWN: dict[tuple[object, ...], _Measured] = {}


def _measured(
    session: Session, inside: Sequence[Place], instrument: Instrument, library: Library, *, by: Account
) -> _Measured:
    every = _readings(session, {place.inspection.id or 0: place.path for place in inside})
    rated = _rated(instrument)
    keys = [part.key for part in rated]
    versions = {reading.version for reading in every}
    questions = {one: Questions.of(one, instrument, library, only=keys) for one in versions}
    given = [one for one in every if questions[one.version] is not None]
    readers = frozenset(one.reader_id for one in given)
    by_role = _local_by_role(session, readers)
    local = by_role | {one.reader_id for one in given if one.is_local}
    found = measure(_ratings(session, given, rated, questions), hidden={*local, by.id})
    return _Measured(
        n_readings=len(given),
        keys=readers,
        by_role=by_role,
        n_local=len(local),
        readers=found.readers,
        n_too_few=found.n_too_few,
        has_points=found.has_points,
        moves=found.moves(_records(session, inside, given, instrument)) if given else [],
    )


def note_looked(session: Session, *, programme: Programme, by: Account, at: datetime) -> None:
    """Keep in the trail that somebody looked at the severity of readers."""
    audit.record(session, "severity looked at", by=by, at=at, kind="programme", object_id=programme.public_id)


@dataclass(frozen=True, slots=True)
class _Given:
    """One blind reading that was submitted."""

    id: int
    case_id: int
    reader_id: int
    is_local: bool
    path: str
    case_ref: str
    stratum: str
    group: str
    version: Version


def _readings(session: Session, paths: Mapping[int, str]) -> list[_Given]:
    columns = [
        *(col(Reading.id), col(Reading.sample_case_id), col(Reading.reviewer_id)),
        *(col(Reading.needs_countersigning), col(DrawRecord.inspection_id), col(Case.case_ref)),
        *(col(SampleCase.stratum), col(Case.group), col(Reading.instrument_id), col(Reading.instrument_version)),
    ]
    query = (
        select_columns(*columns)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .where(
            col(DrawRecord.inspection_id).in_(paths),
            col(DrawRecord.voided_at).is_(None),
            col(Reading.kind) != ReadingKind.CONSENSUS,
            col(Reading.state).not_in(OPEN_STATES),
            col(Reading.begun_by_id).is_(None),  # else some of its ratings are another's
            col(SampleCase.status).not_in(NOT_TO_BE_READ),
        )
        .order_by(col(Reading.id))
    )
    return [
        _Given(key, case, reader, is_local, paths[inspection], case_ref, stratum, group, Version(*version))
        for key, case, reader, is_local, inspection, case_ref, stratum, group, *version in session.execute(query)
    ]


def _local_by_role(session: Session, readers: Collection[int]) -> set[int]:
    """Those of these readers who are staff of a partnership, in these inspections or in any other."""
    query = select(Membership.account_id).where(
        Membership.role == Role.LOCAL_REVIEWER, col(Membership.account_id).in_(readers)
    )
    return set(session.exec(query))


def _ratings(
    session: Session, given: Sequence[_Given], rated: Sequence[Part], questions: Mapping[Version, Questions | None]
) -> pd.DataFrame:
    """A row for each of the programme's rating questions that a reading was asked."""
    keys = needed(questions.values(), [part.key for part in rated])
    said = readings.values_as_submitted(session, [one.id for one in given], keys=keys)
    chosen = np.full((len(given), len(rated)), -1)
    codes = [{choice.value: code for code, choice in enumerate(part.choices)} for part in rated]
    for at, one in enumerate(given):
        asked = questions[one.version]
        values = asked.values(said[one.id], group=one.group, label=one.stratum) if asked else {}
        for place, part in enumerate(rated):
            if (value := values.get(part.key)) is not None:
                chosen[at, place] = codes[place].get(value, -1)
    reading, question = np.nonzero(chosen >= 0)
    of_reading: dict[str, Any] = {
        "reading": np.array([one.id for one in given], dtype=np.int64),
        "record": np.array([one.case_id for one in given], dtype=np.int64),
        "reader": np.array([one.reader_id for one in given], dtype=np.int64),
        "partnership": pd.Categorical([one.path for one in given]),
        "stratum": pd.Categorical([one.stratum for one in given]),
    }
    code = chosen[reading, question]
    return pd.DataFrame(
        {
            **{name: column[reading] for name, column in of_reading.items()},
            "question": np.array([part.key for part in rated], dtype=object)[question],
            "points": _of_choices(rated, _points)[question, code],
            "y": _of_choices(rated, y_of)[question, code],
        },
        columns=list(COLUMNS),
    )


def _of_choices(parts: Sequence[Part], counts: Callable[[Part, str], float | None]) -> Floats:
    """What each choice counts as: a row for each part, blank beyond its last."""
    found = np.full((len(parts), max((len(part.choices) for part in parts), default=0)), np.nan)
    for at, part in enumerate(parts):
        found[at, : len(part.choices)] = [counts(part, choice.value) for choice in part.choices]
    return found


def _rated(instrument: Instrument) -> list[Part]:
    """The questions on the six-point scale; of an instrument without it, the headline questions."""
    parts = [instrument.part(key) for key in instrument.parts]
    six = [part for part in parts if part.scale.kind == "six" and part.has_y]
    headlines = {section.headline for section in instrument.sections}
    return six or [part for part in parts if part.key in headlines and part.has_y]


def _points(part: Part, value: str) -> float:
    return float(value) if part.scale.kind == "six" and value.isdigit() else np.nan


def _records(
    session: Session, places: Sequence[Place], given: Sequence[_Given], instrument: Instrument
) -> pd.DataFrame:
    """A row for each record that counts in a headline share: weight, and who read it; nobody where it was settled."""
    keys = headline_keys(instrument)
    counting = readings.counting_of(session, [place.inspection.id or 0 for place in places])
    loaded = material.load(session, places, instrument, only=keys, readings=counting)
    design = build_design(loaded.cases, loaded.frame_counts)
    marks = mark_answers(design, loaded.answers, instrument)
    of_one = {one.sample_case_id: one.reviewer_id for one in counting if one.kind is not ReadingKind.CONSENSUS}
    by = {(one.path, one.case_ref): of_one.get(one.case_id) for one in given}
    path = np.array(design.inspection, dtype=object)
    reader = np.array([by.get(named) for named in zip(path, design.case_ref, strict=True)], dtype=object)
    found = []
    for key in keys:
        if key in marks.keys:
            y = marks.y[:, marks.keys.index(key)]
            at = np.flatnonzero(~np.isnan(y))
            found.append(
                pd.DataFrame(
                    dict(zip(RECORD_COLUMNS, (path[at], key, reader[at], design.weight[at], y[at]), strict=True))
                )
            )
    return pd.concat(found) if found else pd.DataFrame(columns=list(RECORD_COLUMNS))
