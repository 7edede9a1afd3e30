"""Two rounds of inspection: independent samples, and samples that share cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sampling.estimation import compare, estimate_mean

DESIGN: dict[str, Any] = {"stratum": ["round", "h"], "population": "N"}
SIDES: dict[str, Any] = {"group": "round", "a": 2, "b": 1}


def rounds(first: dict[str, float | None], second: dict[str, float | None], cases: int = 40) -> pd.DataFrame:
    rows = [(1, case, answer) for case, answer in first.items()] + [(2, case, y) for case, y in second.items()]
    return pd.DataFrame(rows, columns=["round", "case", "y"]).assign(h="A", N=cases)


def test_independent_rounds_add_their_variances() -> None:
    table = rounds({"a": 1, "b": 0, "c": 1}, {"d": 1, "e": 1, "f": 0, "g": 1})
    found = compare(table, "y", **SIDES, **DESIGN).iloc[0]
    each = estimate_mean(table, "y", by="round", **DESIGN)
    assert found["estimate"] == pytest.approx(0.75 - 2 / 3)
    assert found["se"] == pytest.approx(np.hypot(*each["se"]))
    assert (found["n_a"], found["n_b"], found["df"]) == (4, 3, 5)


def test_the_same_cases_read_twice_differ_as_pairs() -> None:
    first = {"a": 1.0, "b": 0.0, "c": 1.0, "d": 0.0, "e": 0.0}
    second = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0, "e": 1.0}
    found = compare(rounds(first, second), "y", case="case", **SIDES, **DESIGN).iloc[0]
    # Differences 0, 1, 0, 0, 1: mean 0.4, variance 0.3, (1 − 5/40) × 0.3/5.
    assert found["estimate"] == pytest.approx(0.4)
    assert found["se"] == pytest.approx(np.sqrt(0.875 * 0.3 / 5))


def test_rounds_that_share_no_case_are_independent_even_when_cases_are_named() -> None:
    table = rounds({"a": 1, "b": 0, "c": 1}, {"d": 1, "e": 1, "f": 0})
    named, plain = compare(table, "y", case="case", **SIDES, **DESIGN), compare(table, "y", **SIDES, **DESIGN)
    pd.testing.assert_frame_equal(named, plain)


def test_the_error_of_rounds_that_share_cases_is_the_one_that_repeated_draws_show() -> None:
    chance = np.random.default_rng(5)
    trials, both, only = 3_000, 60, 10
    # Seventy cases in each round's list, sixty in both; the same tickets; 20 read in the first round, 30 in the next.
    before = (chance.random(both + 2 * only) < 0.5).astype(float)
    after = np.where(chance.random(both + 2 * only) < 0.2, 1 - before, before)
    parts = []
    for number, (answers, start, read) in enumerate([(before, 0, 20), (after, only, 30)], start=1):
        tickets = np.random.default_rng(9).random((trials, both + 2 * only))[:, start : start + both + only]
        taken = np.argsort(tickets, axis=1)[:, :read] + start
        trial = np.repeat(np.arange(trials), read)
        values = answers[taken.ravel()]
        case = trial * 1_000 + taken.ravel()
        parts.append(pd.DataFrame({"round": number, "trial": trial, "case": case, "y": values, "N": both + only}))
    table = pd.concat(parts)
    design: dict[str, Any] = {"stratum": ["round", "trial"], "population": "N", "by": "trial"}
    named = compare(table, "y", case="case", **SIDES, **design)
    plain = compare(table, "y", **SIDES, **design)
    true = named["estimate"].var()
    assert named["estimate"].mean() == pytest.approx(after[only:].mean() - before[:-only].mean(), abs=0.005)
    assert (named["se"] ** 2).mean() / true == pytest.approx(1, abs=0.08)
    assert (plain["se"] ** 2).mean() / true > 1.3
