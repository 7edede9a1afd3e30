"""Differences of groups: who belongs to which, what is no difference at all, and what is too small to drop."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.estimation import compare

SIDES: dict[str, Any] = {"group": "sex", "a": "f", "b": "m"}
DESIGN: dict[str, Any] = {"stratum": "h", "population": "N"}


def cases(*answers: float | None, n: int = 40) -> pd.DataFrame:
    """Half girls, half boys, of one stratum."""
    half = len(answers) // 2
    return pd.DataFrame({"h": "A", "N": n, "sex": ["f"] * half + ["m"] * half, "y": answers})


@pytest.mark.parametrize("kind", ["object", "string", "category"])
def test_who_is_in_neither_group_or_in_none_that_is_known_is_left_out(kind: Any) -> None:
    table = cases(1, 0, 1, 0, 1, 0).assign(sex=pd.Series(["f", None, "f", "m", "x", "m"], dtype=kind))

    found = compare(table, "y", **SIDES).iloc[0]

    assert (found["n_a"], found["n_b"], found["estimate"]) == (2, 2, 1)


def test_groups_may_be_numbers_with_blanks() -> None:
    table = cases(1, 0, 1, 0).assign(sex=pd.Series([1, 1, 2, None], dtype="Int64"))

    found = compare(table, "y", group="sex", a=2, b=1).iloc[0]

    assert (found["n_a"], found["n_b"], found["estimate"]) == (1, 2, 0.5)


def test_a_domain_that_lacks_either_group_has_no_figures() -> None:
    table = cases(1, 0, 1, 0).assign(area=["p", "p", "q", "q"])

    found = compare(table, "y", by="area", **SIDES)

    assert found[["n_a", "n_b"]].to_numpy().tolist() == [[2, 0], [0, 2]]
    assert found[["estimate", "se", "lower", "upper", "df"]].isna().all(axis=None)
    assert found["df"].dtype == np.float64


@pytest.mark.parametrize("value", [0.1, 1e-7, 1e12 + 0.1])
def test_equal_answers_differ_by_nothing_without_any_error(value: float) -> None:
    table = pd.concat([cases(*[value] * 6), cases(*[value] * 14, n=33).assign(h="B")])

    found = compare(table, "y", **SIDES, **DESIGN).iloc[0]

    assert found["se"] == 0
    assert found["estimate"] == pytest.approx(0, abs=abs(value) * 1e-12)


def test_a_small_error_in_a_large_population_is_kept() -> None:
    table = cases(5.0, 5.0, 5.0, 5.2, n=100_000_000)

    found = compare(table, "y", **SIDES, **DESIGN).iloc[0]

    # z = ±¼·0.1 twice and 0 twice, of four: 4/3 × 2 × (½ × 0.1)².
    assert found["estimate"] == pytest.approx(-0.1)
    assert found["se"] == pytest.approx(math.sqrt(4 / 3 * 2 * 0.05**2))


def test_flat_shares_of_several_domains_have_the_limits_each_would_have_alone() -> None:
    parts = {"p": (1, 1, 1, 0, 0, 0), "q": (0, 0, 0, 0, 0, 0), "r": (1, 0, 1, 0, 0, 1), "s": (1, 1, 0, 0, 0, 0)}
    table = pd.concat([cases(*answers).assign(h=area, area=area) for area, answers in parts.items()])
    table.loc[table["area"] == "s", "sex"] = list("ffmmff")

    together = compare(table, "y", by="area", **SIDES, **DESIGN).set_index("area")

    for area, rows in table.groupby("area"):
        alone = compare(rows, "y", **SIDES, **DESIGN).iloc[0]
        figures = ["estimate", "se", "lower", "upper"]
        assert together.loc[area, figures].tolist() == pytest.approx(alone[figures].tolist())
        assert alone["lower"] < alone["upper"]


def test_a_difference_takes_its_confidence_and_its_rule_for_single_cases() -> None:
    table = pd.concat([cases(1, 0, 1, 1), cases(1, 0).assign(h="B"), cases(1, 0).assign(h="C")[:1]])

    narrow, wide = (compare(table, "y", confidence=level, **SIDES, **DESIGN).iloc[0] for level in (0.5, 0.9))
    errors = [
        compare(table, "y", lonely=rule, **SIDES, **DESIGN)["se"].iloc[0] for rule in ("adjust", "average", "remove")
    ]

    # t on 7 − 3 degrees of freedom: 0.740697 and 2.131847.
    assert narrow["df"] == 4
    assert (narrow["upper"] - narrow["lower"]) / (2 * narrow["se"]) == pytest.approx(0.7406970841, rel=1e-8)
    assert (wide["upper"] - wide["lower"]) / (2 * wide["se"]) == pytest.approx(2.1318467863, rel=1e-8)
    assert len({round(error, 9) for error in errors}) == 3
