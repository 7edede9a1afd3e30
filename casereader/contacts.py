"""Whom to tell of a matter of concern: the lead and the deputy of an inspection, and where they are reached.

No record is given out before both are named with a telephone number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from casereader import audit
from casereader.errors import AbsentError, RefusedError
from casereader.inspections import people
from casereader.models import Account, Inspection
from casereader.vocabulary import Role

TOLD = (Role.LEAD, Role.DEPUTY)
_TELEPHONE = re.compile(r"[0-9+() x./-]{3,30}", re.ASCII)
_FEWEST_DIGITS = 3  # an extension within the building


@dataclass(frozen=True)
class Contact:
    """Somebody to tell; `telephone` is blank where none was given."""

    name: str
    role: Role
    telephone: str


def contacts(session: Session, *, inspection: Inspection) -> list[Contact]:
    """Whom to tell, the leads before the deputies, each by name."""
    found = [
        Contact(account.name, entry.role, entry.telephone)
        for account, entry in people(session, inspection=inspection)
        if entry.role in TOLD
    ]
    return sorted(found, key=lambda one: TOLD.index(one.role))


def lacking(session: Session, *, inspection: Inspection) -> list[str]:
    """What must be named before records are given out; empty where nothing is missing."""
    found = contacts(session, inspection=inspection)
    reasons = []
    for role in TOLD:
        named = [one for one in found if one.role is role]
        if not named:
            reasons.append(f"Name a {role}: whoever reads must know whom to tell of a matter of concern.")
        elif not any(one.telephone for one in named):
            reasons.append(f"Give the telephone number of the {role}, {named[0].name}.")
    return reasons


def telephone_number(text: str) -> str:
    """A number as it is kept: blanks single; RefusedError where it is none."""
    number = " ".join(text.split())
    if not _TELEPHONE.fullmatch(number) or sum(sign.isdigit() for sign in number) < _FEWEST_DIGITS:
        raise RefusedError("Enter a telephone number of 3 to 30 digits and signs, like 0131 496 0100 or x4512.")
    return number


def set_telephone(
    session: Session, *, inspection: Inspection, account: Account, telephone: str, by: Account, at: datetime
) -> None:
    """Say where the lead or the deputy is reached during the inspection."""
    number = telephone_number(telephone)
    held = [
        entry
        for person, entry in people(session, inspection=inspection)
        if person.id == account.id and entry.role in TOLD
    ]
    if not held:
        raise AbsentError
    for entry in held:
        entry.telephone = number
        session.add(entry)
    session.flush()
    audit.record(
        session,
        "telephone given",
        by=by,
        at=at,
        kind="account",
        object_id=account.public_id,
        inspection_id=inspection.id,
    )
