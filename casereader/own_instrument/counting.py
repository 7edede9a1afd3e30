"""Partnerships counted, apart from shares of records: how many were judged how, and quality assurance beside figures.

Pure. Only partnerships whose instrument is complete are handed in: the n of “in k of n inspected”.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from casereader.instrument import Answers, Choice, Instrument, Question

QUALITY_ASSURANCE = "P10"


@dataclass(frozen=True)
class Asked:
    """One question: how many partnerships were judged how, in the order of its choices."""

    question: Question
    counts: dict[str, int]

    @property
    def n(self) -> int:
        """The partnerships judged."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Judged:
    """The partnerships with one judgement of their quality assurance, and the figures of each that has one.

    `figures`: name to the row of the share of records; `n` counts those without a figure too.
    """

    judgement: Choice
    n: int
    figures: dict[str, Mapping[str, Any]]

    @property
    def shares(self) -> tuple[float, float, float] | None:
        """The lowest, the middle and the highest share; None where no partnership has one."""
        found = sorted(row["share"] for row in self.figures.values())
        return (found[0], median(found), found[-1]) if found else None


def counts(instrument: Instrument, inspected: Sequence[Answers]) -> list[Asked]:
    """Every question that is judged, with the partnerships under each judgement."""
    found = []
    for question in instrument.questions:
        part = question.parts[0]
        said = [answers[part.key].value for answers in inspected if part.key in answers]
        found.append(Asked(question, {choice.value: said.count(choice.value) for choice in part.choices}))
    return found


def quality_assurance(
    instrument: Instrument, inspected: Mapping[str, Answers], rows: Mapping[str, Mapping[str, Any]], *, least_n: int
) -> list[Judged]:
    """Partnerships by how their quality assurance was judged, with `rows` of those that rest on `least_n` records.

    `inspected` and `rows` by the name of the partnership.
    """
    if not instrument.has(QUALITY_ASSURANCE):
        return []
    found = []
    for choice in instrument.part(QUALITY_ASSURANCE).choices:
        names = [
            name
            for name, answers in inspected.items()
            if QUALITY_ASSURANCE in answers and answers[QUALITY_ASSURANCE].value == choice.value
        ]
        enough = {name: rows[name] for name in names if name in rows and rows[name]["n"] >= least_n}
        found.append(Judged(choice, len(names), enough))
    return found
