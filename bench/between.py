"""What lists read in full do to the variation between partnerships: `python -m bench.between`.

The chance of a good record is 62% in every partnership, or differs with a standard deviation of ten points. Lists of
60 to 900 children, of each of which 27 are read, stand beside none, two or eight short lists read in full. *With the
correction* takes the records of each by its own standard error, in which a list read in full is certain. The table is
that of docs/method/results.md; the same seed, the same table.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from casereader.rollup.variation import Beside, beside, effective_records

SHARE, READ, LONG = 0.62, 27, 22
SHORT = {"none": (), "two": (12, 14), "eight": (10, 11, 12, 12, 13, 14, 15, 18)}


def programme(chance: np.random.Generator, short: tuple[int, ...], between: float) -> pd.DataFrame:
    """The whole-sample figures of one question in a programme; `full` are read to the last child."""
    rows = []
    for place, size in enumerate((*short, *np.clip(np.exp(chance.normal(5.2, 0.7, LONG)), 60, 900).astype(int))):
        listed, n = int(size), min(int(size), READ)
        ones = int(chance.binomial(listed, np.clip(SHARE + between * chance.standard_normal(), 0.02, 0.98)))
        k = int(chance.hypergeometric(ones, listed - ones, n))
        se = float(np.sqrt((1 - n / listed) * k / n * (1 - k / n) / (n - 1)))
        rows.append((str(place), k / n, se, n, k, listed, n == listed))
    table = pd.DataFrame(rows, columns=["inspection", "share", "se", "n", "k", "population", "full"])
    return table.assign(lower=table["share"], upper=table["share"])


def both_ways(figures: pd.DataFrame) -> tuple[Beside, Beside]:
    """Beside each other with the finite population correction, as it was, and without, as it is used."""
    columns = (figures[name] for name in ("share", "se", "n", "population"))
    corrected = np.minimum(effective_records(*columns), 1e9)
    return tuple(  # type: ignore[return-value]
        beside(figures, dict(zip(figures["inspection"], m, strict=True)), least_n=10) for m in (corrected, figures["n"])
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=1000, help="programmes per setting (1000)")
    options.add_argument("--seed", type=int, default=2026)
    given = options.parse_args()
    heads = ("read in full", "true SD", "reckoned", "SD found, median", "lower limit above 0", "interval holds the SD")
    print(f"| {' | '.join(heads)} | mean off by, SD | read in full past the wide limits |")
    print("|---" * (len(heads) + 2) + "|")
    for between in (0.0, 0.1):
        for name, short in SHORT.items():
            chance = np.random.default_rng([given.seed, len(short), int(100 * between)])
            figures = [programme(chance, short, between) for _ in range(given.repeats)]
            found = [both_ways(one) for one in figures]
            for at, reckoned in enumerate(("with the correction", "as used")):
                print(_line(name, between, reckoned, figures, [one[at] for one in found]))


def _line(name: str, between: float, reckoned: str, figures: list[pd.DataFrame], found: list[Beside]) -> str:
    said = [one.found for one in found if one.found is not None]
    sd, lower, upper, mean = (
        np.array([getattr(one, what) for one in said]) for what in ("between", "lower", "upper", "mean")
    )
    past = [
        float((one.rows.loc[table["full"], "outside"] == 2).mean())
        for table, one in zip(figures, found, strict=True)
        if table["full"].any()
    ]
    holds = np.mean((lower <= between) & (between <= upper))
    return (
        f"| {name} | {100 * between:.0f} | {reckoned} | {100 * np.median(sd):.1f} | {np.mean(lower > 0):.1%} "
        f"| {holds:.1%} | {100 * np.std(mean - SHARE):.1f} | {f'{np.mean(past):.1%}' if past else ''} |"
    )


if __name__ == "__main__":
    main()
