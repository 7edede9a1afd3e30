"""The fewest cases that meet several margins at once: for all cases, and for groups of strata that may overlap.

Each margin bounds Σ (N_h/N_d)²·S²_h·(1/n_h − 1/N_h) over its strata, with S² = p(1−p)·N/(N−1) of a share p. The real
optimum (Bethel 1989) is n_h = √(Σ_d μ_d·c_dh) cut to 1…N_h, its multipliers found by Chromy's (1987) updates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from sampling.allocation import Allocation
from sampling.errors import Fault, PlanError
from sampling.exact import Number
from sampling.size import margins_of, sample_size, share_quantile

_STEPS = 20_000
_NEAR = 1e-9


def allocate_for_margins(
    counts: Mapping[str, int],
    margins: Mapping[str, tuple[Collection[str], Number]],
    *,
    confidence: Number = 0.90,
    expected_share: Number = 0.5,
) -> Allocation:
    """Sizes that meet every margin, from which no case can be taken away; `margins`: name → (stratum labels, 0–1).

    `counts` is label → N; `confidence` and `expected_share` are 0–1. Every stratum named with a margin gets a case at
    least; one that is not named gets none. Raises PlanError with every fault.
    """
    faults = [
        Fault(None, "margin", name, f"names stratum '{label}', which the list does not have or which has no case")
        for name, (labels, _) in margins.items()
        for label in labels
        if not counts.get(label)
    ]
    if not margins or any(not labels for labels, _ in margins.values()):
        faults.append(Fault(None, "margin", None, "give one margin or more, each with its strata"))
    if faults:
        raise PlanError(faults)
    for labels, margin in margins.values():  # refuses shares that are out of range
        sample_size(sum(counts[k] for k in labels), confidence=confidence, margin=margin, expected_share=expected_share)
    names = [label for label in counts if any(label in labels for labels, _ in margins.values())]
    population = np.array([counts[label] for label in names], dtype=float)
    z, share = share_quantile(confidence), float(expected_share)
    spread = share * (1 - share) * population / np.maximum(population - 1, 1)
    inside = np.array([[label in labels for label in names] for labels, _ in margins.values()], dtype=float)
    weight = inside * population / (inside @ population)[:, None]
    cost = weight**2 * spread
    allowed = np.array([(float(margin) / z) ** 2 for _, margin in margins.values()]) + cost @ (1 / population)
    sizes = np.ceil(_optimum(cost, allowed, population) - _NEAR).clip(1, population)
    sizes = _trimmed(sizes, cost, allowed, population)
    result = dict.fromkeys(counts, 0) | {label: int(n) for label, n in zip(names, sizes, strict=True)}
    for labels, margin in margins.values():
        part = {label: counts[label] for label in labels}
        width = margins_of(part, result, confidence=confidence, expected_share=expected_share)[1]
        assert width <= float(margin) * (1 + _NEAR)
    return Allocation(result)


def _optimum(
    cost: NDArray[np.float64], allowed: NDArray[np.float64], population: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The real sizes; each update moves a multiplier by how far its margin is missed, until none is."""
    multipliers = np.square(np.sqrt(cost).sum(axis=1) / allowed)
    sizes = population
    for _ in range(_STEPS):
        sizes = np.sqrt(multipliers @ cost).clip(1, population)
        used = (cost / sizes).sum(axis=1) / allowed
        moved = multipliers * used**2
        if np.all(np.abs(moved - multipliers) <= _NEAR * (multipliers + moved.max())):
            break
        multipliers = moved
    return sizes


def _trimmed(
    sizes: NDArray[np.float64],
    cost: NDArray[np.float64],
    allowed: NDArray[np.float64],
    population: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Whole sizes that meet every margin: first mended where rounding left one short, then freed of spare cases."""
    bound = allowed * (1 + _NEAR)
    while (over := (cost / sizes).sum(axis=1) - bound).max() > 0:
        gain = np.where(sizes < population, cost[over.argmax()] / (sizes * (sizes + 1)), -1.0)
        sizes[gain.argmax()] += 1
    while True:
        harm = [((cost / (sizes - one)).sum(axis=1) / bound).max() if n > 1 else np.inf for n, one in _each(sizes)]
        if min(harm) > 1:
            return sizes
        sizes[int(np.argmin(harm))] -= 1


def _each(sizes: NDArray[np.float64]) -> list[tuple[float, NDArray[np.float64]]]:
    return list(zip(sizes.tolist(), np.eye(len(sizes)), strict=True))
