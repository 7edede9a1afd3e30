"""Passwords that anybody tries: the commonest ones and those of known breaches, held here, so that nobody is asked.

The file holds no password, only four bytes of the SHA-256 of each, sorted: a list of breached passwords holds people's
names and addresses. Where it comes from, how it is made anew and how often it refuses a password that is on no list
stands in docs/security/supply.md.
"""

from __future__ import annotations

import hashlib
import lzma
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".xz")
DIGEST_BYTES = 4
FEWEST_LETTERS = 6  # of a word that digits were put around
# Last bytes are noise and first ones run on: told so, it packs a little better. The check keeps a torn file out.
PACKED = [{"id": lzma.FILTER_LZMA2, "preset": 9, "lc": 0, "lp": 2, "pb": 2}]
SPELLED = [str.maketrans("034571@$!", f"oeast{one}asi") for one in "il"]  # how people write letters to seem clever


def is_known(password: str) -> bool:
    """Whether it is on the list: as it is, or in what people make of a word that is on it."""
    known = _digests()
    for form in _forms(password.casefold()):
        digest = _digest(form)
        at = bisect_left(known, digest)
        if at < len(known) and known[at] == digest:
            return True
    return False


def packed(passwords: Iterable[str]) -> bytes:
    """What the file holds of these passwords: the same for the same ones, in whatever order and case they come."""
    digests = array("I", sorted({_digest(password.casefold()) for password in passwords}))
    return lzma.compress(_turned(digests).tobytes(), check=lzma.CHECK_SHA256, filters=PACKED)


def count() -> int:
    """How many it holds."""
    return len(_digests())


def _forms(plain: str) -> Iterator[str]:
    """The password, and the words that it is made of by spaces, digits around it, other signs, or saying it twice."""
    yield plain
    for text in dict.fromkeys((plain, *map(plain.translate, SPELLED))):
        run = "".join(filter(str.isalnum, text))
        word = run.strip("0123456789")
        yield from (run, word if len(word) >= FEWEST_LETTERS else run, _once(run))


def _once(text: str) -> str:
    """What it says again and again, where it does."""
    length = (text + text).find(text, 1)
    return text[:length] if length > 0 else text


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:DIGEST_BYTES])


@cache
def _digests() -> array[int]:
    return _turned(array("I", lzma.decompress(FILE.read_bytes())))


def _turned(digests: array[int]) -> array[int]:
    """In the order of bytes of the file, or of the machine: one is the other turned round, where they differ."""
    turned = array("I", digests)
    if sys.byteorder == "little":
        turned.byteswap()
    return turned
