"""References of cases that stand in a text: what tells of another child, and what nobody publishes.

Only a reference with a digit in it, written as on the list or in capitals or small letters, is seen; a number of fewer
than five digits is not, since years and counts look so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from sqlmodel import Session, col, select

from casereader.models import Case, SamplingFrame

OF_A_CASE, OF_ANOTHER = "the reference of a case", "the reference of another case"
_WORD = re.compile(r"[^\s,;:()\[\]{}<>“”‘’\"'!?*|=]+")
_TOO_SHORT = re.compile(r"\d{1,4}|.{1,2}")
_LONGEST = 40
_AT_ONCE = 500


def in_texts(session: Session, texts: Iterable[str], *, inspection_ids: Collection[int | None]) -> set[str]:
    """The references of cases of these inspections that stand in the texts, as the lists write them."""
    words = {form for text in texts for word in _words(text) for form in (word, word.upper(), word.lower())}
    found: set[str] = set()
    ordered = sorted(words)
    for start in range(0, len(ordered), _AT_ONCE):
        query = (
            select(Case.case_ref)
            .join(SamplingFrame, col(SamplingFrame.id) == Case.frame_id)
            .where(
                col(SamplingFrame.inspection_id).in_(inspection_ids),
                col(Case.case_ref).in_(ordered[start : start + _AT_ONCE]),
            )
        )
        found |= set(session.exec(query))
    return found


def stands_in(reference: str, text: str) -> bool:
    """Whether a reference stands in the text as `in_texts` finds it."""
    return reference.casefold() in {word.casefold() for word in _words(text)}


def _words(text: str) -> set[str]:
    plain = unicodedata.normalize("NFC", text)
    found = {word.strip(".-–—/") for word in _WORD.findall(plain)}
    return {
        word
        for word in found
        if len(word) <= _LONGEST and any(map(str.isdigit, word)) and not _TOO_SHORT.fullmatch(word)
    }
