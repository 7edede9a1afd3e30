"""The plan of a draw: what is fixed before the seed exists, and stands in the certificate.

`plan_for` works it out from a checked list and the choices of a person; the same plan and seed always draw the same
sample. Shares in it are decimal text, so that its canonical JSON is the same everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any, Literal, Unpack, get_args

import pandas as pd

from sampling.allocation import Method
from sampling.errors import Fault, PlanError
from sampling.exact import Number, ceiling, decimal_text, exact
from sampling.frame.rules import FrameRules
from sampling.labels import label_cases
from sampling.within import Choices, allocate_within

Selection = Literal["tickets", "systematic", "pps"]
OUTPUT_COLUMNS = (
    "case_ref",
    "stratum",
    "role",
    "order",
    "ticket",
    "population",
    "sample_size",
    "inclusion_probability",
    "weight",
)


class Sizing(Choices, total=False):
    """How many, how shared out and how many in reserve: as in `allocate_within` and `plan_from_counts`."""

    size: int | None
    sizes: Mapping[str, int] | None
    confidence: Number | None
    margin: Number | None
    reserve: str | int
    rules: FrameRules | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sizes and reserves for each stratum label, and every choice they came from.

    `start` gives, for a stratum, the ticket after which its cases are taken (then round to the smallest): how a
    programme avoids the cases of an earlier one that used the same seed. `bound` is what else was fixed with the plan,
    as text: the draw does not look at it, and its digest covers it.
    """

    sizes: Mapping[str, int]
    reserves: Mapping[str, int] = field(default_factory=dict)
    strata: tuple[str, ...] = ("stratum",)
    within: str | None = None
    id: str = "case_ref"
    method: Method = "fixed"
    size: int | None = None
    confidence: str | None = None
    margin: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    power: str | None = None
    sd: Mapping[str, str] | None = None
    mean: Mapping[str, str] | None = None
    take_all: tuple[str, ...] = ()
    reserve: str = "0"
    selection: Selection = "tickets"
    order_by: tuple[str, ...] = ()
    measure: str | None = None
    start: Mapping[str, str] = field(default_factory=dict)
    rules: FrameRules | None = None
    bound: Mapping[str, str | list[str] | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The plan as plain lists, whole numbers and text; its canonical JSON is what a commitment binds."""
        plain: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name == "bound" and not value:
                continue  # a plan of the command line binds nothing else, and its JSON is as it always was
            if isinstance(value, FrameRules):
                value = value.as_mapping()
            elif isinstance(value, Mapping):
                value = dict(value)
            elif isinstance(value, tuple):
                value = list(value)
            plain[each.name] = value
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Plan:
        """The plan that `as_json` wrote."""
        given = dict(plain)
        for name in ("strata", "take_all", "order_by"):
            given[name] = tuple(given[name])
        if given["rules"] is not None:
            given["rules"] = FrameRules.from_mapping(given["rules"])
        return cls(**given)


def plan_for(
    table: pd.DataFrame,
    *,
    strata: Sequence[str] = ("stratum",),
    within: str | None = None,
    id: str = "case_ref",
    selection: Selection = "tickets",
    order_by: Sequence[str] = (),
    measure: str | None = None,
    start: Mapping[str, str] | None = None,
    **sizing: Unpack[Sizing],
) -> tuple[Plan, list[Fault]]:
    """The plan for a list, and the warnings to heed before committing to it; raises PlanError with every fault.

    How many is said as in `allocate_within`; `reserve` is a number for each stratum, or a share of its size ("50%").
    """
    faults = selection_faults(table, selection, order_by, measure, start or {})
    if id in table.columns:
        measures(table, measure, table[id].tolist(), faults)
    groups: Mapping[str, Mapping[str, int]] | None = None
    try:
        groups = label_cases(table, strata, within).counts_by_group
    except PlanError as error:
        faults += error.faults
    return plan_from_counts(
        groups,
        strata=strata,
        within=within,
        id=id,
        selection=selection,
        order_by=order_by,
        measure=measure,
        start=start,
        faults=faults,
        **sizing,
    )


def plan_from_counts(
    groups: Mapping[str, Mapping[str, int]] | None,
    *,
    strata: Sequence[str] = ("stratum",),
    within: str | None = None,
    id: str = "case_ref",
    size: int | None = None,
    sizes: Mapping[str, int] | None = None,
    confidence: Number | None = None,
    margin: Number | None = None,
    reserve: str | int = 0,
    selection: Selection = "tickets",
    order_by: Sequence[str] = (),
    measure: str | None = None,
    start: Mapping[str, str] | None = None,
    rules: FrameRules | None = None,
    faults: Sequence[Fault] = (),
    **choices: Unpack[Choices],
) -> tuple[Plan, list[Fault]]:
    """The same from the cases counted: `within` value → label → N (`''` without `within`; None where none could be).

    `faults` are those found before, to be told with the others: PlanError has all.
    """
    found = [*column_faults(strata, within, id), *faults]
    share = _reserve(reserve, found)
    sizing, counts = None, {}
    if groups is not None:
        in_order = sorted((label.encode(), label, n) for group in groups.values() for label, n in group.items())
        counts = {label: n for _, label, n in in_order}
        try:
            sizing = allocate_within(groups, size=size, sizes=sizes, confidence=confidence, margin=margin, **choices)
        except PlanError as error:
            found += error.faults
    if found or sizing is None:
        raise PlanError(list(dict.fromkeys(found)))
    ordered = {label: sizing[label] for label in counts}
    power = choices.get("power", 0.5) if choices.get("method") == "power" else None
    plan = Plan(
        sizes=ordered,
        reserves={label: min(share(n), counts[label] - n) for label, n in ordered.items()},
        strata=tuple(strata),
        within=within,
        id=id,
        method="fixed" if sizes is not None else choices.get("method", "proportional"),
        size=size,
        confidence=None if confidence is None else decimal_text(confidence),
        margin=None if margin is None else decimal_text(margin),
        minimum=choices.get("minimum"),
        maximum=choices.get("maximum"),
        power=None if power is None else decimal_text(power),
        sd=_texts(choices.get("sd")),
        mean=_texts(choices.get("mean")),
        take_all=tuple(choices.get("take_all", ())),
        reserve=str(reserve).strip(),
        selection=selection,
        order_by=tuple(order_by),
        measure=measure,
        start=dict(start or {}),
        rules=rules,
    )
    return plan, list(sizing.warnings)


def column_faults(strata: Sequence[str], within: str | None, id: str) -> list[Fault]:
    """Columns that cannot stand side by side in the sample: named twice, or named as one the draw writes itself."""
    columns = [*([within] if within else []), *strata]
    faults = []
    if not strata:
        faults.append(Fault(None, "strata", None, "name at least one column of strata"))
    for column in dict.fromkeys(columns):
        if columns.count(column) > 1 or column == id:
            faults.append(Fault(None, column, None, "is named twice; id, within and strata are different columns"))
        elif column in OUTPUT_COLUMNS and not (column == "stratum" and columns == ["stratum"]):
            says = f"is also the name of a column that the sample is written with; call it 'list_{column}' or the like"
            faults.append(Fault(None, column, None, says))
    return faults


def selection_faults(
    table: pd.DataFrame, selection: str, order_by: Sequence[str], measure: str | None, start: Mapping[str, str]
) -> list[Fault]:
    """Choices of how cases are selected that do not go together, or name columns the list does not have."""
    faults = []
    if selection not in get_args(Selection):
        faults.append(Fault(None, "selection", selection, f"must be one of {', '.join(get_args(Selection))}"))
    if order_by and selection != "systematic":
        faults.append(Fault(None, "order_by", ",".join(order_by), "an order goes with systematic selection only"))
    if measure is not None and selection != "pps":
        faults.append(Fault(None, "measure", measure, "a measure of size goes with pps selection only"))
    if measure is None and selection == "pps":
        faults.append(Fault(None, "measure", None, "pps selection needs the column that holds each case's size"))
    if start and selection != "tickets":
        faults.append(Fault(None, "start", None, "cases of an earlier draw are avoided with tickets only"))
    faults += [
        Fault(None, column, None, "is not a column of the list")
        for column in (*order_by, *([measure] if measure else []))
        if column not in table.columns
    ]
    return faults


def measures(table: pd.DataFrame, measure: str | None, refs: Sequence[str], faults: list[Fault]) -> list[int] | None:
    """The sizes of the cases as whole numbers in proportion, exactly; what is no size above 0 is added to `faults`."""
    if measure is None or measure not in table.columns:
        return None
    sizes: list[Fraction] = []
    for row, (value, ref) in enumerate(zip(table[measure].tolist(), refs, strict=False)):
        try:
            size = exact("" if value is None or value is pd.NA else value)
        except ValueError:
            size = Fraction(0)
        if size <= 0:
            says = f"the size of case '{ref}' must be a number above 0, or the case could never be drawn"
            faults.append(Fault(row + 2, measure, str(value), says))
        sizes.append(size)
    common = math.lcm(*{size.denominator for size in sizes})
    return [int(size * common) for size in sizes]


class _Share:
    """How many reserves a stratum of n cases gets: a number, or a share of n rounded up."""

    def __init__(self, number: int, share: Fraction) -> None:
        self.number, self.share = number, share

    def __call__(self, n: int) -> int:
        return self.number + ceiling(self.share * n)


def _reserve(reserve: str | int, faults: list[Fault]) -> _Share:
    text = str(reserve).strip()
    try:
        amount = exact(text.removesuffix("%"))
    except ValueError:
        amount = Fraction(-1)
    if amount < 0 or (not text.endswith("%") and amount.denominator > 1):
        says = "must be a whole number for each stratum, such as 3, or a share of its size, such as 50%"
        faults.append(Fault(None, "reserve", text, says))
        return _Share(0, Fraction(0))
    return _Share(0, amount / 100) if text.endswith("%") else _Share(int(amount), Fraction(0))


def _texts(figures: Mapping[str, Number] | None) -> dict[str, str] | None:
    return None if figures is None else {label: decimal_text(value) for label, value in figures.items()}
