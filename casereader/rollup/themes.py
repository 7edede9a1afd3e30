"""Themes, each with its own denominators: in how many records it was met, and what was done about it in those. Pure.

A theme is met where it is present, or indicated and not considered. The shares of what was done about it are those of
`RollUp.questions`: skip logic opens these answers only where the theme is met.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casereader.instrument.model import Instrument, Part, Question, Section
from casereader.rollup.checks import WHOLE
from casereader.rollup.design import build_design
from casereader.rollup.figures import share_figures
from casereader.rollup.marks import counted_as, mark_answers, with_columns
from casereader.words import WORDING, Wording
from sampling.estimation import DEFAULT
from sampling.estimation.shares import Method

PRESENT, INDICATED = "yes", "indicated"


@dataclass(frozen=True)
class Theme:
    """A question that first asks whether its theme is there; `done`: the parts on what was done about it."""

    question: Question
    presence: Part
    done: tuple[Part, ...]


def themes_of(instrument: Instrument) -> list[Theme]:
    """The themes that the instrument asks about, in its order."""
    found = []
    for question in instrument.questions:
        presence = next((part for part in question.parts if part.scale.kind == "presence"), None)
        if presence is not None:
            done = tuple(part for part in question.parts if part is not presence and part.has_y)
            found.append(Theme(question, presence, done))
    return found


def asked_of_all(instrument: Instrument) -> list[Section]:
    """The sections without a headline in which each question has a share and none depends on another answer."""
    return [
        section
        for section in instrument.sections
        if section.headline is None
        and section.shown is None
        and all(question.shown is None for question in section.questions)
        and all(part.has_y and part.shown is None for part in section.parts)
    ]


def theme_figures(
    cases: pd.DataFrame,
    answers: pd.DataFrame,
    instrument: Instrument,
    *,
    frame_counts: pd.DataFrame | None = None,
    confidence: float = 0.90,
    method: Method = DEFAULT,
    wording: Wording = WORDING,
) -> pd.DataFrame:
    """For each theme, with its part on presence as the question, the share of records that met it.

    The tables are those of `roll_up`, the columns those of questions.csv but the section. Records with no answer are
    outside: one of a young child, not asked about harm in the community, does not show that there was none.
    """
    design = build_design(cases, frame_counts)
    answered = mark_answers(design, answers, instrument)
    columns = {}
    for theme in themes_of(instrument):
        others = {choice.value: 0.0 for choice in theme.presence.choices}
        counts = {**others, PRESENT: 1.0, INDICATED: 1.0}
        columns[theme.presence.key] = counted_as(answered, instrument, theme.presence.key, counts)
    marks = with_columns(answered, columns)
    return share_figures(design, marks, (WHOLE,), confidence=confidence, method=method, wording=wording)
