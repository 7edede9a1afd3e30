"""Samples read otherwise than planned: no share is left out of the limits, and *settled* says the same as they do."""

from __future__ import annotations

import numpy as np
import pytest

from sampling.evidence import Evidence
from sampling.sequential import chance_settled, is_settled, settled, share_limits

THRESHOLDS = [0, 0.2, 0.6]
QUESTIONS = 40
ENOUGH = 25  # no error rate asks for more, and the search ends there

# Read otherwise than planned, evidence rises with the share on the way; as the audit of 27 November found them.
RISING = [
    ([60, 805, 261], [0, 36, 0], [0, 1, 1], [0, 67, 125], [20, 200, 1], 0.10),
    ([116, 252], [1, 7], [0, 0], [47, 6], [12, 26], 0.35),
]


@pytest.mark.parametrize(("sizes", "ones", "zeros", "blanks", "planned", "alpha"), RISING)
def test_no_share_outside_the_limits_is_left_where_evidence_rises_with_the_share(
    sizes: list[int], ones: list[int], zeros: list[int], blanks: list[int], planned: list[int], alpha: float
) -> None:
    whole, weights = np.array(sizes, dtype=float), np.array(sizes) / planned
    weights *= sum(planned) / sum(sizes)
    shares = np.linspace(0.03, 0.6, 58)
    evidence = Evidence(whole, np.array([ones, zeros, blanks], dtype=float), weights)

    lower, _ = share_limits(sizes, ones, zeros, blanks, alpha=alpha, planned=planned)

    found = [float(evidence.against_at_most(np.array(share))) for share in shares]
    assert (np.diff(found) > 0).any()
    left = shares[np.array(found) < np.log(2 / alpha)]
    assert left[0] - 0.02 < lower < left[0] < 0.25
    told = settled(sizes, ones, zeros, blanks, thresholds=[0.45], alpha=alpha, planned=planned)
    assert not told


@pytest.mark.parametrize(
    ("sizes", "counts", "planned", "share", "least"),
    [  # The least is from a general minimiser, by hand.
        ([477, 4, 23, 14], ([19, 1, 2, 4], [14, 0, 8, 1], [415, 0, 11, 0]), [1, 1, 1, 1], 0.339627, 19.60),
        ([511, 20, 4, 1], ([3, 0, 0, 0], [19, 0, 0, 0], [331, 12, 1, 0]), [336, 18, 4, 1], 0.018881, 93.80),
        ([3, 2, 3, 197, 13], ([0, 0, 0, 21, 0], [0, 0, 0, 7, 1], [2, 1, 1, 155, 4]), [1, 2, 2, 26, 3], 0.424034, 12.88),
    ],
)
def test_the_search_for_the_worst_make_up_does_not_stop_far_from_it(
    sizes: list[int], counts: tuple[list[int], ...], planned: list[int], share: float, least: float
) -> None:
    whole = np.array(sizes, dtype=float)
    weights = whole / planned * sum(planned) / whole.sum() if max(planned) > 1 else np.ones_like(whole)

    found = Evidence(whole, np.array(counts, dtype=float), weights).against_at_most(np.array(share))

    assert min(least, ENOUGH) - 0.1 < found < least + 0.1


@pytest.mark.parametrize("sizes", [[150, 60, 20], [14, 5]], ids=["large", "few left"])
@pytest.mark.parametrize("is_uneven", [False, True], ids=["as planned", "unlike the plan"])
def test_settled_agrees_with_the_limits_whatever_was_read(sizes: list[int], is_uneven: bool) -> None:
    chance = np.random.default_rng(5)
    whole = np.array(sizes)
    planned = np.maximum(whole * chance.choice([0.2, 0.4, 0.9], (QUESTIONS, len(sizes))), 1).astype(int)
    far = (
        chance.choice([0.5, 1, 2, 4], (QUESTIONS, len(sizes))) if is_uneven else chance.choice([0.5, 1], (QUESTIONS, 1))
    )
    read = np.minimum(np.ceil(planned * far).astype(int), whole)
    answered = chance.binomial(read, chance.choice([0.3, 0.7, 1], (QUESTIONS, len(sizes))))
    ones = chance.binomial(answered, chance.choice([0.05, 0.3, 0.97], (QUESTIONS, len(sizes))))
    given = (whole, ones, answered - ones, read - answered)

    by_limits = is_settled(share_limits(*given, alpha=0.3, planned=planned), THRESHOLDS)

    assert settled(*given, thresholds=THRESHOLDS, alpha=0.3, planned=planned).tolist() == by_limits.tolist()
    assert 0 < by_limits.mean() < 1


def test_the_chance_without_more_cases_is_whether_the_limits_settle_the_question() -> None:
    sizes, ones, zeros, blanks, planned, alpha = RISING[0]
    told = [
        chance_settled(
            sizes, read, zeros, blanks, 0, thresholds=[cut], alpha=alpha, planned=planned,
            rng=np.random.default_rng(1), draws=3,
        )
        for read in (ones, [0, 120, 60])
        for cut in (0.2, 0.45)
    ]  # fmt: skip
    by_limits = [
        is_settled(share_limits(sizes, read, zeros, blanks, alpha=alpha, planned=planned), [cut])
        for read in (ones, [0, 120, 60])
        for cut in (0.2, 0.45)
    ]

    assert told == by_limits
