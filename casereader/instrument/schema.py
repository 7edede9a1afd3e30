"""The shape of an instrument file: every field an author may write, with what it means.

The descriptions here are what `docs/instruments.md` explains; `build` turns checked files into `model`. A field of
the types `Words` and `Prose` is wording: the only kind of field that a text fix (1.0 → 1.1) may change.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from casereader.instrument.expressions import LONGEST as LONGEST_CONDITION
from casereader.instrument.logic import Relation
from casereader.instrument.model import Filler, Kind, Layout, Need, Unit

LONGEST_TEXT = 5_000
LONGEST_KEY = 40
NOTHING = "[]"  # how a spreadsheet says “an empty list”, so no value of a list may look like it


class Wording:
    """Marks the type of a field that holds words for people, which change no answer and no figure."""


def _printable(text: str) -> str:
    """Refuse what no page, database or workbook can hold: control characters other than line breaks."""
    if any(letter in "\ufffe\uffff" or (unicodedata.category(letter) == "Cc" and letter != "\n") for letter in text):
        raise PydanticCustomError("unprintable", "a character that cannot be shown")
    return text


def _one_line(text: str) -> str:
    if "\n" in _printable(text):
        raise PydanticCustomError("line_break", "a line break")
    return text


_Printable, _OneLine = AfterValidator(_printable), AfterValidator(_one_line)

Words = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, strip_whitespace=True), _Printable, Wording
]
Prose = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, strip_whitespace=True), _Printable, Wording]
Condition = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_CONDITION, strip_whitespace=True), _OneLine
]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
PartId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$", max_length=40)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)?$", max_length=LONGEST_KEY)]
InstrumentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$", max_length=40)]
Version = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$", max_length=20)]
Value = Annotated[
    str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True, pattern=r"^[^\[\]]+$"), _OneLine
]
Share = Literal[0, 1]


class Table(BaseModel):
    """What every table of a file has in common: no field that is not here, and no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ChoiceTable(Table):
    """One answer of a scale."""

    value: Value = Field(description="what is stored and exported; never changed once published")
    label: Words = Field(description="what the reader sees")
    says: Prose = Field(default="", description="the descriptor, shown on demand")
    y: Share | None = Field(default=None, description="1 or 0 where the answer counts in a share; left out: blank")
    y_reversed: Share | None = Field(default=None, description="the same for a question marked `reversed`")
    need: Need | None = Field(default=None, description="evidence this answer needs; left out: the scale's")
    need_reversed: Need | None = Field(default=None, description="the same for a question marked `reversed`")
    partly: bool = Field(default=False, description="true for an answer between yes and no, in contradictions")


class ScaleTable(Table):
    """A kind of answer that questions name."""

    id: Id = Field(description="the name questions use")
    kind: Kind = Field(description="how it is shown and checked")
    choices: list[ChoiceTable] = Field(default_factory=list, description="its answers, in the order shown")
    judgement: bool = Field(default=False, description="true where an answer is a judgement that rests on evidence")
    need: Need = Field(default="none", description="evidence every answer needs: none, note, note and source")
    not_applicable: list[Value] = Field(
        default_factory=list, description="grounds offered by questions that do not list their own"
    )
    cannot_be_evaluated: list[Value] = Field(default_factory=list, description="the same for this answer")
    minimum: int = Field(default=0, ge=0, le=999_999, description="of a count")
    maximum: int = Field(default=0, ge=0, le=999_999, description="of a count")
    longest: int = Field(default=0, ge=0, le=20_000, description="of a text, in characters")


class PartTable(Table):
    """One of several values a question asks for."""

    id: PartId | None = Field(default=None, description="after the dot of the key; left out: the key is the question's")
    label: Words = Field(description="short name, in grids and tables")
    text: Prose = Field(default="", description="the full wording; left out: question and label")
    scale: Id = Field(description="the scale answered on")
    shown: Condition | None = Field(default=None, description="condition under which the part is asked")
    required: bool | None = Field(default=None, description="false: may be left blank at submission")
    reversed: bool | None = Field(default=None, description="true: yes is the bad answer")
    not_applicable: list[Value] | None = Field(default=None, description="grounds; an empty list refuses the answer")
    not_applicable_refused: Condition | None = Field(default=None, description="condition under which it is refused")
    cannot_be_evaluated: list[Value] | None = Field(default=None, description="grounds; an empty list refuses it")
    cannot_be_evaluated_refused: Condition | None = Field(default=None, description="the same for this answer")
    filled_from: Filler | None = Field(default=None, description="what fills it in before the reader looks")


class PartSetTable(Table):
    """Parts that several questions share."""

    id: Id = Field(description="the name questions use")
    parts: list[PartTable] = Field(min_length=1, description="the parts")


class RuleTable(Table):
    """One rule of a computed rating."""

    gives: Value = Field(description="the answer of the scale that the rule gives")
    when: Condition = Field(description="the condition under which it does, where no rule above it does")


class QuestionTable(Table):
    """One question; either a scale, or parts, or a part set."""

    id: Id = Field(description="its key; `C9`")
    label: Words = Field(description="short name, in tables and charts")
    text: Words = Field(description="the wording, one sentence that a record can answer")
    guidance: Prose = Field(default="", description="how to judge it")
    good: Prose = Field(default="", description="one line: what a good one looks like")
    scale: Id | None = Field(default=None, description="the scale, for a question of one part")
    parts: list[PartTable] = Field(default_factory=list, description="the parts, where it has several")
    part_set: Id | None = Field(default=None, description="the part set it uses")
    qi: Value | None = Field(default=None, description="the quality indicator it stands under in the roll-up")
    shown: Condition | None = Field(default=None, description="condition under which it is asked")
    required: bool = Field(default=True, description="false: may be left blank at submission")
    reversed: bool = Field(default=False, description="true: yes is the bad answer")
    not_applicable: list[Value] | None = Field(default=None, description="grounds; an empty list refuses the answer")
    not_applicable_refused: Condition | None = Field(default=None, description="condition under which it is refused")
    cannot_be_evaluated: list[Value] | None = Field(default=None, description="grounds; an empty list refuses it")
    cannot_be_evaluated_refused: Condition | None = Field(default=None, description="the same for this answer")
    filled_from: Filler | None = Field(default=None, description="what fills it in before the reader looks")
    rules: list[RuleTable] = Field(
        default_factory=list, description="its answer is computed: the first rule that holds gives it"
    )
    override: bool = Field(default=False, description="true: a person may set another rating, with the reason")


class SectionTable(Table):
    """A page of questions."""

    id: Id = Field(description="its letter or name, in addresses")
    title: Words = Field(description="its heading")
    intro: Prose = Field(default="", description="what to know before answering")
    headline: Id | None = Field(default=None, description="the question whose figure stands for the section")
    evidence: bool = Field(default=False, description="true: one note with a source is needed in it")
    layout: Layout = Field(default="list", description="`grid`: one row per question, one column per part")
    shown: Condition | None = Field(default=None, description="condition under which the section is asked")
    questions: list[QuestionTable] = Field(min_length=1, description="its questions")


class OpeningTable(Table):
    """A row at the top of the roll-up."""

    question: Id = Field(description="the question")
    label: Words = Field(description="what the row is called")


class ListedTable(Table):
    """A code with its words: sources, agencies, grounds, quality indicators."""

    value: Value = Field(description="the code that is stored")
    label: Words = Field(description="the words")


class StratumTable(Table):
    """A group of the list that cases are drawn from."""

    code: Value = Field(description="the code in conditions")
    label: Words = Field(description="the words")
    also: list[Value] = Field(default_factory=list, description="other spellings in frames")
    records: list[Value] = Field(default_factory=list, description="agencies whose records are expected")


class DerivedTable(Table):
    """A figure made from several answers."""

    id: Id = Field(description="its key in tables")
    label: Words = Field(description="the words")
    counts: Condition = Field(description="condition under which a record counts as 1")
    among: Condition = Field(description="condition under which it is in the denominator")


class BandTable(Table):
    """A name for a range of shares."""

    at_least: int = Field(ge=0, le=100, description="the lowest share of the band, in per cent")
    label: Words = Field(description="what the band is called")


class StandardTable(Table):
    """A group of questions that takes the band of the lowest of them."""

    id: Id = Field(description="its key in tables")
    label: Words = Field(description="what it is called")
    questions: list[Key] = Field(min_length=1, description="the questions with a share that it rests on")


class ContradictionTable(Table):
    """Answers that do not go together: a warning, never a bar."""

    says: Words = Field(description="the warning, in words")
    keys: list[Key] = Field(default_factory=list, description="the answers it points to; a rating's come by itself")
    when: Condition | None = Field(default=None, description="the condition; or a rating with its answers")
    rating: Key | None = Field(default=None, description="the rating compared with answers")
    answers: list[Key] = Field(default_factory=list, description="the answers it should go with")
    high: list[Value] = Field(default_factory=list, description="ratings that do not fit mostly weak answers")
    low: list[Value] = Field(default_factory=list, description="ratings that do not fit nearly all strong ones")


class MappingTable(Table):
    """What a question was in an earlier version."""

    version: Version = Field(description="the earlier version")
    was: Key = Field(description="its key there")
    now: Key = Field(description="its key here")
    relation: Relation = Field(description="same: may be compared; changed: may not")


class EvidenceTable(Table):
    """The bounds of an evidence note."""

    shortest: int = Field(default=20, ge=1, le=1000, description="characters an evidence note must have")
    longest: int = Field(default=20_000, ge=1, le=20_000, description="characters any note may have")


class InstrumentTable(Table):
    """A whole instrument file."""

    id: InstrumentId = Field(description="its name for ever, such as CRR-1")
    version: Version = Field(description="two numbers; the second changes for a text fix only")
    title: Words = Field(description="what people call it")
    unit: Unit = Field(description="case: answered per record; partnership: once per inspection")
    example: bool = Field(default=False, description="true: shown as an example, and not offered to programmes")
    opening: list[OpeningTable] = Field(min_length=1, description="the first rows of the roll-up")
    reading_period: Prose = Field(default="", description="note on the months judged, shown on every page")
    declaration: Prose = Field(default="", description="what the reader confirms on submission")
    evidence: EvidenceTable = Field(default=EvidenceTable(), description="the bounds of a note")
    sources: list[ListedTable] = Field(default_factory=list, description="where evidence can come from")
    agencies: list[ListedTable] = Field(default_factory=list, description="whose records are read")
    strata: list[StratumTable] = Field(default_factory=list, description="the groups of the list")
    grounds: list[ListedTable] = Field(default_factory=list, description="every ground, by code")
    quality_indicators: list[ListedTable] = Field(default_factory=list, description="what is evaluated")
    scales: list[ScaleTable] = Field(min_length=1, description="the kinds of answers")
    part_sets: list[PartSetTable] = Field(default_factory=list, description="parts shared by questions")
    sections: list[SectionTable] = Field(min_length=1, description="the pages, in order")
    derived: list[DerivedTable] = Field(default_factory=list, description="figures from several answers")
    bands: list[BandTable] = Field(default_factory=list, description="names for ranges of shares, lowest first")
    standards: list[StandardTable] = Field(default_factory=list, description="questions that share one band")
    contradictions: list[ContradictionTable] = Field(default_factory=list, description="what warns")
    mapping: list[MappingTable] = Field(default_factory=list, description="what each question was in earlier versions")
