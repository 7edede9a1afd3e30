"""What identifies a child in a return, by the heading of a column or by what its values look like.

A return that holds any of it is refused whole: nothing is told of its values, and nothing is kept.
"""

from __future__ import annotations

import numpy as np

from sampling.errors import Fault
from sampling.frame.cells import Cells, Column, as_text, is_blank, matches
from sampling.frame.findings import show
from sampling.frame.headers import header_key
from sampling.frame.health_numbers import holds_chi_numbers, holds_health_number
from sampling.frame.personal import is_personal

_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}"
_POSTCODE = r"(?i)^\s*[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}\s*$"
_INSURANCE = r"(?i)^\s*[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\s*$"
_REMEDY = "Ask the partnership to delete it and to send the list again. Nothing of this file was kept."


def personal_faults(tab: str | None, cells: Cells, references: frozenset[str]) -> list[Fault]:
    """What identifies children in the columns of a tab; `references` are the keys of headings of references."""
    where = f" of the tab '{show(tab)}'" if tab else ""
    found = []
    for column in cells.columns:
        name = show(column.header.strip()) or column.letter
        if (says := _kind_in(column, references)) is not None:
            found.append(
                Fault(1, name, None, f"The column {name}{where} {says}, which the list must not have. {_REMEDY}")
            )
    return found


def _kind_in(column: Column, references: frozenset[str]) -> str | None:
    if is_personal(column.header):
        return "looks as if it holds names, dates of birth, addresses or numbers of the health service"
    if header_key(column.header) in references and holds_health_number(column.text):
        return "holds CHI or NHS numbers"
    if holds_chi_numbers(column.text):
        return "holds CHI numbers"
    if len(matches(column.text, _EMAIL)):
        return "holds e-mail addresses"
    filled = int(np.count_nonzero(~is_blank(column.text)))
    for pattern, says in ((_POSTCODE, "holds postcodes"), (_INSURANCE, "holds national insurance numbers")):
        if filled and len(matches(column.text, pattern)) * 2 > filled:
            return says
    return None


def identifies_a_child(text: str) -> bool:
    """Whether one text that somebody typed is a number of the health service, a postcode or the like."""
    cell = as_text([text])
    anywhere = any(len(matches(cell, pattern)) for pattern in (_EMAIL, _POSTCODE, _INSURANCE))
    return anywhere or holds_health_number(cell)
