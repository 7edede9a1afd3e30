"""Limits that hold at every moment: what they are at the ends, and against every way the cases could be."""

from __future__ import annotations

from math import comb, exp

import numpy as np
import pytest

from sampling.evidence import Evidence
from sampling.rejected import rejected_up_to
from sampling.sequential import chance_settled, is_settled, settled, share_limits
from tests.sampling import every_make_up

SIZES = np.array([20, 12, 6])


def test_before_anything_is_read_every_share_is_possible() -> None:
    assert share_limits(SIZES, 0, 0, 0, alpha=0.1) == (0, 1)


def test_once_every_case_is_read_the_limits_are_the_share() -> None:
    lower, upper = share_limits(SIZES, [12, 5, 0], [3, 5, 6], [5, 2, 0], alpha=0.1)

    assert lower == upper == 17 / 31


def test_once_every_case_is_read_and_none_has_an_answer_there_is_no_share() -> None:
    assert np.isnan(share_limits(SIZES, 0, 0, SIZES, alpha=0.1)).all()


def test_the_order_of_the_strata_does_not_matter() -> None:
    given = np.array([[20, 7, 2, 1], [12, 3, 3, 0], [6, 0, 2, 1]])

    forth = share_limits(*given.T, alpha=0.1)
    back = share_limits(*given[::-1].T, alpha=0.1)

    assert np.allclose(forth, back, rtol=0, atol=1e-9)


def test_leading_axes_are_questions_each_by_itself() -> None:
    ones, zeros, blanks = [[7, 3, 0], [2, 2, 2]], [[2, 3, 2], [7, 4, 0]], [[1, 0, 1], [1, 0, 1]]

    together = share_limits(SIZES, ones, zeros, blanks, alpha=0.1)

    for at in range(2):
        alone = share_limits(SIZES, ones[at], zeros[at], blanks[at], alpha=0.1)
        assert np.allclose([each[at] for each in together], alone, rtol=0, atol=1e-9)


def test_of_many_strata_those_that_are_alike_are_one_and_the_limits_stay_what_they_are() -> None:
    sizes = np.tile([8.0, 10.0], 40)
    ones = np.stack([np.tile([1.0, 2.0, 2.0, 1.0], 20), np.tile([0.0, 1.0], 40)])  # four kinds of strata, and two
    counts = np.stack([ones, 2 - ones, np.zeros_like(ones)])

    lower, _ = share_limits(sizes, *counts, alpha=0.1)

    apart = rejected_up_to(Evidence(np.stack([sizes, sizes]), counts, np.ones(80)), np.log(20))
    assert np.allclose(lower, apart, rtol=0, atol=1e-9)
    assert 0.5 < lower[0] < 0.75 and 0.1 < lower[1] < 0.25


@pytest.mark.parametrize("counts", [([21, 0, 0], 0, 0), ([-1, 0, 0], 0, 0), ([0.5, 0, 0], 0, 0)])
def test_counts_that_cannot_be_are_refused(counts: tuple[object, object, object]) -> None:
    with pytest.raises(ValueError, match=r"Cases are counted|More cases"):
        share_limits(SIZES, *counts, alpha=0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("alpha", [0, 1, -0.1])
def test_an_error_rate_that_is_none_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        share_limits(SIZES, 0, 0, 0, alpha=alpha)


def test_a_question_is_settled_when_no_threshold_lies_within_its_limits() -> None:
    limits = np.array([0.4, 0.51, 0.2, 0.5]), np.array([0.6, 0.74, 0.8, 0.5])

    assert is_settled(limits, [0.5, 0.75]).tolist() == [False, True, False, True]


def test_the_chance_of_being_settled_is_nil_without_more_cases_and_one_with_all_of_them() -> None:
    read = ([8, 5, 3], [2, 1, 0], [1, 0, 0])
    left = SIZES - np.sum(read, axis=0)
    asked = {"thresholds": [0.5, 0.9], "alpha": 0.1, "draws": 20}

    none = chance_settled(SIZES, *read, 0, rng=np.random.default_rng(1), **asked)
    every = chance_settled(SIZES, *read, left, rng=np.random.default_rng(1), **asked)

    assert (none, every) == (0, 1)


@pytest.mark.parametrize(
    "strata",
    [
        [(9, 4, 1, 1)],
        [(12, 7, 0, 0)],
        [(5, 2, 0, 1), (4, 2, 1, 0)],
        [(6, 4, 0, 0), (3, 0, 2, 0)],
        [(7, 5, 1, 0), (2, 1, 0, 0)],
    ],
)
def test_in_small_populations_the_limits_are_those_of_every_make_up_tried_one_by_one(
    strata: list[every_make_up.Stratum],
) -> None:
    found = share_limits(*np.array(strata).T, alpha=0.2)

    assert np.allclose(found, every_make_up.limits(strata, 0.2), rtol=0, atol=1e-12)


def test_a_hundred_strata_with_few_cases_left_have_limits_of_whole_cases() -> None:
    sizes, unread = np.full(100, 3), np.arange(100) < 2

    lower, upper = share_limits(sizes, 2, 1 - unread, 0, alpha=0.1)

    assert (lower, upper) == (200 / 300, 202 / 300)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.75])
def test_no_make_up_of_whole_cases_has_less_evidence_against_it_than_is_found(share: float) -> None:
    strata = [(9, 4, 1, 1), (6, 3, 1, 0)]
    evidence = Evidence(np.array([9.0, 6.0]), np.array([[4.0, 3.0], [1.0, 1.0], [1.0, 0.0]]), np.ones(2))

    found = evidence.against_at_most(np.array(share))

    assert found <= every_make_up.least_evidence(strata, share) + 1e-9


@pytest.mark.parametrize(
    ("strata", "parts"),
    [([(40, 12, 4, 0)], 1), ([(10, 5, 2, 0)], 10), ([(16, 7, 2, 1)], 10), ([(8, 5, 0, 1), (5, 1, 2, 0)], 4)],
)
def test_the_evidence_is_the_least_of_all_make_ups_with_parts_of_cases(
    strata: list[every_make_up.Stratum], parts: int
) -> None:
    sizes, *counts = np.array(strata, dtype=float).T

    found = Evidence(sizes, np.array(counts), np.ones(len(strata))).against_at_most(np.array(0.5))

    least = every_make_up.least_evidence(strata, 0.5, parts=parts)
    assert least - 0.03 < found <= least + 1e-9


def test_the_truth_stays_within_the_limits_all_along_as_often_as_promised() -> None:
    chance = np.random.default_rng(10)
    sizes, ones, zeros = np.array([30, 20, 10]), np.array([22, 9, 3]), np.array([5, 8, 6])
    runs, truth = 80, 34 / 53
    left = [np.broadcast_to(each, (runs, 3)).copy() for each in (ones, zeros, sizes - ones - zeros)]
    read, held = np.zeros((3, runs, 3)), np.ones(runs, dtype=bool)
    for wave in ([6, 4, 2], [6, 4, 2], [9, 6, 3]):
        found = chance.hypergeometric(left[0], left[1] + left[2], wave)
        poor = chance.hypergeometric(left[1], left[2], wave - found)
        for at, part in enumerate((found, poor, wave - found - poor)):
            left[at], read[at] = left[at] - part, read[at] + part
        lower, upper = share_limits(sizes, *read, alpha=0.2)
        held &= (lower <= truth) & (truth <= upper)

    assert held.mean() >= 0.8


def test_more_of_the_same_never_widens_the_limits() -> None:
    times = np.arange(1, 6)[:, None]

    lower, upper = share_limits([60, 40], times * [6, 3], times * [2, 3], times * [1, 0], alpha=0.1)

    assert (np.diff(lower) > 0).all()
    assert (np.diff(upper) < 0).all()


def test_the_evidence_against_what_is_true_begins_at_one_and_never_rises_on_average() -> None:
    # It falls by what is wagered on records that there cannot be: two blanks, say, of a list with one.
    cases, ones, zeros, blanks = 7, 4, 2, 1
    means = []
    for read in range(cases + 1):
        mean = 0.0
        for good, poor in ((g, p) for g in range(read + 1) for p in range(read + 1 - g)):
            rest = read - good - poor
            ways = comb(ones, good) * comb(zeros, poor) * comb(blanks, rest) / comb(cases, read)
            if ways:
                found = every_make_up.evidence([(cases, good, poor, rest)], [(ones, zeros)], ones / (ones + zeros))
                mean += ways * exp(found)
        means.append(mean)

    assert means[:2] == pytest.approx([1, 1], abs=1e-12)
    assert (np.diff(means[1:]) < 0).all()


def test_strata_that_the_plan_reads_unevenly_have_shorter_limits_when_their_cases_weigh_as_planned() -> None:
    sizes, planned = np.array([200, 20]), np.array([20, 10])
    read = {"ones": [16, 9], "zeros": [4, 1], "blanks": 0}

    weighed = share_limits(sizes, **read, alpha=0.1, planned=planned)
    alike = share_limits(sizes, **read, alpha=0.1)

    assert weighed[1] - weighed[0] < alike[1] - alike[0]


def test_a_plan_that_reads_in_proportion_weighs_all_cases_alike() -> None:
    read = {"ones": [16, 9], "zeros": [4, 1], "blanks": [2, 0]}

    planned = share_limits([200, 100], **read, alpha=0.1, planned=[40, 20])

    assert np.allclose(planned, share_limits([200, 100], **read, alpha=0.1), rtol=0, atol=1e-9)


def test_whether_questions_are_settled_is_told_without_the_limits_as_by_them() -> None:
    chance = np.random.default_rng(3)
    read = chance.integers(5, 16, (60, 3))
    ones = chance.binomial(read, chance.random((60, 1)))
    asked = {"alpha": 0.1, "planned": [16, 12, 8]}
    sizes = [80, 60, 40]

    by_limits = is_settled(share_limits(sizes, ones, read - ones, 0, **asked), [0, 0.15, 0.5, 0.75])
    told = settled(sizes, ones, read - ones, 0, thresholds=[0, 0.15, 0.5, 0.75], **asked)

    assert told.tolist() == by_limits.tolist()
    assert 0 < told.mean() < 1


def test_the_chance_of_being_settled_grows_with_the_next_wave_and_is_the_same_for_the_same_chance() -> None:
    def asked(more: list[int]) -> float:
        given = {"thresholds": [0.5], "alpha": 0.1, "rng": np.random.default_rng(1)}
        return float(chance_settled([60, 40], [6, 4], [2, 2], [1, 0], more, **given))

    assert asked([3, 2]) < asked([12, 8])
    assert asked([12, 8]) == asked([12, 8])
