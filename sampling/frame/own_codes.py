"""What stands in a column of the sender's own codes, as of families, where no code stands: names and dates."""

from __future__ import annotations

from sampling.errors import Fault
from sampling.frame.cells import Column, Kind, as_text, matches
from sampling.frame.findings import show
from sampling.frame.references import holds_names

_SURNAME = r"^\s*(?:\p{Lu}[\p{Ll}'’]{2,}(?:[ -]\p{Lu}[\p{Ll}'’]{2,})*|\p{Lu}{4,})\s*$"
_FULL_DATE = (
    r"(?i)^\s*(?:[0-9]{1,2}[ /.-](?:[0-9]{1,2}|[a-z]{3,9})[ /.-][0-9]{4}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]00:00:00)?)\s*$"
)


def fault_in(column: Column) -> Fault | None:
    """That the column holds names or dates in place of codes, without any of them; None where it holds codes."""
    held = _held(column)
    if held is None:
        return None
    says = f"The column {show(column.header)} {held}, which identify children. Nothing of this file was kept."
    return Fault(1, show(column.header), None, says)


def is_no_code(text: str) -> bool:
    """Whether one text that somebody typed is a name or a date."""
    return _held(Column("", as_text([text]))) is not None


def _held(column: Column) -> str | None:
    if holds_names(column.text, column.header) or len(matches(column.text, _SURNAME)):
        return "holds names in place of codes"
    return "holds full dates in place of codes" if n_full_dates(column) else None


def n_full_dates(column: Column) -> int:
    """How many cells of the column are dates with day, month and year."""
    if column.kinds is not None and (n := len(column.is_kind(Kind.DATE))):
        return n
    return len(matches(column.text, _FULL_DATE))
