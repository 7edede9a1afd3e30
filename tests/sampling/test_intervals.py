"""Intervals for one share against R (stats, binom, samplingbook) and by hand."""

from __future__ import annotations

import json
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.intervals import clopper_pearson, difference, hypergeometric, logit, quantile, wald, wilson

FILE = Path(__file__).parents[1] / "reference" / "binomial_ci.json"
REFERENCE: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["refs"]

# What the tool does not offer: beginnings of the identifiers, with the reason.
OUT_OF_SCOPE = (
    ("midp_", "mid-P limits"),
    ("scorecc_", "the score interval with continuity correction"),
    ("jeffreys_", "Jeffreys limits"),
    ("two_sample_", "unweighted two-sample tests; differences go through the design"),
    ("newcombe_", "Newcombe's interval of a difference, for unweighted samples"),
)
Z = quantile(0.95)


def counts(name: str) -> list[int]:
    return [int(part) for part in name.split("_")[1:]]


def near(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", [name for name in REFERENCE if name.startswith("cp_")])
def test_exact_limits_are_rs(name: str) -> None:
    x, n = counts(name)
    near(clopper_pearson(x, n, 0.95), REFERENCE[name]["value"])


@pytest.mark.parametrize("name", [name for name in REFERENCE if name.startswith("score_")])
def test_score_limits_are_rs(name: str) -> None:
    x, n = counts(name)
    near(wilson(x / n, n, Z), REFERENCE[name]["value"])


@pytest.mark.parametrize("name", [name for name in REFERENCE if name.startswith("all_")])
def test_limits_are_those_of_rs_binom(name: str) -> None:
    x, n = counts(name)
    value = REFERENCE[name]["value"]
    expected = {m: [value["lower"][i], value["upper"][i]] for i, m in enumerate(value["method"])}
    share, se = x / n, (x / n * (1 - x / n) / n) ** 0.5
    near(clopper_pearson(x, n, 0.95), expected["exact"])
    near(wilson(share, n, Z), expected["wilson"])
    near(wald(share, se, Z), expected["asymptotic"])
    if 0 < x < n:
        near(logit(share, se, Z), expected["logit"])


@pytest.mark.parametrize("name", [name for name in REFERENCE if name.startswith("finite_")])
def test_finite_population_limits_are_samplingbooks(name: str) -> None:
    near(hypergeometric(*counts(name), 0.95), REFERENCE[name]["value"]["ci"]["exact"])


def test_every_reference_value_is_checked_or_named_as_out_of_scope() -> None:
    checked = ("cp_", "score_", "all_", "finite_")
    outside = tuple(part for part, _ in OUT_OF_SCOPE)
    assert [name for name in REFERENCE if not name.startswith(checked + outside)] == []


def test_the_quantile_is_students_and_normal_at_infinity() -> None:
    # t tables: 6.314 on 1, 2.015 on 5; 1.645 normal.
    assert quantile(0.90, [1, 5, np.inf]) == pytest.approx([6.313751514675043, 2.015048372669157, 1.6448536269514722])
    assert np.isnan(quantile(0.90, [0, -1, np.nan])).all()


def test_the_score_limit_at_none_and_at_all_is_the_end_itself() -> None:
    sizes = np.array([1, 3, 7, 11, 53, 97, 991, 5_557.3])
    lower, upper = wilson(np.zeros(8), sizes, 1.3)
    mirrored_lower, mirrored_upper = wilson(np.ones(8), sizes, 1.3)
    assert (lower == 0).all() and (mirrored_upper == 1).all()
    # z²/(n + z²): 1.69/2.69 for one case.
    np.testing.assert_allclose(upper, 1.69 / (sizes + 1.69), rtol=1e-12)
    np.testing.assert_allclose(mirrored_lower, sizes / (sizes + 1.69), rtol=1e-12)


def test_limits_are_taken_from_lists_of_whole_numbers_as_from_arrays() -> None:
    assert np.allclose(wald([0, 1], [1, 2], 2), ([-2, -3], [2, 5]))
    assert np.allclose(clopper_pearson([0, 1], [1, 1], 0.9), ([0, 0.05], [0.95, 1]))
    assert np.allclose(wilson([0, 1], [1, 1], 1), ([0, 0.5], [0.5, 1]))
    assert np.allclose(hypergeometric([0, 1], [1, 1], [2, 2], 0.9), ([0, 0.5], [0.5, 1]))


def test_limits_that_do_not_exist_are_no_numbers() -> None:
    assert np.isnan(logit([0, 1], [0, 0], 1.6)).all()
    assert np.isnan(wilson([0.5, 0.5], [0, np.nan], 1.6)).all()
    assert np.isnan(clopper_pearson([1, 3, np.nan, -1, 1], [0, 2, 5, 5, np.inf], 0.9)).all()
    assert np.isnan(clopper_pearson(1, np.nan, 0.9)).all()
    assert np.isnan(quantile(0.9, -np.inf))
    assert np.isnan(wilson(0.5, -1, 1.6)).all() and np.isnan(wilson(0.5, np.inf, 1.6)).all()
    # Beside them the others are as they would be alone.
    assert clopper_pearson([3, 1], [2, 4], 0.9)[0][1] == clopper_pearson(1, 4, 0.9)[0]
    assert wilson([0.5, 0.5], [0, 4], 1.6)[0][1] == wilson(0.5, 4, 1.6)[0]
    assert logit([0, 0.5], [0, 0.1], 1.6)[0][1] == logit(0.5, 0.1, 1.6)[0]


def by_counting(k: int, n: int, whole: int, confidence: float) -> tuple[float, float]:
    """The limits by trying every number of cases, in whole numbers."""
    tail = (1 - confidence) / 2 * (1 - 1e-9)
    ways = comb(whole, n)

    def at_most(x: int, cases: int) -> float:
        return sum(comb(cases, i) * comb(whole - cases, n - i) for i in range(x + 1)) / ways

    def at_least(x: int, cases: int) -> float:
        return sum(comb(cases, i) * comb(whole - cases, n - i) for i in range(x, n + 1)) / ways

    possible = range(k, whole - n + k + 1)
    kept_low = min(cases for cases in possible if at_least(k, cases) >= tail)
    kept_high = max(cases for cases in possible if at_most(k, cases) >= tail)
    return max(kept_low - 1, k) / whole, min(kept_high + 1, whole - n + k) / whole


SAMPLE = st.integers(1, 60).flatmap(
    lambda whole: st.integers(1, whole).flatmap(
        lambda n: st.tuples(st.integers(0, n), st.just(n), st.just(whole), st.sampled_from([0.8, 0.9, 0.95]))
    )
)


@given(SAMPLE)
def test_finite_population_limits_are_those_found_by_counting(case: tuple[int, int, int, float]) -> None:
    found = hypergeometric(*case)
    assert (float(found[0]), float(found[1])) == pytest.approx(by_counting(*case))


@given(SAMPLE)
def test_turning_ones_into_zeros_turns_the_limits_round(case: tuple[int, int, int, float]) -> None:
    k, n, whole, confidence = case
    for lower, upper, other_lower, other_upper in (
        (*hypergeometric(k, n, whole, confidence), *hypergeometric(n - k, n, whole, confidence)),
        (*clopper_pearson(k, n, confidence), *clopper_pearson(n - k, n, confidence)),
        (*wilson(k / n, n, 1.6), *wilson((n - k) / n, n, 1.6)),
    ):
        assert (lower, upper) == (pytest.approx(1 - other_upper), pytest.approx(1 - other_lower))
        assert lower <= k / n <= upper


def test_many_limits_at_once_are_those_one_by_one() -> None:
    ones, n, whole = np.array([0, 3, 9, 60]), np.array([5, 9, 9, 60]), np.array([15, 40, 9, 900])
    together = np.column_stack(hypergeometric(ones, n, whole, 0.9))
    alone = [hypergeometric(*case, 0.9) for case in zip(ones, n, whole, strict=True)]
    np.testing.assert_array_equal(together, alone)


def test_a_difference_has_the_limits_that_newcombe_published() -> None:
    # Newcombe 1998 (Statistics in Medicine 17: 873–890), table II, method 10, contrasts (a), (d) and (g) at 95%.
    z = float(quantile(0.95))
    for (a, m), (b, n), published in (
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
    ):
        p, q = (a / m, *wilson(a / m, m, z)), (b / n, *wilson(b / n, n, z))
        assert difference(p, q) == (pytest.approx(published[0], abs=6e-5), pytest.approx(published[1], abs=6e-5))
        assert difference(q, p) == (pytest.approx(-published[1], abs=6e-5), pytest.approx(-published[0], abs=6e-5))
