"""Splitting a sample into waves: parts of it in ticket order, as even as can be, each in proportion to the strata.

**Sizes.** Of n cases the first ⌈n·w/W⌉ are waves 1 to w, so that no two waves differ by more than one case.

**Strata.** Up to and with wave w a stratum of n_h cases has its share of these, n_h·⌈n·w/W⌉/n, rounded down or up:
never a whole case from it. Every stratum first gets its share rounded down. What is left of the wave goes, one case
each, to strata whose share was not whole:

1. first to the one that would otherwise have to have that case in the earliest wave;
2. then to the one whose case stands first by (order − ½)/n_h, the middle of its place in its stratum;
3. then by the label's bytes.

Giving a case first to whoever must have it soonest leaves room for all that must come later, so the share is kept in
every wave (Tijdeman 1980, *The chairman assignment problem*; Steiner and Yeomans 1993, *Level schedules for
mixed-model, just-in-time processes*). The middles alone do not keep it: ten strata of one case each beside one of
ninety would all come at the half, and the large one would be more than four cases short.

Within a stratum the cases come in ticket order, so the cases of waves 1 to w are a beginning of every stratum's order,
and themselves a stratified random sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sampling.errors import PlanError


def waves_of(sizes: Mapping[str, int], n_waves: int) -> dict[tuple[str, int], int]:
    """The wave, from 1, of each case by its stratum and its place in the ticket order of it.

    `sizes` says how many cases of each stratum are drawn; in which order it names them makes no difference.
    Raises PlanError for fewer waves than one, and for a size under 0.

    >>> waves_of({"a": 3, "b": 1}, 2)
    {('a', 1): 1, ('a', 2): 1, ('a', 3): 2, ('b', 1): 2}
    """
    if n_waves < 1:
        raise PlanError(f"a sample has at least one wave, not {n_waves}")
    if short := [label for label, size in sizes.items() if size < 0]:
        raise PlanError(f"a stratum has no fewer than 0 cases: {', '.join(sorted(short))}")
    n = sum(sizes.values())
    ends = [-(-n * wave // n_waves) for wave in range(n_waves + 1)]  # how many cases waves 1 to w have
    labels = sorted((label for label, size in sizes.items() if size), key=str.encode)
    taken = dict.fromkeys(labels, 0)
    found: dict[tuple[str, int], int] = {}

    def must_come(label: str, order: int) -> int:
        """The wave by which a case must be read, or its stratum would be a whole case short."""
        return next(wave for wave, end in enumerate(ends) if sizes[label] * end >= order * n)

    def turn(label: str) -> tuple[int, Fraction, bytes]:
        order = taken[label] + 1
        return must_come(label, order), Fraction(2 * order - 1, 2 * sizes[label]), label.encode()

    for wave, end in enumerate(ends[1:], start=1):
        before = dict(taken)
        for label in labels:
            taken[label] = max(taken[label], sizes[label] * end // n)
        open_ = [label for label in labels if taken[label] * n < sizes[label] * end]
        for label in sorted(open_, key=turn)[: end - sum(taken.values())]:
            taken[label] += 1
        for label in labels:
            found.update({(label, order): wave for order in range(before[label] + 1, taken[label] + 1)})
    return dict(sorted(found.items(), key=lambda item: (item[0][0].encode(), item[0][1])))
