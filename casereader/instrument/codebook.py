"""What an instrument asks and how answers become figures: an entry per part, and all of its logic as an appendix.

For the codebook as a page and as a document; nothing stands in either that is not in the instrument's file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from casereader.instrument.logic import Contradiction, Gate
from casereader.instrument.model import Choice, Instrument, Part

KINDS = {
    "six": "Six-point scale",
    "ypn": "Yes, in part or no",
    "freq": "Frequency",
    "diff": "Difference made",
    "presence": "Presence",
    "pick": "One from a list",
    "count": "Number",
    "text": "Text",
    "topic": "Topic with text",
}
FILLED = {
    "stratum": "the group on the list",
    "age_band": "the age on the list",
    "legal_basis": "the legal basis on the list",
    "living": "the living arrangement on the list",
    "deprivation": "the deprivation fifth on the list",
    "family_group": "the family group on the list",
    "agency": "the records expected for the group",
    "concern": "whether a matter of concern was raised",
    "minutes": "the time measured",
}
NEEDS = {"none": "", "note": "a note", "note and source": "an evidence note with a source"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything about one part, in words; `asked`, `refused` and `rules` hold conditions as the file writes them."""

    key: str
    section: str
    section_title: str
    question: str
    label: str
    text: str
    guidance: str
    kind: str
    answers: tuple[Choice, ...]
    bounds: str
    required: bool
    asked: str
    grounds: tuple[str, ...]
    refused: tuple[str, ...]
    quality_indicator: str
    is_headline: bool
    filled_from: str = ""
    is_reversed: bool = False
    rules: tuple[tuple[str, str], ...] = ()
    overrides: str = ""

    @property
    def facts(self) -> tuple[str, ...]:
        """What is to be known of the part besides its answers, a line each."""
        needed = "computed" if self.rules else "needed" if self.required else "may be left blank"
        lines = (
            f"{self.kind}{f', {self.bounds}' if self.bounds else ''}; {needed}",
            self.overrides and f"Stands in place of {self.overrides}, with its reason",
            self.quality_indicator and f"Quality indicator {self.quality_indicator}",
            "Reversed: yes is the poor answer" if self.is_reversed else "",
            self.filled_from and f"Filled in beforehand from {self.filled_from}",
            self.asked and f"Asked where {self.asked}",
            self.grounds and f"Grounds: {'; '.join(self.grounds)}",
            *self.refused,
            *(f"{gives} where {when}" for gives, when in self.rules),
        )
        return tuple(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the appendix: what it is about, and a table of it."""

    id: str
    title: str
    intro: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def codebook(instrument: Instrument) -> tuple[Entry, ...]:
    """One entry per part, in the instrument's order."""
    return tuple(_entry(instrument, instrument.part(key)) for key in instrument.parts)


def appendix(instrument: Instrument) -> tuple[Chapter, ...]:
    """The full logic, chapter by chapter; one that the instrument has no use for is left out."""
    return tuple(chapter for chapter in _chapters(instrument) if chapter.rows)


def _entry(instrument: Instrument, part: Part) -> Entry:
    section = instrument.section(part.section)
    question = instrument.question(part.question)
    scale = part.scale
    bounds = ""
    if scale.kind == "count":
        bounds = f"{scale.minimum:,} to {scale.maximum:,}"
    elif scale.kind == "text":
        bounds = f"up to {scale.longest:,} characters"
    good = question.good and f"What good looks like: {question.good}"
    return Entry(
        key=part.key,
        section=section.id,
        section_title=section.title,
        question=part.question,
        label=part.label,
        text=part.text,
        guidance=" ".join(filter(None, (question.guidance, good))) if question.parts[0] is part else "",
        kind="Computed rating" if part.rating else KINDS[scale.kind],
        answers=part.choices,
        bounds=bounds,
        required=part.required,
        asked="" if part.shown is None else str(part.shown),
        grounds=tuple(ground.label for ground in (*part.na_grounds, *part.cbe_grounds)),
        refused=tuple(f"“{words}” is refused where {where}" for words, where in _refusals(part)),
        quality_indicator=part.qi or "",
        is_headline=section.headline == part.key,
        filled_from=FILLED[part.filled_from] if part.filled_from else "",
        is_reversed=part.reversed,
        rules=_rules(part),
        overrides=part.overrides or "",
    )


def _refusals(part: Part) -> tuple[tuple[str, str], ...]:
    refusals = (("Not applicable", part.na_refused), ("Cannot be evaluated", part.cbe_refused))
    return tuple((words, str(where)) for words, where in refusals if where is not None)


def _rules(part: Part) -> tuple[tuple[str, str], ...]:
    if part.rating is None:
        return ()
    return tuple((part.by_value[rule.gives].label, str(rule.when)) for rule in part.rating.rules)


def _chapters(instrument: Instrument) -> Iterator[Chapter]:
    agencies = {agency.value: agency.label for agency in instrument.agencies}
    parts = [instrument.part(key) for key in instrument.parts]
    yield Chapter(
        "groups",
        "Groups and records expected",
        "The groups that cases are drawn from, and whose records are expected in each.",
        ("Code", "Group", "Also written", "Records expected"),
        tuple(
            (one.code, one.label, ", ".join(one.also), ", ".join(agencies[value] for value in one.records))
            for one in instrument.strata
        ),
    )
    yield Chapter(
        "asked",
        "When questions are asked",
        "Decided in this order. A question that is not named here is always asked. One that is not asked counts "
        "nowhere and opens nothing. A condition that turns on a group which is not known hides nothing.",
        ("Asked where", "Questions"),
        tuple((str(step.shown), ", ".join(step.keys)) for step in instrument.steps if isinstance(step, Gate)),
    )
    yield Chapter(
        "computed",
        "Computed ratings",
        "The first rule that holds gives the rating, once every answer it rests on is given. Where another rating is "
        "set, with its reason, that one stands and the computed one is shown beside it.",
        ("Rating", "Order", "Gives", "Where", "May be overridden"),
        tuple(
            (part.key, str(order), gives, when, "yes" if part.rating and part.rating.override else "no")
            for part in parts
            for order, (gives, when) in enumerate(_rules(part), start=1)
        ),
    )
    yield Chapter(
        "evidence",
        "Evidence",
        f"An evidence note has {instrument.note_shortest:,} characters or more and at least one source ticked. "
        f"Sources: {', '.join(source.label for source in instrument.sources) or 'none'}.",
        ("Where", "Answers", "Need"),
        tuple(_evidence(instrument, parts)),
    )
    yield Chapter(
        "refused",
        "Where an answer is refused",
        "In these groups the answer is not taken.",
        ("Question", "Answer", "Refused where"),
        tuple((part.key, words, where) for part in parts for words, where in _refusals(part)),
    )
    yield Chapter(
        "warnings",
        "Contradictions",
        "They warn and never stop anything. A rating is compared with at least three answers that count: a high one "
        "with at least half of them weak, a low one with at least nine in ten strong.",
        ("Warning", "Where"),
        tuple(
            (one.says, str(one.when) if one.when is not None else _compared(one)) for one in instrument.contradictions
        ),
    )
    yield Chapter(
        "figures",
        "Figures from several answers",
        "A record counts as 1 where the first condition holds, among the records for which the second does.",
        ("Figure", "Counts where", "Among"),
        tuple((one.label, str(one.counts), str(one.among)) for one in instrument.derived),
    )
    yield Chapter(
        "indicators",
        "Quality indicators",
        "The questions under each, never pooled.",
        ("Indicator", "Name", "Questions"),
        tuple(
            (one.value, one.label, ", ".join(question.id for question in instrument.mapped_to(one.value)))
            for one in instrument.quality_indicators
        ),
    )
    yield Chapter(
        "standards",
        "Standards",
        "Each stands in the band of its lowest question. Bands, by the lowest share of each: "
        f"{', '.join(f'{band.label} {band.from_share:.0%}' for band in instrument.bands)}.",
        ("Standard", "Questions"),
        tuple((one.label, ", ".join(one.questions)) for one in instrument.standards),
    )
    yield Chapter(
        "versions",
        "Earlier versions",
        "What each question was. Only questions that are the same are compared across versions.",
        ("Version", "Was", "Is now", "Relation"),
        tuple((one.version, one.was, one.now, one.relation) for one in instrument.mapping),
    )


def _compared(one: Contradiction) -> str:
    return f"{one.rating} against {', '.join(one.answers)}: high {', '.join(one.high)}; low {', '.join(one.low)}"


def _evidence(instrument: Instrument, parts: list[Part]) -> Iterator[tuple[str, str, str]]:
    """What each section and each answer needs; questions that need the same stand together."""
    for section in instrument.sections:
        if section.evidence:
            says = "one evidence note with a source, once a judgement is given"
            yield f"Section {section.id}", "any judgement but not applicable", says
    alike: dict[tuple[str, str], list[str]] = {}
    for part in parts:
        for need, words in NEEDS.items():
            needing = ", ".join(choice.label for choice in part.choices if choice.need == need)
            if words and needing and part.rating is None:
                alike.setdefault((needing, words), []).append(part.key)
    for (needing, words), keys in alike.items():
        yield ", ".join(keys), needing, words
