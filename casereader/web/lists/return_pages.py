"""What the pages of a return show: tabs, columns and values with what they may stand for, faults, and changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from casereader import dated, returns
from casereader.identifying import signs_in
from casereader.instrument import Instrument
from casereader.models import ListChange, SamplingFrame
from casereader.returns import GROUP_COLUMN, KEEP, LEAVE, NO_LIST, OURS, Mapped
from sampling.frame.headers import header_key
from sampling.returned.rows import folded

CUT = 60
EXAMPLES = 4


def fault_rows(faults: Sequence[Sequence[Any]]) -> list[list[object]]:
    """Faults as cells: tab, row, column, value and what to do; the tab only where there are tabs."""
    tabs = any(fault[0] for fault in faults)
    return [
        [
            *([fault[0] or ""] if tabs else []),
            "" if fault[1] is None else fault[1],
            fault[2] or "",
            cut(fault[3]),
            fault[4],
        ]
        for fault in faults
    ]


def cut(value: str | None) -> str:
    """A value as a page shows it."""
    return (value or "")[:CUT]


def change_rows(changes: Sequence[tuple[ListChange, str]]) -> list[list[object]]:
    """Changes to a list as cells."""
    return [
        [
            f"{change.tab}, row {change.row}" if change.tab else f"Row {change.row}",
            change.case_ref or "",
            what_changed(change),
            change.reason,
            f"{dated.moment(change.made_at)}, by {name}",
        ]
        for change, name in changes
    ]


def warnings_of(frame: SamplingFrame) -> list[str]:
    """What was noticed in a list and does not stop it, each with where it stands."""
    found = []
    for one in frame.warnings:
        tab, row, column = one.get("tab"), one.get("row"), one.get("column")
        where = [*([tab] if tab else []), ", ".join([*([f"Row {row}"] if row else []), *([column] if column else [])])]
        found.append(": ".join([*(part for part in where if part), one["says"]]))
    return found


def what_changed(change: ListChange) -> str:
    """A change in words."""
    if change.is_exclusion:
        return "Left out"
    name = change.list_column or ""
    label = OURS[name].label if name in OURS else name
    return f"{label}: {cut(change.before) or 'blank'} → {cut(change.after) or 'blank'}"


def value_key(name: str, value: str) -> str:
    """The name of the field that says what a value of a column of ours stands for."""
    return f"value-{name}-{hashlib.sha256(folded(value).encode()).hexdigest()[:16]}"


def tab_fields(layout: Mapping[str, Any], mapped: Mapped, instrument: Instrument) -> list[dict[str, Any]]:
    """For each tab of a workbook what it may be."""
    groups = [(stratum.code, f"One list: group {stratum.code}, {stratum.label}") for stratum in instrument.strata]
    choices = [(NO_LIST, "Not a list"), (GROUP_COLUMN, "A list with a column of groups"), *groups]
    return [
        {
            "name": f"tab-{place}",
            "label": tab["name"],
            "rows": tab["rows"],
            "headings": ", ".join(cut(heading["header"]) for heading in tab["headings"][:8]),
            "faults": [says for _, _, says in tab["faults"][:2]],
            "choices": _options(choices, mapped.tabs.get(tab["name"] or "", NO_LIST)),
        }
        for place, tab in enumerate(layout["tabs"])
    ]


def headings_of(layout: Mapping[str, Any], mapped: Mapped | None = None) -> list[dict[str, Any]]:
    """Every heading once, in the order of the file, with the values that stand under it; of all tabs, or of lists."""
    found: dict[str, dict[str, Any]] = {}
    for tab in layout["tabs"]:
        if mapped is not None and (tab["name"] or "") not in mapped.lists:
            continue
        for heading in tab["headings"]:
            one = found.setdefault(
                heading["key"], {"header": heading["header"], "values": {}, "many": False, "tabs": []}
            )
            one["tabs"].append(tab["name"])
            one["many"] |= heading["values"] is None
            for value, n in heading["values"] or ():
                one["values"][value] = one["values"].get(value, 0) + n
    return [{"key": key, **one} for key, one in found.items()]


def column_fields(layout: Mapping[str, Any], mapped: Mapped) -> list[dict[str, Any]]:
    """For each heading what its column may stand for; headings of tabs that hold no list are not asked about."""
    choices = [(LEAVE, "Leave out"), (KEEP, "Keep as it is")]
    choices = [*((column.name, column.label) for column in OURS.values()), *choices]
    n_lists = len(mapped.lists)
    shown = {heading["key"] for heading in headings_of(layout, mapped)}
    fields = []
    for place, heading in enumerate(headings_of(layout)):
        values = list(heading["values"])
        if heading["key"] not in shown:
            continue
        fields.append(
            {
                "name": f"column-{place}",
                "header": heading["header"],
                "examples": "Many different values" if heading["many"] else _examples(values),
                "names": any(signs_in(value) for value in values),
                "tabs": "" if len(heading["tabs"]) >= n_lists else ", ".join(cut(name) for name in heading["tabs"]),
                "choices": _options(choices, mapped.columns.get(heading["key"], LEAVE)),
            }
        )
    return fields


def value_fields(layout: Mapping[str, Any], mapped: Mapped, instrument: Instrument) -> list[dict[str, Any]]:
    """For each column of codes the values that are not ours, and what each may stand for."""
    tables = []
    for name, values in returns.unknown_values(layout, mapped, instrument).items():
        choices = [("", "Not said yet")]
        choices += [
            (code, label if code == label else f"{code}: {label}" if name == "group" else label)
            for code, label in returns.coded_choices(instrument, name)
        ]
        chosen = mapped.values.get(name, {})
        rows = [
            {
                "name": value_key(name, value),
                "value": value,
                "n": n,
                "choices": _options(choices, chosen.get(folded(value), "")),
            }
            for value, n in values
        ]
        tables.append({"name": name, "label": OURS[name].label, "rows": rows})
    return tables


def mapped_from(form: Mapping[str, str], layout: Mapping[str, Any], before: Mapped, instrument: Instrument) -> Mapped:
    """The mapping that a form states; what it does not ask about stays as it was."""
    codes = {stratum.code for stratum in instrument.strata}
    tabs = {}
    for place, tab in enumerate(layout["tabs"]):
        name = tab["name"] or ""
        given = form.get(f"tab-{place}", before.tabs.get(name, NO_LIST))
        tabs[name] = given if given in (NO_LIST, GROUP_COLUMN) or given in codes else NO_LIST
    columns = {}
    for place, heading in enumerate(headings_of(layout)):
        key = heading["key"]
        given = form.get(f"column-{place}", before.columns.get(key, LEAVE))
        columns[key] = given if given in (*OURS, KEEP) else LEAVE
    own = not instrument.strata or "own_groups" in form
    mapped = Mapped(tabs, columns, {}, own)
    values: dict[str, dict[str, str]] = {name: dict(chosen) for name, chosen in before.values.items()}
    for name, unknown in returns.unknown_values(layout, mapped, instrument).items():
        allowed = {code for code, _ in returns.coded_choices(instrument, name)}
        for value, _ in unknown:
            code = form.get(value_key(name, value))
            if code is not None and code in allowed:
                values.setdefault(name, {})[folded(value)] = code
            elif code is not None:
                values.get(name, {}).pop(folded(value), None)
    return Mapped(tabs, columns, values, own)


def not_asked(form: Mapping[str, str], layout: Mapping[str, Any], mapped: Mapped, instrument: Instrument) -> bool:
    """Whether values have to be mapped that the form did not show, since its columns were others then."""
    unknown = returns.unknown_values(layout, mapped, instrument)
    return any(value_key(name, value) not in form for name, values in unknown.items() for value, _ in values)


def columns_not_asked(form: Mapping[str, str], layout: Mapping[str, Any], mapped: Mapped) -> bool:
    """Whether a tab is chosen whose columns the form did not show, since it was no list then."""
    shown = {
        heading["key"] for heading in headings_of({"tabs": [tab for tab in layout["tabs"] if tab["rows"]]}, mapped)
    }
    places = {heading["key"]: place for place, heading in enumerate(headings_of(layout))}
    return any(f"column-{places[key]}" not in form for key in shown)


def fault_fields(
    faults: Sequence[Sequence[Any]], mapped: Mapped, instrument: Instrument, given: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Faults with what can be done about each on the page: a new value, the row left out, or only in the file."""
    fields = []
    for place, (tab, row, column, value, says, ref) in enumerate(faults):
        ours = column_behind(column, mapped)
        choices = [(code, label) for code, label in returns.coded_choices(instrument, ours or "")]
        if ours == "group" and mapped.own_groups:
            choices = []
        number = place + 1
        fields.append(
            {
                "number": number,
                "where": (f"{tab}, " if tab else "") + (f"row {row}" if row is not None else "the whole list"),
                "tab": tab,
                "row": row,
                "column": column or "",
                "value": cut(value),
                "says": says,
                "case_ref": ref or "",
                "may_leave_out": may_leave_out(row),
                "may_correct": may_leave_out(row) and ours is not None,
                "may_be_blank": may_leave_out(row) and may_be_blank(ours) and bool(value),
                "to_blank": f"blank-{number}" in given,
                "choices": _options([("", "As it is"), *choices], given.get(f"value-{number}", "")) if choices else [],
                "given": given.get(f"value-{number}", ""),
                "reason": given.get(f"reason-{number}", ""),
                "out": f"out-{number}" in given,
            }
        )
    return fields


def column_behind(column: str | None, mapped: Mapped) -> str | None:
    """The column of ours that a fault's column is, or its own heading where it is kept as it is."""
    if column is None:
        return None
    key = column if column in OURS else header_key(column)
    ours = key if key in OURS else mapped.columns.get(key, LEAVE)
    return None if ours == LEAVE else key if ours == KEEP else ours


def may_leave_out(row: int | None) -> bool:
    """Whether a fault is in a row of the list, rather than in its header or the whole."""
    return row is not None and row > 1


def may_be_blank(ours: str | None) -> bool:
    """Whether a case may be without a value of a column: it needs a reference and a group."""
    return ours not in (None, "case_ref", "group")


def _options(choices: Sequence[tuple[str, str]], selected: str) -> list[dict[str, object]]:
    return [{"value": value, "label": label, "selected": value == selected} for value, label in choices]


def _examples(values: Sequence[str]) -> str:
    shown = ", ".join(cut(value) for value in values[:EXAMPLES])
    return shown + (", …" if len(values) > EXAMPLES else "")
