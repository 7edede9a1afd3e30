"""Every filled cell of a workbook nobody trusts yet, read in a process of its own: `python -m sampling.sheets`.

The same strict reader as for lists: the package is bounded before anything is unpacked, and formulas are seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sampling.apart import ask_apart, serve
from sampling.errors import Fault, FrameError
from sampling.frame.cells import Kind
from sampling.frame.findings import Findings
from sampling.frame.package import DAMAGED, Package
from sampling.frame.sheet import Sheet, letters
from sampling.frame.sheet_reader import read_sheet
from sampling.frame.source import check_content, fingerprint
from sampling.frame.workbook import open_workbook

MOST_ROWS, MOST_COLUMNS = 2_000, 40  # of a sheet
MOST_CHARACTERS = 20_000_000  # of all sheets together
TOO_MUCH = "The file needs more memory or time than such a workbook should. Save it again in Excel and send that."
TOO_LARGE = "The workbook holds far more than was sent out. Copy nothing else into it."


@dataclass(frozen=True, slots=True)
class Cell:
    """One filled cell; `row` counts from 1, `kind` is the name of a `Kind`, `is_formula` whether it is computed."""

    row: int
    column: str
    text: str
    kind: str
    is_formula: bool


@dataclass(frozen=True)
class SheetCells:
    """One sheet that is shown, its filled cells by row and column, and the ranges that are merged."""

    name: str
    cells: list[Cell]
    merged: list[str]

    @classmethod
    def of(cls, reply: dict[str, Any]) -> SheetCells:
        """From what the child says of one sheet."""
        return cls(reply["name"], [Cell(*cell) for cell in reply["cells"]], reply["merged"])


def sheets_apart(path: Path, *, filename: str) -> tuple[list[SheetCells], str]:
    """The sheets of a workbook and the file's SHA-256, read in a child process; FrameError with every fault."""
    reply = ask_apart("sampling.sheets", {"path": str(path), "filename": filename}, too_much=TOO_MUCH)
    if "faults" in reply:
        raise FrameError([Fault(**fault) for fault in reply["faults"]])
    return [SheetCells.of(one) for one in reply["sheets"]], reply["file_sha256"]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What the child says of one request: its sheets, or the faults of a FrameError."""
    path = Path(request["path"])
    try:
        if not request["filename"].casefold().endswith(".xlsx"):
            raise FrameError("This is no workbook. Send the .xlsx file that was given out.")
        return {"sheets": _sheets(path), "file_sha256": fingerprint(path)}
    except FrameError as error:
        return {"faults": [asdict(fault) for fault in error.faults]}


def _sheets(path: Path) -> list[dict[str, Any]]:
    findings = Findings()
    check_content(path, "xlsx", findings)
    findings.stop()
    package = Package(path, findings)
    found, characters = [], 0
    try:
        workbook = open_workbook(package, findings)
        findings.stop()
        for tab in workbook.sheets:
            sheet = read_sheet(package, tab.part, workbook.strings, workbook.dates)
            for fault in sheet.faults:
                findings.fault(f"Sheet {tab.name}: {fault.says}", row=fault.row)
            if len(sheet.rows) > MOST_ROWS or len(sheet.texts) > MOST_COLUMNS:
                raise FrameError(TOO_LARGE)
            cells = list(_cells(sheet))
            characters += sum(len(cell[2]) for cell in cells)
            if characters > MOST_CHARACTERS:
                raise FrameError(TOO_LARGE)
            found.append({"name": tab.name, "cells": cells, "merged": sheet.merged})
        findings.stop()
    except FrameError:
        raise
    except MemoryError:
        raise FrameError(TOO_MUCH) from None
    except Exception:  # as in read_frame: nothing of the exception is told, its text may quote the file
        raise FrameError(DAMAGED) from None
    finally:
        package.close()
    return found


def _cells(sheet: Sheet) -> Iterator[tuple[int, str, str, str, bool]]:
    for column in sorted(sheet.texts):
        formulas = sheet.formulas.get(column, {})
        for place, text in enumerate(sheet.texts[column]):
            if text or place in formulas:
                kind = Kind(sheet.kinds[column][place]).name
                yield sheet.rows[place], letters(column), text, kind, place in formulas


if __name__ == "__main__":
    serve(answer)
