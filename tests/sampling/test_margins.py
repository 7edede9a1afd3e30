"""Several margins at once, against every other choice and against a general optimiser."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize

from sampling.errors import PlanError
from sampling.margins import allocate_for_margins
from sampling.size import margins_of, sample_sizes, share_quantile

COUNTS = {"a": 120, "b": 60, "c": 30, "d": 9, "e": 1}
MARGINS = {"all": (list(COUNTS), 0.08), "a, b": (("a", "b"), 0.12), "d": (("d",), 0.3), "b, c": (("b", "c"), 0.15)}


def width(counts: dict[str, int], sizes: dict[str, int], labels: tuple[str, ...] | list[str]) -> float:
    return margins_of({label: counts[label] for label in labels}, sizes)[1]


def test_one_margin_for_each_stratum_gives_the_size_each_needs() -> None:
    sizes = allocate_for_margins(COUNTS, {label: ((label,), 0.15) for label in COUNTS})

    assert sizes == sample_sizes(COUNTS, margin=0.15)


def test_every_margin_is_met_and_no_case_can_be_taken_away() -> None:
    sizes = allocate_for_margins(COUNTS, MARGINS)

    assert all(width(COUNTS, sizes, labels) <= margin for labels, margin in MARGINS.values())
    for label, n in sizes.items():
        fewer = dict(sizes) | {label: n - 1}
        assert n == 1 or any(width(COUNTS, fewer, labels) > margin for labels, margin in MARGINS.values())


def test_no_other_choice_of_few_strata_has_fewer_cases() -> None:
    counts = {"a": 12, "b": 9, "c": 6}
    margins = {"all": (list(counts), 0.2), "ab": (("a", "b"), 0.22), "c": (("c",), 0.35)}

    found = sum(allocate_for_margins(counts, margins).values())

    best = min(
        sum(choice)
        for choice in itertools.product(*(range(1, n + 1) for n in counts.values()))
        if all(width(counts, dict(zip(counts, choice, strict=True)), k) <= e for k, e in margins.values())
    )
    assert found == best


def test_the_sum_is_within_rounding_of_a_general_optimisers() -> None:
    labels, z = list(COUNTS), share_quantile(0.9)
    n = np.array(list(COUNTS.values()), dtype=float)

    def spare(sizes: np.ndarray, inside: tuple[str, ...] | list[str], margin: float) -> float:
        chosen = np.array([label in inside for label in labels])
        share = chosen * n / n[chosen].sum()
        variance = (share**2 * 0.25 * n / np.maximum(n - 1, 1) * (1 / sizes - 1 / n)).sum()
        return float((margin / z) ** 2 - variance) * 1e4

    best = minimize(
        lambda sizes: sizes.sum(),
        n * 0.9,
        bounds=[(1, top) for top in n],
        constraints=[{"type": "ineq", "fun": spare, "args": (inside, margin)} for inside, margin in MARGINS.values()],
        method="SLSQP",
        options={"maxiter": 500},
    )

    assert best.success
    assert best.fun - 1e-3 <= sum(allocate_for_margins(COUNTS, MARGINS).values()) <= best.fun + len(COUNTS)


def test_a_stratum_without_a_margin_gets_no_case() -> None:
    assert allocate_for_margins({"a": 50, "b": 50}, {"a": (("a",), 0.1)})["b"] == 0


@pytest.mark.parametrize("margins", [{}, {"x": ((), 0.1)}, {"x": (("nowhere",), 0.1)}, {"x": (("a",), 0)}])
def test_margins_that_cannot_be_used_are_refused(margins: dict[str, tuple[tuple[str, ...], float]]) -> None:
    with pytest.raises(PlanError):
        allocate_for_margins({"a": 50}, margins)
