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


def test_the_covariance_of_shared_cases_is_summed_over_pairs_of_strata_within_each_domain() -> None:
    # Case c moved from stratum A to B and is alone in that pair; f moved to another area; e is blank once.
    first = [("a", "A", 3, "p"), ("b", "A", 5, "p"), ("c", "A", 9, "p"), ("d", "A", 4, "q"), ("h", "A", 2, "p")]
    first += [("e", "B", 7, "p"), ("f", "B", 1, "p"), ("i", "B", 6, "q"), ("j", "B", 2, "q")]
    second = [("a", "A", 4, "p"), ("b", "A", 4, "p"), ("h", "A", 1, "p"), ("k", "A", 8, "p"), ("d", "A", 5, "q")]
    second += [("c", "B", 6, "p"), ("e", "B", None, "p"), ("f", "B", 2, "q"), ("i", "B", 9, "q"), ("j", "B", 1, "q")]
    rows = [(number, *row) for number, part in ((1, first), (2, second)) for row in part]
    table = pd.DataFrame(rows, columns=["round", "case", "h", "y", "area"])
    cases = {(1, "A"): 20, (1, "B"): 10, (2, "A"): 12, (2, "B"): 40}
    read = {place: len(group) for place, group in table.groupby(["round", "h"])}
    table["N"] = [cases[number, h] for number, h in zip(table["round"], table["h"], strict=True)]

    named = compare(table, "y", case="case", by="area", **SIDES, **DESIGN).set_index("area")
    plain = compare(table, "y", by="area", **SIDES, **DESIGN).set_index("area")

    weight = {place: cases[place] / read[place] for place in cases}
    for area in "pq":
        z: dict[tuple[int, str], float] = {}
        for number, sign in ((2, 1), (1, -1)):
            inside = [
                (case, weight[number, h], y)
                for n, case, h, y, where in rows
                if n == number and where == area and y is not None
            ]
            total = sum(w for _, w, _ in inside)
            mean = sum(w * y for _, w, y in inside) / total
            z |= {(number, case): sign * w * (y - mean) / total for case, w, y in inside}
        strata = {(n, case): h for n, case, h, _, _ in rows}
        pairs: dict[tuple[str, str], list[str]] = {}
        for _, case, h, _, _ in (row for row in rows if row[0] == 2):
            if (1, case) in strata:
                pairs.setdefault((h, strata[1, case]), []).append(case)
        covariance = 0.0
        for (late, early), common in pairs.items():
            a, b = [z.get((2, case), 0) for case in common], [z.get((1, case), 0) for case in common]
            m = len(common)
            s = sum(x * y for x, y in zip(a, b, strict=True)) - sum(a) * sum(b) / m
            fraction = max(read[2, late] / cases[2, late], read[1, early] / cases[1, early])
            covariance += m * s / (m - 1) * (1 - fraction) if m > 1 else 0
        assert sorted(len(common) for common in pairs.values()) == [1, 4, 4]
        assert named.loc[area, "se"] ** 2 == pytest.approx(plain.loc[area, "se"] ** 2 + 2 * covariance)


def test_two_shared_cases_are_enough_and_one_is_not() -> None:
    first, second = {"a": 1.0, "b": 0.0, "c": 1.0}, {"a": 1.0, "b": 0.0, "d": 0.0}
    two = compare(rounds(first, second), "y", case="case", **SIDES, **DESIGN)["se"].iloc[0]
    one = compare(rounds(first, second | {"b": None}), "y", case="case", **SIDES, **DESIGN)["se"].iloc[0]
    plain = compare(rounds(first, second), "y", **SIDES, **DESIGN)["se"].iloc[0]
    # z = −⅓·(⅓, −⅔) in the first round, ⅓·(⅔, −⅓) in the second: m·s = 2 × (Σab − Σa·Σb/2).
    a, b = (-1 / 9, 2 / 9), (2 / 9, -1 / 9)
    shared = 2 * (a[0] * b[0] + a[1] * b[1] - sum(a) * sum(b) / 2) * (1 - 3 / 40)
    assert two**2 == pytest.approx(plain**2 + 2 * shared)
    assert one > 0


def test_blank_case_names_are_nobody_in_common() -> None:
    table = rounds({"a": 1, "b": 0, "c": 1}, {"d": 1, "e": 1, "f": 0})
    table["case"] = table["case"].where(table["case"].isin(["a", "d"]))
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
