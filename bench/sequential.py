"""What limits that hold all along promise, keep and cost: `python -m bench.sequential` (`make bench-sequential`).

The tables are those of docs/method/sequential.md, which `--report docs/method/sequential.md` writes them to; the same
seed gives the same tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bench import report, sequences
from bench.sequential_forecast import forecast
from bench.sequential_runs import Floats, List, Whole, against_truth, fixed_limits, listed, told, wagers_on_truth
from bench.sequential_services import services
from casereader.words import WORDING
from sampling.sequential import settled
from sampling.size import sample_size

ALPHA = 0.10
CUT_OFFS = [word.from_share for word in WORDING.words if 0 < word.from_share < 1]
HALF, MOST = [0.50], [0.75]
STRATA = {1: (1.0,), 4: (0.4, 0.3, 0.2, 0.1), 8: (0.25, 0.2, 0.15, 0.1, 0.1, 0.1, 0.05, 0.05)}
WAVES = 5
LOOKS = (10, WAVES, 3, 2)  # how many waves a sample is read in

TITLES = {
    "peers": "Records until the majority is settled, by sequence",
    "coverage": "How often the truth stayed within, by list",
    "expected": "Records read, by list, strata and share",
    "published": "How often what is published holds, by how reading ended",
    "forecast": "What was said of the next wave, and what came true",
    "services": "Records until it is settled, by area and question",
}
PEERS = {
    "uniform priors, likeliest split (issue 10)": sequences.likeliest_split(common=False),
    "one prior for all strata, likeliest split": sequences.likeliest_split(common=True),
    "bets in every stratum, worst split": sequences.betting_in_strata,
    "**ours**": sequences.ours,
}
DESIGNS = {"100": (100,), "40, 30, 20, 10": (40, 30, 20, 10), "8 strata of 5 to 25": (25, 20, 15, 10, 10, 10, 5, 5)}
SLOW = {("bets in every stratum, worst split", "8 strata of 5 to 25")}
WITH_BLANKS = {"ones and zeros at half of α each (issue 10)": sequences.ones_and_zeros, "**ours**": sequences.ours}
BLANK = 0.2

LISTS = [
    listed("one stratum of 100, 90%", [100], 0.9, 0, 41),
    listed("one stratum of 100, 50%", [100], 0.5, 0, 41),
    listed("one stratum of 12, 75%", [12], 0.75, 0, 6),
    listed("one stratum of 600, 5%", [600], 0.05, 0, 61),
    listed("40, 30, 20, 10, alike, 75%", [40, 30, 20, 10], 0.75, 0, 41),
    listed("40, 30, 20, 10, alike, 30% blank", [40, 30, 20, 10], 0.9, 0.3, 41),
    listed("40, 30, 20, 10, unlike, 10% blank", [40, 30, 20, 10], (0.95, 0.8, 0.5, 0.1), 0.1, 41),
    listed("7, 5, 3, alike, 20% blank", [7, 5, 3], 0.7, 0.2, 9),
    listed("300, 60, 20, 6, read unevenly, unlike", [300, 60, 20, 6], (0.6, 0.8, 0.9, 0.5), 0.1, [20, 15, 12, 6]),
    listed("8 strata of 5 to 25, 10% blank", [25, 20, 15, 10, 10, 10, 5, 5], 0.65, 0.1, 41),
    listed("8 strata of 50 to 250, 60% blank", [250, 200, 150, 100, 100, 100, 50, 50], 0.5, 0.6, 64),
]


def peers(samples: int, seed: int) -> Iterator[str]:
    """Mean records until "is it a majority?" is settled, with a look after each."""
    yield "| sequence | strata | blank | share 0.90 | 0.75 | 0.65 | wrong |\n|---|---|---:|---:|---:|---:|---:|"
    for blank, compared in ((0.0, PEERS), (BLANK, WITH_BLANKS)):
        for design, sizes in DESIGNS.items():
            whole = np.array(sizes)
            blanks = np.rint(whole * blank).astype(np.int64)
            for name, sequence in compared.items():
                if (name, design) in SLOW:
                    continue
                cells, wrong = [], 0
                for share in (0.90, 0.75, 0.65):
                    chance = np.random.default_rng([seed, len(sizes), int(share * 100), int(blank * 100)])
                    ones = _near(whole - blanks, share)
                    at, is_yes = sequence(*sequences.orders(whole, ones, blanks, samples, chance))
                    cells.append(f"{at.mean():.1f}")
                    wrong += int((~is_yes).sum())
                yield f"| {name} | {design} | {blank:.0%} | {' | '.join(cells)} | {wrong} of {3 * samples:,} |"


def coverage(runs: int, seed: int) -> Iterator[str]:
    """How often the truth is within the limits all along, to the last case."""
    yield "| list | blank | share | within the limits at ten looks | no wager on the truth won, after each record |"
    yield "|---|---:|---:|---:|---:|"
    for place, source in enumerate(LISTS):
        held, kept = covered(source, runs, np.random.default_rng([seed, place]))
        blank = 1 - (source.ones + source.zeros).sum() / source.sizes.sum()
        yield f"| {source.name} | {blank:.0%} | {source.truth:.2f} | {held:.4f} | {kept:.4f} |"


def covered(source: List, runs: int, chance: np.random.Generator) -> tuple[float, float]:
    """In which part of the runs the truth was within the limits at ten looks, and no wager on it won at any record."""
    bar, held, kept = np.log(2 / ALPHA), np.ones(runs, dtype=bool), np.ones(runs, dtype=bool)
    total, planned = int(source.sizes.sum()), int(source.planned.sum())
    asked = {round(planned * part / 5) for part in range(1, 6)} | {
        planned + round((total - planned) * part / 6) for part in range(1, 6)
    }
    for at, found in enumerate(told(source, source.read_after(range(1, total)), runs, chance), start=1):
        kept &= wagers_on_truth(source, found) < bar
        if at in asked:
            held &= against_truth(source, found) < bar
    return float(held.mean()), float(kept.mean())


def expected(samples: int, seed: int) -> Iterator[str]:
    """Mean records read of a fixed sample, and how often reading ends before its last."""
    yield (
        "| list | strata | fixed | share | majority: each record | ten waves | five | three | two | most: five waves |"
        " one word: five |\n|---:|---:|---:|---:|---|---|---|---|---|---|---|"
    )
    for cases in (100, 400, 1500):
        fixed = sample_size(cases, margin=0.1).sample_size
        for strata, parts in STRATA.items():
            for share in (0.97, 0.90, 0.75, 0.65, 0.55):
                sizes = [round(cases * part) for part in parts]
                source = listed("", sizes, 0, 0, fixed)
                ones = _near(source.sizes, share)
                source = List("", source.sizes, ones, source.sizes - ones, source.planned)
                cells = []
                looks = ((HALF, waves) for waves in (fixed, *LOOKS))
                for thresholds, waves in (*looks, (MOST, WAVES), (CUT_OFFS, WAVES)):
                    chance = np.random.default_rng([seed, cases, strata, int(share * 100), waves])
                    cells.append(_ended(source, thresholds, waves, samples, chance))
                yield f"| {cases:,} | {strata} | {fixed} | {share:.2f} | {' | '.join(cells)} |"


def _ended(source: List, thresholds: Sequence[float], waves: int, samples: int, chance: np.random.Generator) -> str:
    total = int(source.planned.sum())
    ends = [-(-total * wave // waves) for wave in range(1, waves + 1)]
    at = np.full(samples, total)
    is_open = np.ones(samples, dtype=bool)
    for end, found in zip(ends[:-1], told(source, source.read_after(ends[:-1]), samples, chance), strict=True):
        new = np.zeros(samples, dtype=bool)
        new[is_open] = _is_settled(source, found[:, is_open], thresholds)
        at[new] = end
        is_open &= ~new
        if not is_open.any():
            break
    return f"{at.mean():.0f} ({1 - is_open.mean():.0%})"


def published(runs: int, seed: int) -> Iterator[str]:
    """Which of the intervals that are published hold the truth, by how reading came to its end."""
    yield (
        "| settled | share | ended early | records | published, all | ended early | read to the end | always-valid at"
        " every end | fixed-sample at every end |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    )
    for name, thresholds, shares in (
        ("majority", HALF, (0.50, 0.55, 0.60, 0.65, 0.75, 0.90)),
        ("most", MOST, (0.55, 0.65, 0.75, 0.90, 0.97)),
        ("one word", CUT_OFFS, (0.72, 0.90, 0.97)),
    ):
        for share in shares:
            yield f"| {name} | {_published(thresholds, share, runs, np.random.default_rng([seed, int(share * 100)]))} |"


def _published(thresholds: Sequence[float], share: float, runs: int, chance: np.random.Generator) -> str:
    fixed = sample_size(400, margin=0.1).sample_size
    source = listed("", [160, 120, 80, 40], share, 0.1, fixed)
    total = int(source.planned.sum())
    ends = [-(-total * wave // WAVES) for wave in range(1, WAVES + 1)]
    at, is_open = np.full(runs, total), np.ones(runs, dtype=bool)
    always, once = np.zeros(runs, dtype=bool), np.zeros(runs, dtype=bool)
    for end, found in zip(ends, told(source, source.read_after(ends), runs, chance), strict=True):
        new = is_open.copy()
        if end < total:
            new[is_open] = _is_settled(source, found[:, is_open], thresholds)
        if new.any():
            always[new] = against_truth(source, found[:, new]) < np.log(2 / ALPHA)
            lower, upper = fixed_limits(source, found[:, new], 1 - ALPHA)
            once[new] = (lower <= source.truth + 1e-9) & (source.truth - 1e-9 <= upper)
            at[new] = end
        is_open &= ~new
    early = at < total
    said = np.where(early, always, once)
    held = [f"{cell.mean():.3f}" if len(cell) else "–" for cell in (said, said[early], said[~early], always, once)]
    return f"{source.truth:.3f} | {early.mean():.1%} | {at.mean():.0f} of {total} | {' | '.join(held)}"


def _is_settled(source: List, found: Floats, thresholds: Sequence[float]) -> NDArray[np.bool_]:
    ones, zeros, blanks = found
    return settled(source.sizes, ones, zeros, blanks, thresholds=thresholds, alpha=ALPHA, planned=source.planned)


def _near(sizes: Whole, share: float) -> Whole:
    """So many ones in each stratum that all together come nearest to the share."""
    exact = sizes * share
    counts = np.floor(exact).astype(np.int64)
    missing = round(float(exact.sum())) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return np.asarray(counts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print every table, and write it to the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=10_000, help="runs of coverage and of the rule (10,000)")
    options.add_argument("--samples", type=int, default=500, help="samples of each other setting (500)")
    options.add_argument("--draws", type=int, default=40, help="orders of tickets of the real services (40)")
    options.add_argument("--seed", type=int, default=2026)
    options.add_argument("--only", choices=list(TITLES))
    report.may_be_asked(options)
    given = options.parse_args(arguments)
    if given.report and any(getattr(given, name) != options.get_default(name) for name in ("runs", "samples", "draws")):
        options.error("the page's tables have 10,000 runs, 500 samples and 40 orders: leave these out, or --report")
    tables: dict[str, Callable[[], Iterator[str]]] = {
        "peers": lambda: peers(given.samples, given.seed),
        "coverage": lambda: coverage(given.runs, given.seed),
        "expected": lambda: expected(given.samples, given.seed),
        "published": lambda: published(given.runs, given.seed),
        "forecast": lambda: forecast([HALF, MOST, CUT_OFFS], given.samples // 20, given.draws // 40, given.seed),
        "services": lambda: services(given.draws, given.seed),
    }
    for name, table in tables.items():
        if given.only not in (None, name):
            continue
        taken = report.Circumstances.now("numpy", "scipy")
        lines = []
        for line in table():
            print(line, flush=True)
            lines.append(line)
        print()
        if given.report:
            report.write(given.report, f"bench-sequential: {name}", report.Table(TITLES[name], taken, lines), level=3)


if __name__ == "__main__":
    main()
