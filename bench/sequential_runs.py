"""Samples read wave by wave from lists whose truth is known, for `bench.sequential`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp  # type: ignore[import-untyped]

from sampling.estimation.figures import answering_in_groups, figures
from sampling.estimation.sample import read_sample
from sampling.estimation.shares import DEFAULT, share_limits
from sampling.evidence import STAKES, Evidence, stakes

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
TURNED = [1, 0, 2]


@dataclass(frozen=True)
class List:
    """A list of cases: of each stratum how many there are, are ones, are zeros, and are read by the plan."""

    name: str
    sizes: Whole
    ones: Whole
    zeros: Whole
    planned: Whole

    @property
    def truth(self) -> float:
        """The share of all that have an answer."""
        return float(self.ones.sum() / (self.ones.sum() + self.zeros.sum()))

    @property
    def weights(self) -> Floats:
        """What a case weighs, around 1 on average of those read."""
        weight = self.sizes / self.planned
        return np.asarray(weight * self.planned.sum() / self.sizes.sum())

    def read_after(self, records: Sequence[int]) -> list[Whole]:
        """How many of each stratum are read after so many records; once the plan is read, on in the same order."""
        places = [
            ((at + 0.5) / n, h)
            for h, (size, n) in enumerate(zip(self.sizes, self.planned, strict=True))
            for at in range(size)
        ]
        strata = np.array([h for _, h in sorted(places)])
        return [np.bincount(strata[:n], minlength=len(self.sizes)) for n in records]


def listed(
    name: str, sizes: Sequence[int], shares: float | Sequence[float], blank: float, planned: Sequence[int] | int
) -> List:
    """A list whose strata have these shares of ones among those with an answer, and this of blanks, to the nearest."""
    whole = np.array(sizes)
    answers = np.rint(whole * (1 - blank)).astype(np.int64)
    ones = np.rint(answers * np.broadcast_to(shares, whole.shape)).astype(np.int64)
    plan = in_proportion(whole, planned) if isinstance(planned, int) else np.array(planned)
    return List(name, whole, ones, answers - ones, plan)


def in_proportion(sizes: Whole, total: int) -> Whole:
    """`total` records shared out by largest remainder, at least one to each stratum."""
    exact = sizes * total / sizes.sum()
    counts = np.maximum(np.floor(exact).astype(np.int64), 1)
    for at in np.argsort(counts - exact, kind="stable")[: max(total - int(counts.sum()), 0)]:
        counts[at] += 1
    return np.asarray(np.minimum(counts, sizes))


def told(source: List, looks: Sequence[Whole], samples: int, chance: np.random.Generator) -> Iterator[Floats]:
    """Ones, zeros and blanks of each stratum read by each look: kind, sample, stratum."""
    left = [
        np.broadcast_to(part, (samples, len(source.sizes))).copy()
        for part in (source.ones, source.zeros, source.sizes - source.ones - source.zeros)
    ]
    found = np.zeros((3, samples, len(source.sizes)))
    before = np.zeros_like(source.sizes)
    for look in looks:
        more = look - before
        ones = chance.hypergeometric(left[0], left[1] + left[2], more)
        zeros = chance.hypergeometric(left[1], left[2], more - ones)
        for at, part in enumerate((ones, zeros, more - ones - zeros)):
            left[at] -= part
            found[at] += part
        before = look
        yield found


def against_truth(source: List, found: Floats) -> Floats:
    """The logarithm of the evidence against the true share, the greater of both sides."""
    whole = np.broadcast_to(source.sizes, found.shape[1:]).astype(np.float64)
    sides = [
        Evidence(whole, counts, np.broadcast_to(source.weights, whole.shape)).against_at_most(
            np.full(whole.shape[:-1], share)
        )
        for counts, share in ((found, source.truth), (found[TURNED], 1 - source.truth))
    ]
    return np.asarray(np.maximum(*sides))


def wagers_on_truth(source: List, found: Floats) -> Floats:
    """The same of the true make-up itself: never less than the evidence, and a martingale by arithmetic alone."""
    blanks = source.sizes - source.ones - source.zeros
    cases = np.stack([source.ones, source.zeros, blanks]).astype(np.float64)[:, None]
    read = found.sum(axis=0)
    with_it = (found * np.log(np.maximum(cases, 1) / source.sizes)).sum(axis=(0, -1))
    without = (gammaln(cases + 1) - gammaln(cases - found + 1)).sum(axis=(0, -1))
    again = with_it - without + (gammaln(source.sizes + 1) - gammaln(source.sizes - read + 1)).sum(axis=-1)
    sides = []
    for counts, make_up, share in ((found, cases, source.truth), (found[TURNED], cases[TURNED], 1 - source.truth)):
        stake = stakes(np.array(share), source.weights)
        on_average = np.log1p(stake * ((1 - share) * make_up[0] - share * make_up[1]) / source.sizes)
        paid = counts[0] @ np.log1p(stake * (1 - share)).T + counts[1] @ np.log1p(-stake * share).T
        sides.append(logsumexp(paid - read @ on_average.T + np.log(STAKES), axis=-1))
    return np.asarray(np.maximum(*sides) + again)


def fixed_limits(source: List, found: Floats, confidence: float) -> tuple[Floats, Floats]:
    """The interval for a fixed sample, as every roll-up has it; NaN where there is none."""
    samples, strata = found.shape[1:]
    by_place = np.moveaxis(found, 0, -1).reshape(-1, 3)
    place = np.repeat(np.arange(len(by_place)), by_place.sum(axis=-1).astype(np.int64))
    said = np.tile([1.0, 0.0, np.nan], len(by_place))
    table = pd.DataFrame(
        {
            "sample": place // strata,
            "stratum": place % strata,
            "N": source.sizes[place % strata],
            "y": np.repeat(said, by_place.ravel().astype(np.int64)),
        }
    )
    sample = read_sample(table, ["y"], stratum=["sample", "stratum"], population="N", by="sample", binary=True)
    lower, upper = share_limits(
        sample, figures(sample, answering_in_groups(sample, "y"), "adjust"), confidence, DEFAULT
    )
    assert len(lower) == samples
    return np.asarray(lower), np.asarray(upper)
