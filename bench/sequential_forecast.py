"""What was said of the next wave, "it would settle the question so probably", beside how often it came true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from scipy.special import expit, logit  # type: ignore[import-untyped]

from bench.sequential_runs import Floats, List, Whole, in_proportion, told
from bench.sequential_services import AT_LEAST
from bench.services_coverage import population
from casereader.rollup.always_valid import DRAWS
from sampling.sequential import chance_settled, settled
from sampling.size import sample_size
from sampling.waves import waves_of

ALPHA = 0.10
WAVES = 5
BANDS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
DESIGNS = ((100,), (160, 120, 80, 40), (100, 80, 60, 40, 40, 40, 20, 20))
UNLIKE = (0.0, 0.7)  # by how much the log-odds of strata differ, in standard deviations
BLANK = 0.1
NEAR = 0.15


def forecast(asked: Sequence[Sequence[float]], samples: int, draws: int, seed: int) -> Iterator[str]:
    """One row for each band of what was said, after every wave but the last, of every question not settled by then."""
    made = {
        "shares spread evenly": list(_made_up(asked, samples, seed, near=False)),
        f"within {NEAR:g} of a cut-off": list(_made_up(asked, samples, seed, near=True)),
        "real evaluations": list(_real(asked, draws, seed)),
    }
    yield "| said of the next wave | " + " | ".join(f"{name}: forecasts, said, came true" for name in made) + " |"
    yield "|---|" + "---|" * len(made)
    found = [
        (np.concatenate([said for said, _ in pairs]), np.concatenate([came for _, came in pairs]))
        for pairs in made.values()
    ]
    for low, high in pairwise(BANDS):
        yield f"| {low:.2f} to {high:.2f} | {' | '.join(_cell(said, came, low, high) for said, came in found)} |"
    yield f"| all | {' | '.join(_cell(said, came, 0, 1) for said, came in found)} |"


def _cell(said: Floats, came: Floats, low: float, high: float) -> str:
    here = (low <= said) & ((said < high) | (high == 1))
    return f"{here.sum():,}: {said[here].mean():.2f}, {came[here].mean():.2f}" if here.any() else "–"


def _made_up(
    asked: Sequence[Sequence[float]], samples: int, seed: int, *, near: bool
) -> Iterator[tuple[Floats, Floats]]:
    for at, cuts in enumerate(asked):
        for design in DESIGNS:
            for unlike in UNLIKE[: len(design)]:
                chance = np.random.default_rng([seed, at, len(design), int(unlike * 10), int(near)])
                sizes = np.array(design)
                share = chance.uniform(0.02, 0.98, (samples, 1))
                if near:
                    share = np.clip(chance.choice(cuts, (samples, 1)) + chance.uniform(-NEAR, NEAR, share.shape), 0, 1)
                by_stratum = expit(logit(share) + unlike * chance.standard_normal((samples, len(sizes))))
                answers = chance.binomial(sizes, 1 - BLANK, by_stratum.shape)
                ones = chance.binomial(answers, by_stratum)
                planned = in_proportion(sizes, sample_size(int(sizes.sum()), margin=0.1).sample_size)
                yield _said(List("", sizes, ones, answers - ones, planned), cuts, chance)


def _real(asked: Sequence[Sequence[float]], draws: int, seed: int) -> Iterator[tuple[Floats, Floats]]:
    everything = population()
    for place, area in enumerate(everything.areas):
        own = everything.values[everything.values["area"] == area.name]
        groups = sorted(own["group"].unique())
        sizes = np.array([(own["group"] == group).sum() for group in groups])
        planned = np.array([area.plan.sizes[group] for group in groups])
        values = [own.loc[own["group"] == group, list(everything.questions)].to_numpy(np.float64) for group in groups]
        ones = [np.stack([(each >= least).sum(axis=0) for each in values], axis=-1) for least in AT_LEAST]
        zeros = [np.stack([(each < least).sum(axis=0) for each in values], axis=-1) for least in AT_LEAST]
        good, poor = (np.tile(np.concatenate(each), (draws, 1)) for each in (ones, zeros))
        source = List(area.name, sizes, good, poor, planned)
        looks = _looks(dict(zip(groups, planned.tolist(), strict=True)))
        for at, cuts in enumerate(asked):
            yield _said(source, cuts, np.random.default_rng([seed, at, place]), looks)


def _looks(planned: dict[str, int]) -> list[Whole]:
    """How many cases of each stratum are read by the end of each wave."""
    of_case = waves_of(planned, WAVES)
    wave_of = {label: sorted(wave for (of, _), wave in of_case.items() if of == label) for label in planned}
    return [np.array([sum(one <= wave for one in wave_of[label]) for label in planned]) for wave in range(1, WAVES + 1)]


def _said(
    source: List, cuts: Sequence[float], chance: np.random.Generator, looks: list[Whole] | None = None
) -> tuple[Floats, Floats]:
    """Of many lists, those of `source` with one row for each: what was said after each wave, and what came true."""
    looks = looks or _looks({f"{at:02d}": int(n) for at, n in enumerate(source.planned)})
    sizes, planned = source.sizes, source.planned
    said: list[Floats] = []
    came: list[Floats] = []
    before = np.zeros(len(source.ones), dtype=bool)  # of which something was said
    for at, read in enumerate(told(source, looks, len(source.ones), chance)):
        ones, zeros, blanks = read
        now = settled(sizes, ones, zeros, blanks, thresholds=cuts, alpha=ALPHA, planned=planned)
        if at:
            came.append(now[before].astype(np.float64))
        before = ~now
        if at + 1 < len(looks) and before.any():
            ones, zeros, blanks = read[:, before]
            more = looks[at + 1] - looks[at]
            chances = chance_settled(
                sizes, ones, zeros, blanks, more, thresholds=cuts, alpha=ALPHA, rng=chance, draws=DRAWS, planned=planned
            )
            said.append(chances)
    return np.concatenate(said), np.concatenate(came)
