"""Which column is which: headers matched as people write them, and columns that hold personal details refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sampling.errors import FrameError
from sampling.frame.cells import Cells, Column, is_blank
from sampling.frame.characters import CONTROL
from sampling.frame.findings import Findings, show
from sampling.frame.personal import is_personal
from sampling.frame.rules import FrameRules

MOST_COLUMNS = 1000
LONGEST_HEADER = 100
LOOK_BELOW = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """The columns the caller asked for."""

    id: str
    strata: tuple[str, ...]
    within: str | None

    @classmethod
    def of(cls, id: str, strata: str | Iterable[str], within: str | None) -> Asked:
        """The columns asked for by these names; FrameError where one is blank or stands there twice."""
        listed = (strata,) if isinstance(strata, str) else tuple(strata)
        asked = cls(id, listed, within)
        keys = [header_key(name) for name in asked.names]
        if any(not key for key in keys):
            raise FrameError("The name of a column that is asked for is blank. Give every column by its header.")
        if len(set(keys)) < len(keys):
            raise FrameError("One column is asked for twice, among the reference, strata and within columns.")
        return asked

    @property
    def names(self) -> tuple[str, ...]:
        """The reference, within and strata columns, in the order of the stratum label."""
        return (self.id, *((self.within,) if self.within is not None else ()), *self.strata)

    def are_in(self, headers: Iterable[str]) -> bool:
        """Whether every column asked for is among these headers."""
        return {header_key(name) for name in self.names} <= {header_key(header) for header in headers}


@dataclass(slots=True)
class Layout:
    """The columns of the list by their part in the frame, in the order of the list."""

    id: Column
    labels: list[Column]  # within, then strata
    ages: list[Column] = field(default_factory=list)
    dates: list[Column] = field(default_factory=list)
    others: list[Column] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)


def header_key(header: str) -> str:
    """What two headers share when they count as one: case, blanks, `_` and hidden characters do not matter."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return "".join(c for c in text if c != "_" and not c.isspace() and unicodedata.category(c) != "Cf")


def arrange(cells: Cells, asked: Asked, rules: FrameRules, findings: Findings) -> Layout | None:
    """Find each column's part; None, with the faults noted, where one that is asked for is missing."""
    named = [column for column in cells.columns if header_key(column.header)]
    _check_unnamed(cells, findings)
    by_key: dict[str, Column] = {}
    personal: set[str] = set()
    for column in named:
        column.name = _clean(column.header)
        _check_header(column, findings)
        key = header_key(column.header)
        if key in by_key:
            findings.fault(
                f"The header {show(by_key[key].name)} is there twice, the second time as {show(column.name)} (case, "
                "blanks and _ do not count). Rename or delete one of the columns.",
                row=1,
                column=by_key[key].name,
                value=show(column.name),
            )
        else:
            by_key[key] = column
        if is_personal(column.header):
            findings.fault(
                f"The column {show(column.name)} looks as if it holds personal details (a name, a date of birth, an "
                "address or a number of the health service), which the list must not have. Delete the column and "
                "send the list again.",
                row=1,
                column=column.name,
            )
            personal.add(key)
    missing = [name for name in asked.names if header_key(name) not in by_key]
    for name in missing:
        findings.fault(_missing(name, named), row=1, column=name)
    for name in [*asked.names, *rules.ages, *rules.dates, *(rules.columns or ())]:
        if header_key(name) in by_key:
            by_key[header_key(name)].name = name
    if missing or personal & {header_key(name) for name in asked.names}:
        return None
    # Nothing of a personal column is looked at any further, so that no message can repeat a value of it.
    return _layout({key: column for key, column in by_key.items() if key not in personal}, asked, rules, findings)


def header_below(row: int) -> str:
    """What to say where the header stands under other rows."""
    return (
        f"Row 1 must be the header, and the header with the columns asked for seems to be in row {row}. Delete the "
        "rows above it."
    )


def _layout(by_key: dict[str, Column], asked: Asked, rules: FrameRules, findings: Findings) -> Layout:
    id_key, *label_keys = (header_key(name) for name in asked.names)
    layout = Layout(by_key[id_key], [by_key[key] for key in label_keys], columns=list(by_key.values()))
    ages = {header_key(name) for name in rules.ages}
    dates = {header_key(name) for name in rules.dates}
    expected = None if rules.columns is None else {header_key(name) for name in rules.columns}
    for key, column in by_key.items():
        if key == id_key or key in label_keys:
            continue
        if key in ages:
            layout.ages.append(column)
        elif key in dates:
            layout.dates.append(column)
        else:
            layout.others.append(column)
            if expected is not None and key not in expected:
                findings.warn(
                    f"The column {show(column.name)} was not expected. It is kept; delete it if nobody needs it.",
                    row=1,
                    column=column.name,
                )
    return layout


def _clean(header: str) -> str:
    shown = "".join(c for c in unicodedata.normalize("NFC", header) if unicodedata.category(c) != "Cf")
    return " ".join(shown.split())


def _check_header(column: Column, findings: Findings) -> None:
    name = column.name
    control = re.search(CONTROL.replace(r"\x{80}-\x{9f}", "\x80-\x9f"), column.header)
    if control or re.search(r"[<>|\t\r\n]", column.header) or name.startswith(("=", "+", "-", "@")):
        says = "holds a character that no header may have (such as < > | or a line break, or = + - @ at its start)"
    elif len(name) > LONGEST_HEADER:
        says = f"is longer than {LONGEST_HEADER} characters"
    else:
        return
    findings.fault(f"The header '{show(name)}' {says}. Rename the column.", row=1, column=show(name), value=show(name))


def _check_unnamed(cells: Cells, findings: Findings) -> None:
    """Let blank columns go, warn of row numbers before the first column, and refuse values under no header."""
    for place, column in enumerate(cells.columns):
        if header_key(column.header):
            continue
        column.name = "without a header"
        filled = (~is_blank(column.text)).nonzero()[0]
        if not len(filled):
            continue
        if place == 0 and _counts_rows(column):
            findings.warn(
                "The first column has no header and numbers the rows; this unnamed column is left out.", row=1
            )
            continue
        findings.at(
            cells,
            column,
            filled,
            "There is a value under no header. Give the column a header in row 1, or clear the cell.",
        )


def _counts_rows(column: Column) -> bool:
    values = column.text.to_pylist()
    return any(values == [str(i + first) for i in range(len(values))] for first in (0, 1, 2))


def _missing(name: str, found: Sequence[Column]) -> str:
    listed = ", ".join(show(column.name) for column in found[:20]) or "nothing"
    says = f"There is no column {name}. Row 1 must be the header and name it; it holds: {listed}."
    if len(found) == 1 and found[0].kinds is None:  # of a workbook, cells are apart
        says += " If the columns are there, separate them with commas."
    return says
