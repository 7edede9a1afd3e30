"""A case file with blank answers, single-case and fully read strata, against R survey 4.1-1.

tests/golden/estimation holds the file, the R script and its values. R of that version centres a single case of a
total at zero under `adjust`, later ones at the mean of all; that rule is worked by hand in test_single_cases.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.estimation import compare, design_effect, estimate_mean, estimate_ratio, estimate_share, estimate_total

FOLDER = Path(__file__).parents[2] / "golden" / "estimation"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "estimates.json").read_text(encoding="utf-8"))
DESIGN = {"stratum": ["partnership", "stratum"], "population": "N"}
KNOWN = {"0-4": 110, "5-11": 120, "12-15": 89}


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    table = pd.read_csv(FOLDER / "cases.csv")
    return table.assign(everywhere="all", known=table["age"].map(KNOWN))


def by(domain: str) -> str:
    if domain == "all":
        return "everywhere"
    return "age" if domain in KNOWN else "partnership"


def row(found: pd.DataFrame, domain: str) -> pd.Series:
    return found.set_index(by(domain)).loc[domain]


def check(found: pd.Series, expected: dict[str, Any]) -> None:
    for key in ("estimate", "se", "df"):
        if key in expected:
            value = np.nan if expected[key] is None else expected[key]
            np.testing.assert_allclose(found[key], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("share ")])
def test_shares_by_every_rule_for_single_cases_are_rs(cases: pd.DataFrame, name: str) -> None:
    _, rule, domain = name.split(" ")
    for method, theirs in (("logit", "xlogit"), ("beta", "beta"), ("wald", "mean")):
        found = row(estimate_share(cases, "good", by=by(domain), lonely=rule, method=method, **DESIGN), domain)
        check(found, EXPECTED[name])
        if f"{theirs}_lower" in EXPECTED[name]:
            limits = [EXPECTED[name][f"{theirs}_{end}"] for end in ("lower", "upper")]
            np.testing.assert_allclose([found["lower"], found["upper"]], limits, rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("ratio ")])
def test_ratios_by_every_rule_for_single_cases_are_rs(cases: pd.DataFrame, name: str) -> None:
    _, rule, domain = name.split(" ")
    found = estimate_ratio(cases, "minutes", "contacts", by=by(domain), lonely=rule, **DESIGN)
    check(row(found, domain), EXPECTED[name])


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("total ")])
def test_totals_are_rs(cases: pd.DataFrame, name: str) -> None:
    _, rule, domain = name.split(" ")
    check(row(estimate_total(cases, "minutes", by=by(domain), lonely=rule, **DESIGN), domain), EXPECTED[name])


@pytest.mark.parametrize("rule", ["adjust", "average", "remove"])
def test_differences_are_rs(cases: pd.DataFrame, rule: Any) -> None:
    found = compare(cases, "good", group="age", a="12-15", b="0-4", lonely=rule, **DESIGN).iloc[0]
    check(found, EXPECTED[f"compare {rule}"])


def test_the_design_effect_is_rs(cases: pd.DataFrame) -> None:
    found = design_effect(cases, "minutes", **DESIGN).iloc[0]
    assert found["deff"] == pytest.approx(EXPECTED["deff"]["deff"], rel=1e-9)


@pytest.mark.parametrize("domain", ["all", "Aird", "Brigg", "Dunmere"])
def test_post_stratified_domains_are_rs(cases: pd.DataFrame, domain: str) -> None:
    post = {"post": "age", "post_population": "known"}
    share = row(estimate_share(cases, "good", by=by(domain), **post, **DESIGN), domain)
    check(share, EXPECTED[f"poststratified share {domain}"])
    mean = row(estimate_mean(cases, "good", by=by(domain), **post, **DESIGN), domain)
    assert mean["se"] == pytest.approx(share["se"], abs=1e-12)
    total = row(estimate_total(cases, "minutes", by=by(domain), **post, **DESIGN), domain)
    check(total, EXPECTED[f"poststratified total {domain}"])
