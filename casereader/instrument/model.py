"""The questionnaire in memory: immutable, keyed by part, made once from its file and asked by every room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from casereader.instrument.expressions import Expression
from casereader.instrument.logic import Band, Contradiction, Derived, Mapped, Rating, Standard, Step

Version = tuple[int, int]

NOT_APPLICABLE = "not_applicable"
CANNOT_BE_EVALUATED = "cannot_be_evaluated"

Unit = Literal["case", "partnership"]
Kind = Literal["six", "ypn", "freq", "diff", "presence", "pick", "count", "text", "topic"]
Need = Literal["none", "note", "note and source"]
Layout = Literal["list", "grid"]
Filler = Literal[
    "stratum", "age_band", "legal_basis", "living", "deprivation", "family_group", "agency", "concern", "minutes"
]


def version_of(text: str) -> Version:
    """A version's whole number and the number of its text fix, which order versions as they are meant."""
    whole, _, fix = text.partition(".")
    return int(whole), int(fix)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a scale: the stored value, its label, its descriptor, and what it means for figures.

    `y` is 1 or 0 in a share, None outside its denominator; `partly` marks an answer between the two.
    """

    value: str
    label: str
    says: str = ""
    y: int | None = None
    need: Need = "none"
    partly: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """A kind of answer. `minimum` and `maximum` bound a count; `longest` bounds a text, in characters."""

    id: str
    kind: Kind
    choices: tuple[Choice, ...] = ()
    judgement: bool = False
    minimum: int = 0
    maximum: int = 0
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A code with the words for it: a source, an agency, a ground, a quality indicator."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Stratum:
    """A group of the published return: its code, the other spellings it is known by, the records expected."""

    code: str
    label: str
    also: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


def code_of(key: str) -> str:
    """What people call a part by: its key, without a word for the part, which its label says.

    >>> code_of("H4.addressed"), code_of("J3.2")
    ('H4', 'J3.2')
    """
    question, _, named = key.partition(".")
    return key if named.isdigit() else question


@dataclass(frozen=True, slots=True)
class Part:
    """What one value is given for, under one key.

    `choices` are those offered here; `na_grounds` and `cbe_grounds` the grounds for *not applicable* and
    *cannot be evaluated* (none: not offered); `na_refused` and `cbe_refused` the strata in which each is refused.
    `rating`: its answer is computed, and nobody gives it. `overrides`: the key of the rating it stands in place of.
    """

    key: str
    question: str
    section: str
    label: str
    text: str
    scale: Scale
    choices: tuple[Choice, ...]
    qi: str | None = None
    required: bool = True
    reversed: bool = False
    shown: Expression | None = None
    na_grounds: tuple[Listed, ...] = ()
    na_refused: Expression | None = None
    cbe_grounds: tuple[Listed, ...] = ()
    cbe_refused: Expression | None = None
    filled_from: Filler | None = None
    rating: Rating | None = None
    overrides: str | None = None
    by_value: Mapping[str, Choice] = field(default_factory=dict, repr=False, compare=False)

    def choice(self, value: str | None) -> Choice | None:
        """The choice offered here under a stored value."""
        return None if value is None else self.by_value.get(value)

    @property
    def code(self) -> str:
        """What people call it by before its label."""
        return code_of(self.key)

    @property
    def has_y(self) -> bool:
        """Whether any answer here can count in a share."""
        return any(choice.y is not None for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its guidance and its parts, in order."""

    id: str
    section: str
    label: str
    text: str
    parts: tuple[Part, ...]
    guidance: str = ""
    good: str = ""
    qi: str | None = None
    shown: Expression | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A page of questions. `evidence`: one note with a source is needed somewhere in it."""

    id: str
    title: str
    questions: tuple[Question, ...]
    intro: str = ""
    headline: str | None = None
    evidence: bool = False
    layout: Layout = "list"
    shown: Expression | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of all its questions, in order."""
        return tuple(part for question in self.questions for part in question.parts)


@dataclass(frozen=True, slots=True)
class Opening:
    """A row at the top of a roll-up: the question and what the row is called."""

    question: str
    label: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A whole questionnaire under one id and version.

    `digest` is the SHA-256, in lower-case hex, of all that its file says, whatever its layout and comments.
    `steps` are the distinct skip conditions and the computed ratings, each after those it asks about. `example`:
    shown, and not offered to programmes.
    """

    id: str
    version: str
    title: str
    unit: Unit
    digest: str
    sections: tuple[Section, ...]
    opening: tuple[Opening, ...] = ()
    reading_period: str = ""
    declaration: str = ""
    strata: tuple[Stratum, ...] = ()
    agencies: tuple[Listed, ...] = ()
    sources: tuple[Listed, ...] = ()
    grounds: tuple[Listed, ...] = ()
    quality_indicators: tuple[Listed, ...] = ()
    derived: tuple[Derived, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    note_shortest: int = 20
    note_longest: int = 20_000
    steps: tuple[Step, ...] = field(default=(), repr=False)
    bands: tuple[Band, ...] = ()
    standards: tuple[Standard, ...] = ()
    mapping: tuple[Mapped, ...] = ()
    example: bool = False
    questions: tuple[Question, ...] = field(init=False, repr=False)
    parts: tuple[str, ...] = field(init=False, repr=False)
    source_values: frozenset[str] = field(init=False, repr=False)
    _parts: Mapping[str, Part] = field(init=False, repr=False, compare=False)
    _questions: Mapping[str, Question] = field(init=False, repr=False, compare=False)
    _sections: Mapping[str, Section] = field(init=False, repr=False, compare=False)
    _strata: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        questions = tuple(question for section in self.sections for question in section.questions)
        by_key = {part.key: part for question in questions for part in question.parts}
        by_name = {
            name.casefold(): stratum.code
            for stratum in self.strata
            for name in (*stratum.also, stratum.label, stratum.code)
        }
        for name, value in (
            ("questions", questions),
            ("parts", tuple(by_key)),
            ("source_values", frozenset(source.value for source in self.sources)),
            ("_parts", by_key),
            ("_questions", {question.id: question for question in questions}),
            ("_sections", {section.id: section for section in self.sections}),
            ("_strata", by_name),
        ):
            object.__setattr__(self, name, value)

    def part(self, key: str) -> Part:
        """The part under a key; KeyError where there is none."""
        return self._parts[key]

    def has(self, key: str) -> bool:
        """Whether the instrument has a part under this key."""
        return key in self._parts

    def question(self, id: str) -> Question:
        """The question with this id; KeyError where there is none."""
        return self._questions[id]

    def section(self, id: str) -> Section:
        """The section with this id; KeyError where there is none."""
        return self._sections[id]

    def headline(self, section: str) -> Question | None:
        """The question whose figure stands for a section, where it has one."""
        headline = self._sections[section].headline
        return None if headline is None else self._questions[headline]

    @property
    def filled_in(self) -> frozenset[str]:
        """The keys of the parts that are filled in beforehand, whatever from."""
        return frozenset(key for key, part in self._parts.items() if part.filled_from)

    def filled_from(self, filler: Filler) -> tuple[Part, ...]:
        """The parts that something else than the reader fills in first, such as the frame's age band."""
        return tuple(part for part in self._parts.values() if part.filled_from == filler)

    @property
    def ratings(self) -> tuple[Rating, ...]:
        """The computed ratings, each after those it asks about."""
        return tuple(step for step in self.steps if isinstance(step, Rating))

    def mapped_to(self, indicator: str) -> tuple[Question, ...]:
        """The questions that stand under a quality indicator, in order."""
        return tuple(question for question in self.questions if question.qi == indicator)

    def stratum_code(self, stratum: str | None) -> str | None:
        """The instrument's code for a stratum as a frame spells it; None where it knows no such stratum.

        A label of several columns (`b / 12-15`) is known by the first of its columns that is.
        """
        if stratum is None:
            return None
        known = self._strata
        for name in (stratum, *stratum.split(" / ")):
            if (code := known.get(name.strip().casefold())) is not None:
                return code
        return None

    def records_expected(self, stratum: str | None) -> tuple[str, ...]:
        """The agencies whose records are expected in a stratum; every agency where the stratum is unknown."""
        code = self.stratum_code(stratum)
        for known in self.strata:
            if known.code == code:
                return known.records
        return tuple(agency.value for agency in self.agencies)
