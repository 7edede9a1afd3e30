"""Requests for sizes that cannot be met: refused in full sentences, with the column, the value and the arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

from sampling.allocation import allocate
from sampling.errors import PlanError

NINE = {"a": 9, "b": 9}
Found = tuple[str | None, str | None, str]


def refused(counts: dict[str, int], **options: Any) -> list[Found]:
    with pytest.raises(PlanError) as caught:
        allocate(counts, **options)
    assert all(fault.row is None for fault in caught.value.faults)
    return [(fault.column, fault.value, fault.says) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("counts", "options", "fault"),
    [
        (
            NINE,
            {"size": 3, "minimum": 2},
            (
                "minimum",
                "3",
                "the least that each stratum must have adds up to 2 + 2 = 4, more than the 3 to be drawn; "
                "draw 4 or more, or lower the minimum",
            ),
        ),
        (
            NINE,
            {"size": 8, "take_all": ["a"]},
            (
                "size",
                "8",
                "the least that each stratum must have adds up to 9 = 9, more than the 8 to be drawn; "
                "draw 9 or more, or lower the minimum",
            ),
        ),
        (
            NINE,
            {"size": 9, "maximum": 4},
            (
                "maximum",
                "4",
                "the maximum of 4 leaves at most 4 + 4 = 8, fewer than the 9 to be drawn; "
                "draw 8 or fewer, or raise the maximum",
            ),
        ),
        ({"a": 9}, {"size": 0}, ("size", "0", "must be a whole number of 1 or more")),
        ({"a": 9}, {"size": 3, "minimum": -1}, ("minimum", "-1", "must be a whole number of 0 or more")),
        ({"a": 9}, {"size": 3, "maximum": 0}, ("maximum", "0", "must be a whole number of 1 or more")),
        ({"a": -1, "b": 3}, {"size": 3}, ("population", "-1", "stratum 'a' cannot have fewer than no cases")),
        ({}, {"size": 3}, ("population", "0", "there is no case to draw from")),
        ({"a": 0}, {"size": 3}, ("population", "0", "there is no case to draw from")),
        ({"a": 9}, {}, ("size", None, "give a size to share out, or a size for each stratum")),
        (
            {"a": 9},
            {"size": 3, "sizes": {"a": 3}},
            ("size", "3", "give one size to share out, or a size for each stratum, not both"),
        ),
        (
            {"a": 9},
            {"size": 3, "method": "guess"},
            ("method", "guess", "must be one of proportional, equal, neyman, power, fixed"),
        ),
        ({"a": 9}, {"size": 3, "method": "fixed"}, ("method", "fixed", "fixed needs a size for each stratum")),
        (
            {"a": 9},
            {"sizes": {"a": 3}, "method": "equal"},
            ("method", "equal", "sizes given for each stratum are fixed; leave the method out"),
        ),
        ({"a": 9}, {"size": 3, "take_all": ["b"]}, ("take_all", "b", "is no stratum of this list")),
    ],
)
def test_a_size_that_cannot_be_met_is_refused_with_the_arithmetic(
    counts: dict[str, int], options: dict[str, Any], fault: Found
) -> None:
    assert refused(counts, **options) == [fault]


@pytest.mark.parametrize(
    ("sizes", "options", "fault"),
    [
        ({"a": 10, "b": 1}, {}, ("size", "10", "stratum 'a' has 9 cases, fewer than the 10 to be drawn")),
        ({"a": 1, "b": 2}, {"minimum": 2}, ("size", "1", "stratum 'a' gets 1, fewer than the minimum of 2")),
        ({"a": 1, "b": 9}, {"minimum": 20}, ("size", "1", "stratum 'a' gets 1, fewer than the minimum of 9")),
        ({"a": 2, "b": 3}, {"maximum": 2}, ("size", "3", "stratum 'b' gets 3, more than the maximum of 2")),
        (
            {"a": 1},
            {},
            ("size", None, "stratum 'b' has 9 cases and no size; give it one (0 if none is to be read)"),
        ),
        (
            {"a": 1, "b": 1, "c": 1},
            {},
            ("size", "1", "stratum 'c' is no stratum of this list; mend the label or leave it out"),
        ),
        ({"a": -1, "b": 1}, {}, ("size", "-1", "stratum 'a' cannot have fewer than no cases drawn")),
        ({"a": 0, "b": 0}, {}, ("size", "0", "the sizes add up to no case at all")),
    ],
)
def test_a_fixed_size_that_does_not_fit_is_refused(
    sizes: dict[str, int], options: dict[str, Any], fault: Found
) -> None:
    assert refused(NINE, sizes=sizes, **options) == [fault]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"method": "neyman"}, ("sd", None, "neyman needs the standard deviation of each stratum")),
        (
            {"method": "neyman", "sd": {"a": 1, "b": 1, "c": 1}},
            ("sd", "c", "is no stratum of this list; mend the label or leave it out"),
        ),
        ({"method": "neyman", "sd": {"a": 1, "b": "x"}}, ("sd", "x", "stratum 'b': 'x' is not a number")),
        ({"method": "neyman", "sd": {"a": "-0.1", "b": 0}}, ("sd", "-0.1", "stratum 'a': must be 0 or more")),
        ({"method": "neyman", "sd": {"b": 1}}, ("sd", None, "stratum 'a' has no sd; add it")),
        (
            {"method": "power", "sd": {"a": 1, "b": 1}, "mean": {"b": 1}},
            ("mean", None, "stratum 'a' has no mean; add it"),
        ),
        (
            {"method": "power", "sd": {"a": 1, "b": 1}, "mean": {"a": 0, "b": 1}},
            ("mean", "0", "stratum 'a' has a mean of 0, so that its coefficient of variation is not defined"),
        ),
        ({"method": "power", "power": "2"}, ("power", "2", "must lie between 0 (equal) and 1 (proportional)")),
        ({"method": "power", "power": -0.1}, ("power", "-0.1", "must lie between 0 (equal) and 1 (proportional)")),
        ({"method": "power", "power": "x"}, ("power", "x", "'x' is not a number")),
    ],
)
def test_figures_that_a_method_cannot_use_are_refused(options: dict[str, Any], fault: Found) -> None:
    assert refused(NINE, size=3, **options) == [fault]


def test_all_faults_of_the_figures_are_told_at_once() -> None:
    counts = {"a": 9, "b": 9, "c": 9}

    found = refused(counts, size=3, method="power", power=2, sd={"b": "x", "c": -1}, mean={"a": 1, "b": 1, "c": "y"})
    zero = refused(counts, size=3, method="power", sd=dict.fromkeys("abc", 1), mean={"a": 0, "b": 0, "c": 1})

    assert [(column, value) for column, value, _ in found] == [
        ("sd", None),
        ("sd", "x"),
        ("sd", "-1"),
        ("mean", "y"),
        ("power", "2"),
    ]
    assert [says.split("'")[1] for _, _, says in zero] == ["a", "b"]


def test_all_faults_of_fixed_sizes_are_told_at_once() -> None:
    found = refused({"a": 9, "b": 9, "c": 9}, sizes={"a": 10, "b": -1, "d": 1})

    assert [says.split("'")[1] for _, _, says in found] == ["d", "a", "b", "c"]


def test_a_minimum_above_the_maximum_is_told_of_each_stratum() -> None:
    says = "the minimum of 5 is above the maximum of 4"

    assert refused({"a": 9, "b": 9, "c": 4}, size=9, minimum=5, maximum=4) == [
        ("minimum", "5", f"stratum '{label}': {says}") for label in "ab"
    ]


@pytest.mark.parametrize(
    ("strata", "arithmetic"),
    [(24, " + ".join(["3"] * 24)), (25, " + ".join(["3"] * 23) + " + … (25 strata)")],
)
def test_arithmetic_of_more_than_24_strata_is_cut_after_23(strata: int, arithmetic: str) -> None:
    counts = {f"s{i}": 5 for i in range(strata)} | {"empty": 0}

    ((_, _, says),) = refused(counts, size=60, minimum=3)

    assert says.startswith(
        f"the least that each stratum must have adds up to {arithmetic} = {3 * strata}, more than the 60"
    )
