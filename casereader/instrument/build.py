"""From the checked tables of an instrument file to the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from casereader.instrument.checks import check_figures, check_filled, check_keys, check_lists
from casereader.instrument.conditions import Conditions, in_order
from casereader.instrument.errors import Faults, InstrumentError
from casereader.instrument.expressions import STRATUM, All, Expression, comparisons
from casereader.instrument.model import (
    CANNOT_BE_EVALUATED,
    NOT_APPLICABLE,
    Choice,
    Contradiction,
    Derived,
    Instrument,
    Listed,
    Opening,
    Part,
    Question,
    Scale,
    Section,
    Stratum,
)
from casereader.instrument.schema import (
    ChoiceTable,
    InstrumentTable,
    ListedTable,
    PartTable,
    QuestionTable,
    ScaleTable,
    SectionTable,
)


def build(tables: InstrumentTable, *, name: str, digest: str) -> Instrument:
    """Make the model. Raises InstrumentError with every fault of the file called `name`."""
    faults = Faults(name)
    check_lists(tables, faults)
    builder = _Builder(tables, faults)
    sections = tuple(builder.section(section) for section in tables.sections)
    faults.at()
    parts = {part.key: part for section in sections for part in section.parts}
    derived = tuple(builder.derived())
    contradictions = tuple(builder.contradictions(parts))
    check_keys(tables, sections, faults)
    check_figures(tables, parts, sections, faults)
    check_filled(tables, parts, faults)
    builder.conditions.check(parts, frozenset(stratum.code for stratum in tables.strata))
    conditions = in_order(parts, faults)
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
        agencies=tuple(map(_listed, tables.agencies)),
        sources=tuple(map(_listed, tables.sources)),
        grounds=tuple(map(_listed, tables.grounds)),
        quality_indicators=tuple(map(_listed, tables.quality_indicators)),
        derived=derived,
        contradictions=contradictions,
        note_shortest=tables.evidence.shortest,
        note_longest=tables.evidence.longest,
        conditions=conditions,
    )


class _Builder:
    """Builds section by section and notes what names nothing."""

    def __init__(self, tables: InstrumentTable, faults: Faults) -> None:
        self.tables = tables
        self.faults = faults
        self.conditions = Conditions(faults)
        self.grounds = {ground.value: _listed(ground) for ground in tables.grounds}
        self.scales = {scale.id: scale for scale in tables.scales}
        self.part_sets = {part_set.id: part_set.parts for part_set in tables.part_sets}
        self.indicators = {indicator.value for indicator in tables.quality_indicators}
        for scale in tables.scales:
            self.known_grounds((*scale.not_applicable, *scale.cannot_be_evaluated))

    def section(self, table: SectionTable) -> Section:
        self.faults.at(table.id)
        if table.headline is not None and table.headline not in {question.id for question in table.questions}:
            self.faults.add(f"its headline “{table.headline}” is not a question of it.", "Name one of its questions.")
        shown = self.conditions.read(table.shown)
        return Section(
            id=table.id,
            title=table.title,
            questions=tuple(self.question(table.id, question, shown) for question in table.questions),
            intro=table.intro,
            headline=table.headline,
            evidence=table.evidence,
            layout=table.layout,
            shown=shown,
        )

    def question(self, section: str, table: QuestionTable, section_shown: Expression | None) -> Question:
        self.faults.at(section, table.id)
        if table.qi is not None and table.qi not in self.indicators:
            self.faults.add(f"there is no quality indicator “{table.qi}”.", "Add it to [[quality_indicators]].")
        shown = _both(section_shown, self.conditions.read(table.shown))
        parts = [self.part(section, table, part, shown) for part in self.part_tables(table)]
        return Question(
            id=table.id,
            section=section,
            label=table.label,
            text=table.text,
            parts=tuple(part for part in parts if part is not None),
            guidance=table.guidance,
            good=table.good,
            qi=table.qi,
            shown=shown,
        )

    def part_tables(self, table: QuestionTable) -> list[PartTable]:
        if sum((table.scale is not None, bool(table.parts), table.part_set is not None)) != 1:
            self.faults.add("it has not exactly one of scale, parts and part_set.", "Keep one of the three.")
            return []
        if table.scale is not None:
            return [PartTable(label=table.label, text=table.text, scale=table.scale)]
        if table.part_set is None:
            return table.parts
        if table.part_set not in self.part_sets:
            self.faults.add(f"there is no part set “{table.part_set}”.", "Use an id of [[part_sets]].")
        return self.part_sets.get(table.part_set, [])

    def part(self, section: str, question: QuestionTable, table: PartTable, shown: Expression | None) -> Part | None:
        """One part; what it does not say itself, its question or its scale says."""
        scale = self.scales.get(table.scale)
        if scale is None:
            self.faults.add(f"there is no scale “{table.scale}”.", "Use an id of [[scales]].")
            return None
        is_reversed = question.reversed if table.reversed is None else table.reversed
        na = self.known_grounds(_first(table.not_applicable, question.not_applicable, scale.not_applicable))
        cbe = self.known_grounds(
            _first(table.cannot_be_evaluated, question.cannot_be_evaluated, scale.cannot_be_evaluated)
        )
        refused = self.conditions.read(table.not_applicable_refused or question.not_applicable_refused)
        if refused is not None and not na:
            self.faults.add("it refuses “not applicable”, but nobody is offered it.", "Give it grounds.")
        if refused is not None and any(one.name != STRATUM for one in comparisons(refused)):
            self.faults.add("it refuses “not applicable” by more than the stratum.", "Compare only stratum there.")
        return Part(
            key=question.id if table.id is None else f"{question.id}.{table.id}",
            question=question.id,
            section=section,
            label=table.label,
            text=table.text or f"{question.text}: {table.label}",
            scale=_scale(scale),
            choices=(choices := self.offered(scale, is_reversed, na, cbe)),
            qi=question.qi,
            required=question.required if table.required is None else table.required,
            reversed=is_reversed,
            shown=_both(shown, self.conditions.read(table.shown)),
            na_grounds=na,
            na_refused=refused,
            cbe_grounds=cbe,
            filled_from=table.filled_from or question.filled_from,
            by_value={choice.value: choice for choice in choices},
        )

    def offered(
        self, scale: ScaleTable, is_reversed: bool, na: tuple[Listed, ...], cbe: tuple[Listed, ...]
    ) -> tuple[Choice, ...]:
        """The choices of a scale that a part offers: the two that need a ground only where it has grounds."""
        without = set()
        for value, grounds in ((NOT_APPLICABLE, na), (CANNOT_BE_EVALUATED, cbe)):
            if not grounds:
                without.add(value)
            elif value not in {choice.value for choice in scale.choices}:
                self.faults.add(f"it has grounds for {value}, which scale {scale.id} lacks.", "Add it to the scale.")
        return tuple(_choice(c, scale, is_reversed) for c in scale.choices if c.value not in without)

    def known_grounds(self, grounds: Iterable[str]) -> tuple[Listed, ...]:
        listed = list(grounds)
        for ground in listed:
            if ground not in self.grounds:
                self.faults.add(f"there is no ground “{ground}”.", "Add it to [[grounds]].")
        return tuple(self.grounds[ground] for ground in listed if ground in self.grounds)

    def derived(self) -> Iterator[Derived]:
        for table in self.tables.derived:
            counts, among = self.conditions.read(table.counts), self.conditions.read(table.among)
            if counts is not None and among is not None:
                yield Derived(table.id, table.label, counts, among)

    def contradictions(self, parts: Mapping[str, Part]) -> Iterator[Contradiction]:
        for table in self.tables.contradictions:
            called = f"the contradiction “{table.says[:40]}…”"
            when = self.conditions.read(table.when)
            if (table.when is None) == (table.rating is None):
                self.faults.add(f"{called} has not exactly one of when and rating.", "Keep one of the two.")
            if table.rating is not None and not (table.answers and (table.high or table.low)):
                self.faults.add(f"{called} compares its rating with nothing.", "Give it answers, and high or low.")
            asked = [one.name for one in comparisons(when) if one.name != STRATUM] if when else []
            named = [table.rating, *table.keys, *asked] if table.rating else [*table.keys, *asked]
            for key in (*named, *table.answers):
                if key not in parts and key not in asked:
                    self.faults.add(f"{called} names “{key}”, which is not there.", "Use the key of a part.")
            rated = parts.get(table.rating or "")
            for value in (*table.high, *table.low):
                if rated is not None and value not in rated.by_value:
                    self.faults.add(f"{called} has the rating “{value}”.", f"Use an answer that {rated.key} offers.")
            if not named:
                self.faults.add(f"{called} points to no answer.", "Give it keys.")
            yield Contradiction(
                says=table.says,
                keys=tuple(dict.fromkeys(key for key in named if key)),
                when=when,
                rating=table.rating,
                answers=tuple(table.answers),
                high=tuple(table.high),
                low=tuple(table.low),
            )


def _listed(table: ListedTable) -> Listed:
    return Listed(table.value, table.label)


def _first(*lists: list[str] | None) -> list[str]:
    return next((one for one in lists if one is not None), [])


def _both(first: Expression | None, second: Expression | None) -> Expression | None:
    if first is None or second is None:
        return first or second
    return All((first, second))


def _choice(table: ChoiceTable, scale: ScaleTable, is_reversed: bool) -> Choice:
    need = table.need_reversed if is_reversed else table.need
    return Choice(
        value=table.value,
        label=table.label,
        says=table.says,
        y=table.y_reversed if is_reversed else table.y,
        need=scale.need if need is None else need,
        partly=table.partly,
    )


def _scale(table: ScaleTable) -> Scale:
    return Scale(
        id=table.id,
        kind=table.kind,
        choices=tuple(_choice(choice, table, False) for choice in table.choices),
        judgement=table.judgement,
        minimum=table.minimum,
        maximum=table.maximum,
        longest=table.longest,
    )
