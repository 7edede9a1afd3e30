"""Sums of logarithms, and how the logarithm of a factorial rises and bends, as the evidence needs them: quickly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import psi  # type: ignore[import-untyped]

Floats = NDArray[np.float64]


def log_of_sum(logs: Floats) -> Floats:
    """The logarithm of the sum over the last axis of what these, which are finite, are the logarithms of."""
    most = logs.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(logs - most).sum(axis=-1)) + most[..., 0])


_FEW = 12  # cases up to which summing is quicker


def rise_and_bend(x: Floats, more: Floats) -> tuple[Floats, Floats]:
    """How much steeper log Γ(y + 1) is at y = x + more than at x ≥ 0, and how much less bent; `more` is whole numbers.

    Of few more each is a sum of so many terms, 1/(x + k) and its square; else the second is to within a hundredth.
    """
    most = int(more.max(initial=0))
    if most > _FEW:
        total = x + more
        return psi(total + 1) - psi(x + 1), trigamma(x + 1) - trigamma(total + 1)
    steeper, straighter = np.zeros_like(x), np.zeros_like(x)
    for k in range(1, most + 1):
        term = (more >= k) / (x + k)
        steeper += term
        straighter += np.square(term, out=term)
    return steeper, straighter


def trigamma(x: Floats) -> Floats:
    """The second derivative of log Γ to within a hundredth, from 1 upwards: it steers the steps, no more."""
    y = 1 / x
    return np.asarray(y * (1 + y * (0.5 + y * (1 / 6 - y**2 / 30))))
