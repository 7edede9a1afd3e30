"""Partnerships beside each other: funnel limits as R's, variation and shrinkage as another program has them."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench import between
from casereader.instrument.load import load
from casereader.rollup.design import build_design
from casereader.rollup.marks import mark_answers
from casereader.rollup.variation import (
    RARE,
    USUAL,
    beside,
    effective_records,
    funnel_limits,
    records_behind,
    shrunken,
    variation,
)

CRR = load(Path(__file__).parents[3] / "data" / "instruments" / "crr-1.toml")
REFERENCE = Path(__file__).parents[2] / "reference"
FUNNEL = json.loads((REFERENCE / "funnel.json").read_text(encoding="utf-8"))["refs"]
# Trials of the BCG vaccine: vaccinated with and without tuberculosis, then the others (Colditz et al. 1994).
BCG = np.array([
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
    (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
], dtype=np.float64)  # fmt: skip


@pytest.mark.parametrize("name", [name for name in FUNNEL if name.startswith(("phe_", "normal_"))])
def test_funnel_limits_are_those_of_the_reference(name: str) -> None:
    found = re.fullmatch(r"\w+?_n(\d+)_t([\d.]+)", name)
    assert found is not None
    n, target, expected = int(found[1]), float(found[2]), FUNNEL[name]["value"]

    usual, rare = funnel_limits(target, n, USUAL), funnel_limits(target, n, RARE)

    assert [*usual, *rare] == pytest.approx([expected[limit] for limit in ("l2", "u2", "l3", "u3")], abs=1e-9)


def ratios() -> tuple[np.ndarray, np.ndarray]:
    """The log risk ratio of each trial, and its variance."""
    sick, well, sick_else, well_else = BCG.T
    ratio = np.log(sick / (sick + well)) - np.log(sick_else / (sick_else + well_else))
    return ratio, 1 / sick - 1 / (sick + well) + 1 / sick_else - 1 / (sick_else + well_else)


def test_the_variation_between_is_that_of_metafor() -> None:
    # R metafor: rma(yi, vi, method="PM", data=dat.bcg) prints tau^2 0.3181 and the estimate −0.7150;
    # confint(): tau^2 from 0.1197 to 1.1115 at 95%; Q = 152.2330.
    found = variation(*ratios(), confidence=0.95)

    assert found is not None
    assert found.between**2 == pytest.approx(0.3181, abs=5e-5)
    assert (found.lower**2, found.upper**2) == pytest.approx((0.1197, 1.1115), abs=5e-5)
    assert found.mean == pytest.approx(-0.7150, abs=5e-5)
    assert found.p < 1e-12


def test_shrunken_figures_are_those_of_metafor() -> None:
    # R metafor 3.8: rma(yi, vi, method="PM", data=dat.bcg, control=list(tol=1e-14, threshold=1e-14)); blup(level=90)
    # has pred, pi.lb and pi.ub, of the estimate as our limits are; confint(level=90) has tau, to five decimals.
    found = variation(*ratios())
    assert found is not None

    estimate, lower, upper = shrunken(*ratios(), found)

    some = [0, 3, 7, 11]
    expected = [-0.801121790372, -1.398546531565, 0.003009834779, -0.280861691282]
    assert estimate[some] == pytest.approx(expected, abs=1e-9)
    assert lower[some] == pytest.approx([-1.47784269878, -1.62491758364, -0.09994534194, -1.03812588129], abs=1e-9)
    assert upper[some] == pytest.approx([-0.1244008820, -1.1721754795, 0.1059650115, 0.4764024987], abs=1e-9)
    assert (found.between, found.mean_se) == pytest.approx((0.5639755777, 0.1808921915), abs=1e-9)
    assert (found.lower, found.upper) == pytest.approx((0.37551, 0.95384), abs=2e-5)


def test_where_chance_explains_all_there_is_no_variation_and_every_share_is_the_mean() -> None:
    share, variance = np.array([0.50, 0.51, 0.49, 0.505, 0.495]), np.full(5, 0.01)

    found = variation(share, variance)

    assert found is not None
    assert (found.between, found.lower) == (0, 0)
    assert found.p > 0.99
    estimate, lower, upper = shrunken(share, variance, found)
    assert estimate == pytest.approx([0.5] * 5)
    assert upper - lower == pytest.approx([2 * 1.6448536 * (0.01 / 5) ** 0.5] * 5)


def test_a_share_of_few_records_is_drawn_further_towards_the_mean() -> None:
    share = np.array([0.2, 0.8, 0.2, 0.8, 0.8, 0.2])
    variance = np.array([0.001, 0.001, 0.02, 0.02, 0.001, 0.001])
    found = variation(share, variance)
    assert found is not None

    estimate, _, _ = shrunken(share, variance, found)

    assert abs(estimate[2] - found.mean) < abs(estimate[0] - found.mean) < abs(share[0] - found.mean)


def test_under_five_partnerships_nothing_is_said_of_their_variation() -> None:
    assert variation([0.1, 0.5, 0.6, 0.9], [0.01] * 4) is None


def test_effective_records_are_those_a_simple_random_sample_would_need() -> None:
    found = effective_records([0.5, 1.0, 0.4, 0.3], [0.1, 0.0, 0.0, 0.05], [30, 20, 40, 60], [300, 40, 40, 600])

    # 0.25/0.01; 20/(1 − 20/40); read in full; 0.21/0.0025
    assert found.tolist() == pytest.approx([25, 40, np.inf, 84])


def test_the_interval_of_the_variation_holds_it_as_often_as_it_says() -> None:
    chance = np.random.default_rng(4)
    held = 0
    for _ in range(400):
        variance = chance.uniform(0.002, 0.01, 32)
        share = 0.6 + chance.normal(0, 0.1, 32) + chance.normal(0, np.sqrt(variance))
        found = variation(share, variance)
        assert found is not None
        held += found.lower <= 0.1 <= found.upper

    assert abs(held / 400 - 0.90) < 3 * (0.9 * 0.1 / 400) ** 0.5


def figures(*rows: tuple[str, float, float, int, int]) -> pd.DataFrame:
    """Whole-sample rows of one question: inspection, share, standard error, n, N."""
    table = pd.DataFrame(rows, columns=["inspection", "share", "se", "n", "population"])
    return table.assign(k=(table["share"] * table["n"]).round().astype("int64"), lower=0.0, upper=1.0)


TWO = figures(("p/low", 0.5, 0.1, 30, 100), ("p/high", 0.9, 0.03, 60, 300))


def test_partnerships_are_set_against_the_share_of_all_children_on_their_lists() -> None:
    # (100·0.5 + 300·0.9)/400 = 0.8; of 25 records 0.8 ± 1.96·0.08 holds 0.643 to 0.957, and ± 3.09·0.08 0.553 to
    # 1.047; of 100 0.8 ± 1.96·0.04 ends at 0.878, ± 3.09·0.04 at 0.924
    found = beside(TWO, {"p/low": 25, "p/high": 100}, least_n=10)

    assert found.target == pytest.approx(0.8)
    assert found.rows["m"].tolist() == [25, 100]
    assert found.rows["outside"].tolist() == [2, 1]
    assert found.found is None


def test_what_they_come_to_together_is_the_target_where_it_is_known() -> None:
    found = beside(TWO, {"p/low": 25, "p/high": 100}, least_n=10, together=0.5)

    assert found.target == 0.5
    assert found.rows["outside"].tolist() == [0, 2]


def test_a_partnership_with_few_records_is_named_and_left_out() -> None:
    behind = {"p/few": 9.0, "p/one": 60.0}
    found = beside(figures(("p/few", 0.5, 0.1, 9, 100), ("p/one", 0.9, 0.03, 60, 300)), behind, least_n=10)

    assert found.too_few == ["p/few"]
    assert found.rows["inspection"].tolist() == ["p/one"]
    assert beside(figures(("p/few", 0.5, 0.1, 9, 100)), behind, least_n=10).rows.empty


def test_a_short_list_read_in_full_is_of_as_many_records_as_it_has() -> None:
    # 5 of 12 where all others are at 0.62: 0.62 ± 1.96·0.14 reaches down to 0.345. With the finite population
    # correction its share would be certain, and past any limit.
    others = [(f"p/{place}", 0.62, 0.09, 27, 200) for place in range(8)]
    table = figures(("p/full", 5 / 12, 0.0, 12, 12), *others)

    found = beside(table, dict(zip(table["inspection"], table["n"], strict=True)), least_n=10, together=0.62)

    assert found.rows.loc[0, ["m", "outside"]].tolist() == [12, 0]
    assert found.found is not None
    assert found.found.lower == 0
    assert found.rows.loc[0, "shrunken"] > 0.59


def test_the_records_behind_a_share_are_those_of_its_weights_whatever_the_list() -> None:
    # Strata of 30 and 6 children, 3 read of each: weights 10 and 2, (30 + 6)²/(3·100 + 3·4) = 4.153846. One of the
    # second was not asked: (30 + 4)²/(300 + 8) = 3.753247. All of a list of 3: 3.
    listed = (("p/two", "b", 30), ("p/two", "c", 6), ("p/full", "b", 3))
    cases = [(path, f"{stratum}{number}", stratum, of, "read") for path, stratum, of in listed for number in range(3)]
    design = build_design(
        pd.DataFrame(cases, columns=["inspection", "case_ref", "stratum", "population", "status"]),
    )
    said = [(*case[:2], key, "5") for case in cases for key in ("C9", "D11") if (case[1], key) != ("c0", "D11")]
    marks = mark_answers(design, pd.DataFrame(said, columns=["inspection", "case_ref", "key", "value"]), CRR)

    assert records_behind(design, marks, "C9") == pytest.approx({"p/full": 3, "p/two": 4.153846})
    assert records_behind(design, marks, "D11") == pytest.approx({"p/full": 3, "p/two": 3.753247})
    assert records_behind(design, marks, "E7") == {}


def test_lists_read_in_full_make_no_variation_where_there_is_none() -> None:
    # With the finite population correction two of them put the lower limit above 0 in every programme.
    chance = np.random.default_rng(81)
    made = [between.programme(chance, (12, 14), 0.0) for _ in range(150)]
    found = [between.both_ways(one)[1] for one in made]

    assert sum(one.found.lower > 0 for one in found if one.found) <= 15  # 7.5 are expected of a 90% interval
    assert sum(int((one.rows["outside"].head(2) == 2).sum()) for one in found) <= 4  # of 300, 0.6 expected
