"""How strongly the cases read so far speak against a share: an e-process, least over all that the cases could be.

A case is a one, a zero or a blank. Against "ones are at most the share r of all that are ones or zeros", a wager on
each case pays 1 + λ(1 − r) for a one, 1 − λr for a zero and 1 for a blank, over what it would pay on average of the
stratum's cases, times the odds of drawing with against without replacement. For the true make-up of the list that is
a supermartingale that begins at 1; several λ are mixed. The make-up that the wagers do worst against is found by
Newton's steps along a barrier, and what is returned is below the least by the tangent there, so never too much.
docs/method/sequential.md has the argument.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln  # type: ignore[import-untyped]

from sampling.logarithms import log_of_sum, rise_and_bend

Floats = NDArray[np.float64]

# Logarithms of the odds ratios wagered on, and the part of the stake on each: what simulation found best.
ODDS = np.array([0.12, 0.3, 0.6, 1.0, 1.6, 2.4, 3.6])
STAKES = np.array([0.04, 0.10, 0.20, 0.22, 0.18, 0.14, 0.12])
ALL = slice(None)  # of the wagers
_MOST = 0.98  # of a stake can be lost by one case
_FIRST_BARRIER, _BARRIER, _FALLS, _AGAIN = 0.3, 1e-3, 0.35, 3.0
_TOO_LOOSE = 0.03  # what the barriers of all strata together may leave between the bound and the least
_STEPS, _MORE_STEPS = 9, 4
_ROUNDS = 12  # of steps more at most, where the first are not enough for evidence that could matter
_LOOSE, _BEYOND = 0.1, 25.0
_OVER = 1e-6  # of a case that a make-up may have too many of the ones
_SLACK = 0.5
_ROOM = 0.9  # of the way to where a number of cases would be nil


def stakes(r: Floats, weights: Floats) -> Floats:
    """λ of every wager and stratum: what makes the odds of a one so many times the odds at r, times the weight."""
    odds = np.exp(ODDS)[:, None]
    return np.asarray(np.minimum((odds - 1) / (1 + r * (odds - 1)) * weights, _MOST / r))


class Evidence:
    """What was read, ready to be held against one share after another; `counts` are ones, zeros and blanks by stratum.

    `weights` are how many cases of the list a read one stands for by the plan, up to a factor: what is wagered on it.
    Strata of one size, weight and outcome may be given as one, with how many `times` there are; by itself each is one.
    """

    def __init__(
        self,
        population: Floats,
        counts: Floats,
        weights: Floats,
        wagers: slice = ALL,
        times: Floats | None = None,
    ) -> None:
        weights = np.broadcast_to(weights, population.shape)
        read = counts.sum(axis=0)
        self._wagers, self._stakes = wagers, np.log(STAKES[wagers])
        self._population, self._read = population[..., None, :], read[..., None, :]
        self._unread = self._population - self._read
        self._counts = counts[..., None, :]
        self._weights = weights[..., None, :]
        self._times = None if times is None else np.broadcast_to(times, population.shape)[..., None, :]
        self.n_strata = population.shape[-1]
        self._open = self._unread > 0.5
        self._closed = (~self._open).astype(np.float64)
        # Of many strata the barriers add up; what they add may not be what makes limits wide.
        strata = population.shape[-1] if times is None else times.sum(axis=-1).max(initial=1)
        self._barrier = min(_BARRIER, _TOO_LOOSE / (3 * strata))
        self._steps = _STEPS + math.ceil(math.log(_BARRIER / self._barrier) / -math.log(_FALLS))
        self.answers = self._of_all(self._counts)[..., 0]
        factor = gammaln(population + 1) - gammaln(population - read + 1) - read * np.log(population)
        self._factor = self._of_all(factor[..., None, :])[..., 0]
        self.all_unread = self._of_all(self._unread)[..., 0]

    def against_at_most(self, share: Floats) -> Floats:
        """The logarithm of the evidence against at most `share`, between 0 and 1; infinite where that cannot be."""
        return self.against(share)[0]

    def part(self, which: NDArray[np.bool_], wagers: slice | None = None) -> Evidence:
        """What `which` is true of, whose last axes are those of the questions, with some of the wagers if given."""
        shape = (*which.shape, self._population.shape[-1])
        kinds = [np.broadcast_to(each[..., 0, :], shape)[which] for each in self._counts]
        population, weights = (np.broadcast_to(each[..., 0, :], shape) for each in (self._population, self._weights))
        times = None if self._times is None else np.broadcast_to(self._times[..., 0, :], shape)[which]
        return Evidence(
            population[which], np.stack(kinds), weights[which], self._wagers if wagers is None else wagers, times
        )

    def possible_from(self) -> Floats:
        """The share if all that is unread were zeros: below it none is possible."""
        answers = self.answers[0] + self.answers[1] + self.all_unread
        return np.asarray(self.answers[0] / np.maximum(answers, 1))

    def _of_all(self, each: Floats) -> Floats:
        """The sum over the last axis, which is strata."""
        return np.asarray((each if self._times is None else each * self._times).sum(axis=-1))

    def against(
        self,
        share: Floats,
        begun: tuple[Floats, Floats] | None = None,
        *,
        enough: float | None = None,
        steps: int | None = None,
    ) -> tuple[Floats, tuple[Floats, Floats]]:
        """The evidence, and where the search ended. It goes on while that could matter: around `enough`, if given."""
        least, most = (0.0, _BEYOND) if enough is None else (enough, enough)
        share = np.broadcast_to(share, np.broadcast_shapes(share.shape, self._population.shape[:-2]))
        r = share[..., None, None]
        stake = stakes(r, self._weights)[..., self._wagers, :]
        known = ((1 - share) * self.answers[0] - share * self.answers[1])[..., None]
        paid = self._of_all(self._counts[0] * np.log1p(stake * (1 - r)) + self._counts[1] * np.log1p(-stake * r))
        possible = known[..., 0] <= share * self.all_unread + 1e-9
        cases, short, price = self._worst(r, stake, known, begun, steps)
        below, gap = self._below(r, stake, known, cases, price)
        mixed = self._mixed(paid, below)
        for _ in range(_ROUNDS if steps is None else 0):
            loose = gap.max(axis=-1)
            more = possible & (loose > _LOOSE) & (mixed < most) & (mixed + loose > least)
            if not more.any():
                break
            # What is found elsewhere stays as it is, so that nothing depends on what is asked beside it.
            part, given = self.part(more), (r[more], stake[more], known[more])
            nearer, shorter, price = part._worst(*given, (cases[:, more], short[more]))
            below, gap[more] = part._below(*given, nearer, price)
            cases[:, more], short[more] = nearer, shorter
            mixed[more] = part._mixed(paid[more], below)
        return np.asarray(np.where(possible, mixed, np.inf)), (cases, short)

    def _mixed(self, paid: Floats, below: Floats) -> Floats:
        return np.asarray(log_of_sum(paid + below + self._stakes) + self._factor)

    def _worst(
        self,
        r: Floats,
        stake: Floats,
        known: Floats,
        begun: tuple[Floats, Floats] | None,
        steps: int | None = None,
    ) -> tuple[Floats, Floats, Floats]:
        """Unread ones, zeros and blanks of each stratum that the wagers do worst against, and the price of the share.

        The barrier keeps every number, and what the share falls short of r by, above nil.
        """
        on_one, on_zero = 1 - r, -r
        cases, short = begun or (self._start(r, stake.shape), np.full(stake.shape[:-1], _SLACK))
        barrier, least = _FIRST_BARRIER if begun is None else _AGAIN * self._barrier, self._barrier
        spread = self._read * np.square(stake / self._population)
        price = np.zeros_like(short)
        for _ in range(steps or (self._steps if begun is None else _MORE_STEPS)):
            slope, bend, base = self._slopes(r, stake, cases)
            inverse = 1 / (cases + self._closed)
            slope -= barrier * inverse
            bend += barrier * inverse**2
            spread_here = spread / base**2
            by_one, by_zero = slope[0] - slope[2], slope[1] - slope[2]
            one_one = bend[0] + bend[2] + spread_here * on_one**2
            zero_zero = bend[1] + bend[2] + spread_here * on_zero**2
            one_zero = bend[2] + spread_here * on_one * on_zero
            scale = self._open / (one_one * zero_zero - one_zero**2)
            free_one, free_zero = (
                (zero_zero * by_one - one_zero * by_zero) * scale,
                (one_one * by_zero - one_zero * by_one) * scale,
            )
            tied_one, tied_zero = (
                (zero_zero * on_one - one_zero * on_zero) * scale,
                (one_one * on_zero - one_zero * on_one) * scale,
            )
            missed = self._of_all(on_one * cases[0] + on_zero * cases[1]) + known + short
            price = (missed - self._of_all(on_one * free_one + on_zero * free_zero) + short) / (
                self._of_all(on_one * tied_one + on_zero * tied_zero) + short**2 / barrier
            )
            ones, zeros = -free_one - price[..., None] * tied_one, -free_zero - price[..., None] * tied_zero
            step = np.stack([ones, zeros, -ones - zeros])
            shorter = short - price * short**2 / barrier
            nearest = np.maximum((-step * inverse).max(axis=(0, -1)), -shorter / short)
            length = np.minimum(1, _ROOM / np.maximum(nearest, _BARRIER))
            cases = cases + length[..., None] * step
            short = short + length * shorter
            barrier = max(barrier * _FALLS, least)
        return cases, short, np.maximum(price, 0)

    def _start(self, r: Floats, shape: tuple[int, ...]) -> Floats:
        blank = (self.answers[2] + 0.5) / (self.answers.sum(axis=0) + 1.5)
        blank = blank[..., None, None]
        answered = self._unread * (1 - blank)
        seen, total = self._of_all(self._counts[0] + self._counts[1]), self._of_all(answered)
        wanted = r[..., 0] * (seen + total) - self._of_all(self._counts[0])
        good = np.clip(wanted / np.maximum(total, 1), 0.05, 0.95)[..., None]
        parts = [answered * good, answered * (1 - good), self._unread * blank]
        return np.stack([np.broadcast_to(part, shape) for part in parts])

    def _slopes(self, r: Floats, stake: Floats, cases: Floats) -> tuple[Floats, Floats, Floats]:
        """First and second derivatives by the cases of each kind, without the wagers' own part of the second."""
        total = np.maximum(cases + self._counts, 1e-300)
        ratio = self._counts / total
        steeper, straighter = rise_and_bend(cases, self._counts)
        slope, bend = ratio - steeper, np.maximum(straighter - ratio / total, 1e-12)
        base = 1 + stake * ((1 - r) * total[0] - r * total[1]) / self._population
        lost = self._read * stake / (self._population * base)
        slope[0] -= lost * (1 - r)
        slope[1] += lost * r
        return slope, bend, base

    def _below(self, r: Floats, stake: Floats, known: Floats, cases: Floats, price: Floats) -> tuple[Floats, Floats]:
        """A number that the wagers' logarithm, a convex function, is nowhere below: from its tangent at `cases`.

        Beside it, by how much the logarithm there is above it, at most what a better place could add; that is unknown
        where the steps have not come to a make-up of the share yet.
        """
        slope, _, base = self._slopes(r, stake, cases)
        total = np.maximum(cases + self._counts, 1e-300)
        here = (self._counts * np.log(total) - gammaln(total + 1) + gammaln(cases + 1)).sum(axis=0)
        here -= self._read * np.log(base)
        dear = np.stack([slope[0] + price[..., None] * (1 - r), slope[1] - price[..., None] * r, slope[2]])
        best = self._unread * dear.min(axis=0)
        gap = self._of_all((slope * cases).sum(axis=0) - best) - price * known
        over = self._of_all((1 - r) * cases[0] - r * cases[1]) + known
        return self._of_all(here) - gap, np.where(over > _OVER, np.inf, gap)
