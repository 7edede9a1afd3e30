"""Tables that cannot be estimated from: every fault at once, with its column, and nothing guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.errors import DesignError
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


def test_every_missing_column_is_named_at_once() -> None:
    found = share(GOOD, stratum=["h", "g"], population="M", by="where")
    assert [column for column, _ in found] == ["g", "where", "M"]


def test_blanks_in_strata_and_groups_are_faults_with_their_first_row() -> None:
    cases = GOOD.assign(h=["A", None, "B"], area=["p", "  ", None])
    with pytest.raises(DesignError) as raised:
        estimate_share(cases, "y", stratum="h", population="N", by="area")
    first, second = raised.value.faults
    assert (first.column, first.row) == ("h", 3)
    assert (second.column, second.row) == ("area", 3)
    assert "1 more such row" in second.says


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ([5, 6, 7], "differs within one stratum"),
        ([5, None, 7], "is blank"),
        ([0, 0, 7], "whole number"),
        ([5.5, 5.5, 7], "whole number"),
        (["five", "five", "7"], "not a number"),
        ([1, 1, 7], "2 rows, but only 1 cases"),
        ([np.inf, np.inf, 7], "not a number"),
    ],
)
def test_the_number_of_cases_must_be_whole_constant_and_enough(numbers: list[Any], says: str) -> None:
    found = share(GOOD.assign(N=numbers))
    assert [column for column, _ in found] == ["N"]
    assert says in found[0][1]


@pytest.mark.parametrize("answers", [[1, 2, 0], [1, "yes", 0], [1, 0.5, 0], [1, float("inf"), 0]])
def test_a_share_is_of_ones_and_zeros_only(answers: list[Any]) -> None:
    found = share(GOOD.assign(y=answers))
    assert [column for column, _ in found] == ["y"]
    assert "1 and 0" in found[0][1]


def test_faults_of_several_columns_come_together() -> None:
    cases = GOOD.assign(h=["A", "A", None], y=[1, 0, 3], area=["p", None, "q"])
    assert {column for column, _ in share(cases)} == {"y", "h", "area"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"confidence": 90}, "a fraction such as 0.90"),
        ({"confidence": 0}, "a fraction such as 0.90"),
        ({"method": "exact"}, "logit, beta, wilson, wald"),
        ({"lonely": "fail"}, "adjust, average or remove"),
        ({"post": "area"}, "together"),
    ],
)
def test_options_that_do_not_exist_are_refused(options: dict[str, Any], says: str) -> None:
    assert says in share(GOOD, **options)[0][1]


def test_a_group_must_not_be_named_as_a_column_of_the_result() -> None:
    assert share(GOOD.assign(n=1), by="n")[0][0] == "n"


def test_a_total_needs_the_number_of_cases() -> None:
    assert "number of cases" in faults(lambda: estimate_total(GOOD, "x", stratum="h"))[0][1]


def test_other_estimates_check_as_well() -> None:
    bad = GOOD.assign(x=[1, "many", 2])
    assert faults(lambda: estimate_mean(bad, "x"))[0][0] == "x"
    assert faults(lambda: estimate_ratio(bad, "y", "x"))[0][0] == "x"
    assert faults(lambda: estimate_mean(GOOD, "x", confidence=2))
    assert faults(lambda: estimate_ratio(GOOD, "y", "x", lonely="none"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [
        {"group": "sex", "a": "f", "b": "m"},
        {"group": "area", "a": "p", "b": "p"},
        {"group": "area", "a": "p", "b": "q", "case": "child"},
        {"group": "area", "a": "p", "b": "q", "stratum": "y", "case": "x"},
        {"group": "area", "a": "p", "b": "q", "stratum": "area", "case": "h"},
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    cases = pd.concat([GOOD, GOOD.assign(area="p", y=1)])
    assert faults(lambda: compare(cases, "y", **options))
