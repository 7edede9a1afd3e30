"""Agreement: worked by hand, at the edges, and whatever the ratings are."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casereader.agreement import gwet_ac, krippendorff_alpha, percent_agreement, weighted_kappa

SIX = (6, 5, 4, 3, 2, 1)
RATING = st.sampled_from([*SIX, None])
RATINGS = st.lists(st.tuples(RATING, RATING), min_size=0, max_size=25)


def test_percent_agreement_by_hand() -> None:
    # 3 of 4 agree: 0.75, variance (3 × 0.25² + 0.75²)/(4 × 3) = 0.0625, so the standard error is 0.25.
    found = percent_agreement([4, 3, 5, 2], [4, 3, 5, 4])
    assert (found.estimate, found.se, found.n) == (0.75, 0.25, 4)
    # t on 3 degrees of freedom at 95% is 3.182446305284263.
    assert found.lower == pytest.approx(0.75 - 3.182446305284263 * 0.25, abs=1e-12)
    assert found.upper == 1.0


def test_agreement_within_one_point_counts_neighbours() -> None:
    assert percent_agreement([4, 3, 6, 2], [5, 3, 3, 1], within=1).estimate == 0.75


def test_a_record_that_one_reader_did_not_rate_is_no_disagreement() -> None:
    found = percent_agreement([4, None, 5, float("nan"), 3], [4, 2, None, 3, 3])
    assert (found.estimate, found.n) == (1.0, 2)


def test_kappa_by_hand() -> None:
    # Table 20 5 / 10 15 of 50: agreement 0.7, by chance 0.5 × 0.6 + 0.5 × 0.4 = 0.5, so kappa is 0.4.
    a = ["yes"] * 25 + ["no"] * 25
    b = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    found = weighted_kappa(a, b, levels=["yes", "no"], weights=None)
    assert found.estimate == pytest.approx(0.4, abs=1e-15)
    assert found.n == 50


def test_gwets_coefficient_holds_where_nearly_all_ratings_are_the_same() -> None:
    # 118 of 125 agree; both say yes on 118, so kappa falls below zero and AC1 does not.
    a = [1] * 118 + [1] * 5 + [0] * 2
    b = [1] * 118 + [0] * 5 + [1] * 2
    # AC1: chance is 2q(1 − q) with q the mean share of yes, (123 + 120)/250.
    q = 243 / 250
    chance = 2 * q * (1 - q)
    assert gwet_ac(list(zip(a, b, strict=True)), levels=(0, 1)).estimate == pytest.approx(
        (118 / 125 - chance) / (1 - chance), abs=1e-12
    )
    assert weighted_kappa(a, b, levels=(0, 1), weights=None).estimate < 0


def test_alpha_by_hand() -> None:
    # Krippendorff's binary example: 4 of 10 pairs differ, 14 zeros and 6 ones, alpha = 1 − 19 × 4/(14 × 6).
    a = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    b = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(list(zip(a, b, strict=True))).estimate == pytest.approx(1 - 19 * 4 / (14 * 6), abs=1e-12)


@pytest.mark.parametrize(
    "found",
    [
        percent_agreement([4], [4]),
        percent_agreement([4, None], [4, 3]),
        weighted_kappa([4], [4], levels=SIX),
        krippendorff_alpha([[4, 4], [None, 3]]),
        gwet_ac([[4, 4]], levels=SIX),
        gwet_ac([[4, None], [3, None]], levels=SIX),
    ],
)
def test_under_two_usable_records_there_is_no_coefficient(found: Any) -> None:
    assert all(math.isnan(value) for value in found[:4])
    assert found.n < 3


def test_no_ratings_at_all_are_no_error() -> None:
    assert percent_agreement([], []).n == 0
    assert weighted_kappa([], [], levels=SIX).n == 0
    assert krippendorff_alpha(np.empty((0, 2))).n == 0
    assert gwet_ac(np.empty((0, 2)), levels=SIX).n == 0


def test_where_chance_agrees_always_there_is_no_kappa_and_no_alpha() -> None:
    assert math.isnan(weighted_kappa([4, 4, 4], [4, 4, 4], levels=SIX).estimate)
    assert math.isnan(krippendorff_alpha([[4, 4], [4, 4]]).estimate)
    assert gwet_ac([[4, 4], [4, 4]], levels=SIX).estimate == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: weighted_kappa([4, 7], [4, 4], levels=SIX),
        lambda: gwet_ac([[4, 7], [4, 4]], levels=SIX),
        lambda: gwet_ac([["4", 4]], levels=SIX),
    ],
)
def test_a_rating_outside_the_levels_is_an_error_that_names_it(call: Any) -> None:
    with pytest.raises(ValueError, match=r"7|'4'"):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: percent_agreement([1, 2], [1]),
        lambda: percent_agreement(["a", "b"], ["a", "c"], within=1),
        lambda: weighted_kappa([1], [1], levels=[1]),
        lambda: weighted_kappa([1], [1], levels=[1, 1, 2]),
        lambda: weighted_kappa([1], [1], levels=[1, 2], weights="ordinal"),
        lambda: gwet_ac([[1, 1]], levels=[1, 2], weights="cubic"),
        lambda: gwet_ac([1, 2, 3], levels=[1, 2]),
        lambda: krippendorff_alpha([["a", "b"], ["a", "a"]], metric="ordinal"),
        lambda: krippendorff_alpha([[1, 2]], metric="ratio"),
    ],
)
def test_what_cannot_be_computed_is_refused(call: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        call()


def test_words_are_levels_too_and_their_places_their_distances() -> None:
    words, numbers = {"low": 1, "middle": 2, "high": 3}, [(1, 1), (2, 3), (3, 3), (1, 2), (2, 2)]
    names = {value: key for key, value in words.items()}
    a, b = [names[x] for x, _ in numbers], [names[y] for _, y in numbers]
    spoken = weighted_kappa(a, b, levels=list(words))
    counted = weighted_kappa([x for x, _ in numbers], [y for _, y in numbers], levels=(1, 2, 3))
    assert spoken == counted


def test_a_table_of_pandas_serves_as_well_as_lists() -> None:
    rows = [[4, 4], [3, None], [2, 3], [5, 5]]
    frame = pd.DataFrame(rows, dtype="Int64")
    assert gwet_ac(frame, levels=SIX) == gwet_ac(rows, levels=SIX)
    assert krippendorff_alpha(frame, metric="ordinal") == krippendorff_alpha(rows, metric="ordinal")
    assert percent_agreement(frame[0], frame[1]) == percent_agreement(
        [row[0] for row in rows], [row[1] for row in rows]
    )


def same(first: Any, second: Any) -> bool:
    return all(
        (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)
        for x, y in zip(first, second, strict=True)
    )


def every(rows: list[tuple[Any, Any]]) -> list[Any]:
    a, b = [row[0] for row in rows], [row[1] for row in rows]
    table = np.array(rows, dtype=object).reshape(len(rows), 2)
    return [
        percent_agreement(a, b),
        percent_agreement(a, b, within=1),
        weighted_kappa(a, b, levels=SIX),
        weighted_kappa(a, b, levels=SIX, weights=None),
        *(krippendorff_alpha(table, metric=metric) for metric in ("nominal", "ordinal", "interval")),
        *(gwet_ac(table, levels=SIX, weights=weights) for weights in (None, "linear", "quadratic", "ordinal")),
    ]


@given(RATINGS)
def test_neither_the_order_of_records_nor_of_readers_matters(rows: list[tuple[Any, Any]]) -> None:
    found = every(rows)
    assert all(same(x, y) for x, y in zip(found, every(rows[::-1]), strict=True))
    assert all(same(x, y) for x, y in zip(found, every([(b, a) for a, b in rows]), strict=True))


@given(RATINGS)
def test_an_interval_holds_its_estimate_and_stops_at_one(rows: list[tuple[Any, Any]]) -> None:
    for found in every(rows):
        if math.isnan(found.estimate):
            assert math.isnan(found.lower)
            assert math.isnan(found.se)
        else:
            assert found.lower - 1e-12 <= found.estimate <= found.upper + 1e-12
            assert found.upper <= 1


@given(st.lists(st.sampled_from(SIX), min_size=2, max_size=20))
def test_readers_who_always_agree_have_a_coefficient_of_one_without_error(ratings: list[int]) -> None:
    for found in every([(rating, rating) for rating in ratings]):
        if not math.isnan(found.estimate):
            assert found.estimate == pytest.approx(1, abs=1e-12)
            assert found.se == pytest.approx(0, abs=1e-9)


def test_a_hundred_double_readings_of_a_hundred_and_twenty_parts_take_under_half_a_second() -> None:
    chance = np.random.default_rng(7)
    first = chance.integers(1, 7, (120, 100))
    second = np.clip(first + chance.integers(-1, 2, (120, 100)), 1, 6)
    started = time.process_time()
    for a, b in zip(first, second, strict=True):
        percent_agreement(a, b)
        percent_agreement(a, b, within=1)
        weighted_kappa(a, b, levels=SIX)
        gwet_ac(np.column_stack([a, b]), levels=SIX, weights="quadratic")
    assert time.process_time() - started < 0.5
