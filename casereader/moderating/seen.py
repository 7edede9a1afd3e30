"""What a page of two readings showed: nobody settles on what they never saw, but is told what changed meanwhile."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from sqlmodel import Session, col, func, select

from casereader.errors import ConflictError
from casereader.instrument import Instrument
from casereader.models import AnswerRevision, Settlement
from casereader.moderating.moderation import Pair

MARK = re.compile(r"(\d{1,18})-(\d{1,18})-([0-9a-f]*)")
CHANGED = "The {which} reading was changed here since you opened the page."
ANOTHER = "The {which} reading is another since you opened the page."


class MovedOnError(ConflictError):
    """Something is not as the page showed it; `changed` says by key what of the answers, `others` all else."""

    def __init__(self, changed: Mapping[str, list[str]], *others: str) -> None:
        self.changed = dict(changed)
        self.others = others
        super().__init__(*others, *(f"{key}: {says}" for key, found in changed.items() for says in found))


def mark_of(session: Session, pair: Pair, settlement: Settlement | None) -> str:
    """The mark of a page with these two readings and what is agreed or proposed; signing off changes no mark."""
    last = _last_changes(session, pair)
    return f"{last[pair.first.key]}-{last[pair.second.key]}-{_word_of(settlement)}"


def refuse_unseen(
    session: Session, pair: Pair, settlement: Settlement | None, mark: str, *, instrument: Instrument, moved: str
) -> None:
    """Raise MovedOnError where the page with this mark showed anything else; `moved` says so of what was proposed."""
    found = MARK.fullmatch(mark)
    if found is None:
        raise MovedOnError({}, "The page did not say which answers it showed: look at them as they stand now.")
    last = _last_changes(session, pair)
    changed: dict[str, list[str]] = {}
    others = []
    for which, opened, was in (("first", pair.first, int(found[1])), ("second", pair.second, int(found[2]))):
        if last[opened.key] == was:
            continue
        query = select(AnswerRevision.key).where(AnswerRevision.reading_id == opened.key, col(AnswerRevision.id) > was)
        since = set(session.exec(query))
        if not since:
            others.append(ANOTHER.format(which=which))
        for key in instrument.parts:
            if key in since and instrument.part(key).filled_from != "minutes":
                changed.setdefault(key, []).append(CHANGED.format(which=which))
    if found[3] != _word_of(settlement):
        others.append(moved)
    if changed or others:
        raise MovedOnError({key: changed[key] for key in instrument.parts if key in changed}, *others)


def _last_changes(session: Session, pair: Pair) -> dict[int, int]:
    keys = [pair.first.key, pair.second.key]
    query = (
        select(AnswerRevision.reading_id, func.max(AnswerRevision.id))
        .where(col(AnswerRevision.reading_id).in_(keys))
        .group_by(col(AnswerRevision.reading_id))
    )
    return dict.fromkeys(keys, 0) | {key: last or 0 for key, last in session.exec(query)}


def _word_of(settlement: Settlement | None) -> str:
    if settlement is None:
        return ""
    said = [settlement.chosen, settlement.proposed_by_id, settlement.agreed_by_id]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
