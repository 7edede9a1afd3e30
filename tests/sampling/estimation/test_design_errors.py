"""Tables that cannot be estimated from: every fault at once, with its column, and nothing guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.errors import DesignError, Fault
from sampling.estimation import compare, estimate_mean, estimate_ratio, estimate_share, estimate_total

GOOD = pd.DataFrame(
    {"h": ["A", "A", "B"], "N": [5, 5, 7], "y": [1, 0, 1], "x": [2.0, 3.0, 4.0], "area": ["p", "q", "q"]}
)


def faults(call: Any) -> list[tuple[str | None, str]]:
    with pytest.raises(DesignError) as raised:
        call()
    return [(fault.column, fault.says) for fault in raised.value.faults]


def share(cases: pd.DataFrame, **options: Any) -> list[tuple[str | None, str]]:
    given: dict[str, Any] = {"stratum": "h", "population": "N", "by": "area"} | options
    return faults(lambda: estimate_share(cases, "y", **given))


def in_full(cases: pd.DataFrame, estimate: Any = estimate_share, **options: Any) -> list[Fault]:
    given: dict[str, Any] = {"stratum": "h", "population": "N", "by": "area"} | options
    with pytest.raises(DesignError) as raised:
        estimate(cases, "y", **given)
    return raised.value.faults


def test_every_missing_column_is_named_at_once_and_once() -> None:
    assert in_full(GOOD, stratum=["h", "g"], population="M", by=["where", "g"], post="b", post_population="K") == [
        Fault(None, name, None, "the table has no such column") for name in ("g", "where", "b", "M", "K")
    ]


def test_blanks_in_strata_and_groups_are_faults_with_their_first_row() -> None:
    cases = GOOD.assign(h=["A", None, "B"], area=["p", "  ", None])
    says = "is blank; every row needs a value here"

    assert in_full(cases) == [
        Fault(3, "h", None, says),
        Fault(3, "area", "  ", f"{says} (1 more such row)"),
    ]
    assert in_full(GOOD.assign(area=["", " ", None])) == [Fault(2, "area", "", f"{says} (2 more such rows)")]
    assert in_full(GOOD.assign(area=[1.5, None, 2.5])) == [Fault(3, "area", None, says)]


WHOLE = "is not a number of cases: a whole number from 1 up"
NUMBER = "is not a number; leave the answer blank where there is none"


@pytest.mark.parametrize(
    ("numbers", "fault"),
    [
        ([5, 6, 7], Fault(2, "N", "5", "5 differs within one stratum; it must be the same on all its rows")),
        ([5, None, 7], Fault(3, "N", None, "is blank; every row needs the number of cases in its stratum")),
        ([0, 0, 7], Fault(2, "N", "0", f"0 {WHOLE} (1 more such row)")),
        ([5, 5, -1], Fault(4, "N", "-1", f"-1 {WHOLE}")),
        ([5.5, 5.5, 7], Fault(2, "N", "5.5", f"5.5 {WHOLE} (1 more such row)")),
        (["five", "five", "7"], Fault(2, "N", "five", f"'five' {NUMBER} (1 more such row)")),
        ([np.inf, np.inf, 7], Fault(2, "N", "inf", f"inf {NUMBER} (1 more such row)")),
        ([1, 1, 7], Fault(None, "N", "1", "A: 2 rows, but only 1 cases in the population")),
    ],
)
def test_the_number_of_cases_must_be_whole_constant_and_enough(numbers: list[Any], fault: Fault) -> None:
    cases = GOOD.assign(N=pd.Series(numbers, dtype=object))

    assert in_full(cases) == [fault]


def test_every_stratum_with_too_many_rows_is_named_by_all_its_columns() -> None:
    cases = pd.concat([GOOD] * 3).assign(N=2, g=1)

    assert in_full(cases, stratum=["g", "h"]) == [
        Fault(None, "N", "2", "1 / A: 6 rows, but only 2 cases in the population"),
        Fault(None, "N", "2", "1 / B: 3 rows, but only 2 cases in the population"),
    ]
    assert in_full(cases, stratum=None) == [
        Fault(None, "N", "2", "the whole table: 9 rows, but only 2 cases in the population")
    ]
    assert len(estimate_share(cases.assign(N=[6, 6, 3] * 3), "y", stratum="h", population="N")) == 1


def test_the_known_number_of_a_post_stratum_is_checked_like_that_of_a_stratum() -> None:
    cases = GOOD.assign(K=[4, 3, 5])

    assert in_full(cases, post="area", post_population="K") == [
        Fault(3, "K", "3", "3 differs within one post-stratum; it must be the same on all its rows")
    ]
    assert in_full(cases.assign(K=[4, 3, None]), post="area", post_population="K") == [
        Fault(4, "K", None, "is blank; every row needs the number of cases in its post-stratum")
    ]


@pytest.mark.parametrize(
    ("answers", "shown"),
    [([1, 2, 0], "2"), ([1, "yes", 0], "'yes'"), ([1, 0.5, 0], "0.5"), ([1, float("-inf"), 0], "-inf")],
)
def test_a_share_is_of_ones_and_zeros_only(answers: list[Any], shown: str) -> None:
    cases = GOOD.assign(y=pd.Series(answers, dtype=object))
    says = f"{shown} a share is of 1 and 0; leave the answer blank where there is none"

    assert in_full(cases) == [Fault(3, "y", shown.strip("'"), says)]


@pytest.mark.parametrize("answers", [["x", 1, 2], [np.inf, 1, 2]])
def test_a_mean_is_of_numbers_only(answers: list[Any]) -> None:
    found = in_full(GOOD.assign(y=answers), estimate_mean)

    assert [(fault.row, fault.column, fault.says.split(" ", 1)[1]) for fault in found] == [(2, "y", NUMBER)]


def test_numbers_written_as_text_are_numbers() -> None:
    cases = GOOD.assign(y=["1", " 0 ", "1"], N=["5", "5", "7"])

    pd.testing.assert_frame_equal(
        estimate_share(cases, "y", stratum="h", population="N"), estimate_share(GOOD, "y", stratum="h", population="N")
    )


def test_faults_of_several_columns_come_together() -> None:
    cases = GOOD.assign(h=["A", "A", None], y=[1, 0, 3], area=["p", None, "q"])
    assert {column for column, _ in share(cases)} == {"y", "h", "area"}


@pytest.mark.parametrize(
    ("options", "value", "says"),
    [
        ({"confidence": 90}, "90", "confidence is a fraction such as 0.90, not 90"),
        ({"confidence": 1}, "1", "confidence is a fraction such as 0.90, not 1"),
        ({"confidence": 0}, "0", "confidence is a fraction such as 0.90, not 0"),
        ({"method": "exact"}, "exact", "the method is logit, beta, wilson, wald, not 'exact'"),
        ({"lonely": "fail"}, "fail", "lonely is adjust, average or remove, not 'fail'"),
        ({"post": "area"}, None, "name the post-strata and their known numbers together, or neither"),
        ({"post_population": "N"}, None, "name the post-strata and their known numbers together, or neither"),
    ],
)
def test_options_that_do_not_exist_are_refused(options: dict[str, Any], value: str | None, says: str) -> None:
    assert in_full(GOOD, **options) == [Fault(None, None, value, says)]


def test_options_that_do_not_exist_are_told_together() -> None:
    found = in_full(GOOD, confidence=2, lonely="", method="?")

    assert [fault.value for fault in found] == ["2", "", "?"]


@pytest.mark.parametrize("name", ["n", "n_a", "n_b", "estimate", "se", "lower", "upper", "df", "deff", "effective_n"])
def test_a_group_must_not_be_named_as_a_column_of_the_result(name: str) -> None:
    says = "is also a column of the result; rename it before grouping by it"

    assert in_full(GOOD.assign(**{name: 1}), by=["area", name]) == [Fault(None, name, None, says)]


def test_a_total_needs_the_number_of_cases() -> None:
    says = "a total needs the number of cases in each stratum: name the column in population"

    assert faults(lambda: estimate_total(GOOD, "x", stratum="h")) == [(None, says)]


def test_other_estimates_check_as_well() -> None:
    bad = GOOD.assign(x=[1, "many", 2])
    assert faults(lambda: estimate_mean(bad, "x"))[0][0] == "x"
    assert faults(lambda: estimate_ratio(bad, "y", "x"))[0][0] == "x"
    assert faults(lambda: estimate_mean(GOOD, "x", confidence=2))
    assert faults(lambda: estimate_ratio(GOOD, "y", "x", lonely="none"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"group": "sex", "a": "f", "b": "m"}, "the table has no column sex"),
        ({"group": "area", "a": "p", "b": "p"}, "a comparison needs two different groups, not 'p' twice"),
        ({"group": "area", "a": "p", "b": "q", "case": "child"}, "the table has no column child"),
        (
            {"group": "area", "a": "p", "b": "q", "stratum": "y", "case": "x"},
            "a stratum holds cases of both rounds: put the round in stratum as well",
        ),
        ({"group": "area", "a": "p", "b": "q", "stratum": "area", "case": "h"}, "h: a case stands twice in one round"),
        (
            {"group": "area", "a": "p", "b": "q", "lonely": "none"},
            "lonely is adjust, average or remove, not 'none'",
        ),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(options: dict[str, Any], says: str) -> None:
    cases = pd.concat([GOOD, GOOD.assign(area="p", y=1)])
    assert [found for _, found in faults(lambda: compare(cases, "y", **options))] == [says]
