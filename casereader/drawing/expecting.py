"""What a plan is likely to give of the groups that the roll-up reports, and of a group beside its peers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from casereader.drawing.choices import Choices
from casereader.drawing.comparison import COLUMN, NOT_KNOWN, PEERS, value_of
from casereader.returns.frames import OnList
from casereader.rollup import ATTRIBUTES
from sampling.labels import Labelled
from sampling.part import Expected, expected, margin_of_difference
from sampling.plan import Plan

FEWEST = 10  # records of a group under which the roll-up prints counts and no share


@dataclass(frozen=True)
class SubgroupRow:
    """A group that the roll-up reports, and what the sample is likely to give of it."""

    column: str
    level: str
    gives: Expected


@dataclass(frozen=True)
class ComparisonShown:
    """The group and its peers, and how near their difference would be known; `lacking` says why it would not be."""

    name: str
    group: Expected
    peers: Expected
    n_not_known: int
    lacking: str = ""

    @property
    def margin(self) -> float:
        """The half-width of the difference, 0 to 1."""
        return margin_of_difference(self.group, self.peers)


def groups(
    cases: Sequence[OnList], labelled: Labelled, plan: Plan, choices: Choices
) -> tuple[tuple[SubgroupRow, ...], ComparisonShown | None]:
    """Every group of the list, by attribute and level, and the comparison that was chosen, if one was."""
    codes = pd.Series(labelled.codes).map(dict(enumerate(labelled.labels)))

    def by_level(column: str) -> dict[str, Expected]:
        values = pd.Series([value_of(case, column, choices.comparison) or NOT_KNOWN for case in cases])
        table = pd.crosstab(values, codes)
        return {
            str(level): expected(
                labelled.counts,
                plan.sizes,
                {str(label): int(n) for label, n in row.items()},
                reserves=plan.reserves,
                confidence=choices.confidence,
            )
            for level, row in table.iterrows()
        }

    rows = []
    for column in ATTRIBUTES:
        found = by_level(column)
        if set(found) - {NOT_KNOWN}:
            rows += [SubgroupRow(column, level, gives) for level, gives in found.items()]
    shown = None
    if choices.comparison is not None:
        sides = by_level(COLUMN)
        nobody = Expected(0, 0.0, float("nan"))
        group, peers = sides.get(choices.comparison.name, nobody), sides.get(PEERS, nobody)
        shown = ComparisonShown(
            choices.comparison.name, group, peers, sides[NOT_KNOWN].population if NOT_KNOWN in sides else 0
        )
        shown = replace(shown, lacking=_lacking(shown))
    return tuple(rows), shown


def _lacking(shown: ComparisonShown) -> str:
    """Why no comparison will be possible; blank where one will."""
    for who, what in ((shown.group, shown.name), (shown.peers, "their peers")):
        if not who.population:
            return f"No comparison will be possible: the list has no case of {what}."
        if who.population < FEWEST:
            return (
                f"No comparison will be possible: the list has only {who.population} of {what}, and under {FEWEST} "
                "records the roll-up prints counts and no share."
            )
        if math.isnan(who.margin):
            return f"No comparison can be told yet: strata with cases of {what} have no record to read."
        if who.sample < FEWEST - 1e-9:
            return (
                f"No comparison will be possible: about {who.sample:.0f} of {what} would be read, and under {FEWEST} "
                f"records the roll-up prints counts and no share. Ask for {FEWEST} or more, or draw more records."
            )
    return ""
