"""Signs in a text that it may identify a child: a name, a date of birth, a postcode, a health number. Pure.

A sign warns the person who wrote the text; it never leaves the machine and is never logged. Look-alikes do not hide
one: the text is read in NFKC without format characters, so blanks of no width and full-width digits are seen through.
The signs stand in `identifying.json`, once for the server and for the page, where `static/js/identifying.js` reads the
same patterns: so they keep to what means the same in Python (with re.ASCII) and in JavaScript. Names are seen by a form
of address, by “known as” and the like, by two capitals after “child” or one before “family”, and by the commonest given
names of Scotland; those that are words as well only beside words that go with people. Many others are not. A date by
itself counts where its year lies before the periods that are read now; later ones are what a note is about.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".json")


def signs_in(text: str) -> list[str]:
    """What the text looks like it holds, in words; empty for most texts."""
    plain = plain_form(text)
    found = [sign for sign, pattern, rules in _signs() if _is_in(text if "reads" in rules else plain, pattern, rules)]
    return list(dict.fromkeys(found))


def looks_like(signs: Sequence[str]) -> str:
    """What whoever typed a text with these signs is told."""
    return f"This looks like {' and '.join(signs)}. Put it right, or say below that you looked."


def plain_form(text: str) -> str:
    """The text in NFKC, without format characters."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")


def is_health_number(digits: str) -> bool:
    """Whether ten digits begin with a day and a month, as a CHI number does, or carry the check digit of one."""
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return (0 if rest == 11 else rest) == int(digits[9]) or _begins_with_day(digits)


@cache
def signs_text() -> str:
    """The signs as they stand in their file, for a page to carry."""
    return json.dumps(json.loads(FILE.read_text(encoding="utf-8")), ensure_ascii=False, separators=(",", ":"))


@cache
def _signs() -> tuple[tuple[str, re.Pattern[str], Mapping[str, Any]], ...]:
    """Each sign with its pattern and its rules."""
    found = []
    for one in json.loads(FILE.read_text(encoding="utf-8"))["signs"]:
        flags = re.ASCII | (re.IGNORECASE if one.get("ignores") == "case" else 0)
        found.append((one["sign"], re.compile(_pattern(one), flags), one))
    return tuple(found)


def _pattern(one: Mapping[str, Any]) -> str:
    """Words are looked for with a capital first, and all in capitals; with `before` and `after`, only beside those."""
    if "pattern" in one:
        unless = "|".join(one.get("unless", ()))
        return str(one["pattern"]).replace("<unless>", rf"(?!(?:{unless})\b)")
    words = "|".join(spelling for word in one["words"] for spelling in (word, word.upper()))
    found = rf"\b(?:{words})\b"
    return rf"{one['before']} +{found}|{found}{one['after']}" if "before" in one else found


def _is_in(text: str, pattern: re.Pattern[str], rules: Mapping[str, Any]) -> bool:
    if rules.get("check") == "health number":
        return any(is_health_number(re.sub(r"[ -]", "", number)) for number in pattern.findall(text))
    return pattern.search(text) is not None


def _begins_with_day(digits: str) -> bool:
    try:
        date(2000, int(digits[2:4]), int(digits[:2]))  # a leap year, so that every day passes
    except ValueError:
        return False
    return True
