"""What looks across answers: figures made from several of them, and answers that do not go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from casereader.instrument.conditions import Conditions
from casereader.instrument.errors import Faults
from casereader.instrument.expressions import STRATUM, comparisons
from casereader.instrument.logic import Contradiction, Derived
from casereader.instrument.model import Part
from casereader.instrument.schema import ContradictionTable, InstrumentTable


def figures(tables: InstrumentTable, conditions: Conditions, faults: Faults) -> Iterator[Derived]:
    """The figures made from several answers."""
    for at, table in enumerate(tables.derived):
        faults.at("derived", at, within=f"figure {table.id}")
        counts, among = conditions.read(table.counts, "counts"), conditions.read(table.among, "among")
        if counts is not None and among is not None:
            yield Derived(table.id, table.label, counts, among)
    faults.at()


def contradictory(
    tables: InstrumentTable, parts: Mapping[str, Part], conditions: Conditions, faults: Faults
) -> Iterator[Contradiction]:
    """The contradictions, each checked against the parts it names."""
    for at, table in enumerate(tables.contradictions):
        faults.at("contradictions", at, within=f"contradiction {at + 1}")
        called = f"the contradiction “{table.says[:40]}…”"
        when = conditions.read(table.when, "when")
        asked = [one.name for one in comparisons(when) if one.name != STRATUM] if when else []
        _check_form(table, called, faults)
        for field, keys in (("rating", [table.rating] if table.rating else []), ("keys", table.keys)):
            _check_names(keys, parts, called, field, faults)
        _check_names(table.answers, parts, called, "answers", faults)
        rated = parts.get(table.rating or "")
        for field, values in (("high", table.high), ("low", table.low)):
            for value in values:
                if rated is not None and value not in rated.by_value:
                    remedy = f"Use an answer that {rated.key} offers."
                    faults.add(f"{called} has the rating “{value}”.", remedy, field)
        named = [*([table.rating] if table.rating else []), *table.keys, *asked]
        if not named:
            faults.add(f"{called} points to no answer.", "Give it keys.", "keys")
        yield Contradiction(
            says=table.says,
            keys=tuple(dict.fromkeys(named)),
            when=when,
            rating=table.rating,
            answers=tuple(table.answers),
            high=tuple(table.high),
            low=tuple(table.low),
        )
    faults.at()


def _check_form(table: ContradictionTable, called: str, faults: Faults) -> None:
    if (table.when is None) == (table.rating is None):
        faults.add(f"{called} has not exactly one of when and rating.", "Keep one of the two.", "when")
    if table.rating is not None and not (table.answers and (table.high or table.low)):
        faults.add(f"{called} compares its rating with nothing.", "Give it answers, and high or low.", "rating")


def _check_names(keys: list[str], parts: Mapping[str, Part], called: str, field: str, faults: Faults) -> None:
    for key in keys:
        if key not in parts:
            faults.add(f"{called} names “{key}”, which is not there.", "Use the key of a part.", field)
