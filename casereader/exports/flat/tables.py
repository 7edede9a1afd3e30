"""The flat tables: one row for each answer (long), one for each record (wide), and the notes beside a record's answers.

What counts is worked out as the roll-up does it: an answer that skip logic closed later counts as 0 and stands in the
long table alone; a computed rating stands as any answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from casereader.exports.flat.variables import Variable, variables
from casereader.instrument import Instrument
from casereader.rollup import ATTRIBUTES
from casereader.rollup.design import Design, build_design
from casereader.rollup.marks import mark_answers
from casereader.scoring import y_of

CASE = ("case_ref", "stratum", "population", "weight", "status", *ATTRIBUTES)
READ = ("reading", "reader", "read_on", "withheld")
LONG = (
    *("case_ref", "stratum", "reading", "reader", "section", "question", "variable", "asks", "value", "label", "y"),
    *("counts", "ground", "sources", "note"),
)
LINE_BREAK = " / "  # in wide tables, where some programs take the end of a line for the end of a record

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a reader gave with an answer; `value` is what they gave, whether it counts or not."""

    value: str | None
    note: str = ""
    ground: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingFacts:
    """One reading as it may be told of: its kind, a code for whoever read, the day it was read."""

    kind: str
    reader: str
    read_on: str


@dataclass(frozen=True)
class Layer:
    """Readings of which a case has at most one, by reference; `answers` as the roll-up takes them."""

    readings: Mapping[str, ReadingFacts]
    answers: pd.DataFrame
    beside: Mapping[tuple[str, str], Beside]


@dataclass(frozen=True)
class Tables:
    """The finished tables with the variables in them; `notes` is None where texts were left out."""

    variables: tuple[Variable, ...]
    long: pd.DataFrame
    wide: pd.DataFrame
    notes: pd.DataFrame | None


def build(
    cases: pd.DataFrame,
    layers: Sequence[Layer],
    instrument: Instrument,
    *,
    withheld: frozenset[str] = frozenset(),
    texts: bool = True,
) -> Tables:
    """Make the tables of one inspection's sampled cases; `withheld` are those whose readings the asker may not see."""
    asked = tuple(one for one in variables(instrument, taken=(*CASE, *READ, "about")) if texts or one.holds != "text")
    design = build_design(cases)
    weights = dict(zip(design.case_ref, design.weight.tolist(), strict=True))
    given = [_given(design, layer, instrument) for layer in layers]
    long: list[Row] = []
    wide: list[Row] = []
    notes: list[Row] = []
    for case in sorted(cases.to_dict("records"), key=lambda row: str(row["case_ref"])):
        ref = str(case["case_ref"])
        facts = _case(case, weights.get(ref))
        found = [at for at, layer in enumerate(layers) if ref in layer.readings]
        for at in found:
            reading = layers[at].readings[ref]
            head = facts | {"reading": reading.kind, "reader": reading.reader, "read_on": reading.read_on}
            values = given[at].get(ref, {})
            wide.append(head | {"withheld": 0} | {one.name: _cell(one, values.get(one.key)) for one in asked})
            said = {one.key: beside for one in asked if (beside := layers[at].beside.get((ref, one.key)))}
            long += _long(head, asked, values, said, instrument, texts=texts)
            if texts:
                noted = {one.name: _one_line(said[one.key].note) for one in asked if one.key in said}
                notes.append({name: head[name] for name in ("case_ref", *READ[:2])} | noted)
        if not found:
            wide.append(facts | {"withheld": int(ref in withheld)})
    names = [one.name for one in asked]
    return Tables(
        asked,
        _table(long, LONG, {"y", "counts"}),
        _table(
            wide, (*CASE, *READ, *names), {"population", "withheld", *(one.name for one in asked if _is_coded(one))}
        ),
        _table(notes, ("case_ref", *READ[:2], *names), set()) if texts else None,
    )


def _given(design: Design, layer: Layer, instrument: Instrument) -> dict[str, dict[str, str]]:
    """What counts of each case read, by key."""
    marks = mark_answers(design, layer.answers, instrument)
    keys = list(instrument.parts)
    return {
        ref: {keys[at]: marks.values[at][code] for at, code in enumerate(row) if code >= 0}
        for ref, row in zip(design.case_ref, marks.chosen.tolist(), strict=True)
    }


def _case(case: Mapping[Any, Any], weight: float | None) -> Row:
    held = {name: case.get(name) for name in CASE if name != "weight"}
    return {name: "" if pd.isna(value) else value for name, value in held.items()} | {"weight": weight}


def _long(
    head: Row,
    asked: Sequence[Variable],
    values: Mapping[str, str],
    said: Mapping[str, Beside],
    instrument: Instrument,
    *,
    texts: bool,
) -> Iterator[Row]:
    for one in asked:
        beside = said.get(one.key, Beside(None))
        value = values.get(one.key, beside.value)
        if not value and not beside.note:
            continue
        part = instrument.part(one.key)
        choice = part.choice(value)
        y = y_of(part, value) if one.key in values else None
        yield {name: head[name] for name in ("case_ref", "stratum", "reading", "reader")} | {
            "section": one.section,
            "question": one.key,
            "variable": one.name,
            "asks": part.text,
            "value": value or "",
            "label": choice.label if choice else "",
            "y": None if y is None else int(y),
            "counts": int(one.key in values),
            "ground": beside.ground,
            "sources": "; ".join(beside.sources),
            "note": beside.note if texts else "",
        }


def _is_coded(one: Variable) -> bool:
    return one.holds != "text"


def _cell(one: Variable, value: str | None) -> int | str | None:
    if value is None:
        return None
    if one.holds == "answer":
        return one.code(value)
    return int(value) if one.holds == "number" else _one_line(value)


def _one_line(text: str) -> str:
    return LINE_BREAK.join(line.strip() for line in text.splitlines() if line.strip())


def _table(rows: Sequence[Row], columns: Sequence[str], whole: set[str]) -> pd.DataFrame:
    """The rows under their columns: whole numbers as such, the weight as a fraction, all else as text."""
    made: dict[str, Any] = {}
    for name in columns:
        values = [row.get(name) for row in rows]
        if name in whole:
            made[name] = pd.array(values, dtype="Int64")
        elif name == "weight":
            made[name] = pd.array(values, dtype="Float64")
        else:
            made[name] = pd.array(["" if value is None else str(value) for value in values], dtype="str")
    return pd.DataFrame(made, columns=list(columns))
