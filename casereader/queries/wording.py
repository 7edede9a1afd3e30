"""What is said in a query, as it is kept: a text that looks as if it identified somebody is looked at once more."""

from __future__ import annotations

from casereader import identifying
from casereader.naming import said
from casereader.readings import NamingError


def worded(text: str, *, ask: str, keep_signs: bool) -> str:
    """The text as it is kept. Raises RefusedError, with `ask` where it is blank, or NamingError."""
    kept = said(text, ask)
    if not keep_signs and (signs := identifying.signs_in(kept)):
        raise NamingError(signs)
    return kept
