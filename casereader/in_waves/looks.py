"""Who saw the figures of which wave. What was seen is fixed: it cannot be unseen, nor chosen anew because of it.

From then on no case up to that wave is stopped, the draw is not voided, no figures of an earlier wave stand in for
those of this one, and whoever saw them reads no more of the sample.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from casereader import audit
from casereader.errors import ConflictError
from casereader.models import Account, DrawRecord, Inspection, WaveLook

LOOKED_AT = "wave looked at"
READS_NO_MORE = (
    "You have seen the figures after a wave of this inspection. Whoever has seen them reads no more of its records, "
    "since it could be told which way an answer would move them: ask the coordinator to give it to somebody else."
)


def last_waves(session: Session, inspection_ids: Collection[int]) -> dict[int, int]:
    """The last wave of which anybody saw the figures, of the active draws of these inspections; only where one was."""
    asked = {"inspection_ids": list(inspection_ids)}
    return {key: wave or 0 for key, wave in session.exec(_last_waves(), params=asked)} if inspection_ids else {}


@cache
def _last_waves() -> Any:
    """Built once: Home and the board ask it."""
    here = col(DrawRecord.inspection_id).in_(bindparam("inspection_ids", expanding=True))
    return (
        select(DrawRecord.inspection_id, func.max(WaveLook.wave))
        .join(WaveLook, col(WaveLook.draw_id) == DrawRecord.id)
        .where(here, col(DrawRecord.voided_at).is_(None))
        .group_by(col(DrawRecord.inspection_id))
    )


def last_wave(session: Session, *, inspection: Inspection) -> int:
    """The last wave of which anybody saw the figures; 0 where nobody saw any."""
    key = inspection.id or 0
    return last_waves(session, [key]).get(key, 0)


def who_looked(session: Session, *, inspection: Inspection) -> set[int]:
    """The accounts that saw figures after a wave of the active draw."""
    query = (
        select(WaveLook.account_id)
        .join(DrawRecord, col(DrawRecord.id) == WaveLook.draw_id)
        .where(DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_(None))
    )
    return set(session.exec(query))


def who_looked_at(session: Session, draw_ids: Collection[int]) -> dict[int, set[int]]:
    """The accounts that saw figures after a wave, by draw, for each of these."""
    found: dict[int, set[int]] = {key: set() for key in draw_ids}
    query = select(WaveLook.draw_id, WaveLook.account_id).where(col(WaveLook.draw_id).in_(found))
    for draw_id, account_id in session.exec(query):
        found[draw_id].add(account_id)
    return found


def refuse_who_looked(session: Session, *, draw_id: int, by: Account) -> None:
    """ConflictError where they saw figures after a wave of this draw: they read no more of it."""
    query = select(WaveLook.id).where(WaveLook.draw_id == draw_id, WaveLook.account_id == by.id).limit(1)
    if session.exec(query).first() is not None:
        raise ConflictError(READS_NO_MORE)


def has_seen(session: Session, *, draw_record: DrawRecord, wave: int, by: Account) -> bool:
    """Whether it is written down that they saw the figures after this wave."""
    query = select(WaveLook.id).where(
        WaveLook.draw_id == draw_record.id, WaveLook.wave == wave, WaveLook.account_id == by.id
    )
    return session.exec(query).first() is not None


def keep(session: Session, *, draw_record: DrawRecord, wave: int, by: Account, at: datetime) -> None:
    """Write down that they see the figures after this wave; once, however often they look."""
    if has_seen(session, draw_record=draw_record, wave=wave, by=by):
        return
    session.add(WaveLook(draw_id=draw_record.id or 0, wave=wave, account_id=by.id or 0, at=at))
    session.flush()
    audit.record(
        session,
        LOOKED_AT,
        by=by,
        at=at,
        kind="draw",
        object_id=draw_record.public_id,
        inspection_id=draw_record.inspection_id,
        body={"wave": wave},
    )
