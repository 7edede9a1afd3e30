"""The rules that run across the tables of an instrument file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from casereader.instrument.errors import Faults, Place
from casereader.instrument.expressions import comparisons
from casereader.instrument.model import Kind, Part, Section, version_of
from casereader.instrument.schema import LONGEST_KEY, InstrumentTable, ScaleTable

_WITHOUT_CHOICES: frozenset[Kind] = frozenset({"count", "text"})
_SIX = ("6", "5", "4", "3", "2", "1")


def check_lists(tables: InstrumentTable, faults: Faults) -> None:
    """Codes that are there twice, strata that expect records of no agency, and scales that are not of their kind."""
    for what, field, listed in (
        ("source", "sources", tables.sources),
        ("agency", "agencies", tables.agencies),
        ("ground", "grounds", tables.grounds),
        ("quality indicator", "quality_indicators", tables.quality_indicators),
    ):
        faults.twice(what, [(one.value, (field, at, "value")) for at, one in enumerate(listed)])
    for what, field, ids in (
        ("scale", "scales", [one.id for one in tables.scales]),
        ("part set", "part_sets", [one.id for one in tables.part_sets]),
        ("section", "sections", [one.id for one in tables.sections]),
        ("figure", "derived", [one.id for one in tables.derived]),
        ("standard", "standards", [one.id for one in tables.standards]),
    ):
        faults.twice(what, [(id, (field, at, "id")) for at, id in enumerate(ids)])
    names = [
        (name, ("strata", at, "also" if name in {one.casefold() for one in s.also} else "code"))
        for at, s in enumerate(tables.strata)
        for name in sorted({name.casefold() for name in (s.code, s.label, *s.also)})
    ]
    faults.twice("stratum name", names)
    agencies = {agency.value for agency in tables.agencies}
    for at, stratum in enumerate(tables.strata):
        for agency in stratum.records:
            if agency not in agencies:
                says = f"stratum {stratum.code} expects records of “{agency}”, which is not an agency."
                faults.add(says, "Use a value of [[agencies]].", "strata", at, "records")
    for at, scale in enumerate(tables.scales):
        faults.at("scales", at)
        _check_scale(scale, faults)
    faults.at()


def check_keys(
    tables: InstrumentTable, places: Mapping[str, Place], sections: Sequence[Section], faults: Faults
) -> None:
    """Questions and keys that are there twice, in one section or in two, and keys that are too long to store."""
    named = [
        (question.id, ("sections", at, "questions", number, "id"))
        for at, section in enumerate(tables.sections)
        for number, question in enumerate(section.questions)
    ]
    faults.twice("question", named)
    parts = [part for section in sections for part in section.parts]
    times = Counter(name for name, _ in named)  # the parts of a question that is there twice are, too: told once
    faults.twice("key", [(part.key, places[part.key]) for part in parts if times[part.question] == 1])
    for part in parts:
        if len(part.key) > LONGEST_KEY:
            faults.at(*places[part.key], section=part.section, question=part.question)
            says = f"its key {part.key} has {len(part.key)} characters; at most {LONGEST_KEY} are kept."
            faults.add(says, "Shorten the ids.", "id")
    faults.at()


def check_figures(tables: InstrumentTable, parts: Mapping[str, Part], faults: Faults) -> None:
    """Opening rows and headlines must be questions of one part, with answers that count."""
    for at, row in enumerate(tables.opening):
        _check_figure(
            f"the opening row “{row.question}”", row.question, tables, parts, faults, "opening", at, "question"
        )
    for at, section in enumerate(tables.sections):
        if section.headline in {question.id for question in section.questions}:  # any other was told of already
            faults.at("sections", at, section=section.id)
            _check_figure(f"its headline “{section.headline}”", section.headline, tables, parts, faults, "headline")
    faults.at()


def _check_figure(
    what: str,
    key: str,
    tables: InstrumentTable,
    parts: Mapping[str, Part],
    faults: Faults,
    *field: int | str,
) -> None:
    if key not in parts:
        faults.add(f"{what} is not a question.", "Name a question whose key has no dot.", *field)
    elif tables.unit == "case" and not parts[key].has_y:
        faults.add(f"{what} has no answer that counts.", "Give the choices of its scale a y.", *field)


def check_filled(
    tables: InstrumentTable, parts: Mapping[str, Part], places: Mapping[str, Place], faults: Faults
) -> None:
    """What the list or the tracker fills in must be able to hold what they send."""
    strata = {stratum.code for stratum in tables.strata}
    agencies = {agency.value for agency in tables.agencies}
    for part in parts.values():
        faults.at(*places[part.key], section=part.section, question=part.question)
        if part.filled_from == "stratum" and set(part.by_value) != strata:
            says = "its answers are not the codes of the strata."
            faults.add(says, "Give its scale a choice for each of [[strata]].", "filled_from")
        if part.filled_from == "agency" and part.key.partition(".")[2] not in agencies:
            says = f"its part {part.key} is not an agency."
            faults.add(says, "Name the part by a value of [[agencies]].", "id")
    faults.at()


def check_ratings(parts: Mapping[str, Part], places: Mapping[str, Place], faults: Faults) -> None:
    """A rating rests on answers that must be given: one that may stay blank would keep it open for ever."""
    for part in parts.values():
        if part.rating is None:
            continue
        faults.at(*places[part.key], section=part.section, question=part.question)
        if not part.scale.choices:
            faults.add("it is computed on a scale without choices.", "Use a scale that lists its answers.", "scale")
        for number, rule in enumerate(part.rating.rules):
            for name in dict.fromkeys(one.name for one in comparisons(rule.when)):
                asked = parts.get(name)
                if asked is not None and asked.rating is None and not asked.required:
                    says = f"a rule rests on {name}, which may be left blank."
                    faults.add(says, "Take out its required = false.", "rules", number, "when")
    faults.at()


def check_bands(tables: InstrumentTable, parts: Mapping[str, Part], faults: Faults) -> None:
    """Bands go up from 0%, and a standard rests on questions that have a share."""
    limits = [band.at_least for band in tables.bands]
    if tables.standards and not tables.bands:
        faults.add("there are standards, but no bands to put them in.", "Add [[bands]].", "standards", 0, "id")
    if limits and limits[0] != 0:
        faults.add("the lowest band does not begin at 0.", "Begin with at_least = 0.", "bands", 0, "at_least")
    for at in range(1, len(limits)):
        if limits[at] <= limits[at - 1]:
            says = f"the band “{tables.bands[at].label}” begins at {limits[at]}, not above the band before it."
            faults.add(says, "List the bands from the lowest up.", "bands", at, "at_least")
    for at, standard in enumerate(tables.standards):
        for key in standard.questions:
            if key not in parts:
                says = f"standard {standard.id} names “{key}”, which is not there."
                faults.add(says, "Use the key of a part.", "standards", at, "questions")
            elif not parts[key].has_y:
                says = f"standard {standard.id} rests on {key}, which has no answer that counts."
                faults.add(says, "Give the choices of its scale a y.", "standards", at, "questions")


def check_mapping(tables: InstrumentTable, parts: Mapping[str, Part], faults: Faults) -> None:
    """A mapping leads from a key of an earlier version to one that is here, and from each once."""
    here = version_of(tables.version)
    for at, row in enumerate(tables.mapping):
        if row.now not in parts:
            says = f"the mapping names “{row.now}”, which is not there."
            faults.add(says, "Use the key of a part.", "mapping", at, "now")
        if version_of(row.version)[0] >= here[0]:
            says = f"the mapping is from version {row.version}, which is not an earlier whole version."
            faults.add(says, f"Map from a version before {here[0]}.0.", "mapping", at, "version")
    for side in ("was", "now"):
        named = [(f"{getattr(row, side)} of {row.version}", at) for at, row in enumerate(tables.mapping)]
        what = "mapped key" if side == "was" else "mapping to"
        faults.twice(what, [(name, ("mapping", at, side)) for name, at in named])


def _check_scale(scale: ScaleTable, faults: Faults) -> None:
    values = [choice.value for choice in scale.choices]
    twice = f"answer of scale {scale.id}"
    faults.twice(twice, [(value, ("choices", at, "value")) for at, value in enumerate(values)])
    called = f"scale {scale.id} of kind {scale.kind}"
    if scale.kind in _WITHOUT_CHOICES and scale.choices:
        faults.add(f"{called} has choices.", "Take them out.", "kind")
    if scale.kind not in _WITHOUT_CHOICES and not scale.choices:
        faults.add(f"{called} has no choices.", "Add them.", "kind")
    if scale.kind == "count" and scale.maximum <= scale.minimum:
        faults.add(f"scale {scale.id} has no number between its bounds.", "Set minimum and maximum.", "maximum")
    if scale.kind == "text" and not scale.longest:
        faults.add(f"scale {scale.id} does not say how long a text may be.", "Set longest.", "longest")
    if scale.kind == "ypn" and values and not {"yes", "no"} <= set(values):
        faults.add(f"{called} lacks yes or no.", "Give it choices with the values yes and no.", "kind")
    if scale.kind == "six" and values:
        _check_six(scale, values, faults)


def _check_six(scale: ScaleTable, values: Sequence[str], faults: Faults) -> None:
    if tuple(value for value in values if value.isdigit()) != _SIX:
        says = f"scale {scale.id} of kind six has not the points 6, 5, 4, 3, 2, 1."
        faults.add(says, "List the six points, the best first.", "kind")
    for at, choice in enumerate(scale.choices):
        if choice.value in _SIX and not choice.says:
            says = f"point {choice.value} of scale {scale.id} has no descriptor."
            faults.add(says, "Say in `says` what it means.", "choices", at, "says")
