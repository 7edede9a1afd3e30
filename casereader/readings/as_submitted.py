"""What readers answered when they first handed a reading in: readers are measured by that, whatever they changed since.

The answers as they stand, less every change after the first submission: the first revision of a key since then holds
what was there before. A reading that was never submitted has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from casereader.models import AnswerRevision, AnswerRow, Reading

AT_ONCE = 500  # keys in one query: well under what SQLite takes

Values = dict[int, dict[str, str]]  # by reading, then key


def values_as_submitted(session: Session, reading_ids: Sequence[int], *, keys: Collection[str] | None = None) -> Values:
    """The values with which each reading was first submitted; of `keys` alone, or of all."""
    found: Values = {}
    for some in _in_turns(reading_ids):
        submitted = _submitted(session, some)
        found.update(_stand(session, list(submitted), keys))
        changed = [key for key, may_be_changed in submitted.items() if may_be_changed]
        for reading_id, key, before in _changed_since(session, changed, keys):
            if before is None or before.get("value") is None:
                found[reading_id].pop(key, None)
            else:
                found[reading_id][key] = before["value"]
    return found


def _in_turns(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _submitted(session: Session, reading_ids: Sequence[int]) -> dict[int, bool]:
    """Those of these readings that were submitted, and whether anything may have changed in them since.

    Every save says in its reading when it was, so that most need not be asked for their revisions.
    """
    reading: Any = Reading.__table__  # type: ignore[attr-defined]
    query = select_columns(reading.c.id, reading.c.saved_at, reading.c.first_submitted_at).where(
        reading.c.id.in_(reading_ids), reading.c.first_submitted_at.is_not(None)
    )
    return {key: saved is None or saved > first for key, saved, first in session.execute(query)}


def _stand(session: Session, reading_ids: Sequence[int], keys: Collection[str] | None) -> Values:
    answer: Any = AnswerRow.__table__  # type: ignore[attr-defined]
    found: Values = {key: {} for key in reading_ids}
    query = select_columns(answer.c.reading_id, answer.c.key, answer.c.value).where(
        answer.c.reading_id.in_(reading_ids), answer.c.value.is_not(None)
    )
    if keys is not None:
        query = query.where(answer.c.key.in_(keys))
    for reading_id, key, value in session.execute(query):
        found[reading_id][key] = value
    return found


def _changed_since(
    session: Session, reading_ids: Sequence[int], keys: Collection[str] | None
) -> list[tuple[int, str, dict[str, Any] | None]]:
    """What each answer was before it was changed after the first submission; the newest change first."""
    if not reading_ids:
        return []
    revision: Any = AnswerRevision.__table__  # type: ignore[attr-defined]
    query = (
        select_columns(revision.c.reading_id, revision.c.key, revision.c.before)
        .join(Reading, col(Reading.id) == revision.c.reading_id)
        .where(revision.c.reading_id.in_(reading_ids), revision.c.saved_at > col(Reading.first_submitted_at))
        .order_by(revision.c.id.desc())
    )
    if keys is not None:
        query = query.where(revision.c.key.in_(keys))
    return [(reading_id, key, before) for reading_id, key, before in session.execute(query)]
