"""The shape of an instrument file: every field an author may write, with what it means.

The descriptions here are what `docs/instruments.md` explains; `build` turns checked files into `model`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from casereader.instrument.model import Filler, Kind, Layout, Need, Unit

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
PartId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$", max_length=40)]
InstrumentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$", max_length=40)]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+$")]
Value = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
Share = Literal[0, 1]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ChoiceTable(_Table):
    """One answer of a scale."""

    value: Value = Field(description="what is stored and exported; never changed once published")
    label: Text = Field(description="what the reader sees")
    says: str = Field(default="", description="the descriptor, shown on demand")
    y: Share | None = Field(default=None, description="1 or 0 where the answer counts in a share; left out: blank")
    y_reversed: Share | None = Field(default=None, description="the same for a question marked `reversed`")
    need: Need | None = Field(default=None, description="evidence this answer needs; left out: the scale's")
    need_reversed: Need | None = Field(default=None, description="the same for a question marked `reversed`")
    partly: bool = Field(default=False, description="true for an answer between yes and no, in contradictions")


class ScaleTable(_Table):
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
    minimum: int = Field(default=0, ge=0, description="of a count")
    maximum: int = Field(default=0, ge=0, le=999_999, description="of a count")
    longest: int = Field(default=0, ge=0, le=20_000, description="of a text, in characters")


class PartTable(_Table):
    """One of several values a question asks for."""

    id: PartId | None = Field(default=None, description="after the dot of the key; left out: the key is the question's")
    label: Text = Field(description="short name, in grids and tables")
    text: str = Field(default="", description="the full wording; left out: question and label")
    scale: Id = Field(description="the scale answered on")
    shown: Text | None = Field(default=None, description="condition under which the part is asked")
    required: bool | None = Field(default=None, description="false: may be left blank at submission")
    reversed: bool | None = Field(default=None, description="true: yes is the bad answer")
    not_applicable: list[Value] | None = Field(default=None, description="grounds; an empty list refuses the answer")
    not_applicable_refused: Text | None = Field(default=None, description="condition under which it is refused")
    cannot_be_evaluated: list[Value] | None = Field(default=None, description="grounds; an empty list refuses it")
    filled_from: Filler | None = Field(default=None, description="what fills it in before the reader looks")


class PartSetTable(_Table):
    """Parts that several questions share."""

    id: Id = Field(description="the name questions use")
    parts: list[PartTable] = Field(min_length=1, description="the parts")


class QuestionTable(_Table):
    """One question; either a scale, or parts, or a part set."""

    id: Id = Field(description="its key; `C9`")
    label: Text = Field(description="short name, in tables and charts")
    text: Text = Field(description="the wording, one sentence that a record can answer")
    guidance: str = Field(default="", description="how to judge it")
    good: str = Field(default="", description="one line: what a good one looks like")
    scale: Id | None = Field(default=None, description="the scale, for a question of one part")
    parts: list[PartTable] = Field(default_factory=list, description="the parts, where it has several")
    part_set: Id | None = Field(default=None, description="the part set it uses")
    qi: Value | None = Field(default=None, description="the quality indicator it stands under in the roll-up")
    shown: Text | None = Field(default=None, description="condition under which it is asked")
    required: bool = Field(default=True, description="false: may be left blank at submission")
    reversed: bool = Field(default=False, description="true: yes is the bad answer")
    not_applicable: list[Value] | None = Field(default=None, description="grounds; an empty list refuses the answer")
    not_applicable_refused: Text | None = Field(default=None, description="condition under which it is refused")
    cannot_be_evaluated: list[Value] | None = Field(default=None, description="grounds; an empty list refuses it")
    filled_from: Filler | None = Field(default=None, description="what fills it in before the reader looks")


class SectionTable(_Table):
    """A page of questions."""

    id: Id = Field(description="its letter or name, in addresses")
    title: Text = Field(description="its heading")
    intro: str = Field(default="", description="what to know before answering")
    headline: Id | None = Field(default=None, description="the question whose figure stands for the section")
    evidence: bool = Field(default=False, description="true: one note with a source is needed in it")
    layout: Layout = Field(default="list", description="`grid`: one row per question, one column per part")
    shown: Text | None = Field(default=None, description="condition under which the section is asked")
    questions: list[QuestionTable] = Field(min_length=1, description="its questions")


class OpeningTable(_Table):
    """A row at the top of the roll-up."""

    question: Id = Field(description="the question")
    label: Text = Field(description="what the row is called")


class ListedTable(_Table):
    """A code with its words: sources, agencies, grounds, quality indicators."""

    value: Value = Field(description="the code that is stored")
    label: Text = Field(description="the words")


class StratumTable(_Table):
    """A group of the list that cases are drawn from."""

    code: Value = Field(description="the code in conditions")
    label: Text = Field(description="the words")
    also: list[Value] = Field(default_factory=list, description="other spellings in frames")
    records: list[Value] = Field(default_factory=list, description="agencies whose records are expected")


class DerivedTable(_Table):
    """A figure made from several answers."""

    id: Id = Field(description="its key in tables")
    label: Text = Field(description="the words")
    counts: Text = Field(description="condition under which a record counts as 1")
    among: Text = Field(description="condition under which it is in the denominator")


class ContradictionTable(_Table):
    """Answers that do not go together: a warning, never a bar."""

    says: Text = Field(description="the warning, in words")
    keys: list[Text] = Field(default_factory=list, description="the answers it points to; a rating's come by itself")
    when: Text | None = Field(default=None, description="the condition; or a rating with its answers")
    rating: Id | None = Field(default=None, description="the rating compared with answers")
    answers: list[Text] = Field(default_factory=list, description="the answers it should go with")
    high: list[Value] = Field(default_factory=list, description="ratings that do not fit mostly weak answers")
    low: list[Value] = Field(default_factory=list, description="ratings that do not fit nearly all strong ones")


class EvidenceTable(_Table):
    """The bounds of an evidence note."""

    shortest: int = Field(default=20, ge=1, le=1000, description="characters an evidence note must have")
    longest: int = Field(default=20_000, ge=1, le=20_000, description="characters any note may have")


class InstrumentTable(_Table):
    """A whole instrument file."""

    id: InstrumentId = Field(description="its name for ever, such as CRR-1")
    version: Version = Field(description="two numbers; the second changes for a text fix only")
    title: Text = Field(description="what people call it")
    unit: Unit = Field(description="case: answered per record; partnership: once per inspection")
    opening: list[OpeningTable] = Field(min_length=1, description="the first rows of the roll-up")
    reading_period: str = Field(default="", description="note on the months judged, shown on every page")
    declaration: str = Field(default="", description="what the reader confirms on submission")
    evidence: EvidenceTable = Field(default_factory=lambda: EvidenceTable(), description="the bounds of a note")
    sources: list[ListedTable] = Field(default_factory=list, description="where evidence can come from")
    agencies: list[ListedTable] = Field(default_factory=list, description="whose records are read")
    strata: list[StratumTable] = Field(default_factory=list, description="the groups of the list")
    grounds: list[ListedTable] = Field(default_factory=list, description="every ground, by code")
    quality_indicators: list[ListedTable] = Field(default_factory=list, description="what is evaluated")
    scales: list[ScaleTable] = Field(min_length=1, description="the kinds of answers")
    part_sets: list[PartSetTable] = Field(default_factory=list, description="parts shared by questions")
    sections: list[SectionTable] = Field(min_length=1, description="the pages, in order")
    derived: list[DerivedTable] = Field(default_factory=list, description="figures from several answers")
    contradictions: list[ContradictionTable] = Field(default_factory=list, description="what warns")
