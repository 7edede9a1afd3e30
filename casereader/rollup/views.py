"""The same figures in the orders people ask for: the opening rows, the sections, the quality indicators."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from casereader.instrument.model import Instrument
from casereader.rollup.checks import WHOLE

COUNTS = ("n", "k")


def main_keys(instrument: Instrument) -> list[str]:
    """The headline and opening questions and those under standards, in the instrument's order."""
    headlines = (instrument.headline(section.id) for section in instrument.sections)
    wanted = {one.id for one in headlines if one is not None} | {one.question for one in instrument.opening}
    wanted |= {key for standard in instrument.standards for key in standard.questions}
    return [key for key in instrument.parts if key in wanted]


def opening_rows(questions: pd.DataFrame, instrument: Instrument, inspections: Iterable[str]) -> pd.DataFrame:
    """The rows a roll-up opens with, per inspection, with `label` first; one with no answers yet has n 0."""
    asked = [(row.label, row.question) for row in instrument.opening]
    return _rows(questions, asked, inspections, "label")


def section_rows(questions: pd.DataFrame, instrument: Instrument, inspections: Iterable[str]) -> pd.DataFrame:
    """Every section's figure: that of its headline question, with the section's `title` first."""
    asked = [
        (section.title, headline.id)
        for section in instrument.sections
        if (headline := instrument.headline(section.id)) is not None
    ]
    return _rows(questions, asked, inspections, "title")


def indicator_rows(questions: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """The whole-sample figures of each question mapped to a quality indicator, never pooled; `qi`, `qi_label` first."""
    order = {indicator.value: place for place, indicator in enumerate(instrument.quality_indicators)}
    labels = {indicator.value: indicator.label for indicator in instrument.quality_indicators}
    whole = questions[questions["domain"] == WHOLE]
    mapped = whole["question"].map({key: instrument.part(key).qi for key in whole["question"].unique()})
    table = whole[mapped.notna()].copy()
    table.insert(0, "qi", mapped[mapped.notna()].astype(str))
    table.insert(1, "qi_label", table["qi"].map(labels).fillna(""))
    place = table["qi"].map(order).fillna(len(order))
    ordered = table.assign(_place=place).sort_values(["inspection", "_place"], kind="stable")
    return ordered.drop(columns="_place").reset_index(drop=True)


def _rows(questions: pd.DataFrame, asked: list[tuple[str, str]], inspections: Iterable[str], name: str) -> pd.DataFrame:
    wanted = pd.DataFrame(
        [(inspection, label, key) for inspection in inspections for label, key in asked],
        columns=["inspection", name, "question"],
    ).astype("str")
    whole = questions[questions["domain"] == WHOLE]
    table = wanted.merge(whole, how="left", on=["inspection", "question"])
    for count in COUNTS:
        table[count] = table[count].fillna(0)
    for text in ("section", "domain", "level", "method", "word", "also"):
        table[text] = table[text].fillna("")
    return table.loc[:, [name, *questions.columns]]
