"""The child that reads a return: `look` at the file, then `make` the list of it, as often as it is asked."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sampling.apart import serve, tell
from sampling.errors import Fault, FrameError
from sampling.frame.findings import show
from sampling.frame.headers import header_key
from sampling.returned.children import TabFault, one_case_each
from sampling.returned.rows import CASE_REF, GROUP, TabPlan, TabRows, rows_of
from sampling.returned.tabs import MOST_TOLD, READ, PersonalError, Returned, layout_of, read_return

_NOT_NEEDED = "Delete it if it is not needed."
STACKED = 95  # per cent of the work done once every tab is checked


class Reader:
    """Answers requests about one file, which is read once."""

    def __init__(self) -> None:
        self._returned: Returned | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What to say of a request: `refused` with its faults, a `layout`, or `faults` beside the list's columns."""
        try:
            returned = self._read(request)
            if request["do"] == "look":
                return {"layout": layout_of(returned)}
            return make(returned, request)
        except FrameError as error:
            faults = [asdict(fault) for fault in error.faults]
            return {"refused": faults, "personal": isinstance(error, PersonalError)}

    def _read(self, request: Mapping[str, Any]) -> Returned:
        if self._returned is None:
            self._returned = read_return(
                Path(request["path"]),
                filename=request["filename"],
                references=frozenset(request["references"]),
                progress=tell,
            )
        return self._returned


def make(returned: Returned, request: Mapping[str, Any]) -> dict[str, Any]:
    """The list that the tabs make by the mapping, or everything that is wrong with it."""
    today = datetime.date.fromisoformat(request["today"])
    chosen = {one["name"]: one for one in request["tabs"]}
    tabs = [tab for tab in returned.tabs if tab.name in chosen]
    parts: list[TabRows] = []
    for place, tab in enumerate(tabs):
        parts.append(rows_of(tab, _plan(tab.name, chosen[tab.name], request), today))
        tell(READ + (STACKED - READ) * (place + 1) // len(tabs))
    found = [TabFault(part.tab, fault) for part in parts for fault in part.findings.faults]
    n_faults = sum(part.findings.n_faults for part in parts)
    warnings = [TabFault(part.tab, note) for part in parts for note in part.findings.warnings]
    warnings = [TabFault(None, note) for note in returned.warnings] + warnings
    if tabs:
        warnings += [
            TabFault(None, Fault(None, None, None, f"The sheet '{show(tab.name or '')}' is not read. {_NOT_NEEDED}"))
            for tab in returned.tabs
            if tab.name not in chosen
        ]
    if not tabs:
        found.append(TabFault(None, Fault(None, None, None, "No tab is chosen. Say which tabs hold lists.")))
        n_faults += 1
    whole = [part for part in parts if CASE_REF in part.columns and GROUP in part.columns]
    headings = {
        tab.name or "": {
            request["columns"][key]: column.header
            for column in tab.cells.columns
            if (key := header_key(column.header)) in request["columns"]
        }
        for tab in tabs
    }
    columns: dict[str, list[Any]] = {}
    if whole:
        columns, together = one_case_each(whole, headings, request["order"])
        found += together
        n_faults += len(together)
    if n_faults:
        listed = found[:MOST_TOLD]
        refs = _references(parts, listed)
        return {"faults": [[*_told(one), refs.get((one.tab, one.fault.row))] for one in listed], "n_faults": n_faults}
    return {"columns": columns, "warnings": [_told(one) for one in warnings[:MOST_TOLD]], "n_faults": 0}


def _references(parts: list[TabRows], listed: list[TabFault]) -> dict[tuple[str | None, int | None], str]:
    """The reference of each row that a fault is in."""
    rows = {(one.tab, one.fault.row) for one in listed}
    return {
        (part.tab, row): ref
        for part in parts
        for row, ref in zip(part.rows.tolist(), part.columns.get(CASE_REF, []), strict=False)
        if (part.tab, row) in rows and ref
    }


def _plan(name: str | None, chosen: Mapping[str, Any], request: Mapping[str, Any]) -> TabPlan:
    changed: dict[str, dict[int, str]] = {}
    left_out = set()
    for change in request["changes"]:
        if change["tab"] != name:
            continue
        if change["column"] is None:
            left_out.add(change["row"])
        else:
            changed.setdefault(change["column"], {})[change["row"]] = change["after"]
    return TabPlan(
        columns=request["columns"],
        group=chosen["group"],
        codes=request["codes"],
        words=request["words"],
        changed=changed,
        left_out=frozenset(left_out),
    )


def _told(one: TabFault) -> list[Any]:
    return [one.tab, one.fault.row, one.fault.column, one.fault.value, one.fault.says]


if __name__ == "__main__":
    serve(Reader().answer)
