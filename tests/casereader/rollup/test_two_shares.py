"""One share less another: Newcombe's published limits, those of R on effective records, and few false verdicts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from bench import verdicts
from casereader.rollup.two_shares import Apart, Side, set_apart, two_shares
from sampling.estimation import compare

ENDLESS = float("inf")


def apart_of(a: Sequence[float], b: Sequence[float], confidence: float = 0.90) -> Apart:
    """The test of two shares, each with its effective records and degrees of freedom."""
    return set_apart(*(Side(*(np.array([value]) for value in side)) for side in (a, b)), confidence=confidence)


def table_of(*rows: tuple[str, str, int, int, int, int]) -> pd.DataFrame:
    """Records by side and stratum: how many are good, of how many read, and the stratum's records and list."""
    parts = []
    for side, stratum, good, of, drawn, listed in rows:
        y = np.arange(of) < good
        part = {"side": side, "stratum": stratum, "y": y.astype(float), "population": listed, "weight": listed / drawn}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True).assign(page="one")


def found_of(table: pd.DataFrame) -> pd.Series:
    """The one row of the comparison."""
    return two_shares(
        table, side="side", names=("a", "b"), stratum=("page", "stratum"), by=("page",), confidence=0.90
    ).iloc[0]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "lower", "upper"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_without_a_design_the_limits_are_those_that_newcombe_printed(
    a: tuple[int, int], b: tuple[int, int], lower: float, upper: float
) -> None:
    # Statistics in Medicine 17 (1998), table II, method 10, at 95%
    found = apart_of((a[0] / a[1], a[1], ENDLESS), (b[0] / b[1], b[1], ENDLESS), confidence=0.95)

    assert (found.lower[0], found.upper[0]) == pytest.approx((lower, upper), abs=5e-5)


def test_all_of_twelve_is_no_certainty() -> None:
    # 29 of 40 of 200 after 12 of 12 of 60: m = 40/0.8 and 12/0.8, 39 and 11 degrees of freedom. R, by uniroot: df
    # 37.860077, limits −0.391379 and −0.090930, p 0.031524. Fisher's exact p is 0.05; the t of `compare` has 0.00008.
    found = found_of(table_of(("a", "now", 29, 40, 40, 200), ("b", "then", 12, 12, 12, 60)))

    assert (found["m_a"], found["m_b"]) == pytest.approx((50, 15))
    assert found["df"] == pytest.approx(37.860077, abs=1e-6)
    assert (found["lower"], found["upper"]) == pytest.approx((-0.391379, -0.090930), abs=1e-6)
    assert found["p"] == pytest.approx(0.031524, abs=1e-6)


def test_limits_end_at_none_exactly_where_p_says_so() -> None:
    sides = ((0.9, 30, 25), (0.7, 45, 40))
    p = float(apart_of(*sides).p[0])

    assert apart_of(*sides, confidence=1 - p).lower[0] == pytest.approx(0, abs=1e-9)
    assert apart_of(sides[1], sides[0], confidence=1 - p).upper[0] == pytest.approx(0, abs=1e-9)


def test_where_every_child_was_read_there_is_no_width() -> None:
    found = apart_of((0.5, ENDLESS, 19), (0.55, ENDLESS, 19))

    assert (found.lower[0], found.upper[0], found.p[0]) == pytest.approx((-0.05, -0.05, 0))
    assert apart_of((0.5, ENDLESS, 19), (0.5, ENDLESS, 19)).p[0] == 1


def test_in_ordinary_samples_the_limits_are_near_those_of_compare() -> None:
    # 100 of a and 150 of b of two strata, shares about one half: within half a point
    table = table_of(
        ("a", "x", 30, 60, 120, 1200), ("b", "x", 36, 60, 120, 1200),
        ("a", "y", 18, 40, 130, 900), ("b", "y", 45, 90, 130, 900),
    )  # fmt: skip

    found = found_of(table)
    old = compare(table, "y", group="side", a="a", b="b", stratum="stratum", population="population").iloc[0]

    assert found["difference"] == pytest.approx(old["estimate"], abs=1e-12)
    assert (found["lower"], found["upper"]) == pytest.approx((old["lower"], old["upper"]), abs=0.005)


def test_a_share_of_all_good_in_one_stratum_and_none_in_another_has_the_records_of_its_weights() -> None:
    # Weights 10 and 30 over 100: Σw²(1 − f)/(Σw)² with 6 records of 60 and 3 of 90: (6·100·0.9 + 3·900·0.9667)/150²
    # = 0.14, so that m is 7.142857 though no record differs from another of its stratum.
    table = table_of(("a", "x", 6, 6, 6, 60), ("a", "y", 0, 3, 3, 90), ("b", "z", 10, 20, 20, 400))

    found = found_of(table)

    assert found["share_a"] == pytest.approx(0.4)
    assert found["m_a"] == pytest.approx(7.142857, abs=1e-6)


@pytest.mark.parametrize("design", ["apart, 40 of 200 and 12 of 60", "mixed, 52 of 60 and 200"])
@pytest.mark.parametrize("share", [0.8, 0.9, 0.95])
def test_of_pages_on_which_nothing_differs_one_in_ten_says_so_at_most(design: str, share: float) -> None:
    # The t of `compare` says so on 14 to 47 of 100 of these pages. 300 pages: two standard errors are 3.5 points.
    chance = np.random.default_rng(79)
    table, true = verdicts.samples(chance, design, (share, share), 300 * verdicts.QUESTIONS)
    found = two_shares(
        table, side="side", names=("group", "peers"), stratum=("trial", "stratum"), by=("trial",), confidence=0.90
    )
    found = found[(found["n_group"] >= 10) & (found["n_peers"] >= 10)]

    assert verdicts.said(found["p"].to_numpy()) <= 0.10 + 2 * (0.1 * 0.9 / 300) ** 0.5
    assert verdicts.held(found, true) >= 0.87


@pytest.mark.parametrize("shares", [(0.5, 0.6), (0.9, 0.9)])
def test_across_partnerships_with_three_of_the_group_read_in_each_the_interval_holds(
    shares: tuple[float, float],
) -> None:
    # Variances of `compare` added hold 73 of 100. 250 programmes: two standard errors are 4 points.
    found = verdicts.across(np.random.default_rng(80), 16, (20, 180), 30, shares, 250)

    assert verdicts.held(found, shares[0] - shares[1]) == pytest.approx(0.91, abs=0.04)
