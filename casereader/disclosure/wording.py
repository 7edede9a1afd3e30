"""Which words a share is published in, and what the words of its interval tell of the count.

Shares near none and near all are printed in one range each, the same for every count in it, so that none, few and all
read alike. How far a range reaches turns on the number of records as published, never on how many count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from casereader.disclosure.findings import Finding
from casereader.disclosure.knowledge import Row, lies
from casereader.disclosure.policy import Policy
from casereader.words import SETTLED_DECIMALS, Wording

_TAIL = 0.05
_QUANTILE = 1.6449  # of the normal distribution, for 90%

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ends:
    """The last word of the range that begins with none, and the first of the range that ends with all."""

    last_low: int
    first_high: int


def ends(records: tuple[int, int], policy: Policy) -> Ends | None:
    """The shortest range at each end in which numbers can lie the threshold apart; None where there is none.

    `records` are the least and the greatest number of records that can lie behind the one published.
    """
    most = records[1]
    places = word_places(np.arange(most + 1) / max(most, 1), policy.wording)
    last = len(policy.wording.words) - 1
    low = [at for at in range(last) if int((places <= at).sum()) - 1 >= policy.threshold]
    high = [at for at in range(last, 0, -1) if int((places >= at).sum()) - 1 >= policy.threshold]
    if not low or not high or low[0] >= high[0]:
        return None
    found = Ends(low[0], high[0])
    return found if max(found.last_low + 1, last + 1 - found.first_high) <= policy.most_words else None


def may_hold_few(place: int, records: tuple[int, int], policy: Policy) -> bool:
    """Whether a word can be that of a number under the threshold, or of all but so many."""
    for n in range(records[0], records[1] + 1):
        k = np.flatnonzero(word_places(np.arange(n + 1) / max(n, 1), policy.wording) == place)
        if len(k) and min(k[0], n - k[-1]) < policy.threshold:
            return True
    return False


def word_places(shares: Floats, wording: Wording) -> Places:
    """The place of each share's word in the scheme."""
    settled = np.round(np.clip(shares, 0.0, 1.0), SETTLED_DECIMALS)
    reached = [settled >= one.from_share if one.inclusive else settled > one.from_share for one in wording.words[1:]]
    found: Places = np.sum(reached, axis=0, dtype="int64")
    return found


def touched_rows(
    finding: Finding, records: tuple[int, int], wording: Wording, *, counts: tuple[int, int] | None = None
) -> tuple[Row, ...]:
    """What it tells that an interval touches just these words: the counts whose intervals would, as k between lines.

    The attacker is taken to know the design: the interval of another count is that of the same effective number of
    records, as wide as the finding's own shows. `counts` limits the counts that are looked at.
    """
    if finding.lower is None or finding.upper is None:
        return ()
    model = _Model.of(finding)
    own = (
        int(word_places(np.array([finding.true_share]), wording)[0]),
        *(int(one) for one in word_places(np.array([finding.lower, finding.upper]), wording)),
    )
    points: dict[int, list[int]] = {finding.n: [finding.k]}
    for n in range(max(1, records[0]), records[1] + 1):
        least, most = (0, n) if counts is None else (min(counts[0], n), min(counts[1], n))
        k = np.arange(least, most + 1)
        share, lower, upper = model.intervals(k, n)
        alike = (word_places(lower, wording) == own[1]) & (word_places(upper, wording) == own[2])
        if counts is None:
            alike &= word_places(share, wording) == own[0]
        points.setdefault(n, []).extend(k[alike].tolist())
    return _between(finding, points)


@dataclass(frozen=True, slots=True)
class _Model:
    """How wide intervals are: `width` is the half-width of the log-odds at an even share, of `n` records."""

    width: float
    n: int
    odds: float  # of the weighted share, as against those of the count

    @classmethod
    def of(cls, finding: Finding) -> _Model:
        share, lower, upper = finding.true_share, finding.lower or 0.0, finding.upper or 0.0
        if lower == upper:
            return cls(0.0, finding.n, 1.0)
        if finding.k in (0, finding.n):
            away = upper if finding.k == 0 else 1 - lower
            effective = math.log(_TAIL) / math.log(1 - away) if 0 < away < 1 else finding.n
            return cls(_QUANTILE / math.sqrt(max(effective, 1.0)), finding.n, 1.0)
        sides = [abs(_log_odds(one) - _log_odds(share)) for one in (lower, upper) if 0 < one < 1]
        half = sum(sides) / len(sides) if sides else _QUANTILE / math.sqrt(finding.n * share * (1 - share))
        plain = finding.k / finding.n
        odds = share / (1 - share) * (1 - plain) / plain
        return cls(half * math.sqrt(share * (1 - share)), finding.n, odds)

    def intervals(self, k: npt.NDArray[np.int64], n: int) -> tuple[Floats, Floats, Floats]:
        """Share, lower and upper limit were it k of n records."""
        plain = k / n
        inside = (k > 0) & (k < n)
        safe = np.where(inside, plain, 0.5)
        share = safe * self.odds / (safe * self.odds + 1 - safe)
        width = self.width * math.sqrt(self.n / n)
        half, centre = width / np.sqrt(share * (1 - share)), np.log(share / (1 - share))
        # Of none and of all the interval is exact, on one side.
        beyond = 0.0 if width == 0 else 1 - _TAIL ** ((width / _QUANTILE) ** 2)
        lower = np.where(inside, 1 / (1 + np.exp(half - centre)), np.where(k == 0, 0.0, 1 - beyond))
        upper = np.where(inside, 1 / (1 + np.exp(-half - centre)), np.where(k == 0, beyond, 1.0))
        return np.where(inside, share, plain), lower, upper


def _between(finding: Finding, points: dict[int, list[int]]) -> tuple[Row, ...]:
    """The statements that (n, k) lies in the hull of these points."""
    held = sorted((n, k) for n, k in points.items() if k)
    k_name, n_name = finding.cell("k"), finding.cell("n")
    if len(held) == 1:
        return (lies(k_name, float(min(held[0][1])), float(max(held[0][1]))),)
    rows = []
    for sign in (1, -1):
        edge = _hull([(n, sign * max(sign * one for one in k)) for n, k in held], sign)
        for (n, k), (n_next, k_next) in pairwise(edge):
            across, up = n_next - n, k_next - k
            terms = ((k_name, float(across)), *(((n_name, -float(up)),) if up else ()))
            limit = float(k * across - n * up)
            rows.append(Row(terms, None, limit) if sign > 0 else Row(terms, limit, None))
    return tuple(rows)


def _hull(points: Iterable[Point], sign: int) -> list[Point]:
    """The upper (`sign` 1) or the lower edge of the hull of points in order."""
    edge: list[Point] = []
    for point in points:
        while len(edge) > 1 and sign * _turn(edge[-2], edge[-1], point) >= 0:
            edge.pop()
        edge.append(point)
    return edge


def _turn(a: Point, b: Point, c: Point) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))
