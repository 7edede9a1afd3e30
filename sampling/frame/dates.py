"""Checks on dates: ISO, or day first with a four-figure year, never guessed; kept as ISO text."""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from sampling.frame.cells import Cells, Column, Kind
from sampling.frame.findings import Findings

_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTHS = {name: number for number, full in enumerate(_MONTH_NAMES, start=1) for name in (full, full[:3])} | {"sept": 9}
_TIME = r"(?:[T ]+(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)\s*(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
_YEAR_FIRST = re.compile(r"(?P<y>[0-9]{4})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})" + _TIME)
_DAY_FIRST = re.compile(r"(?P<d>[0-9]{1,2})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<y>[0-9]{4})" + _TIME)
_IN_WORDS = re.compile(r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?[ -](?P<m>[A-Za-z]{3,9})[ -](?P<y>[0-9]{4})" + _TIME)
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/. ](?:[0-9]{1,2}|[A-Za-z]{3,9})[-/. ][0-9]{2}")
_REMEDY = "Write it as 2024-03-31 or 31/03/2024, or leave it blank if it is not known."
_LONGEST_AGO = 100
_MIDNIGHT = re.compile(r"[0:.,]+")


def check_dates(cells: Cells, column: Column, today: datetime.date, findings: Findings) -> Any:
    """The dates as ISO text, None where blank, with every fault in them noted."""
    count = len(cells.rows)
    kinds = np.zeros(count, np.uint8) if column.kinds is None else column.kinds
    _check_kinds(cells, column, findings)
    codes = pc.utf8_trim_whitespace(column.text).dictionary_encode()
    indices = np.asarray(codes.indices)
    written = codes.dictionary.to_pylist()
    read = [_read(value, today) for value in written]
    dated = np.isin(kinds, (Kind.TEXT, Kind.DATE, Kind.TIMED))
    for says in dict.fromkeys(entry[1] for entry in read if entry[1]):
        bad = np.array([entry[1] == says for entry in read])
        findings.at(
            cells,
            column,
            np.flatnonzero(bad[indices] & dated),
            lambda value, says=says: f"'{value}' {says}",  # type: ignore[misc]
        )
    timed = np.array([entry[2] for entry in read], dtype=np.bool_)
    with_time = (kinds == Kind.TIMED) | (timed[indices] & (kinds == Kind.TEXT) if count else False)
    findings.at(
        cells,
        column,
        np.flatnonzero(with_time),
        lambda value: f"'{value}' holds a time of day. The day as written is kept, the time is left out.",
        warning=True,
    )
    if bool((kinds == Kind.DATE).any()):
        typed = np.array([bool(value) for value in written])
        findings.at(
            cells,
            column,
            np.flatnonzero((kinds == Kind.TEXT) & typed[indices]),
            lambda value: f"'{value}' is text among real dates and is read day first. Check it.",
            warning=True,
        )
    iso = pa.array([entry[0] for entry in read], type=pa.string())
    return pc.take(iso, pa.array(indices)) if count else iso


def _check_kinds(cells: Cells, column: Column, findings: Findings) -> None:
    if column.kinds is None:
        return
    for kind, says in (
        (Kind.NUMBER, "is a number, not a date"),
        (Kind.NO_DATE, "is not a day of the calendar"),
        (Kind.FLAG, "is TRUE or FALSE, not a date"),
        (Kind.ERROR, "is an error value"),
    ):
        findings.at(
            cells,
            column,
            column.is_kind(kind),
            lambda value, says=says: f"'{value}' {says}. {_REMEDY}",  # type: ignore[misc]
        )


def _read(written: str, today: datetime.date) -> tuple[str | None, str, bool]:
    """The ISO date of one text, what is wrong with it, and whether it holds a time of day."""
    if not written:
        return None, "", False
    found = _YEAR_FIRST.fullmatch(written) or _DAY_FIRST.fullmatch(written) or _IN_WORDS.fullmatch(written)
    if found is None:
        if _SHORT_YEAR.fullmatch(written):
            return None, f"has a year of two figures, which can be read in two ways. {_REMEDY}", False
        return None, f"is not a date that can be read. {_REMEDY}", False
    month = found["m"]
    number = int(month) if month.isdecimal() else _MONTHS.get(month.casefold(), 0)
    try:
        date = datetime.date(int(found["y"]), number, int(found["d"]))
    except ValueError:
        if number > 12:
            return None, f"is no day of the calendar: the month comes second, after the day. {_REMEDY}", False
        return None, f"is no day of the calendar. {_REMEDY}", False
    if date > today:
        return None, f"is in the future (after {today.isoformat()}). Check the year.", False
    if date.year < today.year - _LONGEST_AGO:
        return None, f"is more than {_LONGEST_AGO} years ago. Check the year.", False
    time = found["time"]
    return date.isoformat(), "", bool(time) and not _MIDNIGHT.fullmatch(time)
