"""Answers turned into codes and numbers once: what was chosen, what it counts as, what kind of answer it is.

An answer to a part that skip logic closed after it was given stays with its reading and is not counted. A computed
rating is worked out here as it is for one reading, with an override in its place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casereader.instrument.expressions import STRATUM, Expression, comparisons, decide
from casereader.instrument.logic import Gate, Rating
from casereader.instrument.model import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Instrument
from casereader.instrument.ratings import rule_for
from casereader.rollup.checks import ANSWER_COLUMNS, RollUpError, check_columns
from casereader.rollup.design import Codes, Design, Floats
from casereader.scoring import category, y_of

CANNOT_TELL = "cannot_tell"
COUNTED = (NOT_APPLICABLE, CANNOT_TELL, CANNOT_BE_EVALUATED)
BLANK = -1
CLOSED = -2  # while the steps are taken: not asked, as apart from not answered


@dataclass(frozen=True)
class Marks:
    """One row per decided case.

    `chosen` has a column per part of the instrument: the place of the answer in `values` of that part, -1 where
    blank; a part's own choices come first there, in order. `y` (1, 0, NaN) and `kind` (place in `COUNTED`, or
    -1) have a column per key of `keys`: the parts for which some case has a y, in the instrument's order.
    """

    chosen: Codes
    values: list[list[str]]
    keys: tuple[str, ...]
    y: Floats
    kind: Codes


def mark_answers(design: Design, answers: pd.DataFrame, instrument: Instrument) -> Marks:
    """Look up every answer of a case read; answers of cases not read, or not decided, count nowhere."""
    looked_up = LookedUp(instrument)
    looked_up.add(design, answers)
    return looked_up.marks(design)


def _marks(chosen: Codes, values: list[list[str]], design: Design, instrument: Instrument) -> Marks:
    _resolve(chosen, values, design, instrument)
    keys, ys, kinds = [], [], []
    for place, key in enumerate(instrument.parts):
        part = instrument.part(key)
        if not part.has_y:
            continue
        # The last place of each look-up is that of a blank, which numpy reaches as -1.
        y = np.array([_number(y_of(part, value)) for value in values[place]] + [np.nan])[chosen[:, place]]
        if np.isnan(y).all():
            continue
        kind = np.array([_kind(category(part, value)) for value in values[place]] + [BLANK])[chosen[:, place]]
        keys.append(key)
        ys.append(y)
        kinds.append(kind)
    shape = (len(chosen), len(keys))
    return Marks(
        chosen=chosen,
        values=values,
        keys=tuple(keys),
        y=np.stack(ys, axis=1) if keys else np.empty(shape),
        kind=np.stack(kinds, axis=1) if keys else np.empty(shape, dtype="int64"),
    )


def counted_as(marks: Marks, instrument: Instrument, key: str, counts: Mapping[str, float]) -> Floats:
    """What each case counts as where these answers to a part count so, and every other and none is blank."""
    place = instrument.parts.index(key)
    # The last place is that of a blank, which numpy reaches as -1.
    ys = np.array([counts.get(value, np.nan) for value in marks.values[place]] + [np.nan])
    found: Floats = ys[marks.chosen[:, place]]
    return found


def with_columns(marks: Marks, columns: Mapping[str, Floats]) -> Marks:
    """Marks of something else that is 1, 0 or blank of each case, by name; what is all blank is left out."""
    kept = {name: y for name, y in columns.items() if not np.isnan(y).all()}
    shape = (len(marks.chosen), len(kept))
    return Marks(
        chosen=marks.chosen,
        values=marks.values,
        keys=tuple(kept),
        y=np.stack(list(kept.values()), axis=1) if kept else np.empty(shape),
        kind=np.full(shape, BLANK, dtype="int64"),
    )


def only_keys(marks: Marks, keys: Collection[str]) -> Marks:
    """The marks of these keys alone."""
    kept = [place for place, key in enumerate(marks.keys) if key in set(keys)]
    names = tuple(marks.keys[place] for place in kept)
    return Marks(marks.chosen, marks.values, names, marks.y[:, kept], marks.kind[:, kept])


def _number(y: float | None) -> float:
    return np.nan if y is None else y


def _kind(name: str | None) -> int:
    return COUNTED.index(name) if name in COUNTED else BLANK


class LookedUp:
    """The answers of many cases as codes, looked up a part of the cases at a time, so that they are never all held."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._place = {key: column for column, key in enumerate(instrument.parts)}
        self._known = [
            {choice.value: code for code, choice in enumerate(instrument.part(key).choices)} for key in self._place
        ]
        self._chosen: list[Codes] = []

    def add(self, design: Design, answers: pd.DataFrame) -> None:
        """Look up the answers of further cases, those that the design has, in its order."""
        check_columns(answers, ANSWER_COLUMNS, "answers")
        cases = zip(design.inspection, design.case_ref, strict=True)
        row = {case: at for at, case in enumerate(cases) if design.is_read[at]}
        chosen = [[BLANK] * len(self._place) for _ in design.case_ref]
        unknown: set[str] = set()
        twice: list[str] = []
        columns = (answers[name].tolist() for name in ANSWER_COLUMNS)
        for inspection, case_ref, key, value in zip(*columns, strict=True):
            if not isinstance(value, str) or value == "":
                continue
            column = self._place.get(key)
            if column is None:
                unknown.add(str(key))
                continue
            at = row.get((inspection, case_ref))
            if at is None:
                continue
            if chosen[at][column] != BLANK:
                twice.append(f"{key} of {case_ref}")
            codes = self._known[column]
            chosen[at][column] = codes.setdefault(value, len(codes))
        _refuse(unknown, twice)
        self._chosen.append(np.array(chosen, dtype="int64").reshape(len(chosen), len(self._place)))

    def marks(self, design: Design) -> Marks:
        """The marks of all cases that were added; `design` is of them all, in the order in which they were."""
        values = [list(codes) for codes in self._known]
        return _marks(np.concatenate(self._chosen), values, design, self._instrument)


def _refuse(unknown: Collection[str], twice: Sequence[str]) -> None:
    faults = []
    if unknown:
        faults.append(f"The instrument has no question {', '.join(sorted(unknown))}.")
    if twice:
        faults.append(
            f"{len(twice)} {'answer is' if len(twice) == 1 else 'answers are'} given twice (first: {twice[0]}); "
            "one reading counts for each case."
        )
    if faults:
        raise RollUpError(" ".join(faults))


def _resolve(chosen: Codes, values: list[list[str]], design: Design, instrument: Instrument) -> None:
    """Blank the answers to parts that are not asked and work out the ratings, by the instrument's steps."""
    labels = sorted(set(design.stratum))
    codes = [instrument.stratum_code(label) for label in labels]
    stratum = np.searchsorted(np.array(labels, dtype=object), np.array(design.stratum, dtype=object))
    offered = {key: len(instrument.part(key).choices) or len(values[at]) for at, key in enumerate(instrument.parts)}
    table = _Table(
        place={key: at for at, key in enumerate(instrument.parts)},
        chosen=chosen,
        values=values,
        offered=offered,
        codes=codes,
        stratum=stratum.astype("int64"),
    )
    for step in instrument.steps:
        if isinstance(step, Gate):
            table.close(step)
        else:
            table.rate(step)
    chosen[chosen == CLOSED] = BLANK


@dataclass(frozen=True)
class _Table:
    """The answers of every case while the steps are taken: what alike cases have in common is decided once."""

    place: dict[str, int]
    chosen: Codes
    values: list[list[str]]
    offered: dict[str, int]
    codes: list[str | None]
    stratum: Codes

    def close(self, gate: Gate) -> None:
        """Mark the answers behind a condition that does not hold; where it turns on a stratum not known, they stay."""
        names = _names(gate.shown)
        kinds, which = self._kinds(names)
        closed = np.array(
            [decide(gate.shown, self._said(names, kind), self.codes[int(kind[0])]) is False for kind in kinds]
        )
        if closed.any():
            rows = np.flatnonzero(closed[which])
            self.chosen[np.ix_(rows, np.array([self.place[key] for key in gate.keys]))] = CLOSED

    def rate(self, rating: Rating) -> None:
        """Put the rating that stands in its column."""
        at = self.place[rating.key]
        names = [*rating.inputs, *([rating.override] if rating.override else [])]
        kinds, which = self._kinds([rating.key, *names])
        given = np.array([self._rating(rating, names, kind) for kind in kinds], dtype="int64")
        self.chosen[:, at] = given[which]

    def _rating(self, rating: Rating, names: list[str], kind: Codes) -> int:
        if kind[1] == CLOSED:
            return CLOSED
        said = self._said(names, kind[1:])
        known = self.values[self.place[rating.key]]
        if rating.override and (other := said.get(rating.override)) in known:
            return known.index(other)
        closed = {name for name, code in zip(names, kind[2:].tolist(), strict=True) if code == CLOSED}
        rule = rule_for(rating, said, closed, self.codes[int(kind[0])])
        return BLANK if rule is None else known.index(rule.gives)

    def _kinds(self, names: list[str]) -> tuple[Codes, Codes]:
        """The different rows of stratum and answers to these parts, and which of them each case has."""
        looked_at = [self.chosen[:, self.place[name]] for name in names]
        kinds, which = np.unique(np.column_stack([self.stratum, *looked_at]), axis=0, return_inverse=True)
        return kinds, which.reshape(-1)

    def _said(self, names: list[str], kind: Codes) -> dict[str, str]:
        """The answers of one kind of case, as the instrument's lists offer them."""
        codes = zip(names, kind[1:].tolist(), strict=True)
        return {name: self.values[self.place[name]][code] for name, code in codes if 0 <= code < self.offered[name]}


def _names(condition: Expression) -> list[str]:
    return list(dict.fromkeys(one.name for one in comparisons(condition) if one.name != STRATUM))
