"""Signs in a text that it may identify a child: a health number, a postcode, a date of birth, an address. Pure.

A sign warns the person who wrote the text; it never leaves the machine and is never logged. Look-alikes do not hide
one: the text is read in NFKC without format characters, so blanks of no width and full-width digits are seen through.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_TEN_DIGITS = re.compile(r"(?<!\d)(\d{3}[ -]?\d{3}[ -]?\d{4}|\d{6}[ -]?\d{4})(?!\d)")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE)
_DATE_OF_BIRTH = re.compile(
    r"\b(born|birth|dob)\b[^\n]{0,20}\b\d{1,2}[ /.-](\d{1,2}|[a-z]{3,9})[ /.-]\d{2,4}\b", re.IGNORECASE
)
_E_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b")
_TURNED = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")


def signs_in(text: str) -> list[str]:
    """What the text looks like it holds, in words; empty for most texts."""
    plain = plain_form(text)
    found = []
    if any(is_health_number(re.sub(r"\D", "", number)) for number in _TEN_DIGITS.findall(plain)):
        found.append("a health number")
    if _POSTCODE.search(plain):
        found.append("a postcode")
    if _DATE_OF_BIRTH.search(plain):
        found.append("a date of birth")
    if _E_MAIL.search(plain):
        found.append("an e-mail address")
    if _TURNED & set(text):
        found.append("text whose direction is turned round")
    return found


def plain_form(text: str) -> str:
    """The text in NFKC, without format characters."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")


def is_health_number(digits: str) -> bool:
    """Whether ten digits begin with a day and a month, as a CHI number does, or carry the check digit of one."""
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return (0 if rest == 11 else rest) == int(digits[9]) or _begins_with_day(digits)


def _begins_with_day(digits: str) -> bool:
    try:
        date(2000, int(digits[2:4]), int(digits[:2]))  # a leap year, so that every day passes
    except ValueError:
        return False
    return True
