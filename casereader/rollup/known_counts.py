"""Figures weighted to what the list is known to hold: each group of children counts by its number there. Pure.

By chance a sample holds more of one age band than the list does. Where age is no stratum, weights can be carried to
the known counts afterwards (`sampling.estimation`, post-stratification). Which groups there are is settled by the
list and by how many records were drawn of each, never by an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from casereader.instrument.model import Instrument
from casereader.rollup.checks import ATTRIBUTES, WHOLE, RollUpError
from casereader.rollup.design import Codes, Design, build_design
from casereader.rollup.marks import Marks, mark_answers, only_keys
from casereader.words import WORDING, Wording, also_words, word_for
from sampling.estimation import DEFAULT, estimate_share
from sampling.estimation.shares import Method

LEAST = 10  # decided records that a group needs to be weighted by itself
NOT_SAID = ""  # the level of children of whom the list does not say it


class WhyNot(StrEnum):
    """Why there is no figure by an attribute that the list holds."""

    TOO_FEW_GROUPS = "fewer than two groups"
    STRATA_HOLD_IT = "the strata hold it already"


@dataclass(frozen=True)
class Group:
    """Levels of an attribute that are weighted as one: the records decided of them, and their children on the list."""

    levels: tuple[str, ...]
    records: int
    population: int


@dataclass(frozen=True)
class Weighted:
    """The figures weighted to the counts of one attribute, a row per question: those of questions.csv that they have.

    `groups` as they were weighted, or would have been; `figures` is empty where there is a `why_not`.
    """

    attribute: str
    groups: tuple[Group, ...]
    why_not: WhyNot | None
    figures: pd.DataFrame


def weighted_to_counts(
    cases: pd.DataFrame,
    answers: pd.DataFrame,
    instrument: Instrument,
    *,
    frame_counts: pd.DataFrame,
    keys: Collection[str],
    confidence: float = 0.90,
    method: Method = DEFAULT,
    wording: Wording = WORDING,
) -> list[Weighted]:
    """Of one inspection, the figures of `keys` by each attribute that its list holds.

    None where some children of the list are in no stratum with a record decided: no weight may be carried to them. Nor
    any where limits must hold at any time, as these do not.
    """
    design = build_design(cases, frame_counts)
    if design.always_valid or round(float(design.weight.sum())) != _listed(design):
        return []
    marks = only_keys(mark_answers(design, answers, instrument), keys)
    found, able = [], []
    for attribute in ATTRIBUTES:
        listed = {level: n for (_, level), n in design.population[attribute].items()}
        if not listed:
            continue
        listed[NOT_SAID] = _listed(design) - sum(listed.values())
        levels = [level for _, level in design.levels[attribute]]
        if any(not listed.get(level) for level in levels):
            raise RollUpError(f"A sampled case has a level of {attribute} that the list does not hold.")
        groups = tuple(groups_of({level: n for level, n in listed.items() if n}, Counter(levels)))
        of_case = _of_case(groups, levels)
        why_not = _why_not(design, groups, of_case)
        if why_not is None:
            able.append((attribute, of_case, np.array([group.population for group in groups])))
        found.append(Weighted(attribute, groups, why_not, pd.DataFrame()))
    if not able or not marks.keys:
        return found
    table = _figures(design, marks, able, confidence, method, wording)
    return [
        replace(one, figures=here.drop(columns="attribute").reset_index(drop=True))
        for one in found
        for here in [table[table["attribute"] == one.attribute]]
    ]


def groups_of(listed: Mapping[str, int], records: Mapping[str, int]) -> list[Group]:
    """A group for each level with `LEAST` records; the others as one, joined by the next smallest until it has them."""
    by_size = sorted(listed, key=lambda level: (records.get(level, 0), level))
    small = [level for level in by_size if records.get(level, 0) < LEAST]
    large = by_size[len(small) :]
    while small and large and sum(records.get(level, 0) for level in small) < LEAST:
        small.append(large.pop(0))
    together = [tuple(sorted(small)), *((level,) for level in large)]
    return [
        Group(levels, sum(records.get(one, 0) for one in levels), sum(listed[one] for one in levels))
        for levels in sorted(together)
        if levels
    ]


def _listed(design: Design) -> int:
    return sum(design.population[WHOLE].values())


def _of_case(groups: tuple[Group, ...], levels: list[str]) -> Codes:
    place = {level: at for at, group in enumerate(groups) for level in group.levels}
    return np.array([place[level] for level in levels], dtype="int64")


def _why_not(design: Design, groups: tuple[Group, ...], of_case: Codes) -> WhyNot | None:
    if len(groups) < 2:
        return WhyNot.TOO_FEW_GROUPS
    weights = np.bincount(of_case, weights=design.weight, minlength=len(groups))
    is_nested = len(set(zip(design.stratum_code, of_case, strict=True))) == len(set(design.stratum_code))
    if is_nested and np.allclose(weights, [group.population for group in groups], rtol=1e-9):
        return WhyNot.STRATA_HOLD_IT
    return None


def _figures(
    design: Design,
    marks: Marks,
    able: Sequence[tuple[str, Codes, Codes]],
    confidence: float,
    method: Method,
    wording: Wording,
) -> pd.DataFrame:
    """A row per attribute and question, of the attributes with each case's group and each group's population.

    All in one call: a place is a pair of attribute and question, inside both stratum and post-stratum, so that a blank
    keeps the weight of its case.
    """
    n_cases, n_keys = marks.y.shape
    places = np.arange(len(able) * n_keys)
    stacked = pd.DataFrame(
        {
            "y": np.tile(marks.y, len(able)).ravel(),
            "place": np.tile(places, n_cases),
            "stratum": np.repeat(design.stratum_code, len(places)),
            "population": np.repeat(design.stratum_size, len(places)),
            "group": np.repeat(np.column_stack([of_case for _, of_case, _ in able]), n_keys, axis=1).ravel(),
            "known": np.repeat(np.column_stack([n[of_case] for _, of_case, n in able]), n_keys, axis=1).ravel(),
        }
    )
    found = estimate_share(
        stacked,
        "y",
        stratum=["stratum", "place"],
        population="population",
        by="place",
        confidence=confidence,
        method=method,
        post=["group", "place"],
        post_population="known",
    ).rename(columns={"estimate": "share"})
    found = found[found["n"] > 0]
    place = found["place"].to_numpy()
    rows = list(zip(*(found[name].tolist() for name in ("n", "share", "lower", "upper")), strict=True))
    enough = [n >= wording.least_n for n, _, _, _ in rows]
    return found.drop(columns="place").assign(
        attribute=[able[at][0] for at in place // n_keys],
        question=[marks.keys[at] for at in place % n_keys],
        k=np.nansum(marks.y, axis=0)[place % n_keys].astype("int64"),
        word=[word_for(row[1], wording=wording) if is_so else "" for row, is_so in zip(rows, enough, strict=True)],
        also=[also_words(*row[1:], wording=wording) if is_so else "" for row, is_so in zip(rows, enough, strict=True)],
    )
