"""Post-stratification by hand: weights carried to known counts, and what that takes off the error."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.estimation import estimate_mean, estimate_ratio, estimate_share, estimate_total

# One list of 40 cases, of which 12 are girls and 28 boys are known; read: 4 girls and 4 boys.
CASES = pd.DataFrame(
    {"N": [40] * 8, "sex": list("ggggbbbb"), "known": [12] * 4 + [28] * 4, "y": [1, 1, 1, 0, 0, 0, 1, 0], "x": [2] * 8}
)
POST: dict[str, Any] = {"population": "N", "post": "sex", "post_population": "known"}


def test_a_share_weighs_each_post_stratum_by_its_known_count() -> None:
    found = estimate_share(CASES, "y", method="wald", **POST).iloc[0]

    # Girls 3/4 of 12, boys 1/4 of 28: 16 of 40. What is left of each record is w·(y − its post-stratum's mean).
    left = [3 * (1 - 0.75)] * 3 + [3 * -0.75] + [7 * -0.25] * 2 + [7 * 0.75, 7 * -0.25]
    assert sum(left) == 0
    variance = (1 - 8 / 40) * 8 / 7 * sum(z**2 for z in left)
    assert found["estimate"] == pytest.approx(16 / 40)
    assert found["se"] == pytest.approx(math.sqrt(variance) / 40)
    assert (found["n"], found["df"]) == (8, 7)


def test_a_domain_carries_the_means_of_the_post_strata_outside_it_with_their_sign_turned() -> None:
    # Area p has no boy: its post-stratum of boys is all outside, and so are two girls.
    cases = CASES.assign(area=list("ppqqqqqq"), y=[4.0, 8, 1, 1, 1, 1, 1, 1])

    found = estimate_total(cases, "y", by="area", **POST).iloc[0]

    # Σ w·y = 3 × 12; the mean over all 12 girls is 3, so records of p leave 3 × (y − 3), the other girls 3 × (0 − 3).
    left = [3 * (4 - 3), 3 * (8 - 3), 3 * -3, 3 * -3, 0, 0, 0, 0]
    assert sum(left) == 0
    assert (found["area"], found["estimate"], found["n"]) == ("p", 36, 2)
    assert found["se"] == pytest.approx(math.sqrt((1 - 8 / 40) * 8 / 7 * sum(z**2 for z in left)))


def test_strata_and_post_strata_that_cross_are_kept_apart() -> None:
    # A: 2 girls and 2 boys of 20; B: 3 girls and 1 boy of 30. Weights 5 and 7.5 become 5·g and 7.5·g for girls.
    cases = CASES.assign(h=list("AABBABAB"), N=[20, 20, 30, 30, 20, 30, 20, 30], known=[15] * 4 + [35] * 4)
    girls, boys = 15 / (2 * 5 + 2 * 7.5), 35 / (2 * 5 + 2 * 7.5)
    weight = np.array([5 * girls] * 2 + [7.5 * girls] * 2 + [5 * boys, 7.5 * boys] * 2)
    y = cases["y"].to_numpy()

    found = estimate_total(cases, "y", stratum="h", **POST).iloc[0]

    mean = np.repeat([(weight * y)[:4].sum() / 15, (weight * y)[4:].sum() / 35], 4)
    left = weight * (y - mean)
    variance = 0.0
    for label, unread in (("A", 1 - 4 / 20), ("B", 1 - 4 / 30)):
        inside = left[cases["h"] == label]
        variance += unread * 4 / 3 * ((inside - inside.mean()) ** 2).sum()
    assert found["estimate"] == pytest.approx((weight * y).sum())
    assert found["se"] == pytest.approx(math.sqrt(variance))


def test_a_domain_without_any_case_of_the_last_post_stratum_is_as_its_own_answers_alone() -> None:
    cases = CASES.assign(area=list("ppppqqqq"), sex=list("bbggbbbb"), known=[28] * 2 + [12] * 2 + [28] * 4)

    found = estimate_total(cases, "y", by="area", **POST)

    for area in "pq":
        alone = estimate_total(cases.assign(y=cases["y"].where(cases["area"] == area)), "y", **POST).iloc[0]
        row = found[found["area"] == area].iloc[0]
        assert row[["estimate", "se"]].tolist() == pytest.approx(alone[["estimate", "se"]].tolist())


@pytest.mark.parametrize("rule", ["adjust", "average", "remove"])
def test_a_single_case_that_has_nothing_to_do_with_a_domain_takes_no_part_in_its_error(rule: Any) -> None:
    girls = pd.DataFrame({"h": "A", "N": 20, "sex": "g", "known": 20, "y": [4.0, 8, 1, 1], "area": list("ppqq")})
    boy = pd.DataFrame({"h": "C", "N": 5, "sex": "b", "known": 5, "y": [3.0], "area": ["q"]})

    found = estimate_total(pd.concat([girls, boy]), "y", stratum="h", by="area", lonely=rule, **POST).iloc[0]

    # Each girl stands for 5: 60 in all, a mean of 3 over the 20, so that 5, 25, −15 and −15 are left.
    assert (found["area"], found["estimate"]) == ("p", 60)
    assert found["se"] == pytest.approx(math.sqrt((1 - 4 / 20) * 4 / 3 * (25 + 625 + 225 + 225)))


def test_a_ratio_of_post_stratified_totals_to_a_constant_is_their_mean() -> None:
    mean, ratio = estimate_mean(CASES, "y", **POST).iloc[0], estimate_ratio(CASES, "y", "x", **POST).iloc[0]

    assert ratio["estimate"] == pytest.approx(16 / 40 / 2)
    assert ratio["se"] == pytest.approx(mean["se"] / 2)
    assert (ratio["lower"], ratio["upper"]) == (pytest.approx(mean["lower"] / 2), pytest.approx(mean["upper"] / 2))


def test_post_strata_of_several_columns_are_their_combinations() -> None:
    cases = CASES.assign(
        band=list("ouououou"), cell=lambda table: table["sex"] + table["band"], known=[6] * 4 + [14] * 4
    )
    together, apart = POST | {"post": "cell"}, POST | {"post": ["sex", "band"]}

    pd.testing.assert_frame_equal(estimate_mean(cases, "y", **together), estimate_mean(cases, "y", **apart))


def test_answers_that_are_blank_leave_their_post_stratum_to_the_others() -> None:
    cases = CASES.assign(y=[1, 1, None, None, 0, 0, 1, 0])

    found = estimate_share(cases, "y", method="wald", **POST).iloc[0]

    # 6 of the 6 girls' weight and 7 of the 28 boys': 13 of 34.
    p = 13 / 34
    z = np.array([3 * (1 - p)] * 2 + [0] * 2 + [7 * -p] * 2 + [7 * (1 - p), 7 * -p]) / 34
    weight = np.array([3] * 4 + [7] * 4)
    left = z - weight * np.repeat([z[:4].sum() / 12, z[4:].sum() / 28], 4)
    assert found["estimate"] == pytest.approx(p)
    assert found["se"] == pytest.approx(math.sqrt((1 - 8 / 40) * 8 / 7 * (left**2).sum()))
