"""Estimates on the California schools data against R survey 4.5; see tests/reference/README.md."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.estimation import (
    compare,
    design_effect,
    estimate_mean,
    estimate_ratio,
    estimate_share,
    estimate_total,
)
from sampling.estimation.shares import Method
from tests.sampling.estimation import api

CLOSE = {"rel": 1e-10, "abs": 1e-12}
# R's own logit and likelihood limits come from an iteration that stops early.
ITERATED = {"rel": 1e-8}
OUR_NAMES: dict[str, Method] = {
    "logit": "logit",
    "xlogit": "logit",
    "beta": "beta",
    "wilson": "wilson",
    "mean": "wald",
    "asin": "wald",
    "likelihood": "wald",
}

done: set[str] = set()


def reference(*names: str) -> Any:
    """Mark values as checked here, for the test that none is forgotten."""
    done.update(names)
    return pytest.mark.parametrize("name", names)


def near(found: Any, expected: Any, **tolerance: float) -> None:
    np.testing.assert_allclose(
        np.asarray(found, dtype=float),
        np.asarray(expected, dtype=float),
        rtol=tolerance.get("rel", CLOSE["rel"]),
        atol=tolerance.get("abs", 1e-9),
    )


@reference("strat_mean", "strat_mean_nofpc", "srs_mean")
def test_means_are_rs(name: str) -> None:
    table = api.simple() if name.startswith("srs") else api.stratified()
    names = [api.value(name)["names"]] if isinstance(api.value(name)["names"], str) else api.value(name)["names"]
    for place, answer in enumerate(names):
        found = api.estimate("mean", table, answer, fpc="nofpc" not in name).iloc[0]
        near(found["estimate"], np.atleast_1d(api.value(name)["estimate"])[place])
        near(found["se"], np.atleast_1d(api.value(name)["se"])[place])


@reference("strat_mean_ci", "strat_degf")
def test_limits_of_a_mean_are_rs(name: str) -> None:
    found = api.estimate("mean", api.stratified(), "api00").iloc[0]
    if name == "strat_degf":
        assert found["df"] == api.value(name)
    else:
        near([found["lower"], found["upper"]], api.value(name)["rows"]["api00"])


@reference("strat_total", "srs_total")
def test_totals_are_rs(name: str) -> None:
    table = api.simple() if name.startswith("srs") else api.stratified()
    found = api.estimate("total", table, "enroll").iloc[0]
    near([found["estimate"], found["se"]], [api.value(name)["estimate"], api.value(name)["se"]])


@reference("strat_total_stype")
def test_the_number_of_cases_of_a_stratum_is_known_without_error(name: str) -> None:
    found = api.estimate("total", api.stratified(), "one", by="stype")
    near(found["estimate"], api.value(name)["estimate"])
    assert found["se"].tolist() == [0, 0, 0]


@reference("table")
def test_a_table_of_weighted_counts_is_rs(name: str) -> None:
    found = api.estimate("total", api.stratified(), "one", by=["stype", "sch.wide"])
    expected = pd.DataFrame(api.value(name)).sort_values(["stype", "sch.wide"])
    near(found["estimate"], expected["Freq"])


@reference("strat_ratio")
def test_a_ratio_is_rs(name: str) -> None:
    found = api.estimate("ratio", api.stratified(), "api.stu", "enroll").iloc[0]
    near([found["estimate"], found["se"]], [api.value(name)["ratio"], api.value(name)["se"]])


@reference("strat_prop", "srs_prop")
def test_both_sides_of_a_share_are_rs(name: str) -> None:
    table = api.simple() if name.startswith("srs") else api.stratified()
    for place, answer in enumerate((1 - table["wide"], table["wide"])):
        found = api.share(table.assign(answer=answer), "answer").iloc[0]
        near([found["estimate"], found["se"]], [api.value(name)["estimate"][place], api.value(name)["se"][place]])


SHARES = [name for name in api.REFERENCE if "ciprop" in name and "by_stype" not in name and "clus1" not in name]


@reference(*SHARES)
def test_a_share_and_its_interval_are_rs(name: str) -> None:
    expected = api.value(name)
    method, level = next(part for part in OUR_NAMES if f"_{part}" in name), 0.95
    if name.rsplit("_", 1)[-1].startswith("0."):
        level = float(name.rsplit("_", 1)[-1])
    answer, table = ("improved", api.simple()) if name.startswith("srs") else ("wide", api.stratified())
    infinite = np.inf if "dfInf" in name else None
    by = "awards" if "domain" in name else None
    found = api.share(table, answer, by=by, confidence=level, method=OUR_NAMES[method], df=infinite).iloc[0]
    tolerance = ITERATED if method in ("logit", "likelihood") else CLOSE
    near(found["estimate"], expected["estimate"], rel=tolerance["rel"])
    near(found["se"], expected["se"])
    if method not in api.OTHER_INTERVALS:
        near([found["lower"], found["upper"]], [expected["lower"], expected["upper"]], rel=tolerance["rel"])


@reference(*(name for name in api.REFERENCE if "ciprop_by_stype" in name))
def test_shares_by_stratum_and_their_intervals_are_rs(name: str) -> None:
    expected, method = api.value(name), name.rsplit("_", 1)[-1]
    found = api.share(api.stratified(), "wide", by="stype", method=OUR_NAMES[method])
    tolerance = (ITERATED if method in ("logit", "likelihood") else CLOSE)["rel"]
    near(found["estimate"], expected['I(sch.wide == "Yes")'], rel=tolerance)
    if method not in api.OTHER_INTERVALS:
        near(found["lower"], expected["ci_l"], rel=tolerance)
        near(found["upper"], expected["ci_u"], rel=tolerance)


@reference("by_stype_mean", "by_awards_mean")
def test_means_by_domain_and_their_normal_limits_are_rs(name: str) -> None:
    expected, by = api.value(name), name.split("_")[1]
    found = api.estimate("mean", api.stratified(), "api00", by=by, df=np.inf)
    assert found[by].tolist() == expected[by]
    for ours, theirs in (("estimate", "api00"), ("se", "se"), ("lower", "ci_l"), ("upper", "ci_u")):
        near(found[ours], expected[theirs])
    if "cv" in expected:
        near(found["se"] / found["estimate"], expected["cv"])


@reference("by_awards_prop")
def test_shares_by_domain_are_rs(name: str) -> None:
    expected = api.value(name)
    found = api.share(api.stratified(), "improved", by="awards")
    near(found["estimate"], expected['I(comp.imp == "Yes")TRUE'])
    near(found["se"], expected['se.I(comp.imp == "Yes")TRUE'])


@reference("by_awards_stype_mean")
def test_means_by_two_columns_are_rs(name: str) -> None:
    expected = pd.DataFrame(api.value(name)).sort_values(["awards", "stype"])
    found = api.estimate("mean", api.stratified(), "api00", by=["awards", "stype"])
    assert found[["awards", "stype"]].to_numpy().tolist() == expected[["awards", "stype"]].to_numpy().tolist()
    near(found["estimate"], expected["api00"])
    near(found["se"], expected["se"])


@reference("by_awards_total")
def test_totals_by_domain_are_rs(name: str) -> None:
    found = api.estimate("total", api.stratified(), "enroll", by="awards")
    near(found["estimate"], api.value(name)["enroll"])
    near(found["se"], api.value(name)["se"])


@reference("diff_awards", "diff_stype_E_H")
def test_differences_of_domains_are_rs(name: str) -> None:
    group, a, b = ("awards", "Yes", "No") if name == "diff_awards" else ("stype", "E", "H")
    found = compare(api.stratified(), "api00", group=group, a=a, b=b, stratum="stype", population="fpc").iloc[0]
    near([found["estimate"], found["se"]], [api.value(name)["estimate"], api.value(name)["se"]], rel=1e-7)


@reference("by_awards_mean_cov")
def test_the_covariance_of_two_domains_is_in_their_difference(name: str) -> None:
    rows = api.value(name)["rows"]
    found = compare(api.stratified(), "api00", group="awards", a="Yes", b="No", stratum="stype", population="fpc")
    expected = rows["No"][0] + rows["Yes"][1] - 2 * rows["No"][1]
    near(found["se"].iloc[0] ** 2, expected, rel=1e-7)


@reference("ttest_api00_compimp")
def test_the_difference_under_rs_t_test_is_ours(name: str) -> None:
    expected = api.value(name)
    found = compare(
        api.stratified(), "api00", group="comp.imp", a="Yes", b="No", stratum="stype", population="fpc", confidence=0.95
    ).iloc[0]
    near(found["estimate"], expected["estimate"]["difference in mean"], rel=1e-7)
    near(found["estimate"] / found["se"], expected["statistic"]["t"], rel=1e-7)
    # R's test takes one degree of freedom off for the slope; ours are those of the records.
    assert found["df"] == expected["parameter"]["df"] + 1
    near([found["lower"], found["upper"]], expected["conf.int"], rel=1e-2)


@reference("subset_mean", "subset_degf")
def test_a_subset_is_a_domain(name: str) -> None:
    found = api.estimate("mean", api.stratified(), "api00", by="comp.imp").set_index("comp.imp").loc["Yes"]
    if name == "subset_degf":
        assert found["df"] == api.value(name)
    else:
        near([found["estimate"], found["se"]], [api.value(name)["estimate"], api.value(name)["se"]])


@reference("strat_mean_deff")
def test_the_design_effect_is_rs(name: str) -> None:
    found = design_effect(api.stratified(), "api00", stratum="stype", population="fpc").iloc[0]
    near(found["deff"], api.value(name)["deff"], rel=1e-7)
    near(found["effective_n"], 200 / api.value(name)["deff"], rel=1e-7)


@reference("srs_poststrat_mean")
def test_post_stratification_is_rs(name: str) -> None:
    table = api.simple()
    table["known"] = table["stype"].map({"E": 4421, "H": 755, "M": 1018})
    found = estimate_mean(table, "api00", population="fpc", post="stype", post_population="known").iloc[0]
    near([found["estimate"], found["se"]], [api.value(name)["estimate"], api.value(name)["se"]])


@reference("svyvar_api00")
def test_a_variance_is_the_mean_of_squares(name: str) -> None:
    table = api.stratified()
    mean = api.estimate("mean", table, "api00")["estimate"].iloc[0]
    table["square"] = (table["api00"] - mean) ** 2 * len(table) / (len(table) - 1)
    found = api.estimate("mean", table, "square").iloc[0]
    near([found["estimate"], found["se"]], [api.value(name)["estimate"], api.value(name)["se"]])


@reference("pop_truth", "pop_strata")
def test_a_population_read_in_full_is_known_without_error(name: str) -> None:
    table = api.population()
    table["N"] = table.groupby("stype")["one"].transform("size")
    by = "stype" if name == "pop_strata" else None
    found = estimate_mean(table, "api00", stratum="stype", population="N", by=by)
    assert (found["se"] == 0).all()
    expected = api.value(name)
    if by:
        near(found["estimate"], expected["mean"])
        assert found["n"].tolist() == expected["N"]
        return
    near(found["estimate"], expected["mean_api00"])
    total = estimate_total(table, "enroll", stratum="stype", population="N").iloc[0]
    near([total["estimate"], total["se"]], [expected["total_enroll"], 0])
    share = estimate_share(table, "wide", stratum="stype", population="N").iloc[0]
    near([share["estimate"], share["lower"], share["upper"]], [expected["p_schwide"]] * 3)


def test_every_reference_value_is_checked_or_named_as_out_of_scope() -> None:
    outside = {name for name in api.REFERENCE if name.startswith(tuple(part for part, _ in api.OUT_OF_SCOPE))}
    inside_out = {name for name in api.REFERENCE if "clus1" in name}
    assert done | outside | inside_out == set(api.REFERENCE)
    assert not done & outside


def test_what_callers_use_weighs_n_over_n_and_is_rs_but_for_the_files_rounding() -> None:
    table = api.stratified()
    design = {"stratum": "stype", "population": "fpc", "confidence": 0.95}
    expected = api.value("strat_ciprop_xlogit_0.95")
    share = estimate_share(table, "wide", method="logit", **design).iloc[0]
    near(
        share[["estimate", "lower", "upper", "se"]],
        [expected[k] for k in ("estimate", "lower", "upper", "se")],
        rel=1e-7,
    )
    mean, total = estimate_mean(table, "api00", **design).iloc[0], estimate_total(table, "enroll", **design).iloc[0]
    near(mean[["lower", "upper"]], api.value("strat_mean_ci")["rows"]["api00"], rel=1e-7)
    near(total[["estimate", "se"]], [api.value("strat_total")[k] for k in ("estimate", "se")], rel=1e-7)
    ratio = estimate_ratio(table, "api.stu", "enroll", **design).iloc[0]
    near(ratio[["estimate", "se"]], [api.value("strat_ratio")[k] for k in ("ratio", "se")], rel=1e-7)
