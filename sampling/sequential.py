"""Limits of a share that hold at every moment of reading at once, so that whoever looks may stop.

A fixed-sample interval is right for one moment chosen beforehand. These limits hold the share of the whole list at all
moments together with probability 1 − alpha, whatever is decided from them on the way (docs/method/sequential.md).
Cases of each stratum must be read in ticket order, or whole waves of it; what was read so far is all that counts.

Every function takes whole numbers that broadcast; the last axis is strata, those before it are questions or draws.
`ones`, `zeros` and `blanks` (decided without an answer) are of what was read; `planned`, the records that the plan
reads of each stratum, sets how cases weigh where it does not read in proportion. Any weights that were fixed before
the first record keep the promise; these keep the limits short.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, logsumexp  # type: ignore[import-untyped]

from sampling.evidence import Evidence
from sampling.intervals import Limits
from sampling.make_ups import are_few, whole_limits
from sampling.rejected import AT_ONCE, are_smaller_rejected, is_rejected, rejected_up_to

Floats = NDArray[np.float64]

_EDGE = 1e-6
_MANY = 64  # strata of which it is worth the while to see which are alike
_BEFORE = np.array([2.0, 2.0, 0.5])  # ones, zeros, blanks of all strata together that are thought read before any is
_ALIKE = np.array([2.0, 8.0, 32.0, 128.0])  # records' worth of all strata together that may stand behind each stratum


def share_limits(
    population: ArrayLike,
    ones: ArrayLike,
    zeros: ArrayLike,
    blanks: ArrayLike,
    *,
    alpha: float,
    planned: ArrayLike | None = None,
) -> Limits:
    """The limits of ones / (ones + zeros) over all cases of the list.

    Nothing read: 0 and 1. All read: the share itself, NaN where no case has an answer.
    """
    whole, counts = _counts(population, ones, zeros, blanks)
    weights, bar = _weights(whole, planned), _bar(alpha)
    lower, from_above = _rejected_up_to(*_both_ways(whole, counts), weights, bar)
    lower, upper = (np.asarray(each(lower, 1 - from_above)) for each in (np.minimum, np.maximum))
    unread = whole - counts.sum(axis=0)
    for at in np.ndindex(lower.shape):
        lower[at], upper[at] = _of_whole_cases(whole, counts, weights, bar, at) or (lower[at], upper[at])
    good, poor, _ = counts.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = good / (good + poor)
    done = unread.sum(axis=-1) == 0
    return np.where(done, share, lower), np.where(done, share, upper)


def is_settled(limits: Limits, thresholds: Sequence[float]) -> NDArray[np.bool_]:
    """Whether all that the share can be lies between two neighbouring thresholds, or is one value."""
    lower, upper = limits
    within = [(lower <= threshold) & (threshold <= upper) for threshold in thresholds]
    return np.asarray((lower == upper) | ~np.any([np.zeros_like(lower, dtype=bool), *within], axis=0))


def settled(
    population: ArrayLike,
    ones: ArrayLike,
    zeros: ArrayLike,
    blanks: ArrayLike,
    *,
    thresholds: Sequence[float],
    alpha: float,
    planned: ArrayLike | None = None,
) -> NDArray[np.bool_]:
    """`is_settled` of the limits without the limits, for many draws: by the evidence on either side of the estimate.

    Smaller shares are held against it only where the strata were not read as planned: nowhere else was it seen to rise.
    """
    whole, counts = _counts(population, ones, zeros, blanks)
    weights, bar = _weights(whole, planned), _bar(alpha)
    read = counts.sum(axis=0)
    good, poor = (_weights(whole, read) * counts[:2]).sum(axis=-1)
    estimate = (good + 0.5) / (good + poor + 1)
    cuts = np.array([-np.inf, *sorted(thresholds), np.inf])
    above = np.searchsorted(cuts, estimate)
    next_below, next_above = cuts[above - 1], cuts[above]
    asked = np.stack([next_below, 1 - next_above])
    tried = np.clip(asked, _EDGE, 1 - _EDGE)
    uneven = ~_is_as_planned(read, whole if planned is None else planned)
    evidence = Evidence(*_both_ways(whole, counts), weights)
    some = counts[:2].sum(axis=-1) > 0  # at a threshold of 0 or 1 a single case decides
    rejected = (asked < 0) | np.where(asked < _EDGE, some, is_rejected(evidence, tried, bar))
    rejected &= are_smaller_rejected(evidence, tried, bar, (asked >= _EDGE) & rejected.all(axis=0) & uneven)
    done = (whole == read).all(axis=-1)
    told = np.array(done | rejected.all(axis=0))
    known: dict[tuple[bytes, ...], bool] = {}  # draws say the same over and over where few cases are left
    for at in (each for each in np.ndindex(told.shape) if not told[each]):
        same = tuple(each[at].tobytes() for each in (whole, weights, *counts))
        if same not in known:
            limits = _of_whole_cases(whole, counts, weights, bar, at)
            known[same] = limits is not None and bool(
                is_settled((np.array(limits[0]), np.array(limits[1])), thresholds)
            )
        told[at] = known[same]
    return told


def chance_settled(
    population: ArrayLike,
    ones: ArrayLike,
    zeros: ArrayLike,
    blanks: ArrayLike,
    next_wave: ArrayLike,
    *,
    thresholds: Sequence[float],
    alpha: float,
    rng: np.random.Generator,
    draws: int = 200,
    planned: ArrayLike | None = None,
) -> Floats:
    """The chance that the question is settled once `next_wave` more cases of each stratum are read.

    What these would say is drawn from a posterior predictive of the cases of a finite list, `draws` times: which share
    the whole list has, how much its strata are alike and what each stratum holds are all uncertain, and all drawn.
    """
    whole, seen = _counts(population, ones, zeros, blanks)
    more = np.minimum(np.asarray(next_wave), whole - seen.sum(axis=0)).astype(np.int64)
    told = seen[:, None] + _expected(np.moveaxis(seen, 0, -1), more, draws, rng)
    after = settled(whole, *told, thresholds=thresholds, alpha=alpha, planned=planned)
    return np.asarray(after.mean(axis=0), dtype=np.float64)


def _expected(seen: Floats, more: NDArray[np.int64], draws: int, rng: np.random.Generator) -> Floats:
    """What `more` cases of each stratum say, drawn given what is `seen` (…, stratum, kind): kind, draw, …, stratum.

    A Dirichlet for all strata together and, around it, one for each; a case drawn of a stratum's urn so is one drawn of
    its finite list. How firmly the first stands behind each stratum goes by how alike what was read of them is. A
    stratum's records tell of all of them only as far as strata are alike.
    """
    read, every = seen.sum(axis=-1), seen.sum(axis=-2) + _BEFORE
    centre = _ALIKE[:, None, None] * (every / every.sum(axis=-1, keepdims=True))[..., None, None, :]
    likely = (gammaln(centre + seen[..., None, :, :]) - gammaln(centre)).sum(axis=(-1, -2))
    likely += (gammaln(_ALIKE)[:, None] - gammaln(_ALIKE[:, None] + read[..., None, :])).sum(axis=-1)
    chance = np.cumsum(np.exp(likely - logsumexp(likely, axis=-1, keepdims=True)), axis=-1)
    drawn = (rng.random((draws, *chance.shape[:-1], 1)) > chance[..., :-1]).sum(axis=-1)
    alike = _ALIKE[drawn][..., None]
    worth = (1 + alike) / (read + alike)
    common = _dirichlet(rng, (seen * worth[..., None]).sum(axis=-2) + _BEFORE)
    shares = _dirichlet(rng, seen + alike[..., None] * common[..., None, :])
    return np.moveaxis(rng.multinomial(more, shares), -1, 0).astype(np.float64)


def _dirichlet(rng: np.random.Generator, parameters: Floats) -> Floats:
    parts = np.maximum(rng.standard_gamma(parameters), 1e-300)
    return np.asarray(parts / parts.sum(axis=-1, keepdims=True))


def _bar(alpha: float) -> float:
    """The logarithm of the evidence that rejects: half of alpha on either side."""
    if not 0 < alpha < 1:
        raise ValueError("The error rate lies between 0 and 1.")
    return float(np.log(2 / alpha))


def _rejected_up_to(whole: Floats, counts: Floats, weights: Floats, bar: float) -> Floats:
    """The largest share that is rejected with all smaller ones, so many questions at a time as are quickest."""
    shape, strata = whole.shape[:-1], whole.shape[-1]
    each = np.stack(np.broadcast_arrays(whole, weights, *counts)).reshape(5, -1, strata)
    each, times = (each, None) if strata < _MANY else _alike_as_one(each)
    size = max(1, AT_ONCE // each.shape[-1])
    found = []
    for begin in range(0, each.shape[1], size):
        part = slice(begin, begin + size)
        of_part = Evidence(each[0, part], each[2:, part], each[1, part], times=None if times is None else times[part])
        found.append(rejected_up_to(of_part, bar))
    return np.concatenate(found).reshape(shape)


def _alike_as_one(each: Floats) -> tuple[Floats, Floats]:
    """What is said `each` of strata (what, question, stratum) with those that are alike as one, and how many each is.

    A question with fewer kinds of strata than another has its first one again, no times.
    """
    kinds = [np.unique(each[:, question], axis=-1, return_counts=True) for question in range(each.shape[1])]
    most = max(len(times) for _, times in kinds)
    shown = [np.where(np.arange(most) < len(times), np.arange(most), 0) for _, times in kinds]
    padded = [np.pad(times, (0, most - len(times))) for _, times in kinds]
    alike = [kind[:, which] for (kind, _), which in zip(kinds, shown, strict=True)]
    return np.stack(alike, axis=1), np.stack(padded).astype(np.float64)


def _both_ways(whole: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """The cases as they are, and with ones and zeros changed about: the upper limit is the lower one of zeros."""
    return np.stack([whole, whole]), np.stack([counts, counts[[1, 0, 2]]], axis=1)


def _of_whole_cases(
    whole: Floats, counts: Floats, weights: Floats, bar: float, at: tuple[int, ...]
) -> tuple[float, float] | None:
    """The limits of one question over make-ups of whole cases, if few enough are left for that."""
    of_one = np.moveaxis(counts, 0, -2)[at]
    unread = whole[at] - of_one.sum(axis=0)
    if not unread.any() or not are_few(unread):
        return None
    return whole_limits(whole[at], of_one, weights[at], bar)


def _is_as_planned(read: Floats, planned: ArrayLike) -> NDArray[np.bool_]:
    """Whether every stratum was read in proportion to the plan, to within a record."""
    sizes = np.broadcast_to(np.asarray(planned, dtype=np.float64), read.shape)
    due = sizes * (read.sum(axis=-1) / np.maximum(sizes.sum(axis=-1), 1))[..., None]
    return np.asarray((np.abs(read - due) <= 1).all(axis=-1))


def _weights(whole: Floats, planned: ArrayLike | None) -> Floats:
    """How many cases of the list a read one stands for by the plan, 1 on average of those that the plan reads.

    A stratum of which the plan reads none weighs as if it read one: what is read there all the same was not planned,
    and any weight keeps the promise that nothing of the sample has moved. A plan that reads nothing at all says
    nothing of weights, and all cases weigh alike.
    """
    if planned is None:
        return np.ones_like(whole)
    sizes = np.broadcast_to(np.asarray(planned, dtype=np.float64), whole.shape)
    if not (sizes >= 0).all():
        raise ValueError("A plan reads 0 or more cases of a stratum.")
    weight = whole / np.maximum(sizes, 1)
    every, total = ((each * sizes).sum(axis=-1, keepdims=True) for each in (weight, np.ones_like(weight)))
    return np.asarray(np.where(total > 0, weight * total / np.maximum(every, 1), 1.0))


def _counts(*given: ArrayLike) -> tuple[Floats, Floats]:
    whole, *seen = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in given))
    counts = np.stack(seen)
    if (whole != np.floor(whole)).any() or (counts != np.floor(counts)).any() or (counts < 0).any():
        raise ValueError("Cases are counted in whole numbers from 0.")
    if (counts.sum(axis=0) > whole).any():
        raise ValueError("More cases were read of a stratum than it has.")
    if (whole < 1).any():
        raise ValueError("A stratum has at least one case.")
    return whole, counts
