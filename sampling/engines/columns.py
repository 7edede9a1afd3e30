"""What every column of a long list holds, looked at once for each different value, by the checks of `read_frame`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sampling.engines.files import LargeFile
from sampling.engines.port import Engine, Values
from sampling.errors import FrameError
from sampling.frame.ages import check_ages
from sampling.frame.cells import Cells, Column, as_text
from sampling.frame.characters import check_characters
from sampling.frame.dates import check_dates
from sampling.frame.findings import Findings
from sampling.frame.headers import Layout, arrange
from sampling.frame.parquet import read_column
from sampling.frame.rules import FrameRules
from sampling.frame.strata import check_counts, check_strata
from sampling.labels import label_cases

MOST_STRATA = 100_000
_MOST_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class Known:
    """The strata of a long list: for each combination of within and strata values, as the list has them, …"""

    cases: Mapping[Values, int]  # … how many cases have it,
    labels: Mapping[Values, str]  # … its label,
    written: Mapping[Values, Values]  # … and how it is written in the sample
    counts: Mapping[str, int]  # by label, sorted by bytes
    counts_by_group: Mapping[str, Mapping[str, int]]


def look_at_columns(
    engine: Engine, file: LargeFile, rules: FrameRules, today: datetime.date, findings: Findings
) -> Known | None:
    """The strata, where nothing is wrong or to be warned of in any row; warnings of the whole list go to `findings`.

    Raises FrameError and PlanError where something is wrong. References are not looked at.
    """
    empty = Cells([Column(header, as_text([])) for header in file.headers], np.empty(0, np.int64))
    layout = arrange(empty, file.asked, rules, findings)
    findings.stop()
    combined = engine.distinct(file.groups, MOST_STRATA)
    if layout is None or combined is None:
        return None
    inside = Findings()
    groups = _cells(combined, layout.labels, inside)
    check_characters(groups, inside)
    first = 0 if file.asked.within is None else 1
    tidied = [
        check_strata(groups, column, rules.strata if place == first else None, inside).to_pylist()
        for place, column in enumerate(groups.columns)
    ]
    if not _are_sound(inside) or not _others_are_sound(engine, file, layout, today):
        return None
    known = _known(
        list(zip(*(column.text.to_pylist() for column in groups.columns), strict=True)),
        list(zip(*tidied, strict=True)),
        combined.column(combined.num_columns - 1).to_pylist(),
        file,
    )
    if sum(known.cases.values()) != file.rows:
        return None
    # Only strata of one case are warned of, so that two stand for any more.
    shown = as_text([label for label, count in known.counts.items() for _ in range(min(count, 2))])
    names = " and ".join(column.name for column in layout.labels)
    check_counts(shown, names, rules.strata, as_text(tidied[first]), findings)
    return known


def _known(values: list[Values], written: list[Values], cases: list[int], file: LargeFile) -> Known:
    asked = file.asked
    table = pd.DataFrame(written, columns=list(asked.names[1:]), dtype=object)
    labelled = label_cases(table, asked.strata, asked.within)
    totals = [0] * len(labelled.labels)
    by_group: dict[str, dict[str, int]] = {}
    for code, count in zip(labelled.codes.tolist(), cases, strict=True):
        totals[code] += count
    for group, label, total in zip(labelled.groups, labelled.labels, totals, strict=True):
        by_group.setdefault(group, {})[label] = total
    return Known(
        cases=dict(zip(values, cases, strict=True)),
        labels={each: labelled.labels[code] for each, code in zip(values, labelled.codes.tolist(), strict=True)},
        written=dict(zip(values, written, strict=True)),
        counts=dict(zip(labelled.labels, totals, strict=True)),
        counts_by_group=by_group,
    )


def _others_are_sound(engine: Engine, file: LargeFile, layout: Layout, today: datetime.date) -> bool:
    """Whether the columns that are neither references nor strata hold nothing wrong and nothing to be warned of."""
    for column in [*layout.ages, *layout.dates, *layout.others]:
        if column in layout.others and column.header in file.plain:
            continue
        found = engine.distinct([column.header], _MOST_VALUES)
        if found is None:
            if column in layout.others and engine.is_plain(column.header):
                continue
            return False
        inside = Findings()
        cells = _cells(found, [column], inside)
        check_characters(cells, inside)
        if column in layout.ages:
            check_ages(cells, cells.columns[0], inside)
        elif column in layout.dates:
            check_dates(cells, cells.columns[0], today, inside)
        if not _are_sound(inside):
            return False
    return True


def _cells(table: Any, columns: list[Column], findings: Findings) -> Cells:
    """The different values as cells, one row for each combination of them."""
    read = [read_column(column.header, table.column(place), findings) for place, column in enumerate(columns)]
    for each, column in zip(read, columns, strict=True):
        each.name = column.name
    return Cells(read, np.arange(1, table.num_rows + 1))


def _are_sound(findings: Findings) -> bool:
    try:
        findings.stop()
    except FrameError:
        return False
    return not findings.warnings
