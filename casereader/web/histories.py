"""The history of a record in finished words, for the one template that all pages of records show it by."""

from __future__ import annotations

from collections.abc import Sequence

from casereader import dated
from casereader.audit import Entry, Line, Reader, history_of, history_within
from casereader.programmes.inspections import Place
from casereader.web.request_session import db


def of(place: Place, *object_ids: str) -> list[dict[str, object]]:
    """The history of a record of an inspection, for those who may see all of it."""
    return in_words(history_of(db(), object_ids, inspection_id=place.inspection.id)) if object_ids else []


def within(
    object_id: str, *tables: str, inspection_id: int | None = None, actions: Sequence[str] = ()
) -> list[dict[str, object]]:
    """The history of a record for those who may see all of it, and of what else changed with it only that it did.

    With `actions` it is these deeds alone.
    """
    told = Reader(texts=frozenset(tables), values=frozenset(tables))
    found = history_of(db(), [object_id], inspection_id=inspection_id, reader=told)
    return in_words([one for one in found if not actions or one.action in actions])


def of_kinds(place: Place, *kinds: str, tables: Sequence[str]) -> list[dict[str, object]]:
    """The history of all things of these kinds that an inspection has or had, of what else changed only that it did."""
    told = Reader(texts=frozenset(tables), values=frozenset(tables))
    key = place.inspection.id or 0
    return in_words(history_within(db(), key, kinds=kinds, reader=told))


def deeds_of(*object_ids: str) -> list[dict[str, object]]:
    """What was done to records themselves and nothing else, without what changed: for a reader of blind readings."""
    nothing: frozenset[str] = frozenset()
    told = history_of(db(), object_ids, reader=Reader(texts=nothing, values=nothing))
    return [one | {"lines": [], "n_more": 0} for one in in_words(told)]


def in_words(history: Sequence[Entry]) -> list[dict[str, object]]:
    """Each deed with what it changed."""
    return [
        {
            "at": dated.moment(one.at),
            "who": one.who,
            "action": one.action.capitalize(),
            "lines": [
                {"what": line.what, "before": line.before, "after": line.after, "is_new": line.is_new}
                for line in one.lines
            ],
            "n_more": one.n_more,
        }
        for one in history
    ]


def lines_of(entry: Entry) -> list[str]:
    """What a deed says of itself and what it changed, a line each."""
    found = [*entry.says, *(_line(line) for line in entry.lines)]
    return [*found, f"and {entry.n_more} more"] if entry.n_more else found


def _line(line: Line) -> str:
    if line.is_new and not line.is_hidden:
        return f"{line.what}: {line.after or 'not shown'}"
    return line.what if line.is_hidden else f"{line.what}: {line.before or 'not shown'} → {line.after or 'not shown'}"
