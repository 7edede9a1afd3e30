"""Which stratum each case is in: the label, and a list's cases counted by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.errors import Fault, PlanError

SEPARATOR = " / "
_BREAKS = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Labelled:
    """The stratum of each row as an index into `labels`, which are sorted by bytes; and the group of each label."""

    codes: NDArray[np.int64]
    labels: tuple[str, ...]
    groups: tuple[str, ...]  # the `within` value of each label; '' without one

    @property
    def counts(self) -> dict[str, int]:
        """How many cases each stratum has."""
        found = np.bincount(self.codes, minlength=len(self.labels))
        return {label: int(count) for label, count in zip(self.labels, found, strict=True)}

    @property
    def counts_by_group(self) -> dict[str, dict[str, int]]:
        """The same, for each `within` value by itself."""
        grouped: dict[str, dict[str, int]] = {}
        for group, (label, count) in zip(self.groups, self.counts.items(), strict=True):
            grouped.setdefault(group, {})[label] = count
        return grouped


def stratum_label(values: Sequence[str]) -> str:
    """The `within` value, if any, then the strata values, joined by ` / `; PlanError for one that holds that.

    >>> stratum_label(["Dunmere", "CPR", "0–4"])
    'Dunmere / CPR / 0–4'
    """
    faults = [fault for value in values for fault in _value_faults(value, None)]
    if faults:
        raise PlanError(faults)
    return SEPARATOR.join(values)


def label_cases(table: pd.DataFrame, strata: Sequence[str], within: str | None = None) -> Labelled:
    """Label every row of a list; raises PlanError for columns that are not there and values that make no label."""
    columns = [*([within] if within else []), *strata]
    missing = [
        Fault(None, column, None, f"the list has no column '{column}'; its columns are {', '.join(map(str, table))}")
        for column in columns
        if column not in table.columns
    ]
    if missing:
        raise PlanError(missing)
    combined = np.zeros(len(table), dtype=np.int64)
    values: list[list[str]] = []
    faults: list[Fault] = []
    for column in columns:
        codes, uniques = pd.factorize(table[column])
        if (codes < 0).any():
            first = int(np.flatnonzero(codes < 0)[0])
            faults.append(Fault(first + 2, column, None, "is blank; every case needs its stratum"))
        values.append([str(unique) for unique in uniques])
        faults.extend(fault for value in values[-1] for fault in _value_faults(value, column))
        combined, _ = pd.factorize(combined * (len(uniques) + 1) + codes)
    if faults:
        raise PlanError(faults)
    _, first_rows = np.unique(combined, return_index=True)
    parts = [tuple(str(value) for value in row) for row in table[columns].iloc[first_rows].itertuples(index=False)]
    labels = [SEPARATOR.join(part) for part in parts]
    if len(set(labels)) < len(labels):
        twice = sorted({label for label in labels if labels.count(label) > 1})
        raise PlanError(
            [
                Fault(None, SEPARATOR.join(columns), label, "two strata would have this label; change a value")
                for label in twice
            ]
        )
    order = sorted(range(len(labels)), key=lambda i: labels[i].encode())
    place = np.empty(len(labels), dtype=np.int64)
    place[order] = np.arange(len(labels))
    return Labelled(
        place[combined] if len(table) else combined,
        tuple(labels[i] for i in order),
        tuple(parts[i][0] if within else "" for i in order),
    )


def _value_faults(value: str, column: str | None) -> list[Fault]:
    if not value.strip():
        return [Fault(None, column, value, "is blank; every case needs its stratum")]
    if SEPARATOR in value:
        says = "holds ' / ', which joins the parts of a stratum's label; write it without the blanks"
        return [Fault(None, column, value, says)]
    if any(character in _BREAKS for character in value):
        return [Fault(None, column, value, "holds a TAB or a line break; write it on one line")]
    return []
