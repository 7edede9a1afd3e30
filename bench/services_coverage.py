"""How often intervals hold the truth of a whole population of real evaluations: `python -m bench.services_coverage`.

The population is every registered service of `data/services/services-2025.csv`, area by area. The first table is the
one draw that `flask --app app demo services` makes; the second the mean over many draws of the same plans. Every
interval comes from the function that roll-ups use. The same number of draws gives the same tables.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from casereader.demo.invented.services_file import (
    CHOICES,
    FILE,
    PUBLIC_VALUE,
    PUBLIC_VALUE_SOURCE,
    by_area,
    salt_of,
    services_in,
)
from casereader.demo.services import INSTRUMENT
from casereader.drawing.choices import IndependentCount
from casereader.drawing.planning import preview, table_of
from casereader.drawing.plans import Secrets, bound_with
from casereader.instrument import load
from casereader.models import Case
from sampling.commitment import commitment, seed
from sampling.digest import frame_lines, json_digest
from sampling.draw import draw
from sampling.estimation import estimate_share
from sampling.intervals import clopper_pearson
from sampling.plan import Plan

DATA = Path(__file__).resolve().parent.parent / "data"
AT_LEAST = (4, 5)
FEW = 5  # fewer evaluated services in the sample than this are told apart
GROUPS = {"n ≥ 5": (FEW, np.inf), "n < 5": (1, FEW)}
NEARLY = 1e-9


@dataclass(frozen=True)
class Area:
    """One area: its list, its plan, and the seed of the demonstration's draw."""

    name: str
    table: pd.DataFrame  # case_ref, group
    plan: Plan
    seed: str


@dataclass(frozen=True)
class Population:
    """Every area, and what each service was given: case_ref, area, group, N and one column per question."""

    areas: Sequence[Area]
    values: pd.DataFrame
    questions: Sequence[str]


def population() -> Population:
    """The services of the file, with the plan and seed of each area as the demonstration has them."""
    instrument = load(DATA / "instruments" / f"{INSTRUMENT}.toml")
    questions = instrument.parts
    listed = by_area(services_in(DATA / "services" / FILE, questions))
    areas = []
    for name, services in listed.items():
        cases = [Case(case_ref=one.case_ref, group=one.service, frame_id=0) for one in services]
        groups = Counter(one.service for one in services)
        bound = bound_with(
            CHOICES,
            instrument=(instrument.id, instrument.version),
            public_value_source=PUBLIC_VALUE_SOURCE,
            public_value_due_at=None,
            independent_counts=[IndependentCount(group, n, no_source=True) for group, n in sorted(groups.items())],
            secrets=Secrets(),
        )
        plan = replace(preview(cases, choices=CHOICES).plan, bound=bound)
        lines = frame_lines((one.service, one.case_ref) for one in services)
        drawn_from = seed(commitment(lines, salt_of(name)), json_digest(plan.as_json()), PUBLIC_VALUE)
        areas.append(Area(name, table_of(cases, columns=("group",)), plan, drawn_from))
    values = pd.DataFrame(
        [
            {"case_ref": one.case_ref, "area": one.area, "group": one.service, **one.evaluations}
            for services in listed.values()
            for one in services
        ]
    )
    for question in questions:
        values[question] = pd.to_numeric(values[question])
    values["N"] = values.groupby(["area", "group"])["case_ref"].transform("size")
    return Population(areas, values, questions)


def sample(everything: Population, seeds: Sequence[str]) -> pd.DataFrame:
    """The rows of one draw, given the seed of each area."""
    refs = [
        ref
        for area, text in zip(everything.areas, seeds, strict=True)
        for ref in draw(area.table, area.plan, seed=text).sample.query("role == 'main'")["case_ref"]
    ]
    return everything.values.set_index("case_ref").loc[refs].reset_index()


def held(everything: Population, rows: pd.DataFrame, question: str, at_least: int) -> pd.DataFrame:
    """Per area with an evaluated service in the sample: n, and whether the 90% interval holds the truth.

    `flat`: no stratum that was read in part holds both services that reach the evaluation and services that do not.
    `held_exact`: the same as `held`, had the exact interval on the effective number of records stood in where flat.
    """
    truth = _share(everything.values, question, at_least).groupby(everything.values["area"]).mean()
    rows = rows.assign(y=_share(rows, question, at_least))
    found = estimate_share(
        rows,
        "y",
        stratum=["area", "group"],
        population="N",
        by="area",
        confidence=0.90,
    )
    found = found[found["n"] > 0].set_index("area")
    there = truth[found.index]
    width = found["upper"].clip(upper=1) - found["lower"].clip(lower=0)
    covers = (found["lower"] <= there + NEARLY) & (there <= found["upper"] + NEARLY)
    flat = ~_varies(rows)[found.index]
    lower, upper = clopper_pearson(*_effective(rows, found["estimate"]), 0.90)
    exact = np.where(flat, (lower <= there + NEARLY) & (there <= upper + NEARLY), covers)
    return pd.DataFrame({"n": found["n"], "held": covers, "width": width, "flat": flat, "held_exact": exact})


def _effective(rows: pd.DataFrame, share: pd.Series[float]) -> tuple[pd.Series[float], pd.Series[float]]:
    """The effective number of records, (Σw)²/Σw², and how many of them reach the evaluation, per area."""
    weight = (rows["N"] / rows.groupby(["area", "group"])["y"].transform("size")).where(rows["y"].notna())
    size = (weight.groupby(rows["area"]).sum() ** 2 / (weight**2).groupby(rows["area"]).sum())[share.index]
    return share * size, size


def _varies(rows: pd.DataFrame) -> pd.Series[bool]:
    """Per area, whether some stratum that was read in part holds both."""
    strata = rows.groupby(["area", "group"]).agg(
        N=("N", "first"), drawn=("N", "size"), low=("y", "min"), high=("y", "max")
    )
    both = (strata["drawn"] < strata["N"]) & (strata["low"] < strata["high"])
    return both.groupby(level="area").any()


def one_draw(everything: Population) -> str:
    """The demonstration's draw, as a Markdown table: areas whose interval holds the truth, of how many."""
    rows = sample(everything, [area.seed for area in everything.areas])
    lines = ["| question | rated | " + " | ".join(f"areas with {group}" for group in GROUPS) + " | missed |"]
    lines.append("|---|---|" + "---|" * (len(GROUPS) + 1))
    for question in everything.questions:
        for at_least in AT_LEAST:
            found = held(everything, rows, question, at_least)
            cells = []
            for low, high in GROUPS.values():
                part = found[(found["n"] >= low) & (found["n"] < high)]
                cells.append(f"{part['held'].sum()} of {len(part)}" if len(part) else "–")
            missed = ", ".join(f"{area} (n = {n})" for area, n in found.loc[~found["held"], "n"].items()) or "none"
            lines.append(f"| {_titled(question)} | {at_least} or better | {' | '.join(cells)} | {missed} |")
    return "\n".join(lines)


def many_draws(everything: Population, draws: int) -> str:
    """Mean share of intervals that hold the truth over draws with seeds 1, 2, 3 …, and their mean width."""
    found = []
    for number in range(1, draws + 1):
        rows = sample(everything, [str(number)] * len(everything.areas))
        for question in everything.questions:
            for at_least in AT_LEAST:
                found.append(held(everything, rows, question, at_least).assign(question=question, at_least=at_least))
    every = pd.concat(found)
    lines = [
        "| question | rated | "
        + " | ".join(f"{g}: held | mean width" for g in GROUPS)
        + " | area held least | flat | held where not flat | held, exact where flat | area held least then |"
    ]
    lines.append("|---|---|" + "---|---|" * len(GROUPS) + "---|---|---|---|---|")
    for question in everything.questions:
        for at_least in AT_LEAST:
            own = every[(every["question"] == question) & (every["at_least"] == at_least)]
            cells = []
            for low, high in GROUPS.values():
                part = own[(own["n"] >= low) & (own["n"] < high)]
                cells.append(f"{part['held'].mean():.3f} | {part['width'].mean():.2f}" if len(part) else "– | –")
            enough = own[own["n"] >= FEW]
            cells += [
                _held_least(enough["held"], draws),
                f"{enough['flat'].mean():.3f}",
                f"{enough.loc[~enough['flat'], 'held'].mean():.3f}",
                f"{enough['held_exact'].mean():.3f}",
                _held_least(enough["held_exact"], draws),
            ]
            lines.append(f"| {_titled(question)} | {at_least} or better | {' | '.join(cells)} |")
    return "\n".join(lines)


def _held_least(held: pd.Series[bool], draws: int) -> str:
    """The area whose interval held least often, of those with enough services in half of the draws or more."""
    areas = held.groupby(level=0).agg(["mean", "size"])
    areas = areas[areas["size"] >= draws / 2]
    return f"{areas['mean'].idxmin()} {areas['mean'].min():.3f}" if len(areas) else "–"


def _titled(question: str) -> str:
    """The name of a question as text has it: `play_learning` is Play and learning."""
    return question.replace("_", " and ").capitalize()


def _share(values: pd.DataFrame, question: str, at_least: int) -> pd.Series[float]:
    """1 where a service has at least this evaluation, 0 where it has less, blank where it was not evaluated."""
    return (values[question] >= at_least).astype(float).where(values[question].notna())


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=200, help="draws of the second table (200)")
    given = options.parse_args()
    everything = population()
    drawn = sum(sum(area.plan.sizes.values()) for area in everything.areas)
    print(f"{len(everything.values):,} services in {len(everything.areas)} areas; {drawn:,} drawn.\n")
    print(one_draw(everything), end="\n\n")
    print(many_draws(everything, given.draws))


if __name__ == "__main__":
    main()
