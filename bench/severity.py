"""How well severity of readers is measured: how often its intervals hold the truth, and who is found by chance.

`python -m bench.severity` prints the table of docs/method/readers.md. Partnerships and strata differ, ratings of
one record go together, six of fourteen readers read in each partnership and every tenth record is read twice. A
reader of severity s moves a rating by one point with probability |s|, so that s is exact; ratings lie between 2 and 5
before that.
The same seed, the same table.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from casereader.severity import Severity, measure

READERS, IN_EACH, QUESTIONS = 14, 6, 10
STRATA = (20, 12, 8, 4)  # records read of each
PLACES = (8, 12, 20)
NONE = np.zeros(READERS)
SOME = np.array([-0.5, -0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.5])
TWICE, BLANK, IN_COMMON = 0.1, 0.05, 0.35


def programme(chance: np.random.Generator, n_places: int, severity: np.ndarray) -> pd.DataFrame:
    """The ratings of one programme."""
    rows = []
    record = 0
    for place in range(n_places):
        readers = chance.choice(READERS, IN_EACH, replace=False)
        for stratum, n in enumerate(STRATA):
            level = 0.3 * chance.standard_normal() + 0.4 * chance.standard_normal(QUESTIONS)
            for _ in range(n):
                record += 1
                quality = np.sqrt(IN_COMMON) * chance.standard_normal()
                for reader in chance.choice(readers, 2 if chance.random() < TWICE else 1, replace=False):
                    seen = level + quality + np.sqrt(1 - IN_COMMON) * chance.standard_normal(QUESTIONS)
                    rated = 2 + np.searchsorted([-1.0, -0.2, 0.9], seen)
                    moved = np.sign(severity[reader]) * (chance.random(QUESTIONS) < abs(severity[reader]))
                    asked = chance.random(QUESTIONS) >= BLANK
                    rows += [
                        ((record, reader), record, reader, place, stratum, question, rated[question] + moved[question])
                        for question in np.flatnonzero(asked)
                    ]
    table = pd.DataFrame(rows, columns=["reading", "record", "reader", "partnership", "stratum", "question", "points"])
    return table.assign(y=(table["points"] >= 4).astype(float))


def truths(found: Severity, severity: np.ndarray) -> dict[int, float]:
    """The severity of each reader shown, less the mean of them by readings."""
    shown = {int(str(one.reader)): one.n_readings for one in found.readers}
    mean = np.average([severity[name] for name in shown], weights=list(shown.values()))
    return {name: float(severity[name] - mean) for name in shown}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=100, help="programmes per setting (100)")
    options.add_argument("--seed", type=int, default=2026)
    given = options.parse_args()
    print(
        "| partnerships | readers shown | 95% interval: half width | held | bias "
        "| somebody stands apart, none severe | half a point found | a quarter found |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for n_places in PLACES:
        shown: list[int] = []
        half: list[float] = []
        held: list[bool] = []
        bias: list[float] = []
        found_of: dict[float, list[bool]] = {0.25: [], 0.5: []}
        false: list[bool] = []
        for repeat in range(given.repeats):
            for severity in (NONE, SOME):
                chance = np.random.default_rng([given.seed, n_places, repeat])
                found = measure(programme(chance, n_places, severity))
                truth = truths(found, severity)
                shown.append(len(found.readers))
                for one in found.readers:
                    at = int(str(one.reader))
                    if one.points is not None:
                        half.append((one.points.upper - one.points.lower) / 2)
                        held.append(one.points.lower <= truth[at] <= one.points.upper)
                        bias.append(one.points.estimate - truth[at])
                    if abs(severity[at]) > 0:
                        found_of[abs(severity[at])].append(one.stands_apart)
                if severity is NONE:
                    false.append(any(one.stands_apart for one in found.readers))
        print(
            f"| {n_places} | {np.mean(shown):.1f} | {np.mean(half):.2f} | {np.mean(held):.3f} | {np.mean(bias):+.3f} "
            f"| {np.mean(false):.3f} | {np.mean(found_of[0.5]):.0%} | {np.mean(found_of[0.25]):.0%} |"
        )


if __name__ == "__main__":
    main()
