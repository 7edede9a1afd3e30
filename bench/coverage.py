"""How often each interval for a share holds the truth, and how wide it is: `python -m bench.coverage`.

Populations of 15 to 900 cases, in one stratum or in four of unequal size whose shares differ, are drawn from an
expected share; each is sampled once, without replacement, and estimated by the functions that callers use. `uneven`
takes the same number from each stratum. The tables are those of docs/method/estimation.md; the same seed gives the
same tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from bench.coverage_picture import picture
from sampling.estimation.figures import answering_in_groups, figures
from sampling.estimation.sample import read_sample
from sampling.estimation.shares import METHODS, share_limits

SIZES = (5, 15, 30, 60)
POPULATIONS = (15, 60, 200, 900)
SHARES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
DESIGNS = ("one stratum", "proportional", "uneven")
PARTS = np.array([0.5, 0.25, 0.15, 0.1])
# Log-odds by which the strata's shares differ from the expected one: from a third to over twice the odds.
SHIFTS = np.array([-0.4, 0.2, 0.6, 0.9])


def whole(parts: np.ndarray, total: int, most: np.ndarray) -> np.ndarray:
    """Whole numbers in the proportion of `parts` that sum to `total`, at least 1 where that fits, at most `most`."""
    counts = np.minimum(1, most) if total >= len(parts) else np.zeros(len(parts), dtype=np.int64)
    while counts.sum() < total:
        room = np.where(counts < most, parts / (counts + 1), -1.0)
        counts[np.argmax(room)] += 1
    return counts


def trials(repeats: int, seed: int) -> Iterator[dict[str, object]]:
    """One line per setting and method: how often the interval held the population's share, and its mean width."""
    for place, (cases, n, share, design) in enumerate(product(POPULATIONS, SIZES, SHARES, DESIGNS)):
        if n >= cases:
            continue
        chance = np.random.default_rng([seed, place])
        parts, shifts = (PARTS[:1], SHIFTS[:1] * 0) if design == "one stratum" else (PARTS, SHIFTS)
        sizes = whole(parts, cases, np.full(len(parts), cases))
        drawn = whole(np.ones(len(parts)) if design == "uneven" else parts, n, sizes)
        odds = share / (1 - share) * np.exp(shifts)
        ones = chance.binomial(sizes, odds / (1 + odds), (repeats, len(parts)))
        truth = ones.sum(axis=1) / cases
        found = chance.hypergeometric(ones, sizes - ones, drawn)
        table = rows(found, drawn, sizes)
        sample = read_sample(table, ["y"], stratum=["trial", "stratum"], population="N", by="trial", binary=True)
        estimates = figures(sample, answering_in_groups(sample, "y"), "adjust")
        for method in METHODS:
            lower, upper = share_limits(sample, estimates, 0.90, method)
            held = (lower <= truth + 1e-9) & (truth - 1e-9 <= upper)
            yield {
                "cases": cases,
                "n": n,
                "share": share,
                "design": design,
                "method": method,
                "coverage": held.mean(),
                "below": (upper < truth - 1e-9).mean(),
                "above": (lower > truth + 1e-9).mean(),
                "width": (np.minimum(upper, 1) - np.maximum(lower, 0)).mean(),
            }


def rows(found: np.ndarray, drawn: np.ndarray, sizes: np.ndarray) -> pd.DataFrame:
    """One row per sampled case of every trial, from the number of ones found in each stratum."""
    trial, stratum = (part.ravel() for part in np.indices(found.shape))
    count = drawn[stratum]
    order = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return pd.DataFrame(
        {
            "trial": np.repeat(trial, count),
            "stratum": np.repeat(stratum, count),
            "N": np.repeat(sizes[stratum], count),
            "y": (order < np.repeat(found.ravel(), count)).astype(np.float64),
        }
    )


def summary(lines: pd.DataFrame, by: str) -> str:
    """A Markdown table: real coverage, in brackets its lowest value over the settings, and mean width, per method."""
    out = ["| " + " | ".join([by, *METHODS]) + " |", "|---|" + "---|" * len(METHODS)]
    for value, part in lines.groupby(by):
        cells = [str(value)]
        for method in METHODS:
            own = part[part.method == method]
            cells.append(f"{own.coverage.mean():.3f} ({own.coverage.min():.3f}) {own.width.mean():.3f}")
        out.append("| " + " | ".join(cells) + " |")
    return "\n".join(out)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=4000, help="samples per setting (4000)")
    options.add_argument("--seed", type=int, default=2026)
    options.add_argument("--picture", type=Path, metavar="FILE", help="draw the first table into this file, as SVG")
    given = options.parse_args()
    lines = pd.DataFrame(trials(given.repeats, given.seed))
    if given.picture:
        given.picture.write_text(picture(lines), encoding="utf-8")
    for by in ("n", "cases", "share", "design"):
        print(summary(lines, by), end="\n\n")
    print("| method | held | settings under 0.85 | truth above | truth below | width |\n|---|---|---|---|---|---|")
    for method in METHODS:
        own = lines[lines.method == method]
        print(
            f"| {method} | {own.coverage.mean():.3f} | {(own.coverage < 0.85).mean():.1%} | {own.below.mean():.3f} |"
            f" {own.above.mean():.3f} | {own.width.mean():.3f} |"
        )


if __name__ == "__main__":
    main()
