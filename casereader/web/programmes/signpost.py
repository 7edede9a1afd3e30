"""One thing to do in an inspection, as Home and the page of the inspection show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from casereader import away
from casereader.web.request_session import db


class Urgency(IntEnum):
    """How soon a thing is to be done: what others wait for comes before one's own next step, watching after it.

    Where the inspection is late, its step and what is watched are; what has time is not, nor what others must do.
    """

    SENT_BACK = 0
    FOR_ME = 1
    LATE = 2
    STEP = 3
    SOON = 4
    WATCH = 5
    OTHERS = 6

    def where_late(self) -> Urgency:
        """The same in an inspection that is late."""
        return Urgency.LATE if self in (Urgency.STEP, Urgency.WATCH) else self


@dataclass(frozen=True)
class Sends:
    """The inspection whose list is sent, and whether an invented one may be tried."""

    inspection_id: int
    public_id: str
    may_try: bool


def here(sends: Sends | None) -> Sends | None:
    """The same where a list is taken here now; None where that is done on the other side of an offline week."""
    if sends is None or away.why_not(db(), "list received", sends.inspection_id):
        return None
    return sends


@dataclass(frozen=True)
class Signpost:
    """One thing to do, and where; `papers` to print on the way; `sends`, whose list may be sent from right there."""

    heading: str
    text: str
    href: str
    urgency: Urgency = Urgency.STEP
    papers: tuple[dict[str, str], ...] = ()
    sends: Sends | None = None
