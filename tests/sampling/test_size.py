"""Sample sizes against PracTools, from the exact interval, and the inverse."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import PlanError
from sampling.hypergeometric import interval
from sampling.size import margin_of, margins_of, sample_size, sample_sizes
from tests.sampling.lists import references

SIZES = references("sample_size")


@pytest.mark.parametrize("key", [key for key in SIZES if key.startswith("nPropMoe_fpc_N")])
def test_the_size_before_rounding_is_that_of_practools(key: str) -> None:
    population, margin = key.removeprefix("nPropMoe_fpc_N").split("_e")

    result = sample_size(int(population), confidence=0.95, margin=margin)

    assert result.exact == pytest.approx(SIZES[key], rel=1e-9)
    assert result.sample_size == math.ceil(SIZES[key])


@pytest.mark.parametrize(
    ("share", "margin", "key"), [(".04", ".01", "04_01"), (".5", ".05", "5_05"), (".9", ".05", "9_05")]
)
def test_wilsons_size_is_that_of_practools_before_the_correction(share: str, margin: str, key: str) -> None:
    population = 10**12

    exact = sample_size(population, confidence=0.95, margin=margin, expected_share=share, formula="wilson").exact

    unlimited = SIZES[f"nWilson_{key}"]["n.sam"]
    assert exact == pytest.approx(unlimited / (1 + (unlimited - 1) / population), rel=1e-9)


@pytest.mark.parametrize(
    ("population", "margin"), [(1, "0.15"), (20, "0.15"), (57, "0.1"), (200, "0.15"), (300, "0.2")]
)
@pytest.mark.parametrize("share", ["0", "0.3", "0.5"])
def test_from_the_hypergeometric_size_on_every_exact_interval_is_narrow_enough(
    population: int, margin: str, share: str
) -> None:
    def half_width(n: int) -> Fraction:
        low, high = interval(math.floor(n * Fraction(share) + Fraction(1, 2)), n, population, Fraction("0.9"))
        return Fraction(high - low, 2 * population)

    size = sample_size(population, margin=margin, expected_share=share, formula="hypergeometric").sample_size

    assert all(half_width(n) <= Fraction(margin) for n in range(size, population + 1))
    assert size == 1 or half_width(size - 1) > Fraction(margin)


def test_ninety_per_cent_and_fifteen_points_of_two_hundred_cases_need_twenty_seven() -> None:
    # z² = 2.705543, n0 = 2.705543 × 0.25 / 0.0225 = 30.0616; 30.0616 / (1 + 29.0616/200) = 26.248
    result = sample_size(200)

    assert (result.sample_size, round(result.exact, 3)) == (27, 26.248)


def test_ineligible_cases_are_allowed_for_after_rounding_in_exact_decimals() -> None:
    # 26.248 → 27; 27 / 0.9 is exactly 30, and stays 30.
    assert sample_size(200, ineligible=0.1).sample_size == 30
    assert sample_size(28, ineligible="0.5").sample_size == 28


def test_wilson_with_a_margin_just_under_a_half_still_asks_for_a_case() -> None:
    assert sample_size(50, margin="0.49", formula="wilson").sample_size == 1


def test_all_faults_of_a_size_are_told_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        sample_size(0, confidence=1, margin=0, expected_share=1.5, ineligible=1, formula="guess")  # type: ignore[arg-type]

    assert [fault.column for fault in caught.value.faults] == [
        "population",
        "formula",
        "confidence",
        "margin",
        "expected_share",
        "ineligible",
    ]


@pytest.mark.parametrize(
    ("formula", "share", "margin", "word"),
    [("cochran", 0, 0.1, "wilson or hypergeometric"), ("wilson", 0.5, 0.5, "smaller margin")],
)
def test_a_formula_that_cannot_answer_says_which_can(formula: str, share: float, margin: float, word: str) -> None:
    with pytest.raises(PlanError, match=word):
        sample_size(100, margin=margin, expected_share=share, formula=formula)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["", "abc", "nan", "inf", "1e99"])
def test_a_share_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(PlanError):
        sample_size(100, margin=value)


@given(st.integers(1, 5000), st.sampled_from(["0.05", "0.1", "0.15"]), st.sampled_from(["0.2", "0.5"]))
def test_the_margin_of_the_size_meets_the_margin_and_one_case_fewer_does_not(
    population: int, margin: str, share: str
) -> None:
    size = sample_size(population, margin=margin, expected_share=share).sample_size

    assert margin_of(population, size, expected_share=share) <= float(margin) + 1e-12
    if size > 1:
        assert margin_of(population, size - 1, expected_share=share) > float(margin)


def test_the_margin_of_a_census_is_nothing_and_of_no_sample_is_refused() -> None:
    assert margin_of(60, 60) == 0
    with pytest.raises(PlanError):
        margin_of(60, 0)
    with pytest.raises(PlanError):
        margin_of(60, 61)


def test_the_overall_margin_weighs_the_strata_by_their_cases() -> None:
    counts, sizes = {"a": 60, "b": 40, "none": 0}, {"a": 20, "b": 40}

    widths, overall = margins_of(counts, sizes)

    assert widths == {"a": pytest.approx(margin_of(60, 20)), "b": 0}
    assert overall == pytest.approx(0.6 * margin_of(60, 20))


def test_a_stratum_with_none_read_has_no_margin_and_nor_has_the_whole() -> None:
    widths, overall = margins_of({"a": 60, "b": 40}, {"a": 20})

    assert math.isnan(widths["b"])
    assert math.isnan(overall)


def test_each_subgroup_gets_the_size_that_its_own_margin_needs() -> None:
    sizes = sample_sizes({"a": 200, "b": 30, "none": 0}, margins={"b": "0.1"})

    assert sizes == {"a": sample_size(200).sample_size, "b": sample_size(30, margin="0.1").sample_size}
