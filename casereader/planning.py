"""What a choice of strata and size would give: sizes, reserves, weights and margins of error. Keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from casereader import frames
from casereader.errors import RefusedError
from casereader.models import Case
from sampling.errors import PlanError
from sampling.labels import label_cases
from sampling.plan import Plan, plan_for
from sampling.size import margins_of, sample_size

TEN_MORE = 10
LONGEST_TEXT = 300  # of a source or a reason
METHODS = {"proportional": "In proportion to its size", "equal": "The same number from each"}


@dataclass(frozen=True)
class Choices:
    """What the coordinator chose; shares are decimal text, 0 to 1, so that nothing is lost on the way to a digest."""

    strata: tuple[str, ...] = ("group",)
    size: int | None = None  # None: by precision
    confidence: str = "0.9"
    margin: str = "0.15"
    ineligible: str = "0"
    method: str = "proportional"
    minimum: int = 2
    reserve: str = "50%"
    second_share: str = "0.1"


@dataclass(frozen=True)
class IndependentCount:
    """What another source says of a group's size, or that there is none."""

    group: str
    listed: int
    count: int | None = None
    source: str = ""
    no_source: bool = False
    reason: str = ""  # for a difference

    def faults(self) -> list[str]:
        """What keeps this from standing beside the list."""
        if self.no_source:
            return [] if self.count is None else [f"Group {self.group}: give a count or tick that no source exists."]
        if self.count is None:
            return [f"Group {self.group}: enter the count of another source, or tick that no source exists."]
        found = [
            f"Group {self.group}: the {what} has {len(text)} characters. Say it in {LONGEST_TEXT} at most."
            for what, text in (("source", self.source), ("reason", self.reason))
            if len(text) > LONGEST_TEXT
        ]
        found += [] if self.source.strip() else [f"Group {self.group}: say where the count comes from."]
        if self.count != self.listed and not self.reason.strip():
            found.append(f"Group {self.group}: the list has {self.listed}, the other source {self.count}. Explain why.")
        return found


@dataclass(frozen=True)
class StratumRow:
    """One stratum of a previewed plan; `margin` is a half-width, 0 to 1, NaN where none is read."""

    stratum: str
    population: int
    sample: int
    reserve: int
    margin: float

    @property
    def weight(self) -> float | None:
        """How many cases each sampled one stands for."""
        return self.population / self.sample if self.sample else None


@dataclass(frozen=True)
class Preview:
    """What a choice would give; `margin` is the half-width of the overall share, 0 to 1."""

    plan: Plan
    rows: tuple[StratumRow, ...]
    margin: float
    margin_with_ten_more: float | None
    warnings: tuple[str, ...] = field(default=())

    @property
    def population(self) -> int:
        """Cases on the list."""
        return sum(row.population for row in self.rows)

    @property
    def size(self) -> int:
        """Cases to read."""
        return sum(row.sample for row in self.rows)

    @property
    def reserve(self) -> int:
        """Cases in reserve."""
        return sum(row.reserve for row in self.rows)

    @property
    def empty(self) -> tuple[str, ...]:
        """Strata with cases but none to read: they must be merged or given one."""
        return tuple(row.stratum for row in self.rows if not row.sample)


def table_of(cases: Sequence[Case], *, columns: Sequence[str]) -> pd.DataFrame:
    """The list as `sampling` reads it: references and the columns asked for, as text."""
    return pd.DataFrame(
        {
            "case_ref": [case.case_ref for case in cases],
            **{column: [frames.value_of(case, column) for case in cases] for column in columns},
        },
        dtype="str",
    )


def preview(cases: Sequence[Case], *, choices: Choices) -> Preview:
    """What `choices` would give on this list; raises RefusedError with the arithmetic when they cannot be met."""
    table = table_of(cases, columns=choices.strata)
    try:
        counts = label_cases(table, choices.strata).counts
        size = choices.size if choices.size is not None else _size_for(choices, population=len(table))
        plan, warnings = _plan(table, choices, size=size)
        widths, overall = margins_of(counts, plan.sizes, confidence=choices.confidence)
        more = None
        if size + TEN_MORE <= len(table):
            bigger, _ = _plan(table, choices, size=size + TEN_MORE)
            _, more = margins_of(counts, bigger.sizes, confidence=choices.confidence)
    except (PlanError, ValueError) as error:
        faults = error.faults if isinstance(error, PlanError) else [error]
        raise RefusedError(*(str(fault) for fault in faults)) from error
    notes = [str(warning) for warning in warnings]
    if choices.size is None and overall * 1000 > float(choices.margin) * 1000 + 0.5:
        notes.append(
            f"You asked for ± {float(choices.margin) * 100:g} percentage points; with these strata and this minimum "
            f"the sample gives ± {overall * 100:.1f}. Set the size by number to come nearer."
        )
    rows = tuple(
        StratumRow(label, population, plan.sizes[label], plan.reserves[label], widths[label])
        for label, population in counts.items()
    )
    return Preview(plan, rows, overall, more, tuple(notes))


def _plan(table: pd.DataFrame, choices: Choices, *, size: int) -> tuple[Plan, list[Any]]:
    """One door for preview and deed."""
    return plan_for(
        table,
        strata=choices.strata,
        size=size,
        method=choices.method,  # type: ignore[arg-type]
        minimum=choices.minimum,
        reserve=choices.reserve,
    )


def _size_for(choices: Choices, *, population: int) -> int:
    return sample_size(
        population, confidence=choices.confidence, margin=choices.margin, ineligible=choices.ineligible
    ).sample_size
