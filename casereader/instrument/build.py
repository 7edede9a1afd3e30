"""From the checked tables of an instrument file to the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from casereader.instrument.checks import (
    check_bands,
    check_figures,
    check_filled,
    check_keys,
    check_lists,
    check_mapping,
    check_ratings,
)
from casereader.instrument.choices import choice_of, given_by, listed, scale_of
from casereader.instrument.conditions import Conditions, in_order
from casereader.instrument.contradictions import contradictory, figures
from casereader.instrument.errors import Faults, InstrumentError, Place
from casereader.instrument.expressions import STRATUM, All, Expression, comparisons
from casereader.instrument.logic import Band, Mapped, Rating, Rule, Standard
from casereader.instrument.model import (
    CANNOT_BE_EVALUATED,
    NOT_APPLICABLE,
    Choice,
    Instrument,
    Listed,
    Opening,
    Part,
    Question,
    Section,
    Stratum,
)
from casereader.instrument.schema import InstrumentTable, PartTable, QuestionTable, ScaleTable, SectionTable

OVERRIDE = "override"  # the part at which a person sets another rating than the computed one


def build(tables: InstrumentTable, *, name: str, digest: str) -> Instrument:
    """Make the model. Raises InstrumentError with every fault of the file called `name`."""
    faults = Faults(name)
    check_lists(tables, faults)
    builder = _Builder(tables, faults)
    sections = tuple(builder.section(at, section) for at, section in enumerate(tables.sections))
    faults.at()
    parts = {part.key: part for section in sections for part in section.parts}
    derived = tuple(figures(tables, builder.conditions, faults))
    contradictions = tuple(contradictory(tables, parts, builder.conditions, faults))
    check_keys(tables, builder.places, sections, faults)
    check_figures(tables, parts, faults)
    check_filled(tables, parts, builder.places, faults)
    check_ratings(parts, builder.places, faults)
    check_bands(tables, parts, faults)
    check_mapping(tables, parts, faults)
    builder.conditions.check(parts, frozenset(stratum.code for stratum in tables.strata))
    steps = in_order(parts, builder.places, faults)
    if faults.found:
        raise InstrumentError(faults.found)
    return Instrument(
        id=tables.id,
        version=tables.version,
        title=tables.title,
        unit=tables.unit,
        digest=digest,
        sections=sections,
        opening=tuple(Opening(row.question, row.label) for row in tables.opening),
        reading_period=tables.reading_period,
        declaration=tables.declaration,
        strata=tuple(Stratum(s.code, s.label, tuple(s.also), tuple(s.records)) for s in tables.strata),
        agencies=tuple(map(listed, tables.agencies)),
        sources=tuple(map(listed, tables.sources)),
        grounds=tuple(map(listed, tables.grounds)),
        quality_indicators=tuple(map(listed, tables.quality_indicators)),
        derived=derived,
        contradictions=contradictions,
        note_shortest=tables.evidence.shortest,
        note_longest=tables.evidence.longest,
        steps=steps,
        bands=tuple(Band(band.at_least / 100, band.label) for band in tables.bands),
        standards=tuple(Standard(one.id, one.label, tuple(one.questions)) for one in tables.standards),
        mapping=tuple(Mapped(one.version, one.was, one.now, one.relation) for one in tables.mapping),
        example=tables.example,
    )


class _Builder:
    """Builds section by section and notes what names nothing; `places` says where each part stands in the tables."""

    def __init__(self, tables: InstrumentTable, faults: Faults) -> None:
        self.tables = tables
        self.faults = faults
        self.conditions = Conditions(faults)
        self.grounds = {ground.value: listed(ground) for ground in tables.grounds}
        self.scales = {scale.id: scale for scale in tables.scales}
        self.part_sets = {part_set.id: part_set.parts for part_set in tables.part_sets}
        self.indicators = {indicator.value for indicator in tables.quality_indicators}
        self.places: dict[str, Place] = {}
        for at, scale in enumerate(tables.scales):
            self.known_grounds(scale.not_applicable, "scales", at, "not_applicable")
            self.known_grounds(scale.cannot_be_evaluated, "scales", at, "cannot_be_evaluated")

    def section(self, at: int, table: SectionTable) -> Section:
        self.faults.at("sections", at, section=table.id)
        if table.headline is not None and table.headline not in {question.id for question in table.questions}:
            says = f"its headline “{table.headline}” is not a question of it."
            self.faults.add(says, "Name one of its questions.", "headline")
        shown = self.conditions.read(table.shown, "shown")
        return Section(
            id=table.id,
            title=table.title,
            questions=tuple(
                self.question(("sections", at, "questions", number), table.id, question, shown)
                for number, question in enumerate(table.questions)
            ),
            intro=table.intro,
            headline=table.headline,
            evidence=table.evidence,
            layout=table.layout,
            shown=shown,
        )

    def question(self, place: Place, section: str, table: QuestionTable, section_shown: Expression | None) -> Question:
        self.faults.at(*place, section=section, question=table.id)
        if table.qi is not None and table.qi not in self.indicators:
            self.faults.add(f"there is no quality indicator “{table.qi}”.", "Add it to [[quality_indicators]].", "qi")
        shown = _both(section_shown, self.conditions.read(table.shown, "shown"))
        parts: list[Part] = []
        for field, part in self.part_tables(table):
            self.faults.within = f"part {part.id}" if part.id else ""
            built = self.part(section, table, part, shown, field)
            self.faults.within = ""
            parts += [built] if built is not None else []
            if built is not None:
                self.places[built.key] = (*place, *field)
        if table.rules and parts:
            parts = self.computed(place, table, parts)
        elif table.override:
            self.faults.add("it has an override, but no rules to override.", "Give it rules, or take it out.", OVERRIDE)
        return Question(
            id=table.id,
            section=section,
            label=table.label,
            text=table.text,
            parts=tuple(parts),
            guidance=table.guidance,
            good=table.good,
            qi=table.qi,
            shown=shown,
        )

    def part_tables(self, table: QuestionTable) -> list[tuple[Place, PartTable]]:
        """The parts of a question, each with where it stands from the question on."""
        if sum((table.scale is not None, bool(table.parts), table.part_set is not None)) != 1:
            self.faults.add("it has not exactly one of scale, parts and part_set.", "Keep one of the three.")
            return []
        if table.scale is not None:
            return [((), PartTable(label=table.label, text=table.text, scale=table.scale))]
        if table.part_set is None:
            return [(("parts", number), part) for number, part in enumerate(table.parts)]
        if table.part_set not in self.part_sets:
            self.faults.add(f"there is no part set “{table.part_set}”.", "Use an id of [[part_sets]].", "part_set")
        return [((), part) for part in self.part_sets.get(table.part_set, [])]

    def part(
        self, section: str, question: QuestionTable, table: PartTable, shown: Expression | None, field: Place
    ) -> Part | None:
        """One part; what it does not say itself, its question or its scale says."""
        scale = self.scales.get(table.scale)
        if scale is None:
            self.faults.add(f"there is no scale “{table.scale}”.", "Use an id of [[scales]].", *field, "scale")
            return None
        is_reversed = question.reversed if table.reversed is None else table.reversed
        na = self.known_grounds(
            _first(table.not_applicable, question.not_applicable, scale.not_applicable), *field, "not_applicable"
        )
        cbe = self.known_grounds(
            _first(table.cannot_be_evaluated, question.cannot_be_evaluated, scale.cannot_be_evaluated),
            *field,
            "cannot_be_evaluated",
        )
        choices = self.offered(scale, is_reversed, na, cbe) if not question.rules else given_by(question, scale)
        return Part(
            key=question.id if table.id is None else f"{question.id}.{table.id}",
            question=question.id,
            section=section,
            label=table.label,
            text=table.text or f"{question.text}: {table.label}",
            scale=scale_of(scale),
            choices=choices,
            qi=question.qi,
            required=question.required if table.required is None else table.required,
            reversed=is_reversed,
            shown=_both(shown, self.conditions.read(table.shown, *field, "shown")),
            na_grounds=na,
            na_refused=self.refused(question, table, NOT_APPLICABLE, na, *field),
            cbe_grounds=cbe,
            cbe_refused=self.refused(question, table, CANNOT_BE_EVALUATED, cbe, *field),
            filled_from=table.filled_from or question.filled_from,
            by_value={choice.value: choice for choice in choices},
        )

    def refused(
        self, question: QuestionTable, table: PartTable, value: str, grounds: tuple[Listed, ...], *field: int | str
    ) -> Expression | None:
        """The strata in which one of the two answers with a ground is refused."""
        name = f"{value}_refused"
        found = self.conditions.read(getattr(table, name) or getattr(question, name), *field, name)
        called = f"it refuses “{value.replace('_', ' ')}”"
        if found is not None and not grounds:
            self.faults.add(f"{called}, but nobody is offered it.", "Give it grounds.", *field, name)
        if found is not None and any(one.name != STRATUM for one in comparisons(found)):
            self.faults.add(f"{called} by more than the stratum.", "Compare only stratum there.", *field, name)
        return found

    def computed(self, place: Place, table: QuestionTable, parts: Sequence[Part]) -> list[Part]:
        """The rating of a question with rules, and the part at which a person may set another."""
        answered = ("not_applicable", "not_applicable_refused", "cannot_be_evaluated", "cannot_be_evaluated_refused")
        for field in ("parts", "part_set", *answered, "reversed", "filled_from"):
            if getattr(table, field) not in (None, [], False):
                self.faults.add(f"it is computed, and so it has no {field}.", "Take one of the two out.", field)
        scale = self.scales.get(table.scale or "")
        rules = []
        for number, rule in enumerate(table.rules):
            when = self.conditions.read(rule.when, "rules", number, "when")
            if scale is not None and rule.gives not in {choice.value for choice in scale.choices}:
                says = f"a rule gives “{rule.gives}”, which scale {scale.id} lacks."
                self.faults.add(says, "Use one of its choices.", "rules", number, "gives")
            if when is not None:
                rules.append(Rule(rule.gives, when))
        asked = (one.name for rule in rules for one in comparisons(rule.when) if one.name != STRATUM)
        key = f"{table.id}.{OVERRIDE}" if table.override else None
        rating = Rating(table.id, tuple(rules), tuple(dict.fromkeys(asked)), key)
        found = [replace(parts[0], required=False, na_grounds=(), cbe_grounds=(), rating=rating)]
        if key is not None:
            choices = tuple(replace(choice, y=None, need="note") for choice in parts[0].choices)
            other = replace(
                found[0],
                key=key,
                label="Another rating",
                text=f"Should the rating be another than the computed one? {table.label}",
                choices=choices,
                by_value={choice.value: choice for choice in choices},
                rating=None,
                overrides=table.id,
            )
            found.append(other)
            self.places[key] = place
        return found

    def offered(
        self, scale: ScaleTable, is_reversed: bool, na: tuple[Listed, ...], cbe: tuple[Listed, ...]
    ) -> tuple[Choice, ...]:
        """The choices of a scale that a part offers: the two that need a ground only where it has grounds."""
        without = set()
        for value, grounds in ((NOT_APPLICABLE, na), (CANNOT_BE_EVALUATED, cbe)):
            if not grounds:
                without.add(value)
            elif value not in {choice.value for choice in scale.choices}:
                says = f"it has grounds for {value}, which scale {scale.id} lacks."
                self.faults.add(says, "Add it to the scale.", value)
        return tuple(choice_of(c, scale, is_reversed) for c in scale.choices if c.value not in without)

    def known_grounds(self, grounds: Iterable[str], *field: int | str) -> tuple[Listed, ...]:
        named = list(grounds)
        for ground in named:
            if ground not in self.grounds:
                self.faults.add(f"there is no ground “{ground}”.", "Add it to [[grounds]].", *field)
        return tuple(self.grounds[ground] for ground in named if ground in self.grounds)


def _first(*lists: list[str] | None) -> list[str]:
    return next((one for one in lists if one is not None), [])


def _both(first: Expression | None, second: Expression | None) -> Expression | None:
    if first is None or second is None:
        return first or second
    return All((first, second))
