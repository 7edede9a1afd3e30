"""Pair moderation: a local reviewer and the paired inspector talk a reading over, and the inspector countersigns it.

It is no second reading: both see the same answers, and nothing of it counts as agreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit, identifying
from casereader.audit import Deed
from casereader.errors import ConflictError, RefusedError
from casereader.models import Account, AnswerRevision, PairModeration, Reading
from casereader.naming import said
from casereader.readings.counting import settle_statuses
from casereader.readings.finding import find_for_pair
from casereader.vocabulary import ReadingState

BESIDE = ("note", "sources", "ground")  # of an answer, beside its value
COUNTERSIGNED = "reading countersigned"  # as the trail says it


@dataclass(frozen=True)
class ChangedAnswer:
    """The value of an answer when its reading was first handed in, and now; None where there was none.

    `also` names what else of it is another: note, sources, ground. Texts themselves stay in the revisions alone.
    """

    key: str
    before: str | None
    after: str | None
    also: Sequence[str] = ()


@dataclass(frozen=True)
class TalkedOver:
    """One pair moderation: who countersigned, when, what they talked over, and what was changed by then."""

    who: str
    at: datetime
    talked_over: str
    changed: Sequence[ChangedAnswer]


class NamingError(RefusedError):
    """A text that looks as if it identified somebody, where its writer did not say that they know of it."""

    def __init__(self, signs: Sequence[str]) -> None:
        super().__init__(f"This looks like {' and '.join(signs)}. Put it right, or say that you looked.")


def countersign(
    session: Session,
    *,
    public_id: str,
    by: Account,
    at: datetime,
    talked_over: str = "",
    keep_signs: bool = False,
) -> Reading:
    """Confirm the reading of the local reviewer that the account is paired with, so that it counts.

    `talked_over` may say what the two spoke of; what was changed since the reading was first handed in is kept with it.
    A text that looks as if it identified somebody stands only where its writer says that they looked (`keep_signs`).
    Raises ConflictError where it is not submitted, NamingError for such a text.
    """
    opened = find_for_pair(session, public_id=public_id, account=by, to_change=True)
    reading = opened.reading
    if reading.countersigned_at is not None:
        return reading
    if reading.state is not ReadingState.SUBMITTED:
        raise ConflictError("This reading is not submitted any more: it can be countersigned once it is again.")
    spoken = said(talked_over, "") if talked_over.strip() else ""
    if (signs := identifying.signs_in(spoken)) and not keep_signs:
        raise NamingError(signs)
    changed = changed_since_handed_in(session, reading)
    reading.state = ReadingState.COUNTERSIGNED
    reading.countersigned_at, reading.countersigned_by_id = at, by.id
    session.add(reading)
    session.add(
        PairModeration(
            reading_id=opened.key,
            by_id=by.id or 0,
            at=at,
            talked_over=spoken,
            changed=[asdict(one) for one in changed],
        )
    )
    audit.record(
        session,
        COUNTERSIGNED,
        by=by,
        at=at,
        kind="reading",
        object_id=reading.public_id,
        inspection_id=opened.place.inspection.id,
        body={"changed": len(changed), "talked over": bool(spoken)},
    )
    settle_statuses(session, sample_case_ids=[reading.sample_case_id], by=by, at=at)
    return reading


def changed_since_handed_in(session: Session, reading: Reading) -> list[ChangedAnswer]:
    """The answers that are other than when their reader first handed the reading in, those changed earliest first."""
    if reading.first_submitted_at is None:
        return []
    query = (
        select(AnswerRevision.key, AnswerRevision.before, AnswerRevision.after)
        .where(
            AnswerRevision.reading_id == reading.id,
            col(AnswerRevision.saved_at) > reading.first_submitted_at,
        )
        .order_by(col(AnswerRevision.id))
    )
    was: dict[str, Mapping[str, Any]] = {}
    now: dict[str, Mapping[str, Any]] = {}
    for key, before, after in session.exec(query):
        was.setdefault(key, before or {})
        now[key] = after
    found = [
        ChangedAnswer(
            key,
            was[key].get("value"),
            now[key].get("value"),
            also=[name for name in BESIDE if (was[key].get(name) or None) != (now[key].get(name) or None)],
        )
        for key in was
    ]
    return [one for one in found if one.before != one.after or one.also]


def talked_over_of(session: Session, reading: Reading, *, since: datetime | None = None) -> list[TalkedOver]:
    """Every pair moderation of the reading, the newest first, also those that a reopening undid.

    `since`: none from before, for a reader who took the reading over.
    """
    query = (
        select(PairModeration, Account.name)
        .join(Account, col(Account.id) == PairModeration.by_id)
        .where(PairModeration.reading_id == reading.id)
        .order_by(col(PairModeration.id).desc())
    )
    if since is not None:
        query = query.where(col(PairModeration.at) >= since)
    return [
        TalkedOver(who, row.at, row.talked_over, [ChangedAnswer(**one) for one in row.changed])
        for row, who in session.exec(query)
    ]


def countersigned_before(session: Session, reading: Reading) -> list[Deed]:
    """Who countersigned a reading that was reopened since, and when, oldest first: that does not count any more."""
    found = audit.deeds(session, COUNTERSIGNED, object_ids=[reading.public_id])
    return found if reading.countersigned_at is None else found[:-1]
