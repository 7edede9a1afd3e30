"""How readers of one inspection sign in: how long they may sit over a record, and whether they need a second step."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from casereader import audit
from casereader.errors import RefusedError
from casereader.models import Account, Inspection

SHORTEST, LONGEST = 15, 720  # minutes


def settle(
    session: Session,
    *,
    inspection: Inspection,
    idle_minutes: int,
    need_second_step: bool,
    by: Account,
    at: datetime,
) -> None:
    """Keep both; they hold from each reader's next page on.

    Raises RefusedError for minutes that cannot be.
    """
    if not SHORTEST <= idle_minutes <= LONGEST:
        raise RefusedError(f"Enter {SHORTEST} to {LONGEST} minutes; 240 are four hours.")
    before = (inspection.reader_idle_minutes, inspection.readers_need_second_factor)
    if before == (idle_minutes, need_second_step):
        return
    inspection.reader_idle_minutes, inspection.readers_need_second_factor = idle_minutes, need_second_step
    session.add(inspection)
    session.flush()
    audit.record_of_inspection(
        session,
        "readers' sign-ins settled",
        inspection,
        by=by,
        at=at,
        body={"idle_minutes": [before[0], idle_minutes], "second_step": [before[1], need_second_step]},
    )
