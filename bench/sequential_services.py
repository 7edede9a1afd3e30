"""After how many records of real evaluations "the majority" and "most" are settled, beside the fixed sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from bench.services_coverage import Area, population
from sampling.sequential import settled

ALPHA = 0.10
ASKED = {"majority": [0.50], "most": [0.75]}
AT_LEAST = (4, 5)
_TITLES = {"play_learning": "play and learning"}


def services(draws: int, seed: int) -> Iterator[str]:
    """One row an area: the median records over so many orders of tickets, by question, majority / most."""
    everything = population()
    for at_least in AT_LEAST:
        yield (
            "| rated "
            + f"{at_least} or better | fixed | "
            + " | ".join(_TITLES.get(question, question) for question in everything.questions)
            + " |\n|---|---:|"
            + "---|" * len(everything.questions)
        )
        early, spared, asked = 0.0, 0.0, 0
        for place, area in enumerate(everything.areas):
            own = everything.values[everything.values["area"] == area.name]
            chance = np.random.default_rng([seed, at_least, place])
            found = _records(area, own, everything.questions, at_least, draws, chance)
            total = sum(area.plan.sizes.values())
            cells = [
                " / ".join(_said(found[name][:, at], total) for name in ASKED)
                for at in range(len(everything.questions))
            ]
            yield f"| {area.name} | {total} | {' | '.join(cells)} |"
            for records in found.values():
                early += float((records < total).sum())
                spared += float((total - np.minimum(records, total)).sum() / total)
                asked += records.size
        yield (
            f"\nRated {at_least} or better, all areas, questions and both words: settled before the last record of the "
            f"fixed sample in {early / asked:.0%}; {spared / asked:.0%} of its records spared on average.\n"
        )


def _said(records: np.ndarray, total: int) -> str:
    middle = float(np.median(records))
    return f"{middle:.0f}" if middle <= total else "–"


def _records(
    area: Area,
    own: pd.DataFrame,
    questions: Sequence[str],
    at_least: int,
    draws: int,
    chance: np.random.Generator,
) -> dict[str, np.ndarray]:
    """By word: records read until it is settled, by order of tickets and question; one more than all where never."""
    groups = sorted(own["group"].unique())
    sizes = np.array([(own["group"] == group).sum() for group in groups])
    planned = np.array([area.plan.sizes[group] for group in groups])
    strata = np.array([h for _, h in sorted(((at + 0.5) / n, h) for h, n in enumerate(planned) for at in range(n))])
    values = [own.loc[own["group"] == group, list(questions)].to_numpy(dtype=np.float64) for group in groups]
    orders = [np.stack([one[chance.permutation(len(one))] for _ in range(draws)]) for one in values]
    counts = np.zeros((3, draws, len(questions), len(groups)))
    records = {name: np.full((draws, len(questions)), len(strata) + 1) for name in ASKED}
    taken = np.zeros(len(groups), dtype=np.int64)
    for at, stratum in enumerate(strata, start=1):
        said = orders[stratum][:, taken[stratum]]
        taken[stratum] += 1
        for kind, where in enumerate((said >= at_least, said < at_least, np.isnan(said))):
            counts[kind, :, :, stratum] += where
        for name, thresholds in ASKED.items():
            is_open = records[name] > len(strata)
            if is_open.any():
                found = settled(sizes, *counts[:, is_open], thresholds=thresholds, alpha=ALPHA, planned=planned)
                records[name][is_open] = np.where(found, at, len(strata) + 1)
    return records
