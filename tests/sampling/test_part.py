"""A part of the population gets the cases it needs, by the smallest variance that leaves, and honest expectations."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.allocation import allocate
from sampling.errors import PlanError
from sampling.part import Expected, allocate_with_part, expected, margin_of_difference
from sampling.size import margins_of

COUNTS = {"home a": 6, "home b": 14, "peers a": 40, "peers b": 20}
HOME = ("home a", "home b")


def test_a_part_that_gets_enough_anyway_changes_nothing() -> None:
    plain = allocate(COUNTS, size=20, minimum=1)

    assert allocate_with_part(COUNTS, part=HOME, least=5, size=20, minimum=1) == plain == {
        "home a": 1, "home b": 4, "peers a": 10, "peers b": 5,
    }  # fmt: skip


def test_a_part_that_would_get_too_few_gets_its_number_and_the_rest_is_shared_as_before() -> None:
    assert allocate_with_part(COUNTS, part=HOME, least=10, size=20, minimum=1) == {
        "home a": 3, "home b": 7, "peers a": 7, "peers b": 3,
    }  # fmt: skip


def test_no_other_sizes_with_enough_of_the_part_have_a_smaller_variance() -> None:
    found = allocate_with_part(COUNTS, part=HOME, least=10, size=20, minimum=1)

    def spread(sizes: tuple[int, ...]) -> float:
        return sum(n * n / size for n, size in zip(COUNTS.values(), sizes, strict=True))

    allowed = (
        sizes
        for sizes in itertools.product(*(range(1, n + 1) for n in (6, 14, 18, 18)))
        if sum(sizes) == 20 and sizes[0] + sizes[1] >= 10
    )
    assert spread(tuple(found.values())) == pytest.approx(min(map(spread, allowed)), rel=0.01)


def test_a_part_with_fewer_cases_than_asked_for_is_taken_whole() -> None:
    found = allocate_with_part(COUNTS, part=HOME, least=50, size=30)

    assert (found["home a"], found["home b"], sum(found.values())) == (6, 14, 30)


@pytest.mark.parametrize(("part", "least", "size"), [(HOME, 20, 20), (tuple(COUNTS), 30, 20)])
def test_more_of_the_part_than_there_is_room_for_is_refused_with_the_arithmetic(
    part: tuple[str, ...], least: int, size: int
) -> None:
    with pytest.raises(PlanError, match=f"{least} cases of the part are asked for, and {size} are drawn in all"):
        allocate_with_part(COUNTS, part=part, least=least, size=size)


def test_bounds_and_deviations_of_single_strata_hold_in_part_and_rest() -> None:
    sd = {"home a": 1, "home b": 1, "peers a": 3, "peers b": 1}

    found = allocate_with_part(
        COUNTS, part=HOME, least=12, size=36, method="neyman", sd=sd, minimum=2, take_all=["peers b"]
    )

    # by deviation 16 of the 36 would be of peers a; with 12 of the part and all of peers b, 4 are left for it
    assert found == {"home a": 4, "home b": 8, "peers a": 4, "peers b": 20}


def test_a_stratum_that_the_part_gives_its_first_case_is_no_longer_warned_of() -> None:
    counts = {"home": 3, "peers": 300}

    assert allocate(counts, size=10).warnings
    assert not allocate_with_part(counts, part=["home"], least=2, size=10).warnings


def test_of_a_part_made_of_whole_strata_the_sample_and_the_margin_are_those_of_its_strata() -> None:
    sizes = {"home a": 3, "home b": 7, "peers a": 7, "peers b": 3}
    inside = {label: COUNTS[label] for label in HOME}

    found = expected(COUNTS, sizes, inside, confidence=0.9)

    assert (found.population, found.sample) == (20, 10)
    assert found.margin == pytest.approx(margins_of(inside, sizes, confidence=0.9)[1])


def test_of_a_part_that_cuts_through_a_stratum_its_share_of_the_sample_is_expected() -> None:
    # 10 of 100 drawn, 30 of the 100 in the part: 3 expected; 1.6449·√(0.9 · ¼·30/29 / 3) = 45.8 points
    found = expected({"all": 100}, {"all": 10}, {"all": 30}, confidence=0.9)

    assert found.sample == pytest.approx(3)
    assert found.margin == pytest.approx(0.4582, abs=0.0001)


def test_a_part_of_which_some_can_never_be_read_has_no_margin_and_one_of_nobody_none_either() -> None:
    assert math.isnan(expected({"a": 5, "b": 5}, {"a": 2, "b": 0}, {"a": 1, "b": 1}).margin)
    assert math.isnan(expected({"a": 5}, {"a": 2}, {"a": 0}).margin)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 60))
def test_a_part_that_is_read_in_full_is_known_without_a_margin(inside: int, drawn: int, more: int) -> None:
    population = max(inside, drawn) + more
    found = expected({"a": population}, {"a": population}, {"a": inside})

    assert found.sample == pytest.approx(inside)
    assert found.margin == 0
    assert expected({"a": population}, {"a": drawn}, {"a": inside}).sample <= inside


def test_the_margin_of_a_difference_adds_the_variances() -> None:
    assert margin_of_difference(Expected(10, 3, 0.3), Expected(90, 30, 0.4)) == pytest.approx(0.5)
