"""Limits that hold all along, and what another wave would settle: after a wave, and of a whole programme.

After a wave it is one look at 6 questions over 8 strata of up to 500 cases, against the plan as the app has it: read
as planned, with one stratum made longer, and unlike the plan, where more is searched. Of a programme it is every
question over the strata of 32 partnerships as one, as soon as one of them ended early. The floor is the sequence
that issue 10 tried, ones and zeros by themselves: one sort of all unread cases for each tries every total.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import betaln  # type: ignore[import-untyped]

from bench.sequences import kept_totals
from bench.sequential_runs import Whole
from bench.timing import Compared, compare
from casereader.rollup.always_valid import DRAWS
from sampling.sequential import chance_settled, share_limits

SIZES = np.array([500, 400, 300, 200, 200, 150, 100, 50])
QUESTIONS = 6
ALPHA = 0.10
LIMIT = 100
LONGER = np.array([1, 1, 1, 3, 1, 1, 1, 1])  # times a tenth of its cases: one stratum was made longer
MOST_PROCESSOR = 0.05
TURNS = 10
THRESHOLDS = [0.15, 0.5, 0.75, 0.9]
WAVE = SIZES // 20
UNLIKE = np.array([1, 4, 1, 2, 1, 3, 1, 1])  # times what was read: the plan read others
MOST_FORECAST = 0.5
PROGRAMME, OF_ALL = (32, 24), 95  # partnerships, strata of each, and questions
MOST_OF_PROGRAMME = 10.0


def run() -> Iterator[Compared]:
    """Some 190 records read, a tenth of them blank; of the programme some 3,000 of 15,000."""
    chance = np.random.default_rng(1)
    ones, zeros, blanks = _read(SIZES // 10, QUESTIONS, chance)
    floor = _floor(SIZES, ones, zeros, blanks)
    longer = _read(SIZES // 10 * LONGER, QUESTIONS, np.random.default_rng(1))
    for name, told, planned in (
        ("as planned", (ones, zeros, blanks), SIZES // 5),
        ("one stratum longer", longer, SIZES // 5),
        ("read unlike the plan", (ones, zeros, blanks), SIZES // 5 * UNLIKE),
    ):
        yield compare(
            f"limits of 6 questions over 8 strata, {name}",
            lambda told=told, planned=planned: share_limits(SIZES, *told, alpha=ALPHA, planned=planned),  # type: ignore[misc]
            _floor(SIZES, *told),
            floor_name="every total of ones and of zeros by a sort",
            limit=LIMIT,
            most_processor=MOST_PROCESSOR,
            turns=TURNS,
        )
    for name, planned in (("as planned", SIZES // 5), ("read unlike the plan", SIZES // 5 * UNLIKE)):
        yield compare(
            f"chance that a wave settles them, {name}",
            lambda planned=planned: chance_settled(  # type: ignore[misc]
                SIZES, ones, zeros, blanks, WAVE, thresholds=THRESHOLDS, alpha=ALPHA, planned=planned,
                rng=np.random.default_rng(1), draws=DRAWS,
            ),
            floor,
            floor_name="the same, once",
            most_processor=MOST_FORECAST,
            turns=2,
        )  # fmt: skip
    sizes = chance.integers(5, 36, PROGRAMME[0] * PROGRAMME[1])
    of_all = _read(np.maximum(sizes // 5, 1), OF_ALL, chance)
    yield compare(
        f"limits of {OF_ALL} questions over {len(sizes)} strata",
        lambda: share_limits(sizes, *of_all, alpha=ALPHA, planned=np.maximum(sizes // 5, 1)),
        _floor(sizes, *of_all),
        floor_name="every total of ones and of zeros by a sort",
        most_processor=MOST_OF_PROGRAMME,
        turns=1,
    )


def _read(read: Whole, questions: int, chance: np.random.Generator) -> tuple[Whole, Whole, Whole]:
    """What the records say to questions from two in five to nearly all ones: ones, zeros and blanks."""
    blanks = chance.binomial(read, 0.1, (questions, len(read)))
    ones = chance.binomial(read - blanks, np.linspace(0.4, 0.95, questions)[:, None])
    return ones, read - blanks - ones, blanks


def _floor(sizes: Whole, ones: Whole, zeros: Whole, blanks: Whole) -> Callable[[], object]:
    read = ones + zeros + blanks

    def floor() -> object:
        return [
            kept_totals(sizes, yes, read - yes, betaln(yes + 1, read - yes + 1).sum(axis=-1), ALPHA / 2)
            for yes in (ones.astype(np.float64), zeros.astype(np.float64))
        ]

    return floor
