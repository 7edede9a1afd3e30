"""Two people, one of them a lead: who may agree to what another asked, where no one person may decide it."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from casereader.errors import RefusedError
from casereader.models import Account, Inspection, Membership
from casereader.people import accounts
from casereader.vocabulary import Role


def refuse_others(session: Session, *, inspection: Inspection, asker: Account, by: Account, deed: str) -> None:
    """RefusedError unless these are two people, one of them a lead of the inspection."""
    if why := why_not(session, inspection_ids=[inspection.id or 0], asker=asker, by=by, deed=deed):
        raise RefusedError(why)


def why_not(session: Session, *, inspection_ids: Collection[int], asker: Account, by: Account, deed: str) -> str | None:
    """Why these are not two people of whom one is a lead, in each of these inspections; as many queries for many."""
    if asker.id == by.id:
        return f"You {deed} yourself: somebody else must agree."
    if why := accounts.as_two_people(session, asker, by):
        return why
    query = select(Membership.inspection_id).where(
        col(Membership.account_id).in_([asker.id, by.id]), Membership.role == Role.LEAD
    )
    is_led = set(session.exec(query)).issuperset(inspection_ids)
    return None if is_led else "One of the two people must be a lead of the inspection."
