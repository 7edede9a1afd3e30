"""Sharing sampled cases among readers by a rule that follows from the seed, so that nobody steers who reads what.

Within a stratum cases are put in the order of SHA-256(seed + "|assign|" + case_ref) and dealt round the readers, one
after another, without starting again at each stratum: loads differ by at most one, and each reader gets a spread of
strata. The readers stand in the order of SHA-256(seed + "|reader|" + name). Second readings go to the cases with the
smallest SHA-256(seed + "|second|" + case_ref), each to the next reader who may and who did not read it first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from math import ceil


def deal(cases: Mapping[str, str], readers: Sequence[str], *, seed: str) -> dict[str, str]:
    """Who reads each case first: `cases` is reference → stratum, `readers` are names; every case gets one.

    >>> deal({"c1": "a", "c2": "a", "c3": "b"}, ["Ann", "Bob"], seed="s")["c1"] in ("Ann", "Bob")
    True
    """
    if not readers:
        raise ValueError("cases cannot be dealt to nobody")
    order = sorted(cases, key=lambda ref: (cases[ref].encode(), _digest(seed, "assign", ref), ref))
    places = _reader_order(readers, seed)
    dealt = {ref: places[place % len(places)] for place, ref in enumerate(order)}
    if len(dealt) != len(cases):
        raise AssertionError("a case was not dealt")
    return dealt


def second_readings(first: Mapping[str, str], readers: Collection[str], *, seed: str, share: str) -> dict[str, str]:
    """Which cases are read a second time, and by whom: ⌈share·n⌉ of them, none by its first reader.

    Readers who cannot be independent (`readers` holds those who can) get none; with nobody left a case is passed over.
    """
    wanted = ceil(Fraction(share) * len(first))
    places = _reader_order(list(readers), seed)
    found: dict[str, str] = {}
    turn = 0
    for ref in sorted(first, key=lambda ref: (_digest(seed, "second", ref), ref)):
        if len(found) == wanted:
            break
        others = [reader for reader in places if reader != first[ref]]
        if others:
            found[ref] = others[turn % len(others)]
            turn += 1
    return found


def _reader_order(readers: Sequence[str], seed: str) -> list[str]:
    return sorted(readers, key=lambda name: (_digest(seed, "reader", name), name))


def _digest(seed: str, purpose: str, text: str) -> str:
    return sha256(f"{seed}|{purpose}|{text}".encode()).hexdigest()
