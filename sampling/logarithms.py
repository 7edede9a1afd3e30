"""Sums of logarithms, and how the logarithm of a factorial bends, as the evidence needs them: quickly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def log_of_sum(logs: Floats) -> Floats:
    """The logarithm of the sum over the last axis of what these, which are finite, are the logarithms of."""
    most = logs.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(logs - most).sum(axis=-1)) + most[..., 0])


def trigamma(x: Floats) -> Floats:
    """The second derivative of log Γ to within a hundredth, from 1 upwards: it steers the steps, no more."""
    y = 1 / x
    return np.asarray(y * (1 + y * (0.5 + y * (1 / 6 - y**2 / 30))))
