"""Reads a workbook strictly from its parts: the sheets, what is hidden, and which sheet holds the list.

Parsed with the standard library's expat, so that formulas, merged cells, hidden rows and sheets are seen;
spreadsheet libraries hand over values and keep silent about those.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path

from sampling.errors import FrameError
from sampling.frame.cells import Cells
from sampling.frame.findings import Findings, show
from sampling.frame.headers import LOOK_BELOW, Asked, header_below
from sampling.frame.package import DAMAGED, Package, elements
from sampling.frame.serials import DateStyles
from sampling.frame.sheet import Sheet
from sampling.frame.sheet_reader import preview, read_sheet
from sampling.frame.strings import read_strings


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of the workbook: its name, its part, and whether it is shown."""

    name: str
    part: str
    kind: str
    is_hidden: bool


@dataclass(slots=True)
class Workbook:
    """The tabs of a workbook and what is needed to read their cells."""

    package: Package
    tabs: list[Tab]
    strings: list[str]
    dates: DateStyles

    @property
    def sheets(self) -> list[Tab]:
        """The tabs with cells that are shown."""
        return [tab for tab in self.tabs if tab.kind == "worksheet" and not tab.is_hidden]

    def preview(self, tab: Tab) -> Sheet:
        """The first rows of a tab."""
        return preview(self.package, tab.part, self.strings, self.dates)

    def looks_like_list(self, tab: Tab, asked: Asked) -> bool:
        """Whether row 1 of the tab has the columns asked for."""
        return asked.are_in(self.preview(tab).headers())


def read_workbook(path: Path, asked: Asked, sheet: str | None, findings: Findings) -> Cells:
    """The cells of the one sheet that holds the list, or of the sheet named; all else in the book is told."""
    package = Package(path, findings)
    try:
        workbook = open_workbook(package, findings)
        tab = _choose(workbook, asked, sheet, findings)
        found = read_sheet(package, tab.part, workbook.strings, workbook.dates)
        return checked_cells(found, tab.name, asked, findings)
    except FrameError as error:
        findings.take(error)
        findings.stop()
        raise
    finally:
        package.close()


def list_sheets(path: Path, asked: Asked, findings: Findings) -> list[str]:
    """The names of the shown sheets whose first row has the columns asked for."""
    package = Package(path, findings)
    try:
        workbook = open_workbook(package, findings)
        return [tab.name for tab in workbook.sheets if workbook.looks_like_list(tab, asked)]
    finally:
        package.close()


def open_workbook(package: Package, findings: Findings) -> Workbook:
    """The workbook's tabs, strings and styles, with what it must not hold noted; FrameError if damaged."""
    part = _main_part(package)
    if not package.has(part) or not package.has(_rels(part)):
        raise FrameError(DAMAGED)
    relations = _relations(package, part, findings)
    book = elements(package, part)
    tabs = []
    for name, attributes in book:
        if name == "sheet":
            kind, target = relations.get(attributes.get("id", ""), ("", ""))
            if not package.has(target):
                raise FrameError(f"The part of the sheet '{show(attributes.get('name', ''))}' is missing. {DAMAGED}")
            _relations(package, target, findings)
            tabs.append(Tab(attributes.get("name", ""), target, kind, attributes.get("state", "visible") != "visible"))
        elif name == "externalReference":
            findings.fault("The workbook has links to an external workbook. Paste values in place of the links.")
    if not tabs:
        raise FrameError("The workbook has no sheet. Save the list as .xlsx again.")
    _check_tabs(tabs, findings)
    _check_notes(package, findings)
    is_1904 = any(
        name == "workbookPr" and attributes.get("date1904", "0") in ("1", "true") for name, attributes in book
    )
    parts = dict(relations.values())
    strings = read_strings(package, parts["sharedStrings"]) if package.has(parts.get("sharedStrings", "")) else []
    styles = elements(package, parts["styles"]) if package.has(parts.get("styles", "")) else []
    return Workbook(package, tabs, strings, DateStyles.of(styles, is_1904=is_1904))


def _main_part(package: Package) -> str:
    """The name of the workbook's main part; a declared type that is not that of a plain workbook is an error."""
    part = "xl/workbook.xml"
    if package.has("_rels/.rels"):
        for name, attributes in elements(package, "_rels/.rels"):
            if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
                part = _target("", attributes.get("Target", ""))
    for name, attributes in elements(package, "[Content_Types].xml"):
        content = attributes.get("ContentType", "").casefold()
        if name != "Override" or attributes.get("PartName", "").lstrip("/").casefold() != part.casefold():
            continue
        if "binary" in content:
            raise FrameError("The file is a binary workbook (.xlsb), whatever its name says. Save it as .xlsx.")
        if "macroenabled" in content:
            raise FrameError("The workbook is of a type that holds macros. Save it as .xlsx without macros.")
        if "spreadsheetml" not in content and "xml" not in content:
            raise FrameError(f"The content is not that of an .xlsx workbook. {DAMAGED}")
    return part


def _rels(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relations(package: Package, part: str, findings: Findings) -> dict[str, tuple[str, str]]:
    """The kind and the part of each relation of this part, by its id; those that lead outside are faults."""
    found: dict[str, tuple[str, str]] = {}
    if not package.has(_rels(part)):
        return found
    for name, attributes in elements(package, _rels(part)):
        if name != "Relationship":
            continue
        kind = attributes.get("Type", "").rpartition("/")[2]
        if attributes.get("TargetMode", "").casefold() == "external":
            if kind != "hyperlink":
                findings.fault("The workbook has links to external files. Break the links and save it again.")
            continue
        if kind.startswith("externalLink"):
            findings.fault("The workbook has links to an external workbook. Paste values in place of the links.")
        found[attributes.get("Id", "")] = (kind, _target(posixpath.dirname(part), attributes.get("Target", "")))
    return found


def _target(folder: str, target: str) -> str:
    if target.startswith("/"):
        return posixpath.normpath(target.lstrip("/"))
    return posixpath.normpath(posixpath.join(folder, target))


def _check_tabs(tabs: list[Tab], findings: Findings) -> None:
    for tab in tabs:
        if tab.is_hidden:
            findings.fault(
                f"The sheet '{show(tab.name)}' is hidden. Delete it, or unhide it and look at what it holds, then "
                "save the workbook again."
            )
        if "macro" in tab.kind.casefold():
            findings.fault(f"The sheet '{show(tab.name)}' is a sheet of macros. Delete it.")
        elif tab.kind in ("chartsheet", "dialogsheet") and not tab.is_hidden:
            findings.warn(f"The sheet '{show(tab.name)}' is a chart or dialogue and is not read.")


def _check_notes(package: Package, findings: Findings) -> None:
    names = [name.casefold() for name in package.names]
    if any(name.startswith("xl/") and ("comments" in name or "/persons/" in name) for name in names):
        findings.warn(
            "The workbook holds comments beside cells. They are not read; a comment that names a child must not be "
            "sent: delete the comments."
        )
    if any(name.startswith("xl/media/") for name in names):
        findings.warn("The workbook holds pictures. They are not read; delete them.")


def _choose(workbook: Workbook, asked: Asked, sheet: str | None, findings: Findings) -> Tab:
    """The sheet named, or the only one that looks like a list, or else the first that holds anything."""
    shown = workbook.sheets
    if sheet is not None:
        named = [tab for tab in shown if tab.name == sheet]
        if not named:
            listed = ", ".join(f"'{show(tab.name)}'" for tab in shown)
            raise FrameError(f"There is no sheet '{show(sheet)}' that can be read. The sheets are {listed}.")
        return named[0]
    if len(shown) == 1:
        return shown[0]
    filled = [tab for tab in shown if not workbook.preview(tab).is_empty]
    lists = [tab for tab in filled if workbook.looks_like_list(tab, asked)]
    if len(lists) > 1:
        listed = " and ".join(f"'{show(tab.name)}'" for tab in lists)
        raise FrameError(
            f"The sheets {listed} all look like a list. Put the cases on one sheet, or say which sheet is to be read."
        )
    if not filled:
        raise FrameError("The workbook is empty: no sheet that is shown holds anything.")
    chosen = lists[0] if lists else filled[0]
    for tab in filled:
        if tab is not chosen:
            findings.warn(
                f"The sheet '{show(tab.name)}' is not read, only '{show(chosen.name)}'. Delete it if it is not needed."
            )
    return chosen


def checked_cells(found: Sheet, tab: str, asked: Asked, findings: Findings) -> Cells:
    """The sheet's cells as columns, with what its layout hides or breaks noted."""
    for fault in found.faults:
        findings.fault(fault.says, row=fault.row)
    if found.is_empty:
        raise findings.refuse(f"The sheet '{show(tab)}' is empty.")
    if found.merged:
        listed = ", ".join(found.merged[:20])
        findings.fault(f"There are merged cells ({listed}). Unmerge them and fill in each cell.")
    if found.hidden_rows:
        findings.warn(
            f"Rows are hidden ({len(found.hidden_rows):,}), perhaps by a filter that was left on. They are part of the "
            "list and are read. Check that they belong to it.",
            row=found.hidden_rows[0],
        )
    for letter in found.hidden_columns():
        findings.warn(f"Column {letter} is hidden. It is read all the same. Check what it holds.")
    if found.rows[0] != 1:
        raise findings.refuse("Row 1 is blank. The header must be in row 1: delete the blank rows above it.")
    if not asked.are_in(found.headers()):
        for row, values in found.first_rows(LOOK_BELOW):
            if asked.are_in(values):
                raise findings.refuse(header_below(row))
    return found.cells()
