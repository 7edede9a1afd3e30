"""Reads a return's tabs as columns of cells, each with what is wrong in it, and describes them to whoever maps them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sampling.errors import Fault, FrameError
from sampling.frame.cells import Cells, Column, as_text
from sampling.frame.characters import tidy
from sampling.frame.delimited import read_delimited
from sampling.frame.findings import Findings, show
from sampling.frame.headers import LOOK_BELOW, Asked, header_below, header_key
from sampling.frame.package import Package
from sampling.frame.read import checked_type, damaged
from sampling.frame.sheet import Sheet
from sampling.frame.sheet_reader import read_sheet
from sampling.frame.source import fingerprint
from sampling.frame.workbook import checked_cells, open_workbook
from sampling.returned.personal import personal_faults

LONGEST = 100  # characters of a tab's name, a heading or a value, as it is shown
MOST_VALUES = 60  # of a column that may be mapped; one with more is no column of codes
LIST_WIDTH = 2  # columns that a list has at least
MOST_TOLD = 20_000  # faults: all, so that they are put right in one go, but of a file that is wrong throughout
STEP = 5
READ = 60  # per cent of the work that reading the file is


@dataclass(frozen=True, slots=True)
class AnyReference(Asked):
    """Asks for any of the headings that references are known to stand under."""

    references: frozenset[str] = frozenset()

    def are_in(self, headers: Iterable[str]) -> bool:
        """Whether a heading of references is among these."""
        return bool(self.references & {header_key(header) for header in headers})


@dataclass(slots=True)
class ReturnedTab:
    """One tab (of a CSV file the only one, without a name): its cells, and what is wrong or to be looked at in it."""

    name: str | None
    cells: Cells
    faults: list[Fault]
    warnings: list[Fault]


@dataclass(slots=True)
class Returned:
    """What was read of a return, and of which file."""

    file_sha256: str
    tabs: list[ReturnedTab] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)  # of the whole workbook


class PersonalError(FrameError):
    """The return identifies children: it is refused whole."""


def read_return(
    path: Path, *, filename: str, references: frozenset[str], progress: Callable[[int], None] = lambda _: None
) -> Returned:
    """Every tab that is shown and holds anything; FrameError where the file as a whole cannot be used.

    PersonalError, which is one, where it identifies children.
    """
    findings = Findings(MOST_TOLD)
    ending = checked_type(path, filename, findings)
    if ending == "parquet":
        raise findings.refuse("Send the list as a CSV or Excel (.xlsx) file: a Parquet file is not read here.")
    asked = AnyReference("", (), None, references)
    returned = Returned(fingerprint(path))
    try:
        if ending == "csv":
            cells = read_delimited(path.read_bytes(), asked, findings).without_blank_rows()
            returned.tabs = [ReturnedTab(None, cells, findings.faults, findings.warnings)]
        else:
            returned.tabs = list(_tabs(path, asked, findings, progress))
            returned.warnings = findings.warnings
    except FrameError:
        raise
    except MemoryError:
        raise findings.refuse("The file is too large to be read here. Keep only the lists of cases in it.") from None
    except Exception:  # as in read_frame: nothing of the exception is told, its text may quote the file
        raise damaged(findings) from None
    if not returned.tabs:
        raise findings.refuse("The workbook is empty: no sheet that is shown holds anything.")
    found = [fault for tab in returned.tabs for fault in personal_faults(tab.name, tab.cells, references)]
    if found:
        raise PersonalError(found)
    if len(returned.tabs) == 1 and not len(returned.tabs[0].cells.rows):
        says = "There are no cases: nothing stands under the header. Send the list with its cases."
        raise FrameError(returned.tabs[0].faults or [Fault(None, None, None, says)])
    return returned


def _tabs(path: Path, asked: Asked, findings: Findings, progress: Callable[[int], None]) -> Iterator[ReturnedTab]:
    package = Package(path, findings)
    package.on_piece = _Counting(package.unpacked, progress)
    try:
        workbook = open_workbook(package, findings)
        findings.stop()
        for tab in workbook.sheets:
            if len(tab.name) > LONGEST or _plain(tab.name) != tab.name:
                raise findings.refuse(
                    f"The name of the sheet '{show(tab.name)}' is too long, or holds hidden signs. Rename it."
                )
            sheet = read_sheet(package, tab.part, workbook.strings, workbook.dates)
            if sheet.is_empty:
                continue
            below = _header_below(sheet, asked)
            if below is not None:
                row, headers = below
                yield ReturnedTab(tab.name, _no_cells(headers), [Fault(1, None, None, header_below(row))], [])
                continue
            own = Findings(MOST_TOLD)
            try:
                cells = checked_cells(sheet, tab.name, asked, own).without_blank_rows()
            except FrameError as error:
                yield ReturnedTab(tab.name, _no_cells(sheet.headers()), error.faults, [])
                continue
            yield ReturnedTab(tab.name, cells, own.faults, own.warnings)
    finally:
        package.close()


def _header_below(sheet: Sheet, asked: Asked) -> tuple[int, list[str]] | None:
    """The row that the headings stand in where a title stands above them: by a heading that is known, else by how many
    cells are filled. Every other row would be a fault too."""
    if sheet.rows[0] != 1 or asked.are_in(sheet.headers()):
        return None
    first = sheet.first_rows(LOOK_BELOW)
    for row, values in first:
        if asked.are_in(values):
            return row, values
    filled = [sum(bool(value.strip()) for value in values) for _, values in first]
    widest = max(filled)
    if filled[0] * 2 > widest or widest < LIST_WIDTH:
        return None
    return next(one for one, n in zip(first, filled, strict=True) if n * 2 > widest)


class _Counting:
    """Tells how far the file is read, a twentieth of the work at a time."""

    def __init__(self, total: int, progress: Callable[[int], None]) -> None:
        self._total, self._progress = max(total, 1), progress
        self._read, self._told = 0, 0

    def __call__(self, n: int) -> None:
        self._read += n
        per_cent = min(READ, READ * self._read // self._total)
        if per_cent >= self._told + STEP:
            self._told = per_cent
            self._progress(per_cent)


def _no_cells(headers: list[str]) -> Cells:
    return Cells([Column(header, as_text([])) for header in headers], np.empty(0, np.int64))


def layout_of(returned: Returned) -> dict[str, Any]:
    """The tabs with their headings, and the values of columns that have few: what whoever maps them needs to see."""
    return {
        "file_sha256": returned.file_sha256,
        "tabs": [
            {
                "name": tab.name,
                "rows": len(tab.cells.rows),
                "headings": [_heading(column) for column in tab.cells.columns if header_key(column.header)],
                "faults": [[fault.row, fault.column, fault.says] for fault in tab.faults[:20]],
            }
            for tab in returned.tabs
        ],
    }


def _plain(value: str) -> str:
    """The value with what does not print written as an escape: a page cannot show it, nor every database keep it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in value)


def _heading(column: Column) -> dict[str, Any]:
    found: Counter[str] = Counter()
    for entry in column.text.value_counts():
        if value := tidy(entry["values"].as_py()):
            found[value] += entry["counts"].as_py()
    few = len(found) <= MOST_VALUES
    return {
        "key": header_key(column.header),
        "header": _plain(tidy(column.header))[:LONGEST],
        "filled": sum(found.values()),
        "values": [[_plain(value)[:LONGEST], n] for value, n in found.most_common()] if few else None,
    }
