"""An inspection in its offline week: where it is, and what may not be done meanwhile on the side that asks.

The rule is one: what belongs to the reading room is done on the laptop alone, what belongs to the inspection as a
whole at the office alone, and what would change the ground under both waits until it is back. Answers, notes, queries,
matters of concern and actions may be written on both sides.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from casereader import dated
from casereader.errors import RefusedError
from casereader.models import OfflineWeek
from casereader.vocabulary import Side

# Of each the deed, as the trail calls it.
OF_THE_OFFICE = frozenset(
    {
        *("programme begun", "inspection added", "indicators chosen", "text fix taken", "comparison chosen"),
        *(
            "agreement threshold chosen",
            "order of groups chosen",
            "role given",
            "role taken",
            "people joined from a list",
        ),
        *("dates agreed", "publication recorded", "telephone given", "time to receive a concern set", "kept until set"),
        *("readers' sign-ins settled", "earlier figure entered", "earlier figure taken out", "workbook issued"),
        *("workbook received", "workbook taken in", "workbook put aside", "evaluation written"),
        *("partnership's own instrument answered", "challenge entered", "challenge answered"),
    }
)
OF_THE_ROOM = frozenset(
    {
        *("cases assigned", "added cases assigned", "reading given to another", "readings of one reader moved"),
        *("reading days set", "remaining reading days taken away"),
        *("conflict of interest declared", "conflict of interest ended", "case handed back"),
        *("record not produced", "record turned up", "records marked", "cases stopped", "stopped case taken back"),
        *("replacement proposed", "replacement confirmed", "replacement turned down"),
        "wave looked at",  # at the office the figures are those of when it left
        *("settlement proposed", "settlement agreed", "readings settled", "readings imported"),
    }
)
OF_NEITHER = frozenset(
    {
        *("return received", "return looked at", "return mapped", "return mended", "list received", "list changed"),
        *("list and plan fixed", "list and plan taken back", "list and plan sent back", "list and plan confirmed"),
        *("sample drawn", "extension asked for", "sample extended", "voiding asked for", "draw voided"),
        *("ending asked for", "reading ended after a wave"),
        *("unlock asked for", "reading unlocked", "settlement undone", "reading locked"),
        *("issue prepared", "issue issued", "erasure asked", "content erased"),
    }
)

_TABLE: Any = OfflineWeek.__table__  # type: ignore[attr-defined]
_NEWEST = (
    select(_TABLE.c.side, _TABLE.c.begun_at, _TABLE.c.ended_at)
    .where(_TABLE.c.inspection_id == bindparam("inspection_id"))
    .order_by(_TABLE.c.id.desc())
    .limit(1)
)


def week_of(session: Session, inspection_id: int | None) -> Any:
    """The side, beginning and end of the inspection's newest offline week, if it ever had one."""
    return session.execute(_NEWEST, {"inspection_id": inspection_id}).first()


def serves_a_room(session: Session) -> bool:
    """Whether this is a reading room's laptop now."""
    query = select(_TABLE.c.id).where(_TABLE.c.side == Side.LAPTOP, _TABLE.c.ended_at.is_(None)).limit(1)
    return session.execute(query).first() is not None


def is_guest(session: Session, inspection_id: int | None) -> bool:
    """Whether the inspection is an office's, and this its laptop, or was."""
    week = week_of(session, inspection_id)
    return week is not None and week.side is Side.LAPTOP


def refuse(session: Session, action: str, inspection_id: int | None) -> None:
    """RefusedError where the deed waits, or is done on the other side, during the offline week."""
    if reason := why_not(session, action, inspection_id):
        raise RefusedError(reason)


def why_not(session: Session, action: str, inspection_id: int | None) -> str:
    """Why the deed waits, or is done on the other side, during the offline week; blank where it may be done here."""
    if action not in _HELD:
        return ""
    if inspection_id is None:
        is_laptop = serves_a_room(session)
        return "This is a reading room’s laptop: programmes are begun and changed at the office." if is_laptop else ""
    week = week_of(session, inspection_id)
    if week is None or (week.ended_at is not None and week.side is Side.OFFICE):
        return ""
    if week.ended_at is not None:
        return _went_back(week)
    if action in OF_NEITHER:
        return (
            "This waits until the inspection is back from the reading room’s laptop: it would change the ground under"
            " what is read there."
        )
    if week.side is Side.LAPTOP and action in OF_THE_OFFICE:
        return "This is done at the office: the laptop serves the reading room alone."
    if week.side is Side.OFFICE and action in OF_THE_ROOM:
        return f"This is done in the reading room: the inspection is with its laptop since {dated.day(week.begun_at)}."
    return ""


_HELD = OF_THE_OFFICE | OF_THE_ROOM | OF_NEITHER


def says(session: Session, inspection_id: int | None) -> str:
    """What every page of an inspection says during its offline week; blank where there is none."""
    week = week_of(session, inspection_id)
    if week is None:
        return ""
    if week.side is Side.OFFICE:
        if week.ended_at is not None:
            return ""
        return (
            f"This inspection is with the reading room’s laptop since {dated.day(week.begun_at)}. Who reads what,"
            " replacements and records are settled there; drawing, unlocking and publishing wait until it is back."
        )
    if week.ended_at is not None:
        return _went_back(week)
    return (
        f"This is the reading room’s laptop: it holds this inspection since {dated.day(week.begun_at)}. People, dates,"
        " evaluations and publication are at the office."
    )


def _went_back(week: Any) -> str:
    on = dated.day(week.ended_at)
    return f"This inspection went back to the office on {on}. Nothing more is done with it on this laptop."


def is_closed_here(session: Session, inspection_id: int | None) -> bool:
    """Whether this is the laptop, and its last file went back."""
    week = week_of(session, inspection_id)
    return week is not None and week.side is Side.LAPTOP and week.ended_at is not None
