"""Sequences that could stand in for ours, and ours, each told what a sample says record by record.

Every function takes `said`, ones, zeros and blanks (NaN) of many samples in the order in which they are read (sample,
record), and `strata`, the stratum of each place in that order, and gives per sample the number of records after which
"is the share above one half?" is settled at `ALPHA`, and whether the answer is yes. All of the list is read where it
takes that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, logsumexp  # type: ignore[import-untyped]

from sampling.sequential import settled

ALPHA = 0.10
HALF = 0.5
Floats = NDArray[np.float64]
Answer = tuple[NDArray[np.bool_], NDArray[np.bool_]]  # settled, and whether yes
Told = tuple[NDArray[np.int64], NDArray[np.bool_]]
CENTRES = np.arange(0.025, 1, 0.05)
FIRMNESS = (4.0, 20.0, 1000.0)  # records' worth of the common share that stand behind a stratum's own
MOST = 0.9  # of a stake that one record may lose, in the peers that bet record by record


def ours(said: Floats, strata: NDArray[np.int64]) -> Told:
    """`sampling.sequential`."""
    sizes = np.bincount(strata)

    def look(_: int, ones: Floats, zeros: Floats, blanks: Floats) -> Answer:
        found = settled(sizes, ones, zeros, blanks, thresholds=[HALF], alpha=ALPHA)
        return found, ones.sum(axis=-1) > zeros.sum(axis=-1)

    return _until(said, strata, look)


def likeliest_split(common: bool) -> Callable[[Floats, NDArray[np.int64]], Told]:
    """A prior against its posterior, each total held against by the split of it that the sample likes best.

    With a uniform prior for every stratum it is the sequence that issue 10 tried; or one share `common` to all.
    """

    def sequence(said: Floats, strata: NDArray[np.int64]) -> Told:
        sizes = np.bincount(strata)

        def look(_: int, ones: Floats, zeros: Floats, __: Floats) -> Answer:
            prior = _common(ones, zeros) if common else betaln(ones + 1, zeros + 1).sum(axis=-1)
            least, most = kept_totals(sizes, ones, zeros, prior, ALPHA)
            half = sizes.sum() / 2
            return (least > half) | (most <= half), least > half

        return _until(said, strata, look)

    return sequence


def ones_and_zeros(said: Floats, strata: NDArray[np.int64]) -> Told:
    """With blanks as issue 10 has it: that sequence for all ones and one for all zeros, half of α for each."""
    sizes = np.bincount(strata)

    def look(_: int, ones: Floats, zeros: Floats, blanks: Floats) -> Answer:
        (fewest_ones, most_ones), (fewest_zeros, most_zeros) = (
            kept_totals(sizes, yes, no, betaln(yes + 1, no + 1).sum(axis=-1), ALPHA / 2)
            for yes, no in ((ones, zeros + blanks), (zeros, ones + blanks))
        )
        return (fewest_ones > most_zeros) | (most_ones <= fewest_zeros), fewest_ones > most_zeros

    return _until(said, strata, look)


def kept_totals(
    sizes: NDArray[np.int64], ones: Floats, zeros: Floats, prior: Floats, alpha: float
) -> tuple[Floats, Floats]:
    """The least and the most ones in all that are kept while the prior's chance of the data is known.

    The likelihood of a stratum is log-concave in its number of ones, so that the likeliest split takes the steepest
    rises first: all totals at once, exactly, by sorting the rises of all strata (min-plus convolution).
    """
    unread = sizes - ones - zeros
    start = _log_falling(ones, ones) + _log_falling(sizes - ones, zeros) - _log_falling(sizes, ones + zeros)
    step = np.arange(int(unread.max(initial=0)), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.log((ones[..., None] + step + 1) / (step + 1)) + np.log(
            (unread[..., None] - step) / (unread[..., None] + zeros[..., None] - step)
        )
    rise = np.where(step < unread[..., None], rise, -np.inf).reshape(*ones.shape[:-1], -1)
    climbed = np.cumsum(-np.sort(-rise, axis=-1), axis=-1)
    likelihood = start.sum(axis=-1)[..., None] + np.concatenate([np.zeros((*start.shape[:-1], 1)), climbed], axis=-1)
    kept = likelihood > prior[..., None] + np.log(alpha)
    known, last = ones.sum(axis=-1), kept.shape[-1] - 1 - kept[..., ::-1].argmax(axis=-1)
    return known + kept.argmax(axis=-1), known + last


def betting_in_strata(said: Floats, strata: NDArray[np.int64]) -> Told:
    """Bets without replacement (Waudby-Smith and Ramdas), their product held against the best split (Spertus, Stark).

    In one stratum these are the first's bets alone, by the approximate growth rate; half of α on either side.
    """
    sizes = np.bincount(strata)
    above = _Bets(len(said), sizes)
    below = _Bets(len(said), sizes)

    def look(record: int, *_: Floats) -> Answer:
        at = strata[record]
        above.add(at, said[:, record])
        below.add(at, 1 - said[:, record])
        half = int(sizes.sum() // 2)
        more, fewer = (each.least(half) >= np.log(2 / ALPHA) for each in (above, below))
        return more | fewer, more

    return _until(said, strata, look)


class _Bets:
    """The logarithm of what was won against each number of ones in each stratum, for many samples."""

    def __init__(self, samples: int, sizes: NDArray[np.int64]) -> None:
        self._sizes = sizes
        self._won = [np.zeros((samples, size + 1)) for size in sizes]
        self._ones, self._read = np.zeros((samples, len(sizes))), np.zeros(len(sizes))

    def add(self, at: int, said: Floats) -> None:
        """One more record of stratum `at`, bet on by what its earlier ones said."""
        ones, read, size = self._ones[:, at, None], self._read[at], self._sizes[at]
        expected = (np.arange(size + 1) - ones) / (size - read)
        guess = (ones + 0.5) / (read + 1)
        spread = guess * (1 - guess)
        with np.errstate(divide="ignore", invalid="ignore"):
            stake = np.clip((guess - expected) / (spread + (guess - expected) ** 2), 0, MOST / expected)
            gain = np.log1p(stake * (said[:, None] - expected))
        possible = (expected >= 0) & (expected <= 1) & ((expected > 0) | (said[:, None] == 0))
        possible &= (expected < 1) | (said[:, None] == 1)
        sure = (expected == 0) | (expected == 1)
        self._won[at] = np.where(possible, self._won[at] + np.where(sure, 0, gain), np.inf)
        self._ones[:, at] += said
        self._read[at] += 1

    def least(self, most: int) -> Floats:
        """The least won against any split of at most `most` ones in all."""
        total = self._won[0]
        for won in self._won[1:]:
            joined = np.full((total.shape[0], total.shape[1] + won.shape[1] - 1), np.inf)
            for k in range(won.shape[1]):
                part = joined[:, k : k + total.shape[1]]
                np.minimum(part, total + won[:, k, None], out=part)
            total = joined
        return np.asarray(total[:, : most + 1].min(axis=-1))


def orders(
    sizes: NDArray[np.int64],
    ones: NDArray[np.int64],
    blanks: NDArray[np.int64],
    samples: int,
    chance: np.random.Generator,
) -> tuple[Floats, NDArray[np.int64]]:
    """What the records say in the order of waves, and the stratum of each place."""
    strata = np.array([h for _, h in sorted(((at + 0.5) / n, h) for h, n in enumerate(sizes) for at in range(n))])
    said = np.empty((samples, len(strata)))
    for h, (size, good, blank) in enumerate(zip(sizes, ones, blanks, strict=True)):
        cases = np.repeat([1.0, 0.0, np.nan], [good, size - good - blank, blank])
        said[:, strata == h] = chance.permuted(np.broadcast_to(cases, (samples, size)), axis=1)
    return said, strata


def _until(
    said: Floats,
    strata: NDArray[np.int64],
    look: Callable[[int, Floats, Floats, Floats], Answer],
) -> Told:
    samples, records = said.shape
    at, yes = np.full(samples, records), np.zeros(samples, dtype=bool)
    is_open = np.ones(samples, dtype=bool)
    for record, counts in enumerate(_counted(said, strata)):
        found, is_yes = look(record, *counts)
        new = is_open & found
        at[new], yes[new] = record + 1, is_yes[new]
        is_open &= ~new
        if not is_open.any():
            break
    return at, yes


def _counted(said: Floats, strata: NDArray[np.int64]) -> Iterator[Floats]:
    counts = np.zeros((3, len(said), strata.max() + 1))
    for record, stratum in enumerate(strata):
        for kind, where in enumerate((said[:, record] == 1, said[:, record] == 0, np.isnan(said[:, record]))):
            counts[kind, :, stratum] += where
        yield counts


def _common(ones: Floats, zeros: Floats) -> Floats:
    parts = [
        np.sum(
            betaln(firm * centre + ones, firm * (1 - centre) + zeros) - betaln(firm * centre, firm * (1 - centre)), -1
        )
        for centre in CENTRES
        for firm in FIRMNESS
    ]
    return np.asarray(logsumexp(parts, axis=0) - np.log(len(parts)))


def _log_falling(of: Floats | NDArray[np.int64], take: Floats) -> Floats:
    return np.asarray(gammaln(of + 1) - gammaln(of - take + 1))
