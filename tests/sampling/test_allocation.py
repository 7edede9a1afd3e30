"""Allocation against other programs, worked examples, and properties that hold for every list."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.allocation import allocate
from sampling.errors import Fault
from sampling.optimum import Stratum, real_sizes, whole_sizes
from tests.sampling.lists import references

VALUES = references("allocation")
POPULATIONS = [215, 65, 252, 50, 149, 144]
SPREADS = [26787207, 10645109, 6909676, 11085034, 9817762, 44553355]
COUNTS = {f"s{i:02d}": n for i, n in enumerate(POPULATIONS, start=1)}
SD = dict(zip(COUNTS, SPREADS, strict=True))


def box(measures: list[int], lower: list[int], upper: list[int]) -> list[Stratum]:
    return [
        Stratum(str(i), most, Fraction(a), least, most)
        for i, (a, least, most) in enumerate(zip(measures, lower, upper, strict=True))
    ]


NONE_DRAWN = (
    "stratum '{}' has {} and none is drawn, so that nothing can be said about it; "
    "merge it with another, or set a minimum of 1"
)
NEYMAN = [n * s for n, s in zip(POPULATIONS, SPREADS, strict=True)]
CASES = [420, 95, 130, 260, 41, 77, 1210, 240, 388, 64, 9, 21]


@pytest.mark.parametrize(
    ("strata", "size", "expected"),
    [
        (box(POPULATIONS, [0] * 6, POPULATIONS), 100, VALUES["practools_prop"]["nh"]),
        (box(NEYMAN, [0] * 6, POPULATIONS), 100, VALUES["practools_neyman"]["nh"]),
        (box(NEYMAN, [0] * 6, POPULATIONS), 600, VALUES["stratallo_upper_bounds"]),
        (box(NEYMAN, [5] * 6, POPULATIONS), 100, VALUES["stratallo_min2_upper"]),
        (
            box([3000, 4000, 5000, 2000], [100, 90, 70, 50], [300, 400, 200, 90]),
            800,
            VALUES["stratallo_doc_box_800"]["x"],
        ),
        (box([3000, 4000, 5000, 2000], [100, 90, 70, 50], [340] * 4), 340, VALUES["stratallo_doc_lower_340"]),
        (box(CASES, [2] * 12, CASES), 60, VALUES["stratallo_prop_min"]),
        (box([1054, 220, 1382, 422], [0] * 4, [1054, 220, 1382, 422]), 300, list(VALUES["lohr_ag_prop_300"].values())),
    ],
)
def test_the_real_optimum_is_that_of_practools_and_stratallo(
    strata: list[Stratum], size: int, expected: list[float]
) -> None:
    assert [float(n) for n in real_sizes(strata, size)] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("key", "size", "minimum"),
    [("optimall_wrightI_100", 100, 1), ("optimall_wrightII_100", 100, 2), ("optimall_wrightII_600", 600, 2)],
)
def test_neyman_is_the_exact_integer_optimum_of_optimall(key: str, size: int, minimum: int) -> None:
    sizes = allocate(COUNTS, size=size, method="neyman", sd=SD, minimum=minimum)

    assert sizes == dict(zip(VALUES[key]["strata"], VALUES[key]["stratum_size"], strict=True))


def test_neyman_gives_each_stratum_one_case_unless_told_otherwise() -> None:
    counts, sd = {"a": 100, "b": 100}, {"a": 5, "b": 0}

    assert allocate(counts, size=20, method="neyman", sd=sd) == {"a": 19, "b": 1}
    assert allocate(counts, size=20, method="neyman", sd=sd, minimum=0) == {"a": 20, "b": 0}


def test_neyman_serves_every_stratum_that_varies_before_any_gets_a_second_case() -> None:
    # N·S: 100, 1 and 0. A second case of a is worth 100²/2, and still b has its first before.
    counts, sd = {"a": 10, "b": 1, "c": 5}, {"a": 10, "b": 1, "c": 0}

    for size, sizes in ((1, [1, 0, 0]), (2, [1, 1, 0]), (3, [2, 1, 0]), (12, [10, 1, 1])):
        assert list(allocate(counts, size=size, method="neyman", sd=sd, minimum=0).values()) == sizes


def test_proportional_shares_of_the_agricultural_census_are_those_published() -> None:
    counts = VALUES["lohr_agpop_Nh"]

    assert allocate(counts, size=300) == VALUES["lohr_agstrat_nh"]
    equal_spread = allocate(counts, size=300, method="neyman", sd=dict.fromkeys(counts, 1))
    assert list(equal_spread.values()) == VALUES["optimall_wrightI_lohr_equalS_300"]["stratum_size"]


def test_equal_remainders_go_to_the_larger_stratum_then_to_the_first_label() -> None:
    assert allocate({"b": 10, "a": 10, "c": 10}, size=4) == {"b": 1, "a": 2, "c": 1}
    assert allocate({"a": 1, "b": 3}, size=2) == {"a": 0, "b": 2}  # 0.5 and 1.5
    assert allocate({"é": 5, "z": 5}, size=1) == {"é": 0, "z": 1}  # by bytes


def test_square_root_allocation_ties_where_roots_are_irrational() -> None:
    # √2 : √18 = 1 : 3; of 6 cases 1.5 and 4.5, and the larger stratum gets the odd one.
    assert allocate({"small": 2, "large": 18}, size=6, method="power") == {"small": 1, "large": 5}


def test_power_allocation_uses_the_coefficient_of_variation_where_means_are_known() -> None:
    # √100 × 2/1 : √400 × 1/2 = 20 : 10, of 9 cases 6 and 3; without means 10 : 20.
    counts, sd, mean = {"a": 100, "b": 400}, {"a": 2, "b": 1}, {"a": 1, "b": -2}

    assert allocate(counts, size=9, method="power", sd=sd, mean=mean) == {"a": 6, "b": 3}
    assert allocate(counts, size=9, method="power", sd=sd) == {"a": 3, "b": 6}


def test_cases_that_strata_which_vary_cannot_take_go_to_the_largest_of_those_that_do_not() -> None:
    counts, sd = {"a": 10, "b": 6, "c": 9}, {"a": 2, "b": 0, "c": 0}

    def sizes(size: int, **options: Any) -> list[int]:
        mean = dict.fromkeys(counts, 1)
        return list(allocate(counts, size=size, method="power", sd=sd, mean=mean, **options).values())

    assert sizes(8) == [8, 0, 0]
    assert sizes(15) == [10, 0, 5]
    assert sizes(22) == [10, 3, 9]
    assert sizes(13, minimum=1) == [10, 1, 2]


def test_an_empty_stratum_gets_no_case_by_any_method() -> None:
    counts: dict[str, int] = {"a": 16, "empty": 0, "b": 4}
    for method, sizes in (("equal", [3, 0, 3]), ("power", [4, 0, 2]), ("proportional", [5, 0, 1])):
        assert list(allocate(counts, size=6, method=method).values()) == sizes
    assert list(allocate(counts, size=6, method="power", power=0).values()) == [3, 0, 3]


def test_power_zero_is_equal_and_power_one_proportional() -> None:
    assert allocate(COUNTS, size=61, method="power", power=0) == allocate(COUNTS, size=61, method="equal")
    assert allocate(COUNTS, size=61, method="power", power=1) == allocate(COUNTS, size=61)


def test_the_minimum_is_kept_when_it_is_feasible() -> None:
    # svy refuses this one: 12 strata, 60 cases, two each.
    counts = {f"s{i:02d}": n for i, n in enumerate(CASES)}

    sizes = allocate(counts, size=60, minimum=2)

    assert sum(sizes.values()) == 60
    assert min(sizes.values()) == 2


def test_a_stratum_smaller_than_the_minimum_is_taken_whole() -> None:
    assert allocate({"a": 3, "b": 90}, size=20, minimum=5) == {"a": 3, "b": 17}


def test_strata_read_in_full_leave_the_rest_to_the_others() -> None:
    assert allocate({"a": 30, "b": 50, "c": 50}, size=50, take_all=["a"], maximum=12) == {
        "a": 30,
        "b": 10,
        "c": 10,
    }


def test_more_cases_than_there_are_takes_all_and_says_so() -> None:
    allocation = allocate({"a": 3, "b": 4}, size=10)

    assert allocation == {"a": 3, "b": 4}
    assert allocation.warnings == (
        Fault(None, "size", "10", "10 cases are asked for and there are 7; all 7 that may be taken are taken"),
    )
    assert allocate({"a": 3, "b": 4}, size=7).warnings == ()
    assert allocate({"a": 3, "b": 4}, size=8, maximum=3) == {"a": 3, "b": 3}


def test_a_stratum_that_gets_no_case_is_warned_of_and_an_empty_one_is_not() -> None:
    allocation = allocate({"a": 1, "b": 99, "empty": 0}, size=5)

    assert allocation == {"a": 0, "b": 5, "empty": 0}
    assert allocation.warnings == (Fault(None, "stratum", "a", NONE_DRAWN.format("a", "1 case")),)


@pytest.mark.parametrize("method", ["proportional", "fixed"])
def test_fixed_sizes_are_taken_as_given_within_bounds_that_they_may_touch(method: Any) -> None:
    counts, sizes = {"a": 9, "b": 9, "c": 1, "empty": 0}, {"a": 5, "b": 2, "c": 1}

    allocation = allocate(counts, sizes=sizes, method=method, minimum=2, maximum=5)

    assert allocation == {"a": 5, "b": 2, "c": 1, "empty": 0}
    assert allocation.warnings == ()
    assert allocate({"a": 9}, sizes={"a": 9}, maximum=9) == {"a": 9}


def test_strata_read_in_full_need_no_fixed_size_and_heed_no_maximum() -> None:
    assert allocate({"a": 9, "b": 4}, sizes={"a": 1}, take_all=["b"], maximum=3) == {"a": 1, "b": 4}
    assert allocate({"a": 9, "b": 4}, sizes={"a": 1, "b": 2}, take_all=["b"]) == {"a": 1, "b": 4}


def test_a_fixed_size_of_none_is_warned_of() -> None:
    (warning,) = allocate({"a": 9, "b": 4}, sizes={"a": 1, "b": 0}).warnings

    assert warning == Fault(None, "stratum", "b", NONE_DRAWN.format("b", "4 cases"))


COUNTED = st.dictionaries(st.text("abcé ", min_size=1, max_size=3), st.integers(0, 80), min_size=1, max_size=8)


@given(COUNTED, st.data())
def test_sizes_add_up_and_keep_their_bounds_in_any_order_of_the_strata(
    counts: dict[str, int], data: st.DataObject
) -> None:
    minimum = data.draw(st.one_of(st.none(), st.integers(0, 5)))
    maximum = data.draw(st.one_of(st.none(), st.integers(5, 40)))
    method = data.draw(st.sampled_from(["proportional", "equal", "power", "neyman"]))
    floor = (1 if method == "neyman" else 0) if minimum is None else minimum
    lower = {label: min(floor, n) for label, n in counts.items()}
    upper = {label: n if maximum is None else min(maximum, n) for label, n in counts.items()}
    if not sum(upper.values()):
        return
    size = data.draw(st.integers(max(1, sum(lower.values())), max(1, sum(upper.values()))))
    sd = {label: data.draw(st.integers(0, 9)) for label in counts}

    def share_out(order: list[str]) -> dict[str, int]:
        return allocate(
            {label: counts[label] for label in order},
            size=size,
            method=method,
            minimum=minimum,
            maximum=maximum,
            sd=sd if method == "neyman" else None,
        )

    sizes = share_out(list(counts))

    assert sum(sizes.values()) == size
    assert all(lower[label] <= n <= upper[label] for label, n in sizes.items())
    assert sizes == share_out(data.draw(st.permutations(list(counts))))


@given(st.data())
def test_no_other_whole_sizes_do_better_than_neyman(data: st.DataObject) -> None:
    strata = []
    for i in range(data.draw(st.integers(1, 3))):
        population = data.draw(st.integers(1, 9))
        lower = data.draw(st.integers(1, population))
        strata.append(Stratum(str(i), population, Fraction(data.draw(st.integers(0, 50))), lower, population))
    bounds = [range(s.lower, s.upper + 1) for s in strata]
    size = data.draw(st.integers(sum(s.lower for s in strata), sum(s.upper for s in strata)))

    def loss(sizes: tuple[int, ...]) -> Fraction:
        return sum((s.measure**2 / n for s, n in zip(strata, sizes, strict=True)), Fraction(0))

    best = min(loss(sizes) for sizes in itertools.product(*bounds) if sum(sizes) == size)

    found = whole_sizes(strata, size)

    assert sum(found) == size
    assert loss(tuple(found)) == best


def test_a_large_neyman_allocation_takes_the_short_way_to_the_same_end() -> None:
    # A million million cases, too many to hand out one by one; the first stratum ends at its minimum, the second at
    # its maximum.
    many = 10**12
    strata = [Stratum("low", many, Fraction(1), many // 10, many), Stratum("full", 900, Fraction(10**6), 1, 900)]
    strata += [Stratum(str(i), many + i, Fraction(7 * i + 3), 1, many) for i in range(12)]

    sizes = whole_sizes(strata, many)

    worth_adding = max(s.measure**2 / (n * (n + 1)) for s, n in zip(strata, sizes, strict=True) if n < s.upper)
    worth_keeping = min(s.measure**2 / (n * (n - 1)) for s, n in zip(strata, sizes, strict=True) if n > s.lower)
    assert sum(sizes) == many
    assert sizes[:2] == [many // 10, 900]
    assert worth_adding <= worth_keeping
