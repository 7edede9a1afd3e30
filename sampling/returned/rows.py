"""One tab of a return as rows of a list: its columns renamed, its values turned into codes, every fault noted."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from sampling.errors import Fault
from sampling.frame.ages import check_ages
from sampling.frame.cells import Cells, Column, Kind, as_text
from sampling.frame.characters import check_characters, tidy
from sampling.frame.dates import check_dates
from sampling.frame.findings import Findings, show
from sampling.frame.headers import Asked, Layout, arrange, header_key
from sampling.frame.health_numbers import check_further_column, holds_health_number
from sampling.frame.own_codes import fault_in
from sampling.frame.read import check_errors, check_formulas
from sampling.frame.references import check_references, holds_names
from sampling.frame.rules import FrameRules
from sampling.frame.strata import check_strata
from sampling.returned.tabs import MOST_TOLD, PersonalError, ReturnedTab

CASE_REF, GROUP, AGE, KEEP = "case_ref", "group", "age", "keep"
DATES = ("start",)
Value = TypeVar("Value")
FEW_ROWS = 5  # with a value that is not ours: each can be corrected; with more, the value is to be mapped
_DASHES = str.maketrans({"–": "-", "—": "-", "‑": "-"})


@dataclass(frozen=True, slots=True)
class TabPlan:
    """How one tab is read: the column of ours behind each heading, the group it stands for, and what was changed.

    `codes` turns the values of a column of ours, folded, into codes; a column not in it keeps its own words.
    `changed` holds the new text of a column of ours by row; `left_out` the rows that are not to count.
    """

    columns: Mapping[str, str]
    group: str | None
    codes: Mapping[str, Mapping[str, str]]
    words: Mapping[str, str]
    changed: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()


@dataclass(slots=True)
class TabRows:
    """The rows of one tab: columns of ours with a value or None for each row, and each row's number as sent."""

    tab: str | None
    rows: NDArray[np.int64]
    columns: dict[str, list[Any]]
    kept: dict[str, list[Any]]  # further columns, by their heading
    findings: Findings


def folded(value: str) -> str:
    """What two spellings of a value share: case, blanks and the length of a dash do not matter."""
    return "".join(tidy(value).casefold().split()).translate(_DASHES)


def rows_of(tab: ReturnedTab, plan: TabPlan, today: datetime.date) -> TabRows:
    """The tab's rows; whatever is wrong is among the findings. PersonalError where it identifies children."""
    findings = Findings(MOST_TOLD)
    for fault in tab.faults:
        if fault.row not in plan.left_out:
            findings.fault(fault.says, row=fault.row, column=fault.column, value=fault.value)
    for note in tab.warnings:
        findings.warn(note.says, row=note.row, column=note.column, value=note.value)
    if tab.faults and not len(tab.cells.rows):
        return TabRows(tab.name, tab.cells.rows, {}, {}, findings)  # nothing more of it can be told
    cells = _changed(_chosen(tab.cells, plan), plan)
    by_ours = {plan.columns[key]: key for column in cells.columns if (key := header_key(column.header)) in plan.columns}
    result = TabRows(tab.name, cells.rows, {}, {}, findings)
    header = {header_key(column.header): column.header for column in cells.columns}
    reference = by_ours.get(CASE_REF)
    if reference is None:
        findings.fault("No column of the tab holds the references. Change what its columns stand for.")
        return result
    if not len(cells.rows):
        findings.fault("There are no cases: nothing stands under the header.")
        return result
    rules = FrameRules(ages=[header[by_ours[AGE]]] if AGE in by_ours else [], dates=DATES)
    layout = arrange(cells, Asked(header[reference], (), None), rules, findings)
    if layout is None:
        return result
    if holds_health_number(layout.id.text):
        says = "holds CHI or NHS numbers, which identify children. Nothing of this file was kept."
        raise PersonalError([Fault(1, show(layout.id.header), None, f"The column {show(layout.id.header)} {says}")])
    if holds_names(layout.id.text, layout.id.header):
        says = "holds names in place of references, which identify children. Nothing of this file was kept."
        raise PersonalError([Fault(1, show(layout.id.header), None, f"The column {show(layout.id.header)} {says}")])
    for ours, key in by_ours.items():
        own_codes = ours not in (CASE_REF, GROUP, AGE, KEEP, *DATES, *plan.codes)
        column = next(one for one in cells.columns if header_key(one.header) == key)
        if own_codes and (told := fault_in(column)) is not None:
            raise PersonalError([told])
    _check(cells, layout, by_ours, plan, today, result)
    return result


def _chosen(cells: Cells, plan: TabPlan) -> Cells:
    """The cells without the columns and rows that were left out; what stands under no heading stays to be told of."""
    columns = [column for column in cells.columns if (key := header_key(column.header)) in plan.columns or not key]
    if not plan.left_out:
        return Cells([_copy(column) for column in columns], cells.rows)
    kept = ~np.isin(cells.rows, list(plan.left_out))
    return Cells([column.take(kept) for column in columns], cells.rows[kept])


def _copy(column: Column) -> Column:
    return column.take(np.ones(len(column.text), dtype=np.bool_))


def _changed(cells: Cells, plan: TabPlan) -> Cells:
    """The cells with the corrected values in them, as text."""
    place_of = {int(row): place for place, row in enumerate(cells.rows)}
    for ours, values in plan.changed.items():
        at = {place_of[row]: text for row, text in values.items() if row in place_of}
        if not at:
            continue
        column = next((one for one in cells.columns if ours in _names(one, plan)), None)
        if column is None:
            continue
        texts = column.text.to_pylist()
        for place, text in at.items():
            texts[place] = text
            if column.kinds is not None:
                column.kinds[place] = Kind.TEXT
        column.text = as_text(texts)
        column.formulas = [place for place in column.formulas if place not in at]
        column.unstored_formulas = [place for place in column.unstored_formulas if place not in at]
    return cells


def _names(column: Column, plan: TabPlan) -> tuple[str | None, str]:
    """What a change may call a column: ours, or, of one that is kept as it is, its own heading."""
    key = header_key(column.header)
    return (plan.columns.get(key), key if plan.columns.get(key) == KEEP else "")


def _check(
    cells: Cells, layout: Layout, by_ours: Mapping[str, str], plan: TabPlan, today: datetime.date, result: TabRows
) -> None:
    findings = result.findings
    by_key = {header_key(column.header): column for column in layout.columns}
    check_characters(Cells(layout.columns, cells.rows), findings)
    result.columns[CASE_REF] = check_references(cells, layout.id, findings, each_once=False)
    if GROUP in by_ours:
        result.columns[GROUP] = _groups(cells, by_key[by_ours[GROUP]], plan, findings)
    elif plan.group is not None:
        code = pa.array([plan.group] * len(cells.rows), pa.string())
        result.columns[GROUP] = _with(code, cells.rows, plan.changed.get(GROUP, {}))
    else:
        findings.fault(
            "No column of the tab holds the groups, and it stands for none. Change what tabs or columns stand for."
        )
    for column in layout.dates:
        check_formulas(cells, column, findings)
        result.kept[column.name] = check_dates(cells, column, today, findings).to_pylist()
    for ours, key in by_ours.items():
        column = by_key[key]
        if ours in (CASE_REF, GROUP, KEEP):
            continue
        check_formulas(cells, column, findings)
        if ours == AGE:
            result.columns[AGE] = [
                None if age is None else int(age) for age in _plain(check_ages(cells, column, findings))
            ]
            continue
        check_errors(cells, column, findings)
        check_further_column(column, findings)
        result.columns[ours] = _coded(cells, column, ours, plan, findings)
    for column in layout.others:
        if plan.columns.get(header_key(column.header)) == KEEP:
            check_formulas(cells, column, findings)
            check_errors(cells, column, findings)
            check_further_column(column, findings)
            result.kept[column.name] = _each(column.text, lambda value: tidy(value) or None)
    for name in (CASE_REF, GROUP):
        if name in result.columns and not isinstance(result.columns[name], list):
            result.columns[name] = result.columns[name].to_pylist()  # type: ignore[attr-defined]


def _plain(ages: Any) -> list[Any]:
    return [None if missing else value for value, missing in zip(ages._data.tolist(), ages._mask.tolist(), strict=True)]


def _with(values: Any, rows: NDArray[np.int64], changed: Mapping[int, str]) -> list[str]:
    texts: list[str] = values.to_pylist()
    for place, row in enumerate(rows.tolist()):
        if row in changed:
            texts[place] = changed[row]
    return texts


def _groups(cells: Cells, column: Column, plan: TabPlan, findings: Findings) -> list[str]:
    """The group of each row: by the codes where there are any, else in the tab's own words."""
    codes = plan.codes.get(GROUP)
    if codes is None:
        own: list[str] = check_strata(cells, column, None, findings).to_pylist()
        return own
    unknown = _unknown(column, codes)
    checked = check_strata(cells, column, [*codes, *unknown], findings)
    _say_unknown(cells, column, unknown, plan.words[GROUP], findings)
    return _each(checked, lambda value: codes.get(folded(value), value))


def _coded(cells: Cells, column: Column, ours: str, plan: TabPlan, findings: Findings) -> list[str | None]:
    codes = plan.codes.get(ours)
    if codes is None:
        return _each(column.text, lambda value: tidy(value) or None)
    errors = set(column.is_kind(Kind.ERROR).tolist()) if column.kinds is not None else set()
    _say_unknown(cells, column, _unknown(column, codes), plan.words[ours], findings, but=errors)
    return _each(column.text, lambda value: codes.get(folded(value)))


def _each(text: Any, turned: Callable[[str], Value]) -> list[Value]:
    """What each text is turned into, worked out once for each that differs."""
    encoded = text.dictionary_encode()
    values = [turned(value) for value in encoded.dictionary.to_pylist()]
    return [values[index] for index in encoded.indices.to_pylist()]


def _unknown(column: Column, codes: Mapping[str, str]) -> list[str]:
    written = [tidy(value) for value in pc.unique(column.text).to_pylist()]
    return list(dict.fromkeys(value for value in written if value and folded(value) not in codes))


def _say_unknown(
    cells: Cells,
    column: Column,
    unknown: Sequence[str],
    words: str,
    findings: Findings,
    *,
    but: Collection[int] = (),
) -> None:
    encoded = as_text(_each(column.text, tidy)) if unknown else as_text([])
    for value in unknown:
        places = [int(at) for at in np.flatnonzero(np.asarray(pc.equal(encoded, value))) if int(at) not in but]
        shown = show(value)
        if len(places) <= FEW_ROWS:
            remedy = "Change what this value stands for, or correct the row."
            findings.at(cells, column, places, f"'{shown}' is none of our {words}. {remedy}")
        else:
            says = (
                f"'{shown}' ({len(places):,} rows, the first is row {cells.rows[places[0]]}) is none of our {words}. "
            )
            findings.fault(says + "Change what this value stands for.", column=column.name, value=shown)
