"""Checks on ages: whole years, or blank."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc  # type: ignore[import-untyped]

from sampling.frame.cells import Cells, Column, Kind
from sampling.frame.findings import Findings

OLDEST = 110
OLDEST_YOUNG_PERSON = 25
_WHOLE = re.compile(r"([0-9]{1,4})(?:\.0*)?")
_KINDS = {
    Kind.DATE: "is a date",
    Kind.TIMED: "is a date",
    Kind.NO_DATE: "is a date",
    Kind.FLAG: "is TRUE or FALSE",
    Kind.ERROR: "is an error value",
}
_REMEDY = "Give the age in whole years, or leave it blank if it is not known."


def check_ages(cells: Cells, column: Column, findings: Findings) -> pd.arrays.IntegerArray:
    """The ages as whole numbers, missing where blank, with every fault in them noted."""
    refused = np.zeros(len(cells.rows), dtype=np.bool_)
    for kind, says in _KINDS.items() if column.kinds is not None else ():
        at = column.is_kind(kind)
        refused[at] = True
        findings.at(cells, column, at, lambda value, says=says: f"'{value}' {says}, not an age. {_REMEDY}")  # type: ignore[misc]
    codes = pc.utf8_trim_whitespace(column.text).dictionary_encode()
    indices = np.asarray(codes.indices)
    written = codes.dictionary.to_pylist()
    years = np.array([_years(value) for value in written], dtype=np.int64)
    each = years[indices] if len(written) else np.empty(0, np.int64)
    _fault(cells, column, (each == _NOT_WHOLE) & ~refused, "is not an age in whole years", findings)
    _fault(cells, column, (each == _NEGATIVE) & ~refused, "is less than 0", findings)
    _fault(cells, column, (each > OLDEST) & ~refused, f"is more than {OLDEST} years", findings)
    findings.at(
        cells,
        column,
        np.flatnonzero((each > OLDEST_YOUNG_PERSON) & (each <= OLDEST) & ~refused),
        lambda value: f"The age {value} is not that of a child or young person. Check it.",
        warning=True,
    )
    missing = each < 0
    return pd.arrays.IntegerArray(np.where(missing, 0, each), missing)


_BLANK, _NOT_WHOLE, _NEGATIVE = -1, -2, -3


def _years(written: str) -> int:
    if not written:
        return _BLANK
    found = _WHOLE.fullmatch(written)
    if found:
        return int(found[1])
    return _NEGATIVE if re.fullmatch(r"-[0-9]+(?:\.0*)?", written) else _NOT_WHOLE


def _fault(cells: Cells, column: Column, where: Any, says: str, findings: Findings) -> None:
    findings.at(cells, column, np.flatnonzero(where), lambda value: f"'{value}' {says}. {_REMEDY}")
