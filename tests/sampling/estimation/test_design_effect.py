"""The design effect by hand, and where there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sampling.errors import DesignError
from sampling.estimation import design_effect

# A: 3 ones among 4 read of 40, so each stands for 10; B: 1 among 5 of 10, each for 2. Share 32 of 50.
CASES = pd.DataFrame(
    {"h": ["A"] * 4 + ["B"] * 5, "N": [40] * 4 + [10] * 5, "y": [1, 1, 1, 0, 1, 0, 0, 0, 0], "area": list("ppqqppppq")}
)


def test_a_design_effect_by_hand() -> None:
    found = design_effect(CASES, "y", stratum="h", population="N")

    # Variance 0.0368 (see test_shares); of 9 drawn from 50 at random: 0.64 × 0.36 × 9/8 × (1 − 9/50)/9.
    deff = 0.0368 / (0.64 * 0.36 * 9 / 8 * 0.82 / 9)
    assert list(found.columns) == ["n", "deff", "effective_n"]
    assert found.dtypes.tolist() == [np.int64, np.float64, np.float64]
    assert found.iloc[0].tolist() == [9, pytest.approx(deff), pytest.approx(9 / deff)]


def test_a_design_effect_below_one_is_worth_more_records_than_were_read() -> None:
    # Strata differ far more than the cases in each: twice (1/2)² × (1 − 4/20) × (2/3)/4.
    cases = pd.DataFrame({"h": ["A"] * 4 + ["B"] * 4, "N": [20] * 8, "y": [1.0, 3, 2, 2, 41, 43, 42, 42]})

    found = design_effect(cases, "y", stratum="h", population="N").iloc[0]

    variance = 2 * 0.25 * 0.8 * (2 / 3) / 4
    simple = (8 * 20**2 + 4) / 8 * 8 / 7 * (32 / 40) / 8
    assert found["deff"] == pytest.approx(variance / simple)
    assert found["effective_n"] == pytest.approx(8 * simple / variance)


def test_each_domain_has_its_own_and_a_sample_without_design_has_one() -> None:
    plain = design_effect(CASES, "y")
    apart = design_effect(CASES, "y", stratum="h", population="N", by="area")

    assert plain.iloc[0].tolist() == [9, pytest.approx(1), pytest.approx(9)]
    assert list(apart.columns) == ["area", "n", "deff", "effective_n"]
    assert apart[["area", "n"]].to_numpy().tolist() == [["p", 6], ["q", 3]]
    for area, row in apart.set_index("area").iterrows():
        alone = design_effect(CASES.assign(y=CASES["y"].where(CASES["area"] == area)), "y", stratum="h", population="N")
        assert row["deff"] == pytest.approx(alone["deff"].iloc[0])


def test_there_is_none_where_answers_do_not_vary_or_every_case_was_read() -> None:
    same = design_effect(CASES.assign(y=1), "y", stratum="h", population="N").iloc[0]
    whole = design_effect(CASES.assign(N=[4] * 4 + [5] * 5), "y", stratum="h", population="N").iloc[0]
    one = design_effect(CASES[:1], "y").iloc[0]
    nothing = design_effect(CASES.assign(y=None), "y").iloc[0]

    assert [row["n"] for row in (same, whole, one, nothing)] == [9, 9, 1, 0]
    assert all(np.isnan(row[["deff", "effective_n"]].astype(float)).all() for row in (same, whole, one, nothing))


def test_strata_without_differences_inside_cost_nothing() -> None:
    found = design_effect(CASES.assign(y=[1] * 4 + [0] * 5), "y", stratum="h", population="N").iloc[0]

    assert found["deff"] == 0
    assert np.isnan(found["effective_n"])


def test_the_rule_for_single_cases_is_heeded() -> None:
    cases = CASES[:5]

    found = [
        design_effect(cases, "y", stratum="h", population="N", lonely=rule)["deff"].iloc[0]
        for rule in ("adjust", "average", "remove")
    ]

    assert len({round(deff, 6) for deff in found}) == 3
    with pytest.raises(DesignError, match="no such column"):
        design_effect(cases, "y", stratum="g")
