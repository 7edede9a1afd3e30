"""Reserves standing in for ineligible cases, and the weights afterwards."""

from __future__ import annotations

import pandas as pd
import pytest

from sampling.draw import draw
from sampling.errors import Fault, PlanError
from sampling.plan import Plan, plan_for
from sampling.replacement import next_reserve, weigh
from tests.sampling.lists import make_list


def make_sample() -> pd.DataFrame:
    table = make_list({"CPR": 40, "CPI": 10})
    return draw(table, Plan(sizes={"CPR": 8, "CPI": 2}, reserves={"CPR": 3}), seed="s").sample


def reserves(sample: pd.DataFrame) -> list[str]:
    return sample.loc[(sample["stratum"] == "CPR") & (sample["role"] == "reserve"), "case_ref"].tolist()


def test_reserves_come_in_the_order_of_the_draw_until_none_is_left() -> None:
    sample = make_sample().sample(frac=1, random_state=1)
    first, second, third = reserves(make_sample())

    assert next_reserve(sample, "CPR", []) == first
    assert next_reserve(sample, "CPR", [first]) == second
    assert next_reserve(sample, "CPR", [second, first]) == third
    assert next_reserve(sample, "CPR", [first, second, third]) is None


def test_a_reserve_of_another_stratum_never_stands_in() -> None:
    assert next_reserve(make_sample(), "CPI", []) is None


def test_a_reserve_that_was_passed_over_is_told() -> None:
    first, second, third = reserves(make_sample())

    def passed_over(*used: str) -> list[Fault]:
        with pytest.raises(PlanError) as caught:
            next_reserve(make_sample(), "CPR", used)
        return caught.value.faults

    says = f"was used before reserve '{first}', which comes first"
    assert passed_over(third, second) == [Fault(None, "case_ref", ref, says) for ref in (second, third)]
    says = f"was used before reserve '{second}', which comes first"
    assert passed_over(third, first) == [Fault(None, "case_ref", third, says)]


def test_a_stratum_that_is_not_in_the_sample_is_refused() -> None:
    with pytest.raises(PlanError) as caught:
        next_reserve(make_sample(), "VYP", [])

    assert caught.value.faults == [Fault(None, "stratum", "VYP", "is no stratum of this sample")]


def test_a_case_weighs_the_population_over_the_cases_decided() -> None:
    sample = make_sample()
    main = sample.loc[(sample["stratum"] == "CPR") & (sample["role"] == "main"), "case_ref"].tolist()

    rows, left_out = weigh(sample, [*main[:7], reserves(sample)[0]])

    assert rows["weight"].unique().tolist() == [40 / 8]
    assert rows["case_ref"].tolist() == [*main[:7], reserves(sample)[0]]
    assert left_out == {"CPI": 10}


def test_weights_sum_to_the_population_of_the_strata_touched() -> None:
    sample = make_sample()

    rows, left_out = weigh(sample, sample.groupby("stratum")["case_ref"].first().tolist())

    assert rows["weight"].sum() == 50
    assert left_out == {}


def test_a_case_that_was_not_drawn_cannot_be_decided() -> None:
    with pytest.raises(PlanError) as caught:
        weigh(make_sample(), ["CASE-999999", "CASE-888888", "CASE-999999"])

    assert caught.value.faults == [
        Fault(None, "case_ref", ref, "is not in the sample") for ref in ("CASE-999999", "CASE-888888")
    ]


def test_cases_with_unequal_chances_are_not_weighed_by_counts() -> None:
    table = make_list({"CPR": 10}, size=["1"] * 8 + ["20"] * 2)
    plan, _ = plan_for(table, size=3, selection="pps", measure="size")
    sample = draw(table, plan, seed="s").sample

    with pytest.raises(PlanError) as caught:
        weigh(sample, sample["case_ref"].tolist())

    assert sample["inclusion_probability"].nunique() == 2
    assert str(caught.value) == (
        "the cases of a stratum had unequal chances, so N over the cases decided is not their weight"
    )
