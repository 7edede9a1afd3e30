"""Who is still to be named before cases are given out: whom to tell, with a telephone, and somebody who reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from casereader.models import Account, Membership
from casereader.people import accounts
from casereader.programmes import contacts
from casereader.programmes.contacts import TOLD, Contact
from casereader.stages.stages import Standing
from casereader.vocabulary import READER_ROLES, Stage

BEFORE_READING = frozenset({Stage.LIST_AWAITED, Stage.CHECKED, Stage.FIXED, Stage.CONFIRMED, Stage.DRAWN})

NOBODY_READS = "Give readers their roles: nobody is a reviewer here yet."


def with_names(session: Session, standings: Mapping[int, Standing], *, at: datetime) -> dict[int, Standing]:
    """The standings of inspections, by their keys, with whom they lack: one statement however many there are."""
    found = dict(standings)
    early = [key for key, standing in found.items() if standing.stage in BEFORE_READING]
    if not early:
        return found
    told: dict[int, list[Contact]] = defaultdict(list)
    read: set[int] = set()
    for account, entry in session.exec(_named(), params={"inspection_ids": early}):
        if not accounts.works(account, at=at):
            continue
        if entry.role in TOLD:
            told[entry.inspection_id].append(Contact(account.name, entry.role, entry.telephone))
        else:
            read.add(entry.inspection_id)
    for key in early:
        found[key] = replace(found[key], untold=tuple(contacts.lacked_by(told[key])), lacks_readers=key not in read)
    return found


def words(standing: Standing, *, with_readers: bool) -> tuple[str, str]:
    """The step that names whoever is missing, and what is: its heading and its text; `with_readers`: readers too."""
    named = [*(["who reads"] if with_readers else []), *(["whom to tell"] if standing.untold else [])]
    lacking = [*([NOBODY_READS] if with_readers else []), *standing.untold]
    return f"Name {' and '.join(named)}", " ".join(lacking)


@cache
def _named() -> Any:
    """Built once: Home asks it."""
    here = col(Membership.inspection_id).in_(bindparam("inspection_ids", expanding=True))
    asked = col(Membership.role).in_((*TOLD, *READER_ROLES))
    query = select(Account, Membership).join(Membership, col(Membership.account_id) == Account.id)
    return query.where(here, asked).order_by(Account.name)
