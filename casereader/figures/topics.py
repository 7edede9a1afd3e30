"""Topics that readers name, such as those of strengths: how many readings mention each, and what the lead renamed.

A topic counts once for a record, however often its reading gives it. The lead may give another; the reader's answer
stays as it was, and every change is kept. A change holds while the answer is the one that it was made on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import ConflictError, RefusedError
from casereader.figures import evidence
from casereader.instrument import Instrument, Part
from casereader.models import Account, AnswerRow, Reading, TopicRecode
from casereader.programmes.inspections import Place
from casereader.readings import Opened, counting

KIND = "topic"


@dataclass(frozen=True)
class Mention:
    """One topic that a reading gives: the one that stands, the reader's own, and whether the record is atypical."""

    reading_id: int
    key: str
    topic: str
    given: str
    is_atypical: bool


@dataclass(frozen=True)
class Renamed:
    """One change of a topic, and who made it."""

    row: TopicRecode
    who: str


@dataclass(frozen=True)
class Named:
    """What is named together: the places of one question that offer the same topics, such as three strengths."""

    title: str
    parts: tuple[Part, ...]


def named_together(instrument: Instrument) -> list[Named]:
    """What the instrument asks for by topic, in its order."""
    found = []
    for question in instrument.questions:
        by_scale: dict[str, list[Part]] = {}
        for part in question.parts:
            if part.scale.kind == KIND:
                by_scale.setdefault(part.scale.id, []).append(part)
        for parts in by_scale.values():
            label = question.label if len(by_scale) == 1 else f"{question.label}: {parts[0].label}"
            found.append(Named(f"{question.id} {label}", tuple(parts)))
    return found


def topic_parts(instrument: Instrument) -> list[Part]:
    """All these places, in order."""
    return [part for one in named_together(instrument) for part in one.parts]


def mentions(session: Session, *, place: Place, instrument: Instrument) -> list[Mention]:
    """Every topic of the readings that count."""
    return mentions_of(session, [one.id or 0 for one in counting(session, place.inspection.id or 0)], instrument)


def mentions_of(session: Session, reading_ids: Collection[int], instrument: Instrument) -> list[Mention]:
    """Every topic of these readings, by reading, then in the instrument's order."""
    order = {part.key: at for at, part in enumerate(topic_parts(instrument))}
    typical = evidence.atypical_part(instrument)
    keys = [*order, *([typical.key] if typical else [])]
    query = select(AnswerRow.reading_id, AnswerRow.key, AnswerRow.value).where(
        col(AnswerRow.reading_id).in_(reading_ids), col(AnswerRow.key).in_(keys)
    )
    rows = session.exec(query).all()
    atypical = {one for one, key, value in rows if typical and key == typical.key and value == evidence.ATYPICAL}
    changes = _changes(session, reading_ids)
    found = [
        Mention(one, key, _standing(value, changes.get((one, key), [])), value, one in atypical)
        for one, key, value in rows
        if key in order and value and instrument.part(key).choice(value)
    ]
    return sorted(found, key=lambda mention: (mention.reading_id, order[mention.key]))


def counted(found: Collection[Mention], named: Named) -> tuple[Counter[str], Counter[str]]:
    """How many typical records mention each topic, and how many atypical ones."""
    keys = {part.key for part in named.parts}
    once = {(one.reading_id, one.topic, one.is_atypical) for one in found if one.key in keys}
    return (
        Counter(topic for _, topic, is_atypical in once if not is_atypical),
        Counter(topic for _, topic, is_atypical in once if is_atypical),
    )


@dataclass(frozen=True)
class Counted:
    """One topic with the typical and the atypical records that mention it."""

    label: str
    n_typical: int
    n_atypical: int


def most_often_first(found: Collection[Mention], named: Named) -> list[Counted]:
    """The topics mentioned, by how many typical records do, then in the instrument's order."""
    typical, atypical = counted(found, named)
    labels = {choice.value: choice.label for part in named.parts for choice in part.choices}
    mentioned: Counter[str] = typical + atypical
    order = {topic: at for at, topic in enumerate(labels)}
    ordered = sorted(mentioned, key=lambda topic: (-typical[topic], order[topic]))
    return [Counted(labels[topic], typical[topic], atypical[topic]) for topic in ordered]


def history(session: Session, *, reading_id: int) -> list[Renamed]:
    """Every change of the reading's topics, newest first."""
    query = (
        select(TopicRecode, Account.name)
        .join(Account, col(Account.id) == TopicRecode.by_id)
        .where(TopicRecode.reading_id == reading_id)
        .order_by(col(TopicRecode.id).desc())
    )
    return [Renamed(row, who) for row, who in session.exec(query)]


def recode(
    session: Session,
    *,
    opened: Opened,
    instrument: Instrument,
    topics: Mapping[str, str],
    after: int,
    by: Account,
    at: datetime,
) -> int:
    """Give topics of a reading another name, by key; how many changed. Its answers stay as they are.

    `after` is the key of the latest change that the person saw, 0 for none: ConflictError when there is another since.
    Raises RefusedError with every name that cannot be.
    """
    # The reading's row is held, so that of two at once the second sees what the first did.
    session.exec(select(Reading.id).where(Reading.id == opened.key).with_for_update()).one()
    known = history(session, reading_id=opened.key)
    if not known and after:
        raise ConflictError("What you sent is not of this reading as it stands: load the page again.")
    if known and after != known[0].row.id:
        raise ConflictError(f"{known[0].who} changed topics of this reading in the meantime. Look at theirs first.")
    present = {one.key: one.topic for one in mentions_of(session, [opened.key], instrument)}
    reasons = [f"{key} has no topic to change." for key in topics if key not in present]
    reasons += [
        f"{key}: choose a topic from the list."
        for key, topic in topics.items()
        if key in present and instrument.part(key).choice(topic) is None
    ]
    if reasons:
        raise RefusedError(*reasons)
    changed = {key: topic for key, topic in topics.items() if topic != present[key]}
    for key, topic in changed.items():
        row = TopicRecode(reading_id=opened.key, key=key, before=present[key], after=topic, at=at, by_id=by.id or 0)
        session.add(row)
    if changed:
        session.flush()
        audit.record(
            session,
            "topics recoded",
            by=by,
            at=at,
            kind="reading",
            object_id=opened.reading.public_id,
            inspection_id=opened.place.inspection.id,
            body={"keys": sorted(changed)},
        )
    return len(changed)


def _changes(session: Session, reading_ids: Collection[int]) -> dict[tuple[int, str], list[TopicRecode]]:
    query = select(TopicRecode).where(col(TopicRecode.reading_id).in_(reading_ids)).order_by(col(TopicRecode.id))
    found: dict[tuple[int, str], list[TopicRecode]] = {}
    for row in session.exec(query):
        found.setdefault((row.reading_id, row.key), []).append(row)
    return found


def _standing(given: str, changes: Sequence[TopicRecode]) -> str:
    """The topic that stands: changes made on another answer than the present one are passed over."""
    topic = given
    for one in changes:
        if one.before == topic:
            topic = one.after
    return topic
