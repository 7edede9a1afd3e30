"""What identifies a child in a return, by the heading of a column or by what its values look like.

A return that holds any of it is refused whole: nothing is told of its values, and nothing is kept.
"""

from __future__ import annotations

import re

import numpy as np

from sampling.errors import Fault
from sampling.frame.cells import Cells, Column, as_text, is_blank, matches
from sampling.frame.findings import show
from sampling.frame.headers import header_key
from sampling.frame.health_numbers import holds_health_number
from sampling.frame.own_codes import n_full_dates
from sampling.frame.personal import is_personal
from sampling.frame.references import holds_names

_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}"
_POSTCODE = r"(?i)^\s*[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}\s*$"
_INSURANCE = r"(?i)^\s*[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\s*$"
_WITHIN = r"\b[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}\b"  # a postcode within an address
_ANYWHERE = (
    (_EMAIL, "holds e-mail addresses"),
    (_POSTCODE, "holds postcodes"),
    (_WITHIN, "holds postcodes"),
)
_TELEPHONE = (
    r"^\s*(?:(?:\+44|0044) ?(?:\(0\) ?)?[1-9](?:[ -]?[0-9]){8,9}|07[0-9]{9}"
    r"|\(0[0-9]{2,4}\) ?[0-9]{3,4}[ -]?[0-9]{3,4}|0[1-37][0-9]{1,4}[ -][0-9]{3,4}[ -]?[0-9]{3,4})\s*$"
)
_DATED = re.compile(
    r"(?i)date|start|began|begin|open|clos|end|from|since|until|till|review|regist|refer|receiv|order|made|meeting"
    r"|confer|hearing|period|when|updat|admi|plac|allocat|assess|plan|visit|\bto\b|\b(?:on|in|day)\b|last|first|next|expir"
)
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
    is_reference = header_key(column.header) in references
    if is_personal(column.header):
        return "looks as if it holds names, dates of birth, addresses or numbers of the health service"
    if holds_health_number(column.text):  # any column may yet be said to be the reference
        return "holds CHI or NHS numbers"
    for pattern, says in _ANYWHERE:
        if len(matches(column.text, pattern)):
            return says
    filled = int(np.count_nonzero(~is_blank(column.text)))
    if filled and len(matches(column.text, _INSURANCE)) * 2 > filled:
        return "holds national insurance numbers"
    if is_reference:
        return "holds names in place of references" if holds_names(column.text, column.header) else None
    if len(matches(column.text, _TELEPHONE)):
        return "holds telephone numbers"
    if filled and not _DATED.search(column.header) and n_full_dates(column) * 2 > filled:
        return (
            "holds full dates without saying of what (if they are no dates of birth, name the column after what "
            "happened on them, such as ‘Start date’)"
        )
    return None


def identifies_a_child(text: str) -> bool:
    """Whether one text that somebody typed is a number of the health service, a postcode or the like."""
    cell = as_text([text])
    anywhere = any(len(matches(cell, pattern)) for pattern in (_EMAIL, _POSTCODE, _INSURANCE))
    return anywhere or holds_health_number(cell)
