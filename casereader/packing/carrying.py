"""A laptop's own trail on its way to the office: event by event, held to its chain before anything of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import Session, col

from casereader import dated
from casereader.audit.chain import FIRST, hash_of_fields, moment_text
from casereader.errors import RefusedError
from casereader.models import Account, AuditEvent, CarriedEvent
from casereader.models.columns import canonical

AT_A_TIME = 2_000
BROKEN = "The laptop’s trail in this file does not hold together: the file was made past the program. Nothing is taken."
FORKED = (
    "The office has taken over files of another laptop whose trail began as this one’s: one of the two was set up from"
    " a backup of the other, as where a laptop was lost and turned up again. They part at event {n:,}, of {at}, so"
    " the week of this one is over, and what was written on it since is not taken over. Bring that as workbooks or"
    " paper, then wipe this laptop. Where there never was a second laptop, somebody made this trail past the program:"
    " keep the laptop as it is, and tell whoever answers for data protection."
)
_EVENTS: Any = AuditEvent.__table__  # type: ignore[attr-defined]
_CARRIED: Any = CarriedEvent.__table__  # type: ignore[attr-defined]


def first_of(session: Session) -> str:
    """The hash of the first event of our trail: no two installations share it. FIRST where nothing was done yet."""
    return session.execute(select(_EVENTS.c.hash).where(_EVENTS.c.n == 1)).scalar() or FIRST


def length_of(session: Session) -> int:
    """How many events our trail has."""
    return session.execute(select(func.max(_EVENTS.c.n))).scalar() or 0


def events(session: Session) -> Iterator[Mapping[str, Any]]:
    """Our whole trail as it travels."""
    emails = {row.id: row.email for row in session.execute(select(col(Account.id), col(Account.email)))}
    n = 0
    while True:
        query = select(*_EVENTS.c).where(_EVENTS.c.n > n).order_by(_EVENTS.c.n).limit(AT_A_TIME)
        found = session.execute(query).all()
        for event in found:
            yield {
                "n": event.n,
                "at": moment_text(event.at),
                "actor_id": event.actor_id,
                "actor_email": emails.get(event.actor_id or 0, ""),
                "action": event.action,
                "object_kind": event.object_kind,
                "object_id": event.object_id,
                "inspection_there": event.inspection_id,
                "body": canonical(event.body),
                "previous": event.previous,
                "hash": event.hash,
            }
        if len(found) < AT_A_TIME:
            return
        n = found[-1].n


def check(session: Session, carried: Sequence[Mapping[str, Any]], *, laptop: str, head: str) -> list[Mapping[str, Any]]:
    """The events that are not kept here yet; RefusedError where the chain is broken, or parts from the one known.

    A file that was packed earlier may come later, as of two inspections on one laptop: it brings none.
    """
    query = select(_CARRIED.c.n, _CARRIED.c.hash).where(_CARRIED.c.laptop == laptop)
    known = {row.n: row.hash for row in session.execute(query)}
    previous, fresh, parted = FIRST, [], None
    for n, event in enumerate(carried, 1):
        if event["n"] != n or event["previous"] != previous or own_hash(event) != event["hash"]:
            raise RefusedError(BROKEN)
        if known.get(n, event["hash"]) != event["hash"] and parted is None:
            parted = event
        if n not in known:
            fresh.append(event)
        previous = event["hash"]
    if not carried or carried[0]["hash"] != laptop or previous != head:
        raise RefusedError(BROKEN)
    if parted is not None:
        raise RefusedError(FORKED.format(n=parted["n"], at=dated.moment(datetime.fromisoformat(parted["at"]))))
    return fresh


def own_hash(event: Mapping[str, Any]) -> str:
    """The hash that an event should carry, from its own fields."""
    return hash_of_fields(
        event["n"],
        event["at"],
        event["actor_id"],
        event["action"],
        event["object_kind"],
        event["object_id"],
        event["inspection_there"],
        event["body"],
        event["previous"],
    )


def keep(session: Session, fresh: Sequence[Mapping[str, Any]], *, laptop: str) -> None:
    """Keep events of a laptop's trail."""
    for start in range(0, len(fresh), AT_A_TIME):
        rows = [{**event, "laptop": laptop} for event in fresh[start : start + AT_A_TIME]]
        session.execute(insert(CarriedEvent), rows)
