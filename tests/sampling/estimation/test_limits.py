"""Which interval stands beside a share, worked from its parts: effective sizes, degrees of freedom, exact ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.estimation import METHODS, estimate_mean, estimate_ratio, estimate_share, estimate_total
from sampling.intervals import clopper_pearson, hypergeometric, logit, quantile, wilson

# A: 3 ones of 4 read of 40; B: 1 of 5 of 10: share 0.64, variance 0.0368, df 7 (worked in test_shares).
TWO = pd.DataFrame({"h": ["A"] * 4 + ["B"] * 5, "N": [40] * 4 + [10] * 5, "y": [1, 1, 1, 0, 1, 0, 0, 0, 0]})
DESIGN: dict[str, Any] = {"stratum": "h", "population": "N"}


def limits(table: pd.DataFrame, **options: Any) -> list[list[float]]:
    found = estimate_share(table, "y", **(DESIGN | options))
    return found[["lower", "upper"]].to_numpy().T.tolist()


def near(found: list[list[float]], expected: Any) -> None:
    np.testing.assert_allclose(found, np.reshape(expected, (2, -1)), rtol=1e-9)


def test_the_interval_of_each_method_from_share_variance_and_degrees_of_freedom() -> None:
    effective, width = 0.64 * 0.36 / 0.0368, quantile(0.8, 7)
    corrected = effective * (quantile(0.8, 8) / width) ** 2

    near(limits(TWO, confidence=0.8, method="logit"), logit(0.64, math.sqrt(0.0368), width))
    near(limits(TWO, confidence=0.8, method="wilson"), wilson(0.64, effective, width))
    near(limits(TWO, confidence=0.8, method="beta"), clopper_pearson(corrected * 0.64, corrected, 0.8))


@pytest.mark.parametrize("method", METHODS)
def test_domains_whose_interval_breaks_down_get_an_exact_one_and_the_others_keep_theirs(method: Any) -> None:
    # Area c is one whole stratum of known size, d two of them, e one of which not all answered; f was read in full.
    parts = {"C": ("c", 30, [1, 1, 1]), "D": ("d", 12, [0] * 4), "D2": ("D", 20, [0] * 2), "E": ("e", 9, [1, None, 1])}
    parts |= {"F": ("f", 2, [1, 0])}
    rows = [
        (label, cases, answer, area.lower()) for label, (area, cases, answers) in parts.items() for answer in answers
    ]
    table = pd.concat([TWO.assign(area="z"), pd.DataFrame(rows, columns=["h", "N", "y", "area"])], ignore_index=True)

    lower, upper = limits(table, by="area", method=method, confidence=0.8)

    # D: weights 3 four times and 10 twice; E: 3 twice.
    effective = (4 * 3 + 2 * 10) ** 2 / (4 * 9 + 2 * 100)
    expected = [
        hypergeometric(3, 3, 30, 0.8),
        clopper_pearson(0, effective, 0.8),
        clopper_pearson(2, 2, 0.8),
        (0.5, 0.5),
    ]
    alone = limits(TWO, method=method, confidence=0.8)
    near([lower, upper], np.array([*[[float(a), float(b)] for a, b in expected], [alone[0][0], alone[1][0]]]).T)


def test_one_stratum_of_unknown_size_has_the_binomial_interval() -> None:
    near(limits(TWO[:3], population=None), clopper_pearson(3, 3, 0.9))


def test_without_an_answer_of_one_in_its_stratum_the_hypergeometric_interval_counts_the_ones() -> None:
    # Strata that differ, each without doubt inside, estimated apart.
    table = TWO.assign(y=[1] * 4 + [0] * 5)

    near(limits(table, by="h"), np.column_stack([hypergeometric(4, 4, 40, 0.9), hypergeometric(0, 5, 10, 0.9)]))


def test_a_ratio_is_taken_over_the_records_with_both_answers() -> None:
    table = pd.DataFrame({"y": [4.0, None, 6, 1], "x": [2.0, 5, None, 3]})

    found = estimate_ratio(table, "y", "x").iloc[0]

    # (4 + 1)/(2 + 3); z = (y − x)/5 on two of four rows.
    assert (found["n"], found["estimate"], found["df"]) == (2, 1, 1)
    assert found["se"] == pytest.approx(math.sqrt(4 / 3 * 2 * (2 / 5) ** 2))
    # t on one degree of freedom at 90%: 6.313752.
    assert found["upper"] == pytest.approx(1 + 6.313751514675 * found["se"])


def test_a_ratio_to_nothing_has_no_error() -> None:
    table = pd.DataFrame({"y": [4.0, 3, 2], "x": [0.0, 0, 1], "area": ["p", "p", "q"]})

    found = estimate_ratio(table, "y", "x", by="area").iloc[0]

    assert found["n"] == 2
    assert np.isnan(found[["se", "lower", "upper"]].astype(float)).all()


def test_a_negative_ratio_has_the_error_of_its_mirror_image() -> None:
    table = pd.DataFrame({"y": [4.0, 3, 2, 8], "x": [1.0, 2, 1, 1]})

    found, turned = (
        estimate_ratio(table, "y", "x").iloc[0],
        estimate_ratio(table.assign(x=-table["x"]), "y", "x").iloc[0],
    )

    assert turned["estimate"] == -found["estimate"]
    assert turned["se"] == pytest.approx(found["se"])


def test_a_total_of_no_answer_is_a_row_without_figures() -> None:
    found = estimate_total(TWO.assign(y=None), "y", **DESIGN).iloc[0]

    assert found["n"] == 0
    assert found[["estimate", "se", "lower", "upper", "df"]].isna().all()


def test_equal_answers_leave_no_error_however_large_they_are() -> None:
    for value in (1e-9, 0.1, 1e12):
        found = estimate_mean(TWO.assign(y=value), "y", **DESIGN).iloc[0]
        assert found["se"] == 0
        assert found["lower"] == found["estimate"] == found["upper"] == pytest.approx(value)


def test_a_small_error_beside_a_large_mean_is_kept() -> None:
    found = estimate_mean(TWO.assign(y=1e6 + TWO["y"] * 1e-2), "y", **DESIGN).iloc[0]

    assert found["se"] == pytest.approx(math.sqrt(0.0368) * 1e-2, rel=1e-6)
