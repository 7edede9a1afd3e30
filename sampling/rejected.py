"""Which shares the evidence rejects, all smaller ones with them: a few tries close in on the largest.

docs/method/sequential.md (*The limits*) has the argument.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sampling.evidence import ALL, Evidence, Floats
from sampling.intervals import wilson

AT_ONCE = 4096  # strata, of all questions together, that are worked on at a time: more would not stay at hand
_TRIES, _NEAR = 12, 5e-4
_FIRST_STEPS, _FEWEST_STEPS = 4, 3
_SOME, _ONE = slice(3, None, 2), slice(4, 5)  # wagers; the last tell of most small shares
Tries = Sequence[tuple[slice, int | None]]  # wagers, and steps if few
_IN_FULL: Tries = ((ALL, None),)
# What few wagers reject in few steps all of them do.
_QUICKLY_FIRST: Tries = ((_ONE, _FEWEST_STEPS), (_SOME, _FIRST_STEPS), (_SOME, None), (ALL, None))
_LADDER = 24  # smaller shares that a limit is held against
_HIGHEST = 200.0  # evidence that is as good as any more


def rejected_up_to(evidence: Evidence, bar: float) -> Floats:
    """The largest share, to within 0.0005 below, that together with all smaller ones has evidence of `bar`.

    Evidence nearly always falls as the share rises, so that a few tries close in on where it crosses the bar. Where
    it has risen on the way, a smaller share is left that the tries did not see: they begin again from the first.
    """
    low, high = evidence.possible_from(), np.ones_like(evidence.answers[0])
    last = (evidence.answers[0] + 0.5) / (evidence.answers[0] + evidence.answers[1] + 1)
    found = _crossing(evidence, low, high, last, bar)
    rungs = _rungs(evidence, found)
    kept = ~_are_rejected(evidence, rungs, bar, _QUICKLY_FIRST)
    again = kept.any(axis=0) & (found - low > _NEAR)
    if again.any():
        first = kept.argmax(axis=0)[again]
        ladder = np.concatenate([low[None], rungs])[:, again]
        at = np.arange(len(first))
        part = evidence.part(again)
        found[again] = _crossing(part, ladder[first, at], ladder[first + 1, at], ladder[first + 1, at], bar)
    return found


def is_rejected(evidence: Evidence, share: Floats, bar: float) -> NDArray[np.bool_]:
    """Whether the share has evidence of `bar`; of smaller ones it says nothing."""
    return _are_rejected(evidence, share, bar, _IN_FULL)


def are_smaller_rejected(evidence: Evidence, share: Floats, bar: float, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether, of those `asked` about, all smaller shares have evidence of `bar` too; of others true."""
    found = np.ones(asked.shape, dtype=bool)
    asked = asked & (share - evidence.possible_from() > _NEAR)
    if asked.any():
        part = evidence.part(asked)
        found[asked] = _are_rejected(part, _rungs(part, share[asked]), bar, _QUICKLY_FIRST).all(axis=0)
    return found


def _rungs(evidence: Evidence, share: Floats) -> Floats:
    """Shares at equal distances from the least that is possible to this one, which is not among them."""
    low = evidence.possible_from()
    steps = np.arange(1, _LADDER).reshape(-1, *(1,) * low.ndim) / _LADDER
    return np.asarray(low + np.maximum(share - low, _NEAR) * steps)


def _are_rejected(evidence: Evidence, shares: Floats, bar: float, tries: Tries) -> NDArray[np.bool_]:
    """Whether there is evidence of `bar` against each of several shares; axes before those of questions may be."""
    rejected = np.zeros(shares.shape, dtype=bool)
    size = max(1, AT_ONCE // evidence.n_strata)
    for wagers, steps in tries:
        left = np.flatnonzero(~rejected)
        for begin in range(0, len(left), size):
            which = np.zeros(shares.shape, dtype=bool)
            which.flat[left[begin : begin + size]] = True
            part = evidence.part(which, wagers)
            rejected[which] = part.against(shares[which], None, enough=bar, steps=steps)[0] >= bar
    return rejected


def _crossing(evidence: Evidence, low: Floats, high: Floats, last: Floats, bar: float) -> Floats:
    """A share from `low`, which is rejected, to `high`, where evidence falls below `bar`; `last` is a guess.

    From where it is least, the root of what evidence has risen is all but a straight line in the share.
    """
    low, high = np.array(low), np.array(high)
    answers = evidence.answers[0] + evidence.answers[1]
    size = (answers + 1) * (1 + answers / np.maximum(evidence.all_unread, 0.5))
    middle = (low + high) / 2
    share = np.clip(last, np.minimum(low + _NEAR / 2, middle), np.maximum(high - _NEAR / 2, middle))
    last, last_height, least = np.array(share), np.zeros_like(share), np.zeros_like(share)
    looking, begun = high - low >= _NEAR, None
    part = evidence.part(looking)
    for number in range(_TRIES):
        if not looking.any():  # what is found stays, whoever else is looked for
            break
        here, before, lowest, highest = (each[looking] for each in (share, last, low, high))
        found, (cases, short) = part.against(here, begun)
        rejected, found = found >= bar, np.minimum(found, _HIGHEST)
        lowest, highest = np.where(rejected, here, lowest), np.where(rejected, highest, here)
        if not number:
            least[looking] = np.minimum(found, bar - 1)
            ahead = wilson(here, size[looking], np.sqrt(2 * (bar - least[looking])))[0]
        height = np.sqrt(np.maximum(found - least[looking], 0))
        if number:
            rise = (height - last_height[looking]) / (here - before)
            with np.errstate(divide="ignore", invalid="ignore"):
                ahead = here + (np.sqrt(bar - least[looking]) - height) / rise
            # Past the crossing by a little, so that the next try closes the gap from the other side.
            ahead = ahead + np.where(rejected, 1, -1) * _NEAR / 4
        low[looking], high[looking], last[looking], last_height[looking] = lowest, highest, here, height
        share[looking] = np.where((ahead > lowest) & (ahead < highest), ahead, (lowest + highest) / 2)
        further = highest - lowest >= _NEAR
        looking[looking], begun = further, (cases[:, further], short[further])
        part = part if further.all() else evidence.part(looking)
    return low
