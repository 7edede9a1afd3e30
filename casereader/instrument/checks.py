"""The rules that run across the tables of an instrument file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casereader.instrument.errors import Faults
from casereader.instrument.model import Kind, Part, Section
from casereader.instrument.schema import InstrumentTable, ScaleTable

_WITHOUT_CHOICES: frozenset[Kind] = frozenset({"count", "text"})


def check_lists(tables: InstrumentTable, faults: Faults) -> None:
    """Codes that are there twice, and strata that expect records of no agency."""
    for what, listed in (
        ("source", tables.sources),
        ("agency", tables.agencies),
        ("ground", tables.grounds),
        ("quality indicator", tables.quality_indicators),
    ):
        faults.twice(what, [one.value for one in listed])
    faults.twice("scale", [scale.id for scale in tables.scales])
    faults.twice("part set", [part_set.id for part_set in tables.part_sets])
    faults.twice("section", [section.id for section in tables.sections])
    faults.twice("figure", [derived.id for derived in tables.derived])
    names = [{name.casefold() for name in (s.code, s.label, *s.also)} for s in tables.strata]
    faults.twice("stratum name", [name for of_one in names for name in of_one])
    agencies = {agency.value for agency in tables.agencies}
    for stratum in tables.strata:
        for agency in stratum.records:
            if agency not in agencies:
                faults.add(
                    f"stratum {stratum.code} expects records of “{agency}”, which is not an agency.",
                    "Use a value of [[agencies]].",
                )
    for scale in tables.scales:
        _check_scale(scale, faults)


def check_keys(tables: InstrumentTable, sections: Sequence[Section], faults: Faults) -> None:
    """Questions and keys that are there twice, in one section or in two."""
    faults.twice("question", [question.id for s in tables.sections for question in s.questions])
    questions = {question.id for section in sections for question in section.questions}
    keys = [part.key for section in sections for part in section.parts]
    faults.twice("key", [key for key in keys if key not in questions])


def check_figures(
    tables: InstrumentTable, parts: Mapping[str, Part], sections: Sequence[Section], faults: Faults
) -> None:
    """Opening rows and headlines must be questions of one part, with answers that count."""
    named = [("the opening row", row.question) for row in tables.opening]
    named += [(f"the headline of section {s.id}", s.headline) for s in sections if s.headline]
    for what, key in named:
        if key not in parts:
            faults.add(f"{what} “{key}” is not a question.", "Name a question whose key has no dot.")
        elif tables.unit == "case" and not parts[key].has_y:
            faults.add(f"{what} “{key}” has no answer that counts.", "Give the choices of its scale a y.")


def check_filled(tables: InstrumentTable, parts: Mapping[str, Part], faults: Faults) -> None:
    """What the list or the tracker fills in must be able to hold what they send."""
    strata = {stratum.code for stratum in tables.strata}
    agencies = {agency.value for agency in tables.agencies}
    for part in parts.values():
        faults.at(part.section, part.question)
        if part.filled_from == "stratum" and set(part.by_value) != strata:
            faults.add(
                "its answers are not the codes of the strata.", "Give its scale a choice for each of [[strata]]."
            )
        if part.filled_from == "agency" and part.key.partition(".")[2] not in agencies:
            faults.add(f"its part {part.key} is not an agency.", "Name the part by a value of [[agencies]].")
    faults.at()


def _check_scale(scale: ScaleTable, faults: Faults) -> None:
    faults.twice(f"answer of scale {scale.id}", [choice.value for choice in scale.choices])
    if scale.kind in _WITHOUT_CHOICES and scale.choices:
        faults.add(f"scale {scale.id} of kind {scale.kind} has choices.", "Take them out.")
    if scale.kind not in _WITHOUT_CHOICES and not scale.choices:
        faults.add(f"scale {scale.id} of kind {scale.kind} has no choices.", "Add them.")
    if scale.kind == "count" and scale.maximum <= scale.minimum:
        faults.add(f"scale {scale.id} has no number between its bounds.", "Set minimum and maximum.")
    if scale.kind == "text" and not scale.longest:
        faults.add(f"scale {scale.id} does not say how long a text may be.", "Set longest.")
