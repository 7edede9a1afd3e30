"""From the rows of a return's tabs to a list with each child once: several groups of one child become one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.errors import Fault
from sampling.frame.cells import as_text
from sampling.frame.findings import show
from sampling.frame.references import reference_keys
from sampling.returned.rows import CASE_REF, GROUP, TabRows


@dataclass(frozen=True, slots=True)
class TabFault:
    """One fault or warning, and the tab it is in (None: of the file, or of its only tab)."""

    tab: str | None
    fault: Fault


@dataclass(slots=True)
class _Rows:
    """The rows of every tab, one after the other."""

    tabs: list[str | None]
    rows: list[int]
    columns: dict[str, list[Any]]
    kept: dict[str, list[Any]]


def one_case_each(
    parts: Sequence[TabRows], headings: Mapping[str, Mapping[str, str]], order: Sequence[str]
) -> tuple[dict[str, list[Any]], list[TabFault]]:
    """The list as columns, a child to a row, and what keeps rows of one child from being one case.

    A child in several groups is in the stratum of the one that stands first in `order`; the others are kept beside
    it. `headings` names, by tab, each column of ours as its sender does.
    """
    every = _stacked(parts)
    refs = every.columns[CASE_REF]
    codes = np.asarray(reference_keys(as_text(refs)).dictionary_encode().indices)
    counts = np.bincount(codes)
    again = np.flatnonzero(counts[codes] > 1)
    members: dict[int, list[int]] = {}
    for place in again.tolist():
        if refs[place]:
            members.setdefault(int(codes[place]), []).append(place)
    faults: list[TabFault] = []
    rank = {group: place for place, group in enumerate(order)}
    groups = every.columns[GROUP]
    others: dict[int, list[str]] = {}
    dropped: set[int] = set()
    for places in members.values():
        _compare(every, places, headings, faults)
        by_group = {groups[place]: place for place in reversed(places)}
        in_order = sorted(by_group, key=lambda group: (rank.get(group, len(rank)), by_group[group]))
        first = by_group[in_order[0]]
        others[first] = in_order[1:]
        dropped.update(place for place in places if place != first)
        for values in (*every.columns.values(), *every.kept.values()):
            if values[first] is None:
                values[first] = next((values[place] for place in places if values[place] is not None), None)
    stay = [place for place in range(len(refs)) if place not in dropped]
    result: dict[str, list[Any]] = {
        "tab": [every.tabs[place] for place in stay],
        "row": [every.rows[place] for place in stay],
        "other_groups": [others.get(place, []) for place in stay],
        "kept": [
            {name: values[place] for name, values in every.kept.items() if values[place] is not None} for place in stay
        ],
    }
    result.update({name: [values[place] for place in stay] for name, values in every.columns.items()})
    return result, faults


def _stacked(parts: Sequence[TabRows]) -> _Rows:
    names = dict.fromkeys(name for part in parts for name in part.columns)
    kept = dict.fromkeys(name for part in parts for name in part.kept)
    every = _Rows([], [], {name: [] for name in names}, {name: [] for name in kept})
    for part in parts:
        count = len(part.rows)
        every.tabs += [part.tab] * count
        every.rows += part.rows.tolist()
        for name, values in every.columns.items():
            values += part.columns.get(name) or [None] * count
        for name, values in every.kept.items():
            values += part.kept.get(name) or [None] * count
    return every


def _compare(
    every: _Rows, places: Sequence[int], headings: Mapping[str, Mapping[str, str]], faults: list[TabFault]
) -> None:
    """Note where the later rows of a child do not agree with the first."""
    first = places[0]
    in_group: dict[str, int] = {}
    same: list[int] = []  # rows that are of one child, as far as can be told
    for place in places:
        group = every.columns[GROUP][place]
        spelled, first_spelled = every.columns[CASE_REF][place], every.columns[CASE_REF][first]
        if spelled != first_spelled:
            says = (
                f"The reference {show(spelled)} stands already in {_where(every, first, place)} as "
                f"'{show(first_spelled)}', which differs only in case or in letters that look alike. Mend one of them."
            )
            _note(every, place, CASE_REF, spelled, says, headings, faults)
        elif group in in_group:
            says = (
                f"The reference {show(spelled)} stands already in {_where(every, in_group[group], place)}, in the same "
                "group. Each case is listed once in a group: mend the reference or leave one row out."
            )
            _note(every, place, CASE_REF, spelled, says, headings, faults)
        else:
            same.append(place)
        in_group.setdefault(group, place)
    for name, values in (*every.columns.items(), *every.kept.items()):
        if name in (CASE_REF, GROUP):
            continue
        known = next((place for place in same if values[place] is not None), None)
        for place in same:
            if known is None or values[place] is None or values[place] == values[known]:
                continue
            says = (
                f"'{show(str(values[place]))}' does not agree with '{show(str(values[known]))}' in "
                f"{_where(every, known, place)}, which is of the same child. Correct one of the two."
            )
            _note(every, place, name, str(values[place]), says, headings, faults)


def _where(every: _Rows, there: int, here: int) -> str:
    row = f"row {every.rows[there]}"
    return row if every.tabs[there] == every.tabs[here] else f"{row} of the tab '{show(every.tabs[there] or '')}'"


def _note(
    every: _Rows,
    place: int,
    name: str,
    value: str,
    says: str,
    headings: Mapping[str, Mapping[str, str]],
    faults: list[TabFault],
) -> None:
    tab = every.tabs[place]
    column = headings.get(tab or "", {}).get(name, name)
    faults.append(TabFault(tab, Fault(every.rows[place], column, show(value), says)))
