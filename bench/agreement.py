"""How wide each agreement coefficient's interval is at 3 to 100 pairs, and what nearly equal ratings do to it.

`python -m bench.agreement` prints the table of docs/method/readers.md. Two readers rate records on a six-point scale,
exactly alike in two thirds of the cases and within one point in 95 of 100, once with ratings spread over the scale and
once with nine in ten at 4. Percentages have the t interval of `percent_agreement`, and Wilson's, which the pages show.
The truth of a coefficient is its value over 200,000 pairs. The same seed, the same table.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from casereader.agreement import Agreement, gwet_ac, krippendorff_alpha, percent_agreement, share_of, weighted_kappa

SIX = (1, 2, 3, 4, 5, 6)
PAIRS = (3, 10, 30, 100)
SPREADS = {"spread": (0.05, 0.12, 0.23, 0.32, 0.2, 0.08), "nearly all 4": (0.01, 0.02, 0.03, 0.9, 0.03, 0.01)}
GOOD = 4
COEFFICIENTS: dict[str, Callable[[np.ndarray, np.ndarray], Agreement]] = {
    "exact": lambda a, b: percent_agreement(a, b),
    "within one": lambda a, b: percent_agreement(a, b, within=1),
    "4 or better": lambda a, b: percent_agreement(a >= GOOD, b >= GOOD),
    "exact, Wilson": lambda a, b: share_of(int((a == b).sum()), len(a)),
    "within one, Wilson": lambda a, b: share_of(int((abs(a - b) <= 1).sum()), len(a)),
    "4 or better, Wilson": lambda a, b: share_of(int(((a >= GOOD) == (b >= GOOD)).sum()), len(a)),
    "kappa, quadratic": lambda a, b: weighted_kappa(a, b, levels=SIX),
    "alpha, ordinal": lambda a, b: krippendorff_alpha(np.column_stack([a, b]), metric="ordinal"),
    "AC2, linear": lambda a, b: gwet_ac(np.column_stack([a, b]), levels=SIX, weights="linear"),
    "AC2, quadratic": lambda a, b: gwet_ac(np.column_stack([a, b]), levels=SIX, weights="quadratic"),
}


def pairs(chance: np.random.Generator, shares: tuple[float, ...], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Ratings of two readers, the second alike, a point off or two points off."""
    first = chance.choice(SIX, count, p=shares)
    # Steps beyond the scale's ends are cut off, which makes readers agree a little more there.
    steps = chance.choice([0, 1, -1, 2, -2], count, p=[0.64, 0.16, 0.15, 0.025, 0.025])
    return first, np.clip(first + steps, 1, 6)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=400, help="pairs of readers per setting (400)")
    options.add_argument("--seed", type=int, default=2026)
    given = options.parse_args()
    heads = " | ".join(f"{count} pairs" for count in PAIRS)
    print(f"| ratings | coefficient | truth | {heads} |\n|---|---|---|{'---|' * len(PAIRS)}")
    for place, (spread, shares) in enumerate(SPREADS.items()):
        for name, coefficient in COEFFICIENTS.items():
            truth = coefficient(*pairs(np.random.default_rng(given.seed), shares, 200_000)).estimate
            cells = []
            for count in PAIRS:
                chance = np.random.default_rng([given.seed, place, count])
                found = [coefficient(*pairs(chance, shares, count)) for _ in range(given.repeats)]
                known = [one for one in found if not np.isnan(one.estimate)]
                width = np.mean([one.upper - max(one.lower, -1.0) for one in known])
                held = np.mean([one.lower <= truth <= one.upper for one in known])
                none = f", none in {1 - len(known) / len(found):.0%}" if len(known) < len(found) else ""
                cells.append(f"{width:.2f} ({held:.0%}{none})")
            print(f"| {spread} | {name} | {truth:.2f} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
