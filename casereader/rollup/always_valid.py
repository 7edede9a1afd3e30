"""Limits that hold at any time: for samples whose reading may have stopped, or gone on, because of what was seen. Pure.

An interval made for a fixed sample leaves out the truth more often than it says once anybody may stop on what they see.
`sampling.sequential` has limits that hold at every moment at once; they are wider, and take the place of the others in
every figure of such an inspection. A figure so made has no standard error and no degrees of freedom: both would invite
the interval that does not hold.

The share that they hold is that of the whole list: a stratum with no case decided is in no estimate, and the limits
leave room for whatever it may hold. A stratum by itself is its own cases. Of any other group the cases outside it are
blank, as those are to which a question does not apply: how many of the unread ones belong to it is not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from casereader.rollup.checks import STRATUM
from casereader.rollup.design import Codes, Design, Floats, Level
from casereader.rollup.marks import Marks
from sampling.intervals import Limits
from sampling.sequential import chance_settled, share_limits

METHOD = "always-valid"  # in the column method
DRAWS = 100  # of what the next wave might say


def at_any_time(table: pd.DataFrame, design: Design, marks: Marks, domain: str, *, confidence: float) -> pd.DataFrame:
    """The figures of one domain, with these limits in each row of an inspection that is in `design.always_valid`.

    `table`: inspection, level, place (of the question in `marks.keys`), lower, upper, se, df.
    """
    found = table.copy()
    for inspection in design.always_valid & set(table["inspection"]):
        rows = found["inspection"] == inspection
        levels = found.loc[rows, "level"].tolist()
        places = found.loc[rows, "place"].to_numpy()
        lower, upper = _limits(design, marks, domain, inspection, levels, places, 1 - confidence)
        found.loc[rows, "lower"], found.loc[rows, "upper"] = lower, upper
        found.loc[rows, ["se", "df"]] = np.nan
    return found


def _limits(
    design: Design, marks: Marks, domain: str, inspection: str, levels: list[str], places: Codes, alpha: float
) -> tuple[Floats, Floats]:
    """The limits of each of these pairs of level and question; the last axis of what is counted are the strata."""
    level_of = np.array([level if of == inspection else None for of, level in design.levels[domain]], dtype=object)
    here = np.flatnonzero([of == inspection for of, _ in design.levels[domain]])
    strata = _strata(design, inspection)
    place = {of: code for code, of in enumerate(strata)}
    stratum = np.array([place[design.levels[STRATUM][case]] for case in here.tolist()], dtype=np.int64)
    population = np.array([design.population[STRATUM][of] for of in strata], dtype=np.int64)
    planned = np.array([design.planned.get(of, 0) for of in strata], dtype=np.int64)
    decided = np.bincount(stratum, minlength=len(strata))
    named = sorted(set(levels))
    ones, zeros = (
        np.stack(
            [_per_stratum(marks.y[here] == value, level_of[here] == level, stratum, len(strata)) for level in named]
        )
        for value in (1, 0)
    )
    at = np.searchsorted(np.array(named, dtype=object), np.array(levels, dtype=object))
    ones, zeros = ones[at, places], zeros[at, places]
    lower, upper = np.empty(len(levels)), np.empty(len(levels))
    for group, columns in _looked_at(domain, levels, strata):
        size, drawn = population[columns], decided[columns]
        pairs, back = np.unique(
            np.hstack([ones[np.ix_(group, columns)], zeros[np.ix_(group, columns)]]), axis=0, return_inverse=True
        )
        good, bad = np.hsplit(pairs, 2)
        low, high = share_limits(size, good, bad, drawn - good - bad, alpha=alpha, planned=_known(planned[columns]))
        lower[group], upper[group] = low[back.reshape(-1)], high[back.reshape(-1)]
    return lower, upper


@dataclass(frozen=True)
class Counted:
    """Of one inspection each stratum of its list: N, cases planned, decided; question × stratum the ones and zeros."""

    strata: list[str]
    population: Codes
    planned: Codes
    decided: Codes
    ones: Codes
    zeros: Codes

    @property
    def blanks(self) -> Codes:
        """The cases decided without an answer, question × stratum."""
        return self.decided - self.ones - self.zeros

    def limits(self, alpha: float) -> Limits:
        """The limits of each question for all of the list, strata with no case decided among it."""
        return share_limits(
            self.population, self.ones, self.zeros, self.blanks, alpha=alpha, planned=_known(self.planned)
        )

    def chance_settled(
        self, next_wave: Mapping[str, int], *, thresholds: Sequence[float], alpha: float, rng: np.random.Generator
    ) -> list[float]:
        """The chance of each question that so many more cases of the strata settle it."""
        found = chance_settled(
            self.population,
            self.ones,
            self.zeros,
            self.blanks,
            np.array([next_wave.get(label, 0) for label in self.strata]),
            thresholds=thresholds,
            alpha=alpha,
            rng=rng,
            draws=DRAWS,
            planned=_known(self.planned),
        )
        return [float(one) for one in found]


def counted_by_stratum(design: Design, marks: Marks, keys: Sequence[str]) -> Counted:
    """Count what one inspection's cases say to these questions."""
    levels = sorted(design.population[STRATUM])
    place = {level: code for code, level in enumerate(levels)}
    codes = np.array([place[level] for level in design.levels[STRATUM]], dtype=np.int64)
    columns = [marks.keys.index(key) for key in keys]
    every = np.ones(len(codes), dtype=np.bool_)
    ones, zeros = (_per_stratum(marks.y[:, columns] == value, every, codes, len(levels)) for value in (1, 0))
    population = np.array([design.population[STRATUM][level] for level in levels], dtype=np.int64)
    planned = np.array([design.planned.get(level, 0) for level in levels], dtype=np.int64)
    decided = np.bincount(codes, minlength=len(levels))
    return Counted([label for _, label in levels], population, planned, decided, ones, zeros)


def _known(planned: Codes) -> Codes | None:
    """How many cases the plan reads of each stratum, if that is known of any."""
    return planned if planned.any() else None


def _per_stratum(hit: NDArray[np.bool_], inside: NDArray[np.bool_], stratum: Codes, n_strata: int) -> Codes:
    """Question × stratum: how many of the cases inside the level are hit."""
    counted = np.zeros((n_strata, hit.shape[1]), dtype=np.int64)
    np.add.at(counted, stratum[inside], hit[inside])
    return counted.T


def _strata(design: Design, inspection: str) -> list[Level]:
    """Every stratum of an inspection's list, or of all lists where all inspections are one."""
    every = sorted(design.population[STRATUM])
    return [level for level in every if level[0] == inspection] or every


def _looked_at(domain: str, levels: list[str], strata: list[Level]) -> list[tuple[Codes, Codes]]:
    """Which rows look at which strata: each stratum's own at itself, every other at all of them."""
    if domain != STRATUM:
        return [(np.arange(len(levels)), np.arange(len(strata)))]
    of_row = np.array(levels, dtype=object)
    rows = ((np.flatnonzero(of_row == label), np.array([code])) for code, (_, label) in enumerate(strata))
    return [(of_stratum, column) for of_stratum, column in rows if len(of_stratum)]
