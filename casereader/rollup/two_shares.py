"""One share less another: an interval and a p that hold near 0 and 1 too, both of the same test. Pure.

`sampling.compare` gives a side on which every record counts the same no variance at all, and its t the degrees of
freedom of both sides together: near 0 and 1 it finds differences where there are none. Here each share is that of m
effective records, and the limits are made of Wilson's of each (Newcombe 1998, method 10) with t on Welch's degrees of
freedom; p is that of the t at which a limit comes to be 0. m comes from the strata, weights and lists of the design: it
is n/(1 − n/N) of a simple random sample, and infinite where every child was read. docs/method/results.md has the
simulation by which this was chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtr  # type: ignore[import-untyped]

from casereader.rollup.design import Floats
from sampling.estimation import compare, estimate_share
from sampling.intervals import Limits, quantile, wilson

_LEAST = 1e-12  # of a variance, which rounding may leave of none
_WIDEST = 1e3  # t past which no p can be told from 0
_HALVINGS = 60


@dataclass(frozen=True)
class Side:
    """Shares of one side: of how many effective records each is, and with how many degrees of freedom."""

    share: Floats
    m: Floats
    df: Floats


class Apart(NamedTuple):
    """How far two sides are apart: the degrees of freedom of t, limits of the difference, and two-sided p."""

    df: Floats
    lower: Floats
    upper: Floats
    p: Floats


def set_apart(a: Side, b: Side, correlation: Floats | float = 0.0, *, confidence: float) -> Apart:
    """The test of a's share less b's: p is below 1 − confidence exactly where 0 is outside the limits."""
    of_a, of_b = _variance(a), _variance(b)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.square(of_a + of_b) / (_over(np.square(of_a), a.df) + _over(np.square(of_b), b.df))
    df = np.where(of_a + of_b > 0, df, a.df + b.df)
    lower, upper = _limits(a, b, correlation, quantile(confidence, df))
    above = a.share > b.share
    low, high = np.zeros_like(df), np.full_like(df, _WIDEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        limits = _limits(a, b, correlation, middle)
        is_sure = np.where(above, limits[0], -limits[1]) > 0
        low, high = np.where(is_sure, middle, low), np.where(is_sure, high, middle)
    p = np.where(np.abs(a.share - b.share) < _LEAST, 1.0, 2 * stdtr(df, -low))
    return Apart(df, lower, upper, p)


def _limits(a: Side, b: Side, correlation: Floats | float, width: Floats) -> Limits:
    """Newcombe's limits at so many standard errors, with the correlation of the two sides (Zou and Donner 2008)."""
    (a_low, a_high), (b_low, b_high) = _wilson(a, width), _wilson(b, width)
    found, twice = a.share - b.share, 2 * np.asarray(correlation)
    below, above = (a.share - a_low, b_high - b.share), (a_high - a.share, b.share - b_low)
    half = [np.sqrt(np.maximum(x**2 + y**2 - twice * x * y, 0.0)) for x, y in (below, above)]
    return found - half[0], found + half[1]


def _wilson(side: Side, width: Floats) -> Limits:
    """Wilson's limits, and the share itself where nothing is left to chance."""
    lower, upper = wilson(side.share, side.m, width)
    is_known = np.isinf(side.m)
    return np.where(is_known, side.share, lower), np.where(is_known, side.share, upper)


def _variance(side: Side) -> Floats:
    """A variance that is none only where nothing is left to chance: that with one more record of either kind."""
    with np.errstate(invalid="ignore"):
        more = (side.m * side.share + 1) / (side.m + 2)
        return np.where(np.isinf(side.m), 0.0, more * (1 - more) / (side.m + 2))


def _over(squared: Floats, df: Floats) -> Floats:
    """A part of Welch's denominator: none of a side without variance, whatever its degrees of freedom."""
    return np.where(squared > 0, squared / df, 0.0)


def two_shares(
    table: pd.DataFrame,
    *,
    side: str,
    names: tuple[str, str],
    stratum: Sequence[str],
    by: Sequence[str],
    confidence: float,
) -> pd.DataFrame:
    """A row for each of `by` that has both sides: y in the first of `names` less y in the second.

    `table` has y (1, 0, blank), population and weight of a row's stratum, and these columns. The result has n, k,
    share, variance, squared, most, m and df of each side (`n_group` …), their `difference` and `correlation`, and df,
    lower, upper and p of the test. `variance` is free of bias where records are alike, and blank where they tell
    nothing; `squared` is Σw²/(Σw)², and `most` what m is at most: 1/Σ(1 − n/N)w² over (Σw)².
    """
    keys = list(by)
    both = compare(
        table, "y", group=side, a=names[0], b=names[1], stratum=list(stratum), population="population", by=keys
    )  # fmt: skip
    found = both.loc[(both["n_a"] > 0) & (both["n_b"] > 0), [*keys, "estimate", "se"]]
    found = found.rename(columns={"estimate": "difference", "se": "se_both"})
    of_neither = table.assign(**{side: table[side].where(table[side].isin(names), "neither")})
    known = _of_sides(of_neither, side, list(stratum), keys)
    for name in names:
        here = known[known[side] == name].drop(columns=side)
        found = found.merge(here.rename(columns={old: f"{old}_{name}" for old in here if old not in keys}), on=keys)
    a, b = (Side(*(_column(found, f"{what}_{name}") for what in ("share", "m", "df"))) for name in names)
    linear = [_column(found, f"linear_{name}") for name in names]
    shared = np.sqrt(linear[0] * linear[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        together = (linear[0] + linear[1] - np.square(_column(found, "se_both"))) / 2
        correlation = np.where(shared > _LEAST, np.clip(together / shared, -1, 1), 0.0)
    found = found.assign(correlation=np.where(np.abs(correlation) > _LEAST, correlation, 0.0))
    return found.assign(**set_apart(a, b, correlation, confidence=confidence)._asdict()).drop(columns="se_both")


def _column(table: pd.DataFrame, name: str) -> Floats:
    return table[name].to_numpy(dtype=np.float64)


def _of_sides(table: pd.DataFrame, side: str, stratum: list[str], keys: list[str]) -> pd.DataFrame:
    """What is known of each side of each of `keys`: n, k, share, linear and corrected variance, unread, m, df."""
    shares = estimate_share(table, "y", stratum=stratum, population="population", by=[*keys, side])
    shares = shares[shares["n"] > 0].rename(columns={"estimate": "share"})
    drawn = table.groupby([*keys, *(name for name in stratum if name not in keys)], as_index=False).size()
    answered = table[table["y"].notna()]
    cells = answered.groupby(
        [*keys, side, *(name for name in stratum if name not in [*keys, side])], as_index=False
    ).agg(records=("y", "size"), k=("y", "sum"), weight=("weight", "first"), population=("population", "first"))
    cells = cells.merge(drawn, on=[name for name in drawn if name != "size"])
    cells["total"] = cells["records"] * cells["weight"]
    cells["part"] = cells["weight"] / cells.groupby([*keys, side])["total"].transform("sum")
    cells["squared"] = cells["records"] * np.square(cells["part"])
    of_all = cells.groupby([*keys, side])["squared"].transform("sum")
    n, part, size = cells["records"], cells["part"], cells["size"]
    left = 1 - size / cells["population"]
    # What the linearised variance comes to on average where every y is one of the same chance, by its variance.
    each = n * np.square(part) * (1 - 2 * part + of_all)
    at_mean = np.square(part) * (n - 2 * np.square(n) * part + np.square(n) * of_all) / size
    cells["expected"] = np.where(size > 1, left * size / np.maximum(size - 1, 1) * (each - at_mean), left * each)
    cells["unread"] = left * cells["squared"]
    sums = cells.groupby([*keys, side], as_index=False)[["k", "squared", "expected", "unread"]].sum()
    found = shares.merge(sums, on=[*keys, side])
    share, linear, unread = found["share"].clip(0, 1), np.square(found["se"]), found["unread"].clip(lower=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(found["expected"] > _LEAST, linear * unread / found["expected"], np.nan)
        variance = np.where(unread > _LEAST, variance, 0.0)
        of_one = share * (1 - share) / (1 - found["squared"])
        m = np.where((variance > _LEAST) & (of_one > 0), of_one / variance, np.inf)
        most = np.where(unread > _LEAST, 1 / unread, np.inf)
    return found.assign(share=share, linear=linear, variance=variance, most=most, m=np.minimum(m, most)).loc[
        :, [*keys, side, "n", "k", "share", "linear", "variance", "squared", "most", "m", "df"]
    ]
