"""Agreement as people read it: figures with intervals, darker where readers agree less; counts where pairs are few."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from casereader.agreement import LEAST_PAIRS, Threshold, Verdict, between, points, verdict
from casereader.instrument import Instrument
from casereader.vocabulary import Coefficient
from casereader.web.evaluation.cells import name_of
from casereader.words import per_cent

Row = Mapping[str, Any]

SHARES = frozenset({"exact", "within_one", "counted", "rated"})
SHADES = (0.9, 0.75, 0.6, 0.4)  # below each of these a cell is a shade darker
COEFFICIENTS = {
    Coefficient.AC: "Gwet’s AC",
    Coefficient.KAPPA: "Cohen’s kappa",
    Coefficient.ALPHA: "Krippendorff’s alpha",
}
MEASURES = {
    "exact": "Alike",
    "within_one": "Within one point",
    "counted": "Alike on what counts",
    "ac": "AC",
    "kappa": "Kappa",
    "alpha": "Alpha",
    "rated": "Alike on whether to rate",
}
HEADS = {"within_one": "Within one", "counted": "What counts", "rated": "Whether to rate"}
COLUMNS: list[object] = [
    "Question",
    "Threshold",
    {"text": "Pairs", "numeric": True},
    *({"text": HEADS.get(name, text), "numeric": True} for name, text in MEASURES.items()),
]
COUNT_COLUMNS: list[object] = [
    "Question",
    {"text": "Pairs", "numeric": True},
    {"text": "Alike", "numeric": True},
    {"text": "Within one point", "numeric": True},
    {"text": "Alike on what counts", "numeric": True},
    {"text": "One could not rate", "numeric": True},
    {"text": "Neither could", "numeric": True},
    {"text": "Only one was asked", "numeric": True},
]
TAGS = {
    Verdict.BELOW: "attention",
    Verdict.PERHAPS_BELOW: "waiting",
    Verdict.MET: "done",
    Verdict.TOO_FEW: "not-applicable",
}
WEAKEST_FIRST = list(Verdict)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """The rows of a table of agreement."""
    rows: list[Row] = table.to_dict("records")  # type: ignore[assignment]
    return rows


def is_blank(value: float | None) -> bool:
    """Whether there is no figure."""
    return value is None or math.isnan(value)


def heat_row(row: Row, instrument: Instrument, threshold: Threshold, *, href: str = "") -> dict[str, object]:
    """A question beside every measure, each cell with its number, its interval and a shade."""
    stands = verdict(row, threshold)
    cells = [
        question_cell(row, instrument, href),
        {"status": stands.capitalize(), "kind": TAGS[stands]},
        int(row["n"]),
        *(measure(row, name) for name in MEASURES),
    ]
    return {"cells": cells, "kind": "attention" if stands is Verdict.BELOW else ""}


def question_cell(row: Row, instrument: Instrument, href: str = "") -> dict[str, object]:
    """The question by its code and label."""
    cell: dict[str, object] = {"text": name_of(instrument, row["question"])}
    return {**cell, "href": href} if href else cell


def measure(row: Row, name: str) -> dict[str, object] | str:
    """One figure with its interval; what is counted instead where pairs are few, blank where it is not defined."""
    value = row[name]
    if is_blank(value):
        return "" if row["n"] >= LEAST_PAIRS else counted(row, name)
    shade = sum(value < bound - 1e-12 for bound in SHADES)
    return {"text": figure(name, value), "hint": interval(row, name), "shade": shade}


def counted(row: Row, name: str) -> str:
    """How many of the pairs are alike, in counts; blank for what is no count."""
    number = {"exact": "n_exact", "within_one": "n_within_one", "counted": "n_counted"}.get(name)
    of = "n_both_counted" if name == "counted" else "n"
    if number is None or is_blank(row[number]) or not row[of]:
        return ""
    return f"{int(row[number])} of {int(row[of])}"


def figure(name: str, value: float) -> str:
    """A percentage of agreement, or a coefficient to two decimals."""
    return per_cent(value) if name in SHARES else f"{value:.2f}".replace("-", "−")


def interval(row: Row, name: str) -> str:
    """The limits of a figure."""
    lower, upper = row[f"{name}_lower"], row[f"{name}_upper"]
    return "no interval" if is_blank(lower) else f"{figure(name, lower)} to {figure(name, upper)}"


def count_row(row: Row, instrument: Instrument) -> list[object]:
    """A question with its counts alone."""
    return [
        question_cell(row, instrument),
        int(row["n"]),
        *(counted(row, name) for name in ("exact", "within_one", "counted")),
        int(row["one_rated"]),
        int(row["none_rated"]),
        int(row["one_asked"]),
    ]


def least_alike(rows: Iterable[Row]) -> list[Row]:
    """The questions on which some pair gave different answers, those with most such pairs first."""
    apart = [(row["n"] - row["n_exact"], row) for row in rows if row["n"] and row["n_exact"] < row["n"]]
    return [row for _, row in sorted(apart, key=lambda one: -one[0])]


def how_many_alike(rows: Sequence[Row]) -> str:
    """Of how many questions every pair gave the same answer."""
    alike = len(rows) - len(least_alike(rows))
    n = f"{len(rows)} question{'s' if len(rows) != 1 else ''}"
    return f"{n}, {'every pair alike' if alike == len(rows) else f'every pair alike on {alike}'}"


def weakest_first(rows: Iterable[Row], threshold: Threshold) -> list[Row]:
    """The questions below the threshold: those surely below first, then by how few answers were alike."""
    below = [(WEAKEST_FIRST.index(stands), row["exact"], row) for row in rows for stands in [verdict(row, threshold)]]
    below = [one for one in below if WEAKEST_FIRST[one[0]] in (Verdict.BELOW, Verdict.PERHAPS_BELOW)]
    return [row for *_, row in sorted(below, key=lambda one: one[:2])]


def moved_rows(moves: pd.DataFrame, instrument: Instrument) -> list[list[object]]:
    """Each headline question with its share by first and by second readers, and the difference."""
    found: list[list[object]] = []
    for row in rows_of(moves):
        shares = [f"{int(row[f'{who}_k'])} of {int(row['n'])}" for who in ("first", "second")]
        if is_blank(row["difference"]):
            difference = f"under {LEAST_PAIRS} pairs"
        else:
            shares = [f"{per_cent(row[who])} ({k})" for who, k in zip(("first", "second"), shares, strict=True)]
            difference = f"{points(row['difference'])} ({between(row['lower'], row['upper'])})"
        found.append([name_of(instrument, row["question"]), *shares, difference])
    return found


def section_rows(
    table: pd.DataFrame, instrument: Instrument, by_key: Mapping[str, Row], name: str
) -> list[list[object]]:
    """A section by its headline question, how its questions lie on the coefficient, and all its answers together."""
    return [_section_row(row, instrument, by_key, name) for row in rows_of(table)]


def _section_row(row: Row, instrument: Instrument, by_key: Mapping[str, Row], name: str) -> list[object]:
    headline = by_key.get(row["headline"]) if isinstance(row["headline"], str) else None
    spread: Sequence[float] = [row["median"], row["lowest"], row["highest"]]
    lies = "" if is_blank(spread[0]) else "{}, from {} to {}".format(*(figure(name, value) for value in spread))
    together = f"{int(row['n_exact'])} of {int(row['n_answers'])}"
    if not is_blank(row["exact"]):
        together = f"{per_cent(row['exact'])} ({per_cent(row['exact_lower'])} to {per_cent(row['exact_upper'])})"
    return [
        instrument.section(row["section"]).title,
        f"{row['headline']}: {_headline(headline, name)}" if headline else "none",
        f"{int(row['n_measured'])} of {int(row['n_questions'])}",
        lies,
        together,
    ]


def _headline(row: Row, name: str) -> str:
    if is_blank(row[name]):
        return f"{counted(row, 'exact')} alike"
    return f"{figure(name, row[name])} ({interval(row, name)})"
