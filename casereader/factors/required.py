"""Who must have a second factor: by their roles, and readers where an inspection of theirs says so."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from casereader.models import Account, Inspection, Membership
from casereader.vocabulary import READER_ROLES, Role

MUST = frozenset({Role.COORDINATOR, Role.MODERATOR, Role.LEAD, Role.DEPUTY})


def is_needed(session: Session, *, account: Account, memberships: Iterable[Membership]) -> bool:
    """Whether the account may not be used with its password alone; those of the demonstration may."""
    if account.is_demo:
        return False
    if account.is_administrator or account.may_begin_programmes:
        return True
    held = list(memberships)
    if any(entry.role in MUST for entry in held):
        return True
    reads_in = [entry.inspection_id for entry in held if entry.role in READER_ROLES]
    return bool(reads_in) and session.exec(_asking(), params={"reads_in": reads_in}).first() is not None


@cache
def _asking() -> Any:
    """Built once: every request of a reader with a password alone asks it."""
    asks = col(Inspection.readers_need_second_factor)
    return select(Inspection.id).where(col(Inspection.id).in_(bindparam("reads_in", expanding=True)), asks)
