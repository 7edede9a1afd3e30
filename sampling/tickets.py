"""The ticket of a case: a number that fixes its place, that anyone can work out and nobody can choose.

Lower-case hexadecimal SHA-256 of the UTF-8 bytes of seed, "|" and case reference. The stratum is never part of it, so
that a case keeps its ticket when strata are merged. `printf '%s' 'seed|case' | sha256sum` gives the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from hashlib import sha256

from sampling.errors import Fault, PlanError

SEED_LENGTH = 200


def ticket(seed: str, case_ref: str) -> str:
    """The ticket of one case; the reference is stripped and put in Unicode's NFC first.

    >>> ticket("MAR2026-482913-7", "a")[:16]
    'ce9d7d592de67e24'
    """
    check_seed(seed)
    return tickets(seed, [normal_reference(case_ref)])[0]


def tickets(seed: str, case_refs: Iterable[str]) -> list[str]:
    """The tickets of references that are in their normal form already, as `read_frame` leaves them."""
    prefix = f"{seed}|".encode()
    return [sha256(prefix + ref.encode()).hexdigest() for ref in case_refs]


def ticket_bytes(seed: str, case_refs: Iterable[str]) -> bytes:
    """The same tickets as bytes, 32 for each case one after another: what a million cases are ranked by."""
    prefix = f"{seed}|".encode()
    return b"".join([sha256(prefix + ref.encode()).digest() for ref in case_refs])


def normal_reference(case_ref: str) -> str:
    """The reference stripped and in NFC: the form that is hashed and compared."""
    return unicodedata.normalize("NFC", case_ref.strip())


def seed_faults(seed: str) -> list[Fault]:
    """What keeps a text from being a seed: 1 to 200 printable ASCII characters, none of them `|`, used as given."""
    faults = []
    shown = ascii(seed[:60])[1:-1]
    if not 1 <= len(seed) <= SEED_LENGTH:
        faults.append(Fault(None, "seed", shown, f"must have 1 to {SEED_LENGTH} characters, and has {len(seed)}"))
    if any(not " " <= character <= "~" for character in seed):
        faults.append(Fault(None, "seed", shown, "may hold printable ASCII characters only; leave out all others"))
    if "|" in seed:
        faults.append(Fault(None, "seed", shown, "may not hold '|', which parts seed and reference in a ticket"))
    return faults


def check_seed(seed: str) -> None:
    """Raises PlanError where the text cannot be a seed."""
    faults = seed_faults(seed)
    if faults:
        raise PlanError(faults)
