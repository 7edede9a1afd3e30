"""Strata of which a single case was read: the three rules, worked by hand."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from sampling.estimation import estimate_mean, estimate_total

# A: 5 and 7 of 10 cases; B: 12 alone of 4; C: 3 alone of its only case.
CASES = pd.DataFrame({"h": ["A", "A", "B", "C"], "N": [10, 10, 4, 1], "y": [5.0, 7.0, 12.0, 3.0]})
DESIGN: dict[str, Any] = {"stratum": "h", "population": "N"}
MEAN = (10 * 6 + 4 * 12 + 3) / 15
# A: 10² × 0.8 × 2/2.
OF_A = 80.0


@pytest.mark.parametrize(
    ("rule", "variance"),
    [
        # The single case is set against the mean of all: (1 − 1/4) × (4 × (12 − mean))².
        ("adjust", OF_A + 0.75 * (4 * (12 - MEAN)) ** 2),
        # It varies as the others do on average; C, read in full, is one of those.
        ("average", OF_A * 3 / 2),
        ("remove", OF_A),
    ],
)
def test_a_mean_with_a_single_case_stratum(rule: Any, variance: float) -> None:
    found = estimate_mean(CASES, "y", lonely=rule, **DESIGN).iloc[0]
    assert found["estimate"] == pytest.approx(MEAN)
    assert found["se"] == pytest.approx(math.sqrt(variance) / 15)
    assert found["df"] == 1


def test_a_total_sets_a_single_case_against_the_mean_of_all_weighted_values() -> None:
    # Weighted values 25, 35, 48 and 3, mean 111/4.
    found = estimate_total(CASES, "y", lonely="adjust", **DESIGN).iloc[0]
    assert found["estimate"] == 111
    assert found["se"] == pytest.approx(math.sqrt(OF_A + 0.75 * (48 - 111 / 4) ** 2))


def test_only_single_cases_leave_no_average_to_take() -> None:
    alone = CASES.iloc[2:3]
    assert math.isnan(estimate_mean(alone, "y", lonely="average", **DESIGN)["se"].iloc[0])
    assert estimate_mean(alone, "y", lonely="remove", **DESIGN)["se"].iloc[0] == 0


def test_a_single_answer_of_several_cases_read_is_not_a_single_case() -> None:
    # The blank row of the stratum counts with 0: (1 − 2/10) × 2/1 × 2 × (½ × z)² with z = 5 × (y − ȳ)/25 …
    cases = pd.DataFrame({"h": ["A", "A", "B", "B"], "N": [10, 10, 8, 8], "y": [5.0, None, 3.0, 5.0]})
    mean = (5 * 5 + 4 * 8) / 13
    z = [5 * (5 - mean) / 13, 4 * (3 - mean) / 13, 4 * (5 - mean) / 13]
    variance = 0.8 * 2 * 2 * (z[0] / 2) ** 2 + 0.75 * 2 * 2 * ((z[1] - z[2]) / 2) ** 2
    for rule in ("adjust", "average", "remove"):
        assert estimate_mean(cases, "y", lonely=rule, **DESIGN)["se"].iloc[0] == pytest.approx(math.sqrt(variance))
