"""A section's agreement: its headline question, and how its questions lie; never one coefficient over all of them."""

from __future__ import annotations

import math

import pandas as pd

from casereader.agreement.tables import LEAST_PAIRS, is_compared, rating_of
from casereader.instrument import Instrument, Section
from sampling.intervals import quantile

COLUMNS = (
    "section",
    "headline",
    "n_questions",
    "n_measured",
    "median",
    "lowest",
    "highest",
    "n_pairs",
    "n_answers",
    "n_exact",
    "exact",
    "exact_lower",
    "exact_upper",
)


def by_section(
    table: pd.DataFrame, answers: pd.DataFrame, instrument: Instrument, *, coefficient: str, confidence: float = 0.95
) -> pd.DataFrame:
    """A row per section with compared questions, in order; `table` is `by_question` of the same answers.

    `median`, `lowest` and `highest` of the coefficient over the `n_measured` questions that have one. `exact` is the
    share of all answers given by both that are the same, with an interval over pairs, since the
    answers on one record go together.
    """
    keys = [key for key in instrument.parts if is_compared(instrument.part(key))]
    rated = _rated(answers[answers["key"].isin(keys)], instrument)
    rows = []
    for section in instrument.sections:
        mine = table[table["section"] == section.id]
        if mine.empty:
            continue
        known = mine[coefficient].dropna()
        spread = (known.median(), known.min(), known.max()) if len(known) else (math.nan,) * 3
        pooled = _pooled(rated[rated["section"] == section.id], confidence)
        rows.append((section.id, _headline(instrument, section), len(mine), len(known), *spread, *pooled))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _headline(instrument: Instrument, section: Section) -> str | None:
    headline = instrument.headline(section.id)
    return headline.id if headline else None


def _rated(answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """The answers that both readers of a pair gave as ratings, and whether they are the same."""
    rows = []
    for pair, key, first, second in answers[["pair", "key", "first", "second"]].itertuples(index=False):
        part = instrument.part(key)
        a, b = (rating_of(part, value if isinstance(value, str) else None) for value in (first, second))
        if a is not None and b is not None:
            rows.append((pair, part.section, a == b))
    return pd.DataFrame(rows, columns=["pair", "section", "same"])


def _pooled(rated: pd.DataFrame, confidence: float) -> tuple[float, ...]:
    """Pairs, answers, those alike, and their share with the interval of a ratio over clusters, t on pairs − 1."""
    by_pair = rated.groupby("pair")["same"].agg(["size", "sum"])
    n, answers, same = len(by_pair), int(by_pair["size"].sum()), int(by_pair["sum"].sum())
    if n < LEAST_PAIRS:
        return (n, answers, same, math.nan, math.nan, math.nan)
    share = same / answers
    left = (by_pair["sum"] - share * by_pair["size"]).astype(float)
    se = math.sqrt(n / (n - 1) * float((left**2).sum())) / answers
    half = float(quantile(confidence, n - 1)) * se
    return (n, answers, same, share, max(share - half, 0.0), min(share + half, 1.0))
