"""What holds whatever the sample is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sampling.estimation import METHODS, compare, estimate_mean, estimate_ratio, estimate_share, estimate_total
from sampling.estimation.sample import read_sample

DESIGN: dict[str, Any] = {"stratum": "h", "population": "N"}
FIGURES = ["estimate", "se", "lower", "upper", "df"]
ANSWER = st.sampled_from([0.0, 1.0, None])


@st.composite
def samples(draw: st.DrawFn) -> pd.DataFrame:
    """One to four strata with one to six rows each, some read in full, answers sometimes blank."""
    rows = []
    for place in range(draw(st.integers(1, 4))):
        read = draw(st.integers(1, 6))
        cases = read + draw(st.integers(0, 20))
        for _ in range(read):
            rows.append(("ABCD"[place], cases, draw(ANSWER), draw(st.sampled_from("pqr")), draw(st.integers(1, 90))))
    return pd.DataFrame(rows, columns=["h", "N", "y", "area", "x"]).astype({"y": "float64"})


def same(first: pd.DataFrame, second: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(first, second, rtol=1e-9, atol=1e-9)


@given(samples())
def test_weights_sum_to_the_population(cases: pd.DataFrame) -> None:
    sample = read_sample(cases, ["y"], by=None, **DESIGN)
    population = cases.drop_duplicates("h")["N"].sum()
    assert np.isclose(sample.weight.sum(), population)
    ones = estimate_total(cases.assign(one=1), "one", by="area", **DESIGN)
    assert np.isclose(ones["estimate"].sum(), population)


@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(cases: pd.DataFrame, chance: Any) -> None:
    order = list(range(len(cases)))
    chance.shuffle(order)
    mixed = cases.iloc[order]
    for by in (None, "area", ["area", "h"]):
        same(estimate_share(cases, "y", by=by, **DESIGN), estimate_share(mixed, "y", by=by, **DESIGN))
        same(estimate_ratio(cases, "y", "x", by=by, **DESIGN), estimate_ratio(mixed, "y", "x", by=by, **DESIGN))
    same(
        compare(cases, "y", group="area", a="p", b="q", **DESIGN),
        compare(mixed, "y", group="area", a="p", b="q", **DESIGN),
    )


@given(samples())
def test_a_blank_is_never_a_zero(cases: pd.DataFrame) -> None:
    found = estimate_share(cases, "y", by="area", **DESIGN)
    counted = cases.groupby("area")["y"].count()
    assert found["n"].tolist() == counted.tolist()
    only_ones = cases.assign(y=cases["y"].where(cases["y"] != 0))
    assert set(estimate_share(only_ones, "y", by="area", **DESIGN)["estimate"].dropna()) <= {1.0}


@given(samples(), st.sampled_from(METHODS), st.sampled_from(["adjust", "average", "remove"]))
def test_an_interval_holds_its_estimate_within_zero_and_one(cases: pd.DataFrame, method: Any, rule: Any) -> None:
    for by in (None, "area", "h"):
        found = estimate_share(cases, "y", by=by, method=method, lonely=rule, **DESIGN)
        read = found[found["n"] > 0]
        assert (read["lower"] <= read["estimate"] + 1e-12).all()
        assert (read["estimate"] <= read["upper"] + 1e-12).all()
        if method != "wald":
            assert read["lower"].ge(0).all()
            assert read["upper"].le(1).all()
        assert found.loc[found["n"] == 0, FIGURES].isna().all(axis=None)


@given(samples())
def test_a_domain_is_estimated_as_its_own_answers_in_the_whole_design(cases: pd.DataFrame) -> None:
    together = estimate_share(cases, "y", by="area", **DESIGN).set_index("area")
    for area in cases["area"].unique():
        alone = cases.assign(y=cases["y"].where(cases["area"] == area))
        np.testing.assert_allclose(
            together.loc[area, FIGURES].to_numpy(float),
            estimate_share(alone, "y", **DESIGN).loc[0, FIGURES].to_numpy(float),
            rtol=1e-9,
            atol=1e-9,
        )


@given(samples())
def test_a_share_is_the_mean_of_ones_and_zeros_and_a_ratio_to_one(cases: pd.DataFrame) -> None:
    share = estimate_share(cases, "y", by="area", method="wald", **DESIGN)
    mean = estimate_mean(cases, "y", by="area", **DESIGN)
    ratio = estimate_ratio(cases.assign(one=1), "y", "one", by="area", **DESIGN)
    columns = ["area", "n", "estimate", "se", "df"]
    same(share[columns], mean[columns])
    same(mean, ratio)


@given(samples())
def test_turning_ones_into_zeros_turns_the_share_round(cases: pd.DataFrame) -> None:
    for method in METHODS:
        found = estimate_share(cases, "y", by="h", method=method, **DESIGN)
        turned = estimate_share(cases.assign(y=1 - cases["y"]), "y", by="h", method=method, **DESIGN)
        np.testing.assert_allclose(found["estimate"], 1 - turned["estimate"], atol=1e-9)
        np.testing.assert_allclose(found["lower"], 1 - turned["upper"], atol=1e-9)
        np.testing.assert_allclose(found["se"], turned["se"], atol=1e-9)


@given(samples())
def test_a_difference_changes_its_sign_with_its_sides(cases: pd.DataFrame) -> None:
    found = compare(cases, "y", group="area", a="p", b="q", **DESIGN).iloc[0]
    turned = compare(cases, "y", group="area", a="q", b="p", **DESIGN).iloc[0]
    np.testing.assert_allclose(found["estimate"], -turned["estimate"], atol=1e-12)
    np.testing.assert_allclose(found["lower"], -turned["upper"], atol=1e-9)


@given(samples())
def test_strata_as_groups_differ_as_independent_samples(cases: pd.DataFrame) -> None:
    found = compare(cases, "y", group="h", a="A", b="B", **DESIGN).iloc[0]
    each = estimate_mean(cases, "y", by="h", lonely="remove", **DESIGN).set_index("h")
    if {"A", "B"} <= set(each.index) and (each.loc[["A", "B"], "n"] > 0).all():
        assert np.isclose(found["estimate"], each.loc["A", "estimate"] - each.loc["B", "estimate"])
        if (cases.groupby("h").size().loc[["A", "B"]] > 1).all():
            assert np.isclose(found["se"], np.hypot(each.loc["A", "se"], each.loc["B", "se"]))


@given(samples())
def test_known_counts_are_met_after_post_stratification(cases: pd.DataFrame) -> None:
    known = cases.assign(known=cases["area"].map({"p": 11, "q": 30, "r": 7}), one=1)
    found = estimate_total(known, "one", by="area", post="area", post_population="known", **DESIGN)
    np.testing.assert_allclose(found["estimate"], found["area"].map({"p": 11, "q": 30, "r": 7}))
    np.testing.assert_allclose(found["se"], 0, atol=1e-9)
