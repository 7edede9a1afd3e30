"""Who a command acts for, where a deed needs a person."""

from __future__ import annotations

from sqlmodel import Session

from casereader.errors import RefusedError
from casereader.models import Account
from casereader.people.accounts import canonical_email
from casereader.programmes.inspections import Place, people
from casereader.vocabulary import Role


def coordinator_of(session: Session, place: Place, email: str | None) -> Account:
    """The coordinator of that address, or the only one where none is named; RefusedError otherwise."""
    held = {
        account.email: account for account, _ in people(session, inspection=place.inspection, role=Role.COORDINATOR)
    }
    if email is not None:
        wanted = canonical_email(email)
        if wanted not in held:
            raise RefusedError(f"{wanted} is no coordinator of {place.name}.")
        return held[wanted]
    if len(held) != 1:
        raise RefusedError(
            f"{place.name} has {len(held)} coordinators: say with --by EMAIL which of them acts"
            + (f" ({', '.join(sorted(held))})." if held else ".")
        )
    return next(iter(held.values()))
