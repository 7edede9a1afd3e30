"""What the tests of returns share: a workbook of some tabs, looked at and made into a list in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from sampling.frame.headers import header_key
from sampling.returned.__main__ import Reader
from sampling.returned.rows import folded

HEADINGS = ("case_ref", "age", "living", "team")
OURS = {"caseref": "case_ref", "stratum": "group", "age": "age", "living": "living"}
Tabs = Mapping[str, Sequence[Sequence[object]]]


def write_tabs(folder: Path, tabs: Tabs, *, headings: Sequence[str] = HEADINGS) -> Path:
    """A workbook with these tabs, each with the same headings."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tabs.items():
        sheet = book.create_sheet(name)
        for row in (headings, *rows):
            sheet.append(list(row))
    path = folder / "return.xlsx"
    book.save(path)
    return path


def look(path: Path, *, filename: str | None = None, reader: Reader | None = None) -> dict[str, Any]:
    """What the child says of a file at first sight."""
    return (reader or Reader()).answer(_about(path, filename) | {"do": "look"})


def make(
    path: Path,
    *,
    groups: Mapping[str | None, str | None],
    codes: Mapping[str, Sequence[str]] | None = None,
    columns: Mapping[str, str] | None = None,
    changes: Sequence[Mapping[str, object]] = (),
    order: Sequence[str] = ("a", "b", "c", "d", "e"),
    filename: str | None = None,
    reader: Reader | None = None,
) -> dict[str, Any]:
    """The list of a file whose tabs stand for `groups` (None: it has a column of them)."""
    known = codes or {"group": ("a", "b", "c", "d", "e")}
    return (reader or Reader()).answer(
        _about(path, filename)
        | {
            "do": "make",
            "today": "2026-06-01",
            "tabs": [{"name": name, "group": group} for name, group in groups.items()],
            "columns": OURS if columns is None else columns,
            "codes": {name: {folded(code): code for code in listed} for name, listed in known.items()},
            "words": {"group": "groups", "living": "living arrangements"},
            "order": list(order),
            "changes": list(changes),
        }
    )


def change(tab: str | None, row: int, column: str | None = None, after: str = "") -> dict[str, object]:
    """One value corrected, or without a column the row left out."""
    return {"tab": tab, "row": row, "column": column, "after": after}


def said(reply: Mapping[str, Any]) -> str:
    """Every fault of a reply, a line each: tab, row, column and what is wrong."""
    return "\n".join(f"{tab} {row} {column}: {says}" for tab, row, column, _, says, *_ in reply["faults"])


def _about(path: Path, filename: str | None) -> dict[str, Any]:
    return {
        "path": str(path),
        "filename": path.name if filename is None else filename,
        "references": [header_key("case_ref")],
    }
