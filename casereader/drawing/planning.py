"""What a choice of strata and size would give: sizes, reserves, weights and margins of error. Keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pandas as pd

from casereader.drawing.choices import Choices
from casereader.drawing.comparison import Comparison, value_of
from casereader.drawing.expecting import FEWEST, ComparisonShown, SubgroupRow, groups
from casereader.errors import RefusedError
from casereader.returns.frames import OnList
from sampling.allocation import Method, allocate
from sampling.errors import PlanError
from sampling.exact import exact
from sampling.labels import Labelled, label_cases
from sampling.part import allocate_with_part
from sampling.plan import Plan, Selection, plan_for
from sampling.size import margins_of, sample_size
from sampling.within import Choices as HowShared

TEN_MORE = 10


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
    subgroups: tuple[SubgroupRow, ...] = ()
    comparison: ComparisonShown | None = None
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


def table_of(cases: Sequence[OnList], *, columns: Sequence[str], comparison: Comparison | None = None) -> pd.DataFrame:
    """The list as `sampling` reads it: references and the columns asked for, as text."""
    return pd.DataFrame(
        {
            "case_ref": [case.case_ref for case in cases],
            **{column: [value_of(case, column, comparison) for case in cases] for column in columns},
        },
        dtype="str",
    )


def with_usual(choices: Choices, usual: Comparison, on_list: Mapping[str, Mapping[str, int]]) -> Choices:
    """The choices with the usual comparison, and enough records of its group for a share where the list has them."""
    counts = on_list[usual.column]
    group = sum(n for value, n in counts.items() if value in usual.values)
    enough = group >= FEWEST and sum(counts.values()) - group >= FEWEST
    return replace(
        choices,
        comparison_column=usual.column,
        comparison_values=usual.values,
        comparison_least=FEWEST if enough else 0,
    )


def settled(cases: Sequence[OnList], *, choices: Choices) -> Choices:
    """The same choices, with the comparison group as strata of its own where it needs that to get its records."""
    if choices.comparison is None or not choices.comparison_least:
        return replace(choices, comparison_apart=False)
    seen: dict[tuple[str | None, ...], str] = {}
    for case in cases:
        stratum = tuple(value_of(case, column, None) for column in choices.strata)
        side = choices.comparison.side(value_of(case, choices.comparison.column, None))
        if seen.setdefault(stratum, side) != side:
            return replace(choices, comparison_apart=True)
    return replace(choices, comparison_apart=False)


def preview(cases: Sequence[OnList], *, choices: Choices) -> Preview:
    """What `choices` would give on this list; raises RefusedError with the arithmetic when they cannot be met."""
    choices = settled(cases, choices=choices)
    table = table_of(cases, columns=choices.columns, comparison=choices.comparison)
    more = None
    try:
        labelled = label_cases(table, choices.drawn_within)
        counts = labelled.counts
        size = choices.size if choices.size is not None else _size_for(choices, population=len(table))
        part = _part(cases, labelled, choices)
        plan, notes = _plan(table, labelled, choices, part, size=size)
        widths, overall = margins_of(counts, plan.sizes, confidence=choices.confidence)
        if choices.method != "fixed" and size + TEN_MORE <= len(table) and choices.maximum is None:
            bigger, _ = _plan(table, labelled, choices, part, size=size + TEN_MORE)
            _, more = margins_of(counts, bigger.sizes, confidence=choices.confidence)
    except (PlanError, ValueError) as error:
        faults = [fault.sentence for fault in error.faults] if isinstance(error, PlanError) else [str(error)]
        raise RefusedError(*faults) from error
    if choices.size is None and choices.method != "fixed" and overall * 1000 > float(choices.margin) * 1000 + 0.5:
        notes.append(
            f"You asked for ± {float(choices.margin) * 100:g} percentage points; with these strata and this minimum "
            f"the sample gives ± {overall * 100:.1f}. Set the size by number to come nearer."
        )
    rows = tuple(
        StratumRow(label, population, plan.sizes[label], plan.reserves[label], widths[label])
        for label, population in counts.items()
    )
    subgroups, comparison = groups(cases, labelled, plan, choices)
    return Preview(plan, rows, overall, more, subgroups, comparison, tuple(notes))


def _plan(
    table: pd.DataFrame, labelled: Labelled, choices: Choices, part: set[str], *, size: int
) -> tuple[Plan, list[str]]:
    """One door for preview and deed."""
    shared: HowShared = {
        "method": cast(Method, choices.method),
        "minimum": choices.minimum,
        "maximum": choices.maximum,
    }
    if choices.method == "power":
        shared["power"] = choices.power
    elif choices.method == "neyman":
        shared["sd"] = choices.figures
    sized: dict[str, Any] = {"size": size, **shared}
    if choices.method == "fixed":
        sized = {"sizes": _sizes(choices.figures), "minimum": choices.minimum, "maximum": choices.maximum}
    elif part:
        sized = {"sizes": _with_part(labelled.counts, part, choices, shared, size=size)}
    selection = cast(Selection, choices.selection)
    plan, warnings = plan_for(
        table,
        strata=choices.drawn_within,
        reserve=choices.reserve,
        selection=selection,
        order_by=choices.order_by if selection == "systematic" else (),
        **sized,
    )
    notes = [
        warning.sentence for warning in warnings if warning.column != "stratum"
    ]  # the page says more of empty strata
    got = sum(plan.sizes[label] for label in part)
    if part and got < choices.comparison_least and choices.comparison is not None:
        notes.append(f"You asked for {choices.comparison_least} records of {choices.comparison.name}; {got} are drawn.")
    return plan, notes


def _with_part(
    counts: Mapping[str, int], part: set[str], choices: Choices, shared: HowShared, *, size: int
) -> dict[str, int]:
    """Sizes with enough of the comparison group: on top of what a precision needs, within a number that was typed."""
    least = choices.comparison_least
    if choices.size is None:
        plain = allocate(counts, size=size, **shared)
        within = min(least, sum(counts[label] for label in part))
        size = min(size + max(0, within - sum(plain[label] for label in part)), sum(counts.values()))
    return dict(allocate_with_part(counts, part=part, least=least, size=size, **shared))


def _part(cases: Sequence[OnList], labelled: Labelled, choices: Choices) -> set[str]:
    """The strata of the comparison group, where it is to have a number of its own."""
    comparison = choices.comparison
    if comparison is None or not choices.comparison_least:
        return set()
    sides = (comparison.side(value_of(case, comparison.column, None)) for case in cases)
    return {labelled.labels[code] for code, side in zip(labelled.codes, sides, strict=True) if side == comparison.name}


def _size_for(choices: Choices, *, population: int) -> int:
    return sample_size(
        population, confidence=choices.confidence, margin=choices.margin, ineligible=choices.ineligible
    ).sample_size


def _sizes(figures: Mapping[str, str]) -> dict[str, int]:
    """Typed sizes as whole numbers; ValueError where one is none."""
    sizes = {}
    for label, text in figures.items():
        number = exact(text)
        if number.denominator != 1:
            raise ValueError(f"stratum '{label}': {text} is no whole number of cases")
        sizes[label] = int(number)
    return sizes
