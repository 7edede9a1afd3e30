"""Shares worked by hand, and the intervals that stand in where the usual ones break down."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.estimation import DEFAULT, METHODS, compare, estimate_mean, estimate_share

Answers = list[float | None]


def table(*strata: tuple[int, Answers], **more: list[Any]) -> pd.DataFrame:
    """Strata A, B, … of N cases with the answers read."""
    rows = [("ABCDEF"[place], cases, answer) for place, (cases, read) in enumerate(strata) for answer in read]
    return pd.DataFrame(rows, columns=["stratum", "N", "y"]).assign(**more)


def share(cases: pd.DataFrame, **options: Any) -> pd.Series:
    return estimate_share(cases, "y", stratum="stratum", population="N", **options).iloc[0]


TWO = ((40, [1, 1, 1, 0]), (10, [1, 0, 0, 0, 0]))


def test_a_weighted_share_by_hand() -> None:
    # A: 3 of 4 of 40 stand for 30; B: 1 of 5 of 10 for 2; together 32 of 50.
    # Variance: 0.8² × 0.9 × (3/16 × 4/3)/4 + 0.2² × 0.5 × (4/25 × 5/4)/5 = 0.0368.
    found = share(table(*TWO), method="wald")
    assert found["estimate"] == pytest.approx(0.64, abs=1e-15)
    assert found["se"] == pytest.approx(math.sqrt(0.0368), abs=1e-15)
    assert (found["n"], found["df"]) == (9, 7)
    # t on 7 at 90%: 1.894578605061305.
    half = 1.894578605061305 * math.sqrt(0.0368)
    assert (found["lower"], found["upper"]) == (pytest.approx(0.64 - half), pytest.approx(0.64 + half))


def test_a_blank_is_outside_the_domain_but_stays_in_its_stratums_weight() -> None:
    # A: 1 of 2 answers among 4 read of 40, so each stands for 10: 10 of 20. B: 5 of 10. Share 15 of 30.
    found = share(table((40, [1, 0, None, None]), (10, [1, 0])), method="wald")
    assert found["estimate"] == pytest.approx(0.5)
    assert (found["n"], found["df"]) == (4, 2)
    # z = ±10 × ½/30 twice and 0 twice in A, ±5 × ½/30 in B.
    variance = 0.9 * 4 / 3 * 2 * (5 / 30) ** 2 + 0.8 * 2 / 1 * 2 * (2.5 / 30) ** 2
    assert found["se"] == pytest.approx(math.sqrt(variance))


def test_without_a_population_every_row_weighs_one_and_nothing_is_taken_off() -> None:
    found = estimate_share(table(*TWO), "y", method="wald").iloc[0]
    assert found["estimate"] == pytest.approx(4 / 9)
    assert found["se"] == pytest.approx(math.sqrt(4 / 9 * 5 / 9 / 8))


def test_all_of_a_whole_stratum_gives_the_hypergeometric_interval() -> None:
    found = share(table((200, [1] * 60)), confidence=0.95)
    # R samplingbook, Sprop(60 of 60, N = 200).
    assert (found["estimate"], found["lower"], found["upper"]) == (1, pytest.approx(0.945), 1)
    assert (found["se"], found["df"]) == (0, 59)


def test_all_of_a_domain_of_unknown_size_gives_the_binomial_interval() -> None:
    # 0.05^(1/4): Clopper and Pearson for 4 of 4 at 90%.
    cases = table((40, [1, 1, 1, 1, None]))
    assert share(cases)["lower"] == pytest.approx(0.05**0.25)
    assert share(cases)["upper"] == 1
    aged = table((40, [1, 1, 1, 1, 0]), age=["5", "5", "5", "5", "9"])
    found = estimate_share(aged, "y", stratum="stratum", population="N", by="age").iloc[0]
    assert found["lower"] == pytest.approx(0.05**0.25)


def test_none_in_several_strata_counts_the_effective_number_of_records() -> None:
    # Weights 10 four times and 2 five times: (40 + 10)²/(400 + 20) = 2500/420 records.
    found = share(table((40, [0] * 4), (10, [0] * 5)))
    m = 2500 / 420
    assert (found["estimate"], found["lower"]) == (0, 0)
    assert found["upper"] == pytest.approx(1 - 0.05 ** (1 / m), rel=1e-12)


def test_without_a_population_none_of_n_gives_the_binomial_interval() -> None:
    found = estimate_share(pd.DataFrame({"y": [0] * 20}), "y", confidence=0.95).iloc[0]
    # Newcombe 1998, 0 of 20: 0.1684.
    assert found["upper"] == pytest.approx(0.1684, abs=5e-5)


@pytest.mark.parametrize("method", METHODS)
def test_where_every_case_was_read_the_interval_is_the_point(method: Any) -> None:
    for cases in (table((4, [1, 0, 1, 1])), table((9, [1] * 9)), table((1, [1]), (1, [0])), table((3, [1, None, 1]))):
        found = share(cases, method=method)
        assert found["lower"] == found["estimate"] == found["upper"]
        assert found["se"] == 0


@pytest.mark.parametrize("method", METHODS)
def test_strata_that_agree_within_but_not_between_still_leave_doubt(method: Any) -> None:
    # Standard error 0 at 0.5, though neither stratum was read in full: 4 of 8 by Clopper and Pearson.
    found = share(table((20, [1] * 4), (20, [0] * 4)), method=method)
    assert (found["estimate"], found["se"]) == (0.5, 0)
    # R: qbeta(.05, 4, 5) and qbeta(.95, 5, 4).
    assert (found["lower"], found["upper"]) == (pytest.approx(0.192903, abs=1e-6), pytest.approx(0.807097, abs=1e-6))


@pytest.mark.parametrize("method", METHODS)
def test_no_degree_of_freedom_leaves_an_exact_interval(method: Any) -> None:
    found = share(table((20, [1]), (20, [0])), method=method)
    assert found["df"] == 0
    # One of two: 1 − √0.95 and its mirror image.
    assert (found["lower"], found["upper"]) == (pytest.approx(1 - 0.95**0.5), pytest.approx(0.95**0.5))


def test_means_have_no_limits_without_degrees_of_freedom() -> None:
    cases = table((20, [1]), (20, [0]))
    found = estimate_mean(cases, "y", stratum="stratum", population="N").iloc[0]
    assert found["df"] == 0
    assert np.isnan(found[["lower", "upper"]].astype(float)).all()


def test_a_domain_without_an_answer_is_a_row_without_figures() -> None:
    cases = table((40, [1, 0, None]), area=["Aird", "Aird", "Brigg"])
    found = estimate_share(cases, "y", stratum="stratum", population="N", by="area")
    assert found["area"].tolist() == ["Aird", "Brigg"]
    assert found["n"].tolist() == [2, 0]
    assert found.loc[1, ["estimate", "se", "lower", "upper", "df"]].isna().all()


def test_nothing_read_is_one_row_without_figures() -> None:
    empty = table((40, [None])).iloc[:0]
    for cases in (table((40, [None, None])), empty):
        found = estimate_share(cases, "y", stratum="stratum", population="N")
        assert found["n"].tolist() == [0]
        assert found["estimate"].isna().all()
    assert estimate_share(empty, "y", stratum="stratum", population="N", by="stratum").empty


def test_domains_are_sorted_and_keep_their_columns_and_types() -> None:
    cases = table((40, [1, 0, 1, 0]), age=[10, 9, 10, 2], area=["b", "a", "a", "b"])
    found = estimate_share(cases, "y", by=["area", "age"])
    assert list(found.columns) == ["area", "age", "n", "estimate", "se", "lower", "upper", "df"]
    assert found[["area", "age"]].to_numpy().tolist() == [["a", 9], ["a", 10], ["b", 2], ["b", 10]]
    assert found["age"].dtype == cases["age"].dtype


def test_answers_may_be_of_any_type_that_holds_ones_zeros_and_blanks() -> None:
    plain = table((40, [1, 0, 1, None]))
    expected = share(plain)
    for kind in ("Int64", "Float64", "boolean", "object", "float32"):
        pd.testing.assert_series_equal(share(plain.assign(y=plain["y"].astype(kind))), expected)


def test_categories_are_taken_in_their_own_order() -> None:
    band = pd.Categorical(["5-11", "12-15", "5-11", "12-15"], categories=["5-11", "12-15", "16-17"], ordered=True)
    cases = table((40, [1, 0, 1, 0]), band=band)
    assert estimate_share(cases, "y", by="band")["band"].tolist() == ["5-11", "12-15"]


def test_the_default_interval_is_the_logit_one() -> None:
    assert DEFAULT == "logit"
    pd.testing.assert_series_equal(share(table(*TWO)), share(table(*TWO), method="logit"))


def test_a_difference_by_hand() -> None:
    # Strata as groups: 0.75 − 0.2, variances 0.9 × (3/16 × 4/3)/4 and 0.5 × (4/25 × 5/4)/5.
    found = compare(table(*TWO), "y", group="stratum", a="A", b="B", stratum="stratum", population="N").iloc[0]
    assert found["estimate"] == pytest.approx(0.55)
    assert found["se"] == pytest.approx(math.sqrt(0.05625 + 0.02))
    assert (found["n_a"], found["n_b"], found["df"]) == (4, 5, 7)


def test_a_comparison_counts_rows_of_neither_group_in_the_weight() -> None:
    cases = table((40, [1, 0, 1, 0, 1, 1]), sex=["f", "f", "m", "m", None, "x"])
    found = compare(cases, "y", group="sex", a="f", b="m", stratum="stratum", population="N").iloc[0]
    assert (found["n_a"], found["n_b"], found["estimate"]) == (2, 2, 0)
    # z = ±¼ four times and 0 twice of six rows out of 40.
    assert found["se"] == pytest.approx(math.sqrt((1 - 6 / 40) * 6 / 5 * 4 / 16))


def test_a_comparison_without_one_of_its_groups_is_a_row_without_figures() -> None:
    cases = table((40, [1, 0, 1, 0]), sex=["f", "f", "m", "m"], area=["Aird", "Aird", "Aird", "Brigg"])
    found = compare(cases, "y", group="sex", a="f", b="m", by="area")
    assert found["n_a"].tolist() == [2, 0]
    assert found["n_b"].tolist() == [1, 1]
    assert found.loc[1, ["estimate", "se", "lower", "upper", "df"]].isna().all()


def test_a_difference_of_groups_that_agree_throughout_keeps_the_doubt_of_each() -> None:
    # All of 60 read out of 200 (R samplingbook: 0.945 to 1 at 95%), all of 9 that were read in full, none of 2 of 9.
    cases = table((200, [1] * 60), (9, [1] * 9), (9, [0, 0]))
    options: dict[str, Any] = {"group": "stratum", "stratum": "stratum", "population": "N", "confidence": 0.95}
    found = {
        (a, b): compare(cases, "y", a=a, b=b, **options).iloc[0][["estimate", "se", "lower", "upper"]].tolist()
        for a, b in ("AB", "BA", "AC")
    }
    low, high = estimate_share(cases, "y", stratum="stratum", population="N", by="stratum", confidence=0.95).loc[
        2, ["lower", "upper"]
    ]
    assert found["A", "B"] == [0, 0, pytest.approx(-0.055), 0]
    assert found["B", "A"] == [0, 0, 0, pytest.approx(0.055)]
    assert found["A", "C"] == [1, 0, pytest.approx(1 - math.hypot(0.055, high)), 1]
    assert (low, 0.5 < high < 1) == (0, True)


def test_a_difference_has_no_width_where_every_case_was_read_and_none_is_made_up_for_means() -> None:
    read = table((2, [1, 1]), (3, [1, 1, 1]))
    alike = table((20, [3, 3]), (30, [5, 5, 5]))
    for cases, expected in ((read, 0), (alike, -2)):
        found = compare(cases, "y", group="stratum", a="A", b="B", stratum="stratum", population="N").iloc[0]
        assert found[["estimate", "lower", "upper"]].tolist() == [expected] * 3


def test_a_difference_without_a_degree_of_freedom_has_no_limits() -> None:
    cases = table((20, [1]), (20, [1]))
    found = compare(cases, "y", group="stratum", a="A", b="B", stratum="stratum", population="N").iloc[0]
    assert found["df"] == 0
    assert np.isnan(found[["lower", "upper"]].astype(float)).all()
