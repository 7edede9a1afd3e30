"""How often a difference is said to be sure where nothing differs, by its test: `python -m bench.verdicts`.

Populations of two sides are sampled without replacement: each side a stratum of its own (two rounds, or a group drawn
apart), both mixed in one stratum, or mixed in four of which as many are read of each. A page looks at six questions
that have nothing to do with each other, which is the hardest case for Holm's correction. Every test works on the same
samples. Last, the interval across partnerships with few of the group read in each.
The tables are those of docs/method/results.md; the same seed, the same tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr, stdtr  # type: ignore[import-untyped]

from casereader.rollup.design import Floats
from casereader.rollup.peers import GROUP, PEERS, Sides, across_inspections, holm
from casereader.rollup.two_shares import Side, two_shares
from sampling.estimation import compare
from sampling.intervals import quantile

LEVEL, QUESTIONS = 0.90, 6
METHODS = ("t of `compare`", "one more of either kind", "Miettinen and Nurminen", "Newcombe, as used")
SHARES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
GAPS = ((0.9, 0.5), (0.8, 0.5), (0.95, 0.7), (0.6, 0.3))
# Children of the group and their peers on the list by stratum, and how many are read of each stratum.
DESIGNS = {
    "apart, 12 of 60 and 40 of 240": (((60, 0), (0, 240)), (12, 40)),
    "apart, 10 of 40 and 25 of 240": (((40, 0), (0, 240)), (10, 25)),
    "apart, 27 of 160 twice": (((160, 0), (0, 160)), (27, 27)),
    "apart, 40 of 200 and 12 of 60": (((200, 0), (0, 60)), (40, 12)),
    "apart, 12 of 20 and 40 of 200": (((20, 0), (0, 200)), (12, 40)),
    "mixed, 52 of 60 and 200": (((60, 200),), (52,)),
    "four strata, 15 of each": (((60, 120), (30, 60), (20, 40), (10, 20)), (15, 15, 15, 15)),
}
# Partnerships, children of the group and their peers on each list, records read of each.
ACROSS = ((32, (20, 180), 30), (16, (30, 180), 28), (16, (40, 160), 30), (6, (40, 160), 30))
SHIFTS = (0.4, -0.4, 0.0, -0.8)  # log-odds of the strata of a design that has several mixed ones


def samples(
    chance: np.random.Generator, design: str, shares: tuple[float, float], trials: int
) -> tuple[pd.DataFrame, float]:
    """A row per record of so many samples, and the true difference."""
    strata, drawn = DESIGNS[design]
    shifts = SHIFTS if len(strata) == 4 else (0.0,) * len(strata)
    parts, true = [], np.zeros((2, 2))
    for stratum, (listed, n, shift) in enumerate(zip(strata, drawn, shifts, strict=True)):
        ones = [round(expit(logit(share) + shift) * of) for share, of in zip(shares, listed, strict=True)]
        true += np.array([ones, listed])
        kinds = [ones[0], listed[0] - ones[0], ones[1], listed[1] - ones[1]]
        found = chance.multivariate_hypergeometric(kinds, n, size=trials)
        kind = np.repeat(np.tile(np.arange(4), trials), found.ravel())
        parts.append(
            pd.DataFrame(
                {
                    "trial": np.repeat(np.arange(trials), n),
                    "side": np.array([GROUP, PEERS], dtype=object)[kind // 2],
                    "y": (kind % 2 == 0).astype(float),
                    "stratum": stratum,
                    "population": sum(listed),
                    "weight": sum(listed) / n,
                }
            )
        )
    rates = true[0] / true[1]
    return pd.concat(parts, ignore_index=True), float(rates[0] - rates[1])


def tested(table: pd.DataFrame) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    """By each test: p, lower and upper limit of every trial in which either side has ten records."""
    found = two_shares(
        table, side="side", names=(GROUP, PEERS), stratum=("trial", "stratum"), by=("trial",), confidence=LEVEL
    )  # fmt: skip
    found = found[(found["n_group"] >= 10) & (found["n_peers"] >= 10)]
    drawn = ["trial", "stratum"]
    old = compare(table, "y", group="side", a=GROUP, b=PEERS, stratum=drawn, population="population", by="trial")
    old = old[old["trial"].isin(found["trial"])]
    se, t = old["se"].to_numpy(), old["estimate"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(se > 0, 2 * stdtr(old["df"].to_numpy(), -np.abs(t) / se), 1.0)
    sure = (se == 0) & ((old["lower"] > 0) | (old["upper"] < 0)).to_numpy()
    yield METHODS[0], np.where(sure, 0.0, p), old["lower"].to_numpy(), old["upper"].to_numpy()
    a, b = (
        Side(*(found[f"{what}_{name}"].to_numpy(dtype=float) for what in ("share", "m", "df")))
        for name in (GROUP, PEERS)
    )
    df = found["df"].to_numpy()
    p, lower, upper = one_more(a, b, df)
    yield METHODS[1], p, lower, upper
    p, lower, upper = score(a, b)
    yield METHODS[2], p, lower, upper
    yield METHODS[3], found["p"].to_numpy(), found["lower"].to_numpy(), found["upper"].to_numpy()


def one_more(a: Side, b: Side, df: Floats) -> tuple[Floats, Floats, Floats]:
    """t of shares with one more effective record of either kind (Agresti and Caffo 2000), on Welch's df."""
    shares = [(side.m * side.share + 1) / (side.m + 2) for side in (a, b)]
    se = np.sqrt(sum(share * (1 - share) / (side.m + 2) for share, side in zip(shares, (a, b), strict=True)))
    found, half = shares[0] - shares[1], quantile(LEVEL, df) * se
    return 2 * stdtr(df, -np.abs(found) / se), found - half, found + half


def score(a: Side, b: Side) -> tuple[Floats, Floats, Floats]:
    """Miettinen and Nurminen's score interval (1985) on effective records, and its p."""
    p = 2 * ndtr(-np.abs(_z(a, b, np.zeros_like(a.share))))
    found, z = a.share - b.share, float(quantile(LEVEL))
    limits = []
    for end in (-1.0, 1.0):
        inside, outside = found.copy(), np.full_like(found, end)
        for _ in range(40):
            middle = (inside + outside) / 2
            held = np.abs(_z(a, b, middle)) <= z
            inside, outside = np.where(held, middle, inside), np.where(held, outside, middle)
        limits.append(inside)
    return p, limits[0], limits[1]


def _z(a: Side, b: Side, gap: Floats) -> Floats:
    """The score statistic at a difference, with both shares as likely as can be at that difference."""
    low, high = np.maximum(0, gap), np.minimum(1, 1 + gap)  # of a's share
    for _ in range(45):  # the likelihood has one top: follow its slope
        middle = (low + high) / 2
        other = middle - gap
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = a.m * (a.share / middle - (1 - a.share) / (1 - middle))
            slope += b.m * (b.share / other - (1 - b.share) / (1 - other))
        rises = np.nan_to_num(slope, nan=0.0) > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    one = (low + high) / 2
    other = np.clip(one - gap, 0, 1)
    variance = (one * (1 - one) / a.m + other * (1 - other) / b.m) * (a.m + b.m) / (a.m + b.m - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num((a.share - b.share - gap) / np.sqrt(variance), nan=0.0)


def said(p: Floats) -> float:
    """Of pages of six questions each, how many say that something differs."""
    pages = p[: len(p) // QUESTIONS * QUESTIONS].reshape(-1, QUESTIONS)
    return float(np.mean([(holm(page) <= 1 - LEVEL).any() for page in pages]))


def lines(trials: int, seed: int) -> pd.DataFrame:
    """By setting and test: how often a page says something, the limits hold the truth, and how wide they are."""
    settings = [(design, (share, share)) for design in DESIGNS for share in SHARES]
    settings += [(design, pair) for design in DESIGNS for pair in (*GAPS, *(pair[::-1] for pair in GAPS))]
    rows = []
    for place, (design, shares) in enumerate(settings):
        table, true = samples(np.random.default_rng([seed, place]), design, shares, trials)
        for method, p, lower, upper in tested(table):
            held = (lower <= true + 1e-9) & (true - 1e-9 <= upper)
            rows.append((design, shares, shares[0] == shares[1], method, said(p), held.mean(), (upper - lower).mean()))
    return pd.DataFrame(rows, columns=["design", "shares", "alike", "method", "said", "held", "width"])


def across(
    chance: np.random.Generator,
    partnerships: int,
    listed: tuple[int, int],
    n: int,
    shares: tuple[float, float],
    trials: int,
) -> pd.DataFrame:
    """The difference across partnerships in so many trials; `old_lower` and `old_upper` add variances of `compare`."""
    ones = [round(share * of) for share, of in zip(shares, listed, strict=True)]
    found = chance.multivariate_hypergeometric(
        [ones[0], listed[0] - ones[0], ones[1], listed[1] - ones[1]], n, size=trials * partnerships
    )
    place = np.repeat(np.arange(trials * partnerships), n)
    kind = np.repeat(np.tile(np.arange(4), trials * partnerships), found.ravel())
    table = pd.DataFrame(
        {
            "question": place // partnerships,
            "inspection": (place % partnerships).astype(str),
            "side": np.array([GROUP, PEERS], dtype=object)[kind // 2],
            "y": (kind % 2 == 0).astype(float),
            "population": sum(listed),
            "weight": sum(listed) / n,
        }
    )
    keys = ["question", "inspection"]
    within = two_shares(table, side="side", names=(GROUP, PEERS), stratum=keys, by=keys, confidence=LEVEL)
    sides = Sides({}, dict.fromkeys(table["inspection"].unique(), listed))
    result = across_inspections(within, sides, LEVEL).set_index("question")
    old = compare(table, "y", group="side", a=GROUP, b=PEERS, stratum=keys, population="population", by=keys)
    old = old[old["se"].notna()].assign(squared=np.square(old["se"]))
    sums = old.groupby("question")[["df", "squared"]].sum()
    by_trial = old.groupby("question")["estimate"]
    half = quantile(LEVEL, sums["df"]) * np.sqrt(sums["squared"]) / by_trial.count()
    return result.assign(old_lower=by_trial.mean() - half, old_upper=by_trial.mean() + half)


def held(found: pd.DataFrame, true: float, old: str = "") -> float:
    """How often the limits hold the true difference."""
    return float(((found[f"{old}lower"] <= true + 1e-9) & (true - 1e-9 <= found[f"{old}upper"])).mean())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=6000, help="samples per setting, six to a page (6000)")
    options.add_argument("--seed", type=int, default=2026)
    options.add_argument("--programmes", type=int, default=1000, help="programmes per setting (1000)")
    given = options.parse_args()
    found = lines(given.trials, given.seed)
    print("| read, nothing differs: pages with a verdict at the worst share | " + " | ".join(METHODS) + " |")
    print("|---|" + "---|" * len(METHODS))
    for design in DESIGNS:
        here = found[(found["design"] == design) & found["alike"]]
        cells = [f"{here.loc[here['method'] == method, 'said'].max():.1%}" for method in METHODS]
        print(f"| {design} | " + " | ".join(cells) + " |")
    heads = ("test", "pages with a verdict, nothing differing: mean, worst", "interval held: mean, least", "width")
    print(f"\n| {' | '.join(heads)} | pages with one, something differing |")
    print("|---|---|---|---|---|")
    for method in METHODS:
        own = found[found["method"] == method]
        null, real = own[own["alike"]], own[~own["alike"]]
        print(
            f"| {method} | {null['said'].mean():.1%}, {null['said'].max():.1%} | {own['held'].mean():.1%}, "
            f"{own['held'].min():.1%} | {own['width'].mean():.3f} | {real['said'].mean():.1%} |"
        )
    print("\n| partnerships; of the group read in each, on average | shares | variances of `compare` added | as used |")
    print("|---|---|---|---|")
    for place, (partnerships, listed, n) in enumerate(ACROSS):
        for shares in ((0.5, 0.6), (0.9, 0.9)):
            chance = np.random.default_rng([given.seed, 1000 + place])
            result = across(chance, partnerships, listed, n, shares, given.programmes)
            true = round(shares[0] * listed[0]) / listed[0] - round(shares[1] * listed[1]) / listed[1]
            few = n * listed[0] / sum(listed)
            print(
                f"| {partnerships}; {few:.0f} | {shares[0]:.0%} and {shares[1]:.0%} | {held(result, true, 'old_'):.1%} "
                f"| {held(result, true):.1%} |"
            )


if __name__ == "__main__":
    main()
