"""How a person wants their own pages to look: kept on their account, wherever they sign in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from casereader import audit
from casereader.models import Account
from casereader.vocabulary import Preference


def prefer(session: Session, *, account: Account, chosen: Sequence[Preference], at: datetime) -> None:
    """Keep what the person chose, in place of what was."""
    values = [one.value for one in chosen]
    if values == account.preferences:
        return
    account.preferences = values
    session.add(account)
    audit.record(session, "settings chosen", by=account, at=at, kind="account", object_id=account.public_id)
