"""Names of programmes and partnerships: their one written form, and their form in addresses."""

from __future__ import annotations

import re
import unicodedata

from casereader.errors import RefusedError

LONGEST_NAME = 100


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
