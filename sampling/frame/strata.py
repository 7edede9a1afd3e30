"""Checks on strata and within columns: one spelling for each value, no blanks, only what the rules allow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from sampling.frame.cells import Cells, Column, Kind, as_text
from sampling.frame.characters import hidden_character, skeleton, tidy
from sampling.frame.findings import Findings, show
from sampling.labels import SEPARATOR

MOST_VALUES = 20_000
_LISTED = 12
_KINDS = {
    Kind.DATE: "has been turned into a date",
    Kind.TIMED: "has been turned into a date",
    Kind.NO_DATE: "has been turned into a date",
    Kind.FLAG: "is TRUE or FALSE, not text",
    Kind.ERROR: "is an error value",
}


def check_strata(cells: Cells, column: Column, allowed: Sequence[str] | None, findings: Findings) -> Any:
    """The column in one spelling for each value: the rule's where there is one, else tidied."""
    _check_kinds(cells, column, findings)
    codes = column.text.dictionary_encode()
    indices = np.asarray(codes.indices)
    if len(codes.dictionary) > MOST_VALUES:
        findings.fault(
            f"{column.name} holds {len(codes.dictionary):,} different values, and at most {MOST_VALUES:,} can be "
            "strata. Choose a column of groups.",
            column=column.name,
        )
        return column.text
    written = codes.dictionary.to_pylist()
    rule = None if allowed is None else {_folded(name): tidy(name) for name in allowed}
    values = [tidy(value) if rule is None else rule.get(_folded(value), tidy(value)) for value in written]
    known = None if rule is None else set(rule.values())
    bad = {
        code: says
        for code, (raw, value) in enumerate(zip(written, values, strict=True))
        if (says := _fault_in(raw, value, column.name, known, allowed)) is not None
    }
    if known is None:
        bad |= _two_spellings(values, bad, indices, cells)
    excused = set(column.unstored_formulas)
    if column.kinds is not None:
        excused.update(int(i) for i in column.is_kind(*_KINDS))
    is_bad = np.zeros(len(values), dtype=np.bool_)
    is_bad[list(bad)] = True
    faulty = [int(i) for i in np.flatnonzero(is_bad[indices]) if int(i) not in excused] if bad else []
    for index in faulty[: findings.listed]:
        findings.at(cells, column, [index], bad[int(indices[index])])
    findings.at(cells, column, faulty[findings.listed :], "The value cannot be used.")
    return pc.take(as_text(values), pa.array(indices)) if values else column.text


def check_counts(labels: Any, names: str, allowed: Sequence[str] | None, first: Any, findings: Findings) -> None:
    """Warn of strata of one case, and of those in the rules that have none; `labels` are the joined labels."""
    counts = pc.value_counts(labels)
    single = sorted(str(entry["values"]) for entry in counts if entry["counts"].as_py() == 1)
    for label in single[:_LISTED]:
        findings.warn(
            f"The stratum {show(label)} has only one case: whoever knows the list knows which one it is, and it "
            "gives no margin of error. Consider merging it with another.",
            column=names,
            value=show(label),
        )
    if len(single) > _LISTED:
        findings.warn(f"{len(single) - _LISTED:,} more strata have only one case.", column=names)
    if allowed is not None:
        present = set(pc.unique(first).to_pylist())
        for name in allowed:
            if tidy(name) not in present:
                findings.warn(
                    f"The stratum {show(name)} has no cases. Check that none were left out.",
                    column=names,
                    value=show(name),
                )


def join_labels(columns: Sequence[Any]) -> Any:
    """The stratum label of each row: the within value, if any, then the strata values, joined by ` / `."""
    if len(columns) == 1:
        return columns[0]
    return pc.binary_join_element_wise(*columns, SEPARATOR)


def _folded(value: str) -> str:
    return "".join(tidy(value).casefold().split())


def _check_kinds(cells: Cells, column: Column, findings: Findings) -> None:
    if column.kinds is not None:
        for kind, says in _KINDS.items():
            findings.at(
                cells,
                column,
                column.is_kind(kind),
                lambda value, says=says: (  # type: ignore[misc]
                    f"'{value}' {says}; {column.name} must be text. Format the column as text and type the value."
                ),
            )
    findings.at(
        cells,
        column,
        sorted({*column.formulas, *column.unstored_formulas}),
        f"{column.name} must not be a formula. Paste the values in place of the formula.",
    )


def _fault_in(raw: str, value: str, name: str, known: set[str] | None, allowed: Sequence[str] | None) -> str | None:
    shown = show(value)
    if not value:
        return f"{name} is blank. Every case needs one: fill it in, or delete the row if it is no case."
    if re.search(r"[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", raw.strip()) or SEPARATOR in f" {value} ":
        return f"'{shown}' holds ' / ', a TAB or a line break, which {name} may not. Use another sign, such as -."
    if (code := hidden_character(value)) is not None:
        return f"'{shown}' holds a character that does not show ({code}). Type the value again."
    if "\ufffd" in value:
        return f"'{shown}' has lost a letter (replacement character). Type the value again."
    if known is not None and value not in known:
        listed = ", ".join(show(one) for one in (allowed or [])[:30])
        return f"'{shown}' is not one of the strata {listed}. Use one of them, one to a case."
    if value[0] in "=@":
        return f"'{shown}' starts like a formula ({value[0]}). Give the value itself."
    return None


def _two_spellings(
    values: list[str], bad: dict[int, str], indices: np.ndarray[Any, Any], cells: Cells
) -> dict[int, str]:
    """Values that differ only in case, blanks or look-alike letters from one that is more usual in the list."""
    groups: dict[str, dict[str, list[int]]] = {}
    for code, value in enumerate(values):
        if code not in bad:
            key = "".join(skeleton(value).split())
            groups.setdefault(key, {}).setdefault(value, []).append(code)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return {}
    counts = np.bincount(indices, minlength=len(values))
    faults = {}
    for group in several:
        usual = max(group, key=lambda value: int(counts[group[value]].sum()))
        row = min(int(cells.rows[np.argmax(indices == code)]) for code in group[usual])
        for value, codes in group.items():
            if value != usual:
                says = (
                    f"'{show(value)}' and '{show(usual)}' (row {row}) differ only in case, blanks or letters that "
                    "look alike. Use one spelling for each stratum."
                )
                faults.update(dict.fromkeys(codes, says))
    return faults
