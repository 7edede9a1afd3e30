"""Random small issues against two oracles of their own: linear programming written out, and trying every number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from casereader.disclosure import PROGRAMME, Finding, IssueContent, Shown
from casereader.disclosure.forms import counts_behind, figure_forms
from casereader.words import WORDING, word_for
from tests.casereader.disclosure.linked import CUTS, finding, publish

SMALL = replace(PROGRAMME, threshold=5, wording=replace(WORDING, least_n=5))
MOST = 40  # records in a group, when every number is tried
Told = list[tuple[float, float, float, float]]  # a n + b k lies from one number to another

groups = st.lists(st.tuples(st.integers(0, 26), st.integers(0, 26)), min_size=2, max_size=2)


def _told(issues: Sequence[IssueContent], level: str) -> Told:
    """What issues say of the numbers of one group, read from what was published alone; "" is the whole."""
    found: Told = [(1, -1, 0, np.inf)]
    for issue in issues:
        for one in issue.published()["figures"]:
            if one["level"] != level or one["as_in"]:
                continue
            records, share = one["records"], one["share"]
            if records["shown"] == "count":
                found.append((1, 0, *counts_behind(records["number"], 5)))
            if share["shown"] == "count":
                found.append((0, 1, *counts_behind(share["number"], 5)))
            elif share["words"]:
                low, high = CUTS[share["words"][0]][0], CUTS[share["words"][-1]][1]
                found += [(-low, 1, 0, np.inf), (-high, 1, -np.inf, 0)]
    return found


def _allowed(told: Told, n: npt.NDArray[np.int64], k: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    fits = [(low - 1e-9 <= a * n + b * k) & (a * n + b * k <= high + 1e-9) for a, b, low, high in told]
    return np.logical_and.reduce(fits)


def _by_trying(told: dict[str, Told]) -> dict[tuple[str, str], tuple[int, int]]:
    """How far each number goes in all the numbers of the two groups that agree with what is told."""
    n, k = (grid.ravel() for grid in np.meshgrid(np.arange(MOST + 1), np.arange(MOST + 1)))
    one, two = (np.flatnonzero(_allowed(told[level], n, k)) for level in "ab")
    one, two = (grid.ravel() for grid in np.meshgrid(one, two))
    whole = _allowed(told[""], n[one] + n[two], k[one] + k[two])
    one, two = one[whole], two[whole]
    found = {}
    for level, at in (("a", [one]), ("b", [two]), ("", [one, two])):
        values = {"n": sum(n[each] for each in at), "k": sum(k[each] for each in at)}
        values["rest"] = values["n"] - values["k"]
        found |= {(level, part): (int(held.min()), int(held.max())) for part, held in values.items()}
    return found


def _by_programme(told: dict[str, Told], level: str, part: str) -> tuple[float, float]:
    """The same ends where numbers need not be whole: n and k of both groups, and sums of them for the whole."""
    place = {"a": [1, 0], "b": [0, 1], "": [1, 1]}
    upper, limits = [], []
    for of, statements in told.items():
        for a, b, low, high in statements:
            row = [value * here for value in (a, b) for here in place[of]]
            for sign, limit in ((-1, low), (1, high)):
                if np.isfinite(limit):
                    upper.append([sign * value for value in row])
                    limits.append(sign * limit)
    in_n, in_k = {"n": (1, 0), "k": (0, 1), "rest": (1, -1)}[part]
    aim = np.array([value * here for value in (in_n, in_k) for here in place[level]], dtype=float)
    ends = []
    for sign in (1, -1):
        found = linprog(sign * aim, A_ub=upper, b_ub=limits, bounds=[(0, MOST)] * 4)
        assert found.status == 0
        ends.append(sign * float(found.fun))
    return ends[0], ends[1]


def _of(n: int, k: int, **about: Any) -> Finding:
    return finding(n, k, **about) if n else Finding("C9", 0, 0, **about)


@given(sizes=groups, first=st.sampled_from(["nothing", "whole", "a", "b", "whole and a"]))
def test_no_number_of_a_random_issue_is_found_by_either_oracle_whatever_went_out_before(
    sizes: list[tuple[int, int]], first: str
) -> None:
    parts = [_of(n, min(k, n), domain="stratum", level=level) for level, (n, k) in zip("ab", sizes, strict=True)]
    n, k = sum(one.n for one in parts), sum(one.k for one in parts)
    findings = [_of(n, k), *parts]
    before = [one for one in findings if (one.level or "whole") in first]
    issues = [publish(*before, policy=SMALL)] if before else []
    issues.append(publish(*findings, policy=SMALL, name="2", earlier=issues))
    told = {level: _told(issues, level) for level in ("", "a", "b")}

    tried = _by_trying(told)

    proof = {cell.partition(" @ ")[0]: (low, high) for cell, low, high, _ in issues[-1].proof["found"]}
    for one in findings:
        for part, count in (("n", one.n), ("k", one.k), ("rest", one.n - one.k)):
            low, high = tried[one.level, part]
            least, most = _by_programme(told, one.level, part)
            assert least - 1e-6 <= low <= count <= high <= most + 1e-6
            if count < SMALL.threshold:
                assert high - low >= SMALL.threshold, (one.id, part, low, high)
                ours = proof[one.cell(part)]  # told more than the two are: what the words of an interval tell
                assert low <= (ours[0] or 0) and (ours[1] is None or ours[1] <= high or high >= MOST)


@pytest.mark.parametrize("n", range(20, 131, 3))
def test_every_word_printed_beside_a_number_is_true_of_it_however_both_are_rounded(n: int) -> None:
    at_cuts = [cut + by for cut in (0.15, 0.5, 0.75, 0.9) for by in (-0.5 / n, -1e-9, 0, 1e-9, 0.5 / n)]
    weighted = [Finding("C9", n, n // 2, share=min(max(share, 0.01), 0.99)) for share in at_cuts]
    for one in [*(Finding("C9", n, k) for k in range(n + 1)), *weighted]:
        for form in figure_forms(one, PROGRAMME):
            if form.shown is Shown.COUNT:
                assert form.number is not None
                records = 5 * ((2 * n + 5) // 10)
                printed = form.number / records if form.percent is None else form.percent / 100
                assert form.words == (word_for(printed),)
