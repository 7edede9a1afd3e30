"""What of the acknowledged saves is in the database afterwards, whether any is there twice, and whether all is whole.

A save is told by its note. It is there where its revision, its reply under its key and its part in the trail are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from casereader import audit
from casereader.db import make_engine, snapshot
from casereader.models import AnswerRevision, AnswerRow, AuditEvent, Reading, SavedReply
from tests.faults.loader import QUESTION, Log
from tests.faults.outcome import Control, Outcome


@dataclass(frozen=True)
class Counted:
    """The figures of an outcome."""

    acknowledged: int
    found: int
    lost: int
    duplicated: int
    false_conflicts: int
    wrong: tuple[str, ...]

    def outcome(self, name: str, done: str, *, seconds: float | None, control: Control | None = None) -> Outcome:
        """As the outcome of a fault."""
        return Outcome(
            name,
            self.acknowledged,
            self.found,
            self.lost,
            self.duplicated,
            seconds,
            done,
            self.false_conflicts,
            self.wrong,
            control,
        )


def count(url: str, logs: Sequence[Log]) -> Counted:
    """Hold the readers' logs against the database at `url`, which nobody is writing to."""
    tabs: dict[str, list[Log]] = defaultdict(list)
    for log in logs:
        tabs[log.seat.reading].append(log)
    engine = make_engine(url)
    try:
        with snapshot(engine) as session:
            parts = [_of_reading(session, reading, each) for reading, each in tabs.items()]
            wrong = [*audit.verify(session), *audit.compare(session), *_gaps(session)]
    finally:
        engine.dispose()
    wrong += [says for log in logs for says in log.unexpected]
    acknowledged = sum(len(log.acknowledged) for log in logs)
    return Counted(
        acknowledged,
        sum(part.found for part in parts),
        sum(part.lost for part in parts),
        sum(part.duplicated for part in parts),
        sum(part.false_conflicts for part in parts),
        tuple(dict.fromkeys(wrong)),
    )


@dataclass(frozen=True)
class _Part:
    found: int
    lost: int
    duplicated: int
    false_conflicts: int


def _of_reading(session: Session, public_id: str, logs: Sequence[Log]) -> _Part:
    saves = [save for log in logs for save in log.saves]
    acknowledged = [save for save in saves if save.became is not None]
    reading = session.exec(select(Reading).where(Reading.public_id == public_id)).one()
    revisions = session.exec(
        select(AnswerRevision)
        .where(AnswerRevision.reading_id == reading.id, AnswerRevision.key == QUESTION)
        .order_by(col(AnswerRevision.id))
    ).all()
    times = Counter(str(each.after["note"]) for each in revisions)
    replies: dict[str, list[int]] = defaultdict(list)
    for reply in session.exec(select(SavedReply).where(SavedReply.reading_id == reading.id)).all():
        replies[reply.idempotency_key].append(reply.reply["version"])
    events = session.exec(
        select(AuditEvent).where(AuditEvent.object_id == public_id, AuditEvent.action == "answers saved")
    ).all()
    stands = session.exec(
        select(AnswerRow).where(AnswerRow.reading_id == reading.id, AnswerRow.key == QUESTION)
    ).first()
    found = sum(times[save.note] > 0 and replies[save.key] == [save.became] for save in acknowledged)
    lost = len(acknowledged) - found
    lost += max(0, len(times) - len(events))  # a save without its part in the trail
    lost += _more_than_once(save.version for save in acknowledged)  # written over by somebody who had not seen it
    if revisions and (stands is None or stands.note != list(times)[-1]):
        lost += 1  # what was saved last is not what stands
    twice = sum(n - 1 for n in times.values()) + max(0, len(events) - len(times))
    twice += sum(len(each) - 1 for each in replies.values() if each)
    twice += _more_than_once(save.became for save in acknowledged)
    stored = Counter(save.version for save in saves if times[save.note])
    untrue = sum(bool(times[save.note]) or not stored[save.version] for save in saves if save.conflicted)
    return _Part(found, lost, twice, untrue)


def _more_than_once(versions: Iterable[int | None]) -> int:
    return sum(n - 1 for n in Counter(versions).values())


def _gaps(session: Session) -> list[str]:
    """Numbers of the trail that are not the next."""
    numbers = list(session.exec(select(AuditEvent.n).order_by(col(AuditEvent.n))).all())
    return [] if numbers == list(range(1, len(numbers) + 1)) else ["the numbers of the trail have gaps"]
