"""Names of programmes and partnerships, and reasons that people give: the one form in which each is kept."""

from __future__ import annotations

import re
import unicodedata

from casereader import identifying
from casereader.errors import RefusedError

LONGEST_NAME = 100
LONGEST_REASON = 2_000


def slug_of(name: str) -> str:
    """The form of a name in addresses, folders and on the command line."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def plain_name(text: str, what: str) -> str:
    """The name as it is kept; RefusedError, saying what it names, when it cannot serve."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise RefusedError(f"Give the {what} a name of 1 to {LONGEST_NAME} characters.")
    if not name.isprintable() or "/" in name:
        raise RefusedError(f"The name of the {what} holds a sign that cannot be used: leave out / and hidden signs.")
    if not slug_of(name):
        raise RefusedError(f"Give the {what} a name with at least one letter from A to Z, or a digit.")
    return name


def said(text: str, ask: str) -> str:
    """A reason as it is kept; refused with `ask` when it is blank, and when it is too long or cannot be stored.

    Raises RefusedError then.
    """
    kept = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not kept:
        raise RefusedError(ask)
    if len(kept) > LONGEST_REASON:
        raise RefusedError(f"This has {len(kept):,} characters: say it in at most {LONGEST_REASON:,}.")
    if "\0" in kept:
        raise RefusedError("The text holds a character that cannot be stored (NUL): delete it.")
    return kept


def said_in(faults: dict[str, str], field: str, text: str, ask: str, *, looked: bool) -> str:
    """The same of a field of a form: `faults` hears why it is refused, or may name somebody where nobody `looked`.

    Blank where it cannot be kept.
    """
    try:
        kept = said(text, ask)
    except RefusedError as error:
        faults[field] = error.reasons[0]
        return ""
    if not looked and (signs := identifying.signs_in(kept)):
        faults[field] = identifying.looks_like(signs)
    return kept
