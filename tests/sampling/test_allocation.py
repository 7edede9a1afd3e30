"""Allocation against other programs, worked examples, and properties that hold for every list."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.allocation import allocate
from sampling.errors import PlanError
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
    assert "10 cases are asked for and there are 7" in allocation.warnings[0].says


def test_a_stratum_that_gets_no_case_is_warned_of_and_an_empty_one_is_not() -> None:
    allocation = allocate({"a": 1, "b": 99, "empty": 0}, size=5)

    assert allocation == {"a": 0, "b": 5, "empty": 0}
    assert [warning.value for warning in allocation.warnings] == ["a"]


@pytest.mark.parametrize(
    ("counts", "options", "arithmetic"),
    [
        ({"a": 9, "b": 9}, {"size": 3, "minimum": 2}, "2 + 2 = 4, more than the 3"),
        ({"a": 9, "b": 9}, {"size": 9, "maximum": 4}, "4 + 4 = 8, fewer than the 9"),
        ({"a": 9, "b": 9}, {"size": 9, "minimum": 5, "maximum": 4}, "minimum of 5 is above the maximum of 4"),
        ({"a": 9, "b": 9}, {"size": 8, "take_all": ["a"]}, "9 = 9, more than the 8"),
        ({"a": 9, "b": 9}, {"sizes": {"a": 10, "b": 1}}, "'a' has 9 cases, fewer than the 10"),
        ({"a": 9, "b": 9}, {"sizes": {"a": 1, "b": 1}, "minimum": 2}, "gets 1, fewer than the minimum of 2"),
        ({"a": 9, "b": 9}, {"sizes": {"a": 1, "b": 3}, "maximum": 2}, "gets 3, more than the maximum of 2"),
        ({"a": 9, "b": 9}, {"sizes": {"a": 1}}, "'b' has 9 cases and no size"),
        ({"a": 9, "b": 9}, {"sizes": {"a": 1, "b": 1, "c": 1}}, "'c' is no stratum"),
        ({"a": 9, "b": 9}, {"sizes": {"a": -1, "b": 1}}, "'a' cannot have fewer than no cases"),
        ({"a": 9, "b": 9}, {"sizes": {"a": 0, "b": 0}}, "no case at all"),
        ({"a": 9}, {"size": 0}, "1 or more"),
        ({"a": 9}, {"size": 3, "minimum": -1}, "0 or more"),
        ({"a": 9}, {"size": 3, "maximum": 0}, "1 or more"),
        ({"a": -1, "b": 3}, {"size": 3}, "fewer than no cases"),
        ({}, {"size": 3}, "no case to draw from"),
        ({"a": 0}, {"size": 3}, "no case to draw from"),
        ({"a": 9}, {}, "give a size"),
        ({"a": 9}, {"size": 3, "sizes": {"a": 3}}, "not both"),
        ({"a": 9}, {"size": 3, "method": "guess"}, "must be one of"),
        ({"a": 9}, {"size": 3, "method": "fixed"}, "needs a size for each"),
        ({"a": 9}, {"sizes": {"a": 3}, "method": "equal"}, "leave the method out"),
        ({"a": 9}, {"size": 3, "take_all": ["b"]}, "no stratum of this list"),
        ({"a": 9}, {"size": 3, "method": "neyman"}, "standard deviation"),
        ({"a": 9, "b": 1}, {"size": 3, "method": "neyman", "sd": {"a": 1}}, "'b' has no sd"),
        ({"a": 9}, {"size": 3, "method": "neyman", "sd": {"a": -1}}, "0 or more"),
        ({"a": 9}, {"size": 3, "method": "neyman", "sd": {"a": "x"}}, "not a number"),
        ({"a": 9}, {"size": 3, "method": "neyman", "sd": {"a": 1, "b": 1}}, "no stratum of this list"),
        ({"a": 9}, {"size": 3, "method": "power", "sd": {"a": 1}, "mean": {"a": 0}}, "mean of 0"),
        ({"a": 9}, {"size": 3, "method": "power", "power": "2"}, "between 0"),
        ({"a": 9}, {"size": 3, "method": "power", "power": "x"}, "not a number"),
    ],
)
def test_what_cannot_be_met_is_refused_with_the_arithmetic(
    counts: dict[str, int], options: dict[str, object], arithmetic: str
) -> None:
    with pytest.raises(PlanError) as caught:
        allocate(counts, **options)  # type: ignore[arg-type]

    assert any(arithmetic in fault.says for fault in caught.value.faults)


def test_all_faults_of_fixed_sizes_are_told_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        allocate({"a": 9, "b": 9, "c": 9}, sizes={"a": 10, "b": -1, "d": 1})

    assert len(caught.value.faults) == 4


def test_long_arithmetic_is_cut() -> None:
    counts = {f"s{i}": 5 for i in range(100)}

    with pytest.raises(PlanError, match=r"… \(100 strata\) = 300"):
        allocate(counts, size=60, minimum=3)


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
    strata = [Stratum(str(i), 90_000 + i, Fraction(7 * i + 3), 1, 900 + 100 * i) for i in range(12)]
    size = 9_000

    sizes = whole_sizes(strata, size)

    worth_adding = max(s.measure**2 / (n * (n + 1)) for s, n in zip(strata, sizes, strict=True) if n < s.upper)
    worth_keeping = min(s.measure**2 / (n * (n - 1)) for s, n in zip(strata, sizes, strict=True) if n > s.lower)
    assert sum(sizes) == size
    assert worth_adding <= worth_keeping
