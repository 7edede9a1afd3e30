"""Cases that weigh by an uneven plan: the same promise, held against every make-up and every sample there can be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import comb, exp, prod

import numpy as np
import pytest

from sampling.evidence import Evidence
from sampling.sequential import settled, share_limits
from tests.sampling import every_make_up
from tests.sampling.every_make_up import Stratum, weights_of

UNEVEN = [
    ([(9, 4, 1, 1)], [3]),
    ([(6, 2, 0, 1), (4, 2, 1, 0)], [1, 3]),
    ([(6, 4, 0, 0), (3, 0, 2, 0)], [5, 1]),
    ([(7, 5, 1, 0), (3, 1, 0, 1)], [6, 0]),  # of the second stratum nothing was planned, and some was read
    ([(4, 1, 1, 0), (3, 0, 1, 1), (2, 1, 0, 0)], [1, 2, 2]),
]


@pytest.mark.parametrize(("strata", "planned"), UNEVEN)
@pytest.mark.parametrize("alpha", [0.2, 0.5])
def test_the_limits_are_those_of_every_make_up_tried_one_by_one(
    strata: list[Stratum], planned: list[int], alpha: float
) -> None:
    found = share_limits(*np.array(strata).T, alpha=alpha, planned=planned)

    by_hand = every_make_up.limits(strata, alpha, weights_of(strata, planned))
    assert np.allclose(found, by_hand, rtol=0, atol=1e-12)


@pytest.mark.parametrize("share", [0.55, 0.65, 0.8])
def test_the_evidence_is_the_least_of_all_make_ups_with_parts_of_cases(share: float) -> None:
    strata, planned = [(7, 4, 0, 1), (4, 1, 1, 0)], [2, 3]
    weights = weights_of(strata, planned)
    sizes, *counts = np.array(strata, dtype=float).T

    found = Evidence(sizes, np.array(counts), np.array(weights)).against_at_most(np.array(share))

    least = every_make_up.least_evidence(strata, share, parts=4, weights=weights)
    assert least - 0.05 < found <= least + 1e-9


@pytest.mark.parametrize("planned", [[1, 3], [3, 1], [4, 0]])
@pytest.mark.parametrize("is_turned", [False, True], ids=["ones", "zeros"])
def test_what_is_won_on_average_against_what_is_true_never_rises_from_one_whichever_stratum_is_read_next(
    planned: list[int], is_turned: bool
) -> None:
    cases = [(2, 1, 1), (1, 1, 1)] if is_turned else [(1, 2, 1), (1, 1, 1)]  # ones, zeros and blanks of each stratum
    sizes = [sum(each) for each in cases]
    share = sum(ones for ones, *_ in cases) / sum(ones + zeros for ones, zeros, _ in cases)
    weights = weights_of([(size, 0, 0, 0) for size in sizes], planned)

    def mean(read: tuple[int, ...]) -> float:
        return sum(
            chance * exp(every_make_up.evidence(strata, [each[:2] for each in cases], share, weights))
            for chance, strata in _samples(cases, read)
        )

    means = {read: mean(read) for read in product(*(range(size + 1) for size in sizes))}
    assert [means[0, 0], means[1, 0], means[0, 1]] == pytest.approx([1, 1, 1], abs=1e-12)
    for (a, b), value in means.items():
        assert value <= min(means.get((a - 1, b), 1), means.get((a, b - 1), 1)) + 1e-12


def test_over_every_order_of_tickets_the_truth_is_left_out_no_more_often_than_allowed() -> None:
    # The chance is exact: every order of both strata, a look after each record.
    cases, planned, alpha = [(2, 1, 1), (1, 1, 0)], [1, 2], 0.4
    sizes = np.array([4, 2])
    truth = 3 / 5
    looks = [(1, 0), (1, 1), (2, 1), (3, 1), (3, 2), (4, 2)]
    orders = [sorted(set(_orders(each))) for each in cases]
    every = [(first, second) for first in orders[0] for second in orders[1]]
    counts = np.array(
        [
            [[[first[:a].count(kind), second[:b].count(kind)] for a, b in looks] for first, second in every]
            for kind in "10-"
        ]
    )

    lower, upper = share_limits(sizes, *counts, alpha=alpha, planned=planned)

    held = ((lower <= truth + 1e-9) & (truth - 1e-9 <= upper)).all(axis=-1)
    assert 1 - alpha <= held.mean()


@pytest.mark.parametrize("shape", [(3,), (1,)], ids=["strata", "one number for all"])
def test_a_plan_that_reads_nothing_lets_all_cases_weigh_alike(shape: tuple[int, ...]) -> None:
    read = ([20, 12, 6], [7, 5, 1], [2, 0, 1], [1, 1, 0])

    none = share_limits(*read, alpha=0.1, planned=np.zeros(shape))

    assert none == share_limits(*read, alpha=0.1)
    assert none[0] > 0.4, "and not as though nothing had been wagered"


def test_a_stratum_that_the_plan_leaves_out_weighs_as_if_it_read_one_case() -> None:
    read = ([200, 30], [16, 2], [4, 0], [0, 0])

    assert share_limits(*read, alpha=0.1, planned=[20, 0]) != share_limits(*read, alpha=0.1, planned=[20, 1])
    assert np.allclose(weights_of([(200, 0, 0, 0), (30, 0, 0, 0)], [20, 0]), [1, 3])


def test_of_one_stratum_the_plan_makes_no_difference() -> None:
    read = ([50], [9], [2], [1])

    assert share_limits(*read, alpha=0.1, planned=[0]) == share_limits(*read, alpha=0.1, planned=[12])


@pytest.mark.parametrize("planned", [[5, -1], [np.nan, 2]])
def test_a_plan_that_cannot_be_is_refused(planned: list[float]) -> None:
    for asked in (share_limits, lambda *read, **given: settled(*read, thresholds=[0.5], **given)):
        with pytest.raises(ValueError, match="A plan reads 0 or more"):
            asked([9, 6], [3, 1], 0, 0, alpha=0.1, planned=planned)


def _samples(cases: list[tuple[int, int, int]], read: tuple[int, ...]) -> Iterator[tuple[float, list[Stratum]]]:
    """Every outcome of reading so many of each stratum, with its chance."""
    by_stratum = [
        [
            (
                prod(comb(has, took) for has, took in zip(each, (ones, zeros, n - ones - zeros), strict=True))
                / comb(sum(each), n),
                (sum(each), ones, zeros, n - ones - zeros),
            )
            for ones in range(n + 1)
            for zeros in range(n - ones + 1)
        ]
        for each, n in zip(cases, read, strict=True)
    ]
    for outcome in product(*by_stratum):
        chance = prod(each for each, _ in outcome)
        if chance:
            yield chance, [stratum for _, stratum in outcome]


def _orders(cases: tuple[int, int, int]) -> Iterator[str]:
    """Every order in which the cases of a stratum may stand, each as often as any other."""
    if not any(cases):
        yield ""
    for kind, left in zip("10-", cases, strict=True):
        if left:
            rest = tuple(n - (name == kind) for name, n in zip("10-", cases, strict=True))
            for after in _orders(rest):  # type: ignore[arg-type]
                yield kind + after
