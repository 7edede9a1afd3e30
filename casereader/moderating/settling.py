"""Settling two readings of one case into a consensus, question by question; the originals are kept.

Where both readers agree their answer stands. Elsewhere one of the two is taken, or a third with a reason: by a
moderator, or by the two readers, whose agreement a moderator then confirms or changes, saying why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from casereader import audit
from casereader.errors import ConflictError
from casereader.instrument import Answer, Instrument
from casereader.models import Account, Action, Reading, Settlement
from casereader.moderating import seen, settlements
from casereader.moderating.consensus import checked
from casereader.moderating.moderation import Pair, find_pair, signed
from casereader.moderating.settlements import Chosen
from casereader.programmes.inspections import Place
from casereader.readings import answers_of, settle_statuses, states_of_queries
from casereader.readings.saving import store
from casereader.vocabulary import QueryState, ReadingKind, ReadingState

MOVED_ON = "What the readers agreed was changed since you opened the page. Look at it as it stands now."


def settle(
    session: Session,
    *,
    place: Place,
    public_id: str,
    instrument: Instrument,
    chosen: Mapping[str, Chosen],
    by: Account,
    at: datetime,
    mark: str | None = None,
    keep_signs: bool = False,
) -> Reading:
    """Settle the two readings of a case into the consensus that counts. Raises UnsettledError with every gap.

    What the readers agreed is changed only with a reason for each question. `mark` is that of the page on which it was
    chosen, where there was one: MovedOnError where anything is not as it showed. `keep_signs`: whoever settles looked
    at the reasons that seem to identify somebody. ConflictError where the pair cannot be settled by `by` now.
    """
    pair = find_pair(session, place=place, public_id=public_id, account=by, to_change=True)
    if (why := why_not_settled(session, pair, by)) is not None:
        raise ConflictError(why)
    agreed = agreed_of(session, pair)
    if mark is not None:
        seen.refuse_unseen(session, pair, agreed, mark, instrument=instrument, moved=MOVED_ON)
    before = settlements.chosen_in(agreed)
    chosen = {
        key: replace(one, also=before[key].also) if key in before and before[key].what == one.what else one
        for key, one in chosen.items()
    }
    answers = checked(session, pair, instrument, chosen, agreed=before, keep_signs=keep_signs)
    return _settled(session, place, pair, instrument, chosen, answers, agreed, by, at)


def confirm(
    session: Session, *, place: Place, public_id: str, instrument: Instrument, mark: str, by: Account, at: datetime
) -> Reading:
    """Settle the two readings as their readers agreed; ConflictError where that is not what `mark` stands for."""
    pair = find_pair(session, place=place, public_id=public_id, account=by, to_change=True)
    if (why := why_not_settled(session, pair, by)) is not None:
        raise ConflictError(why)
    agreed = agreed_of(session, pair)
    if agreed is None or settlements.mark_of(agreed) != mark:
        raise ConflictError(MOVED_ON)
    chosen = settlements.chosen_in(agreed)
    answers = checked(session, pair, instrument, chosen, keep_signs=True)
    return _settled(session, place, pair, instrument, chosen, answers, agreed, by, at)


def why_not_settled(session: Session, pair: Pair, by: Account) -> str | None:
    """Why the account may not settle the two readings now; None when it may."""
    if ReadingState.LOCKED in (pair.first.reading.state, pair.second.reading.state):
        return "These readings are locked: nothing in them changes any more."
    for opened in (pair.first, pair.second):
        if opened.reading.reviewer_id == by.id:
            return "One of these readings is your own: another moderator or the lead settles them."
        if opened.reading.needs_countersigning and opened.reading.countersigned_at is None:
            return "A local reviewer made one of these readings: the paired inspector countersigns it first."
    asked = states_of_queries(session, [pair.first.key, pair.second.key])
    if any(states.total() > states[QueryState.RESOLVED] for states in asked.values()):
        return "Queries about the answers of these readings are not resolved yet: settle them once all are."
    if consensus_of(session, sample_case_id=pair.first.reading.sample_case_id) is not None:
        return "These readings are settled already."
    return None


def consensus_of(session: Session, *, sample_case_id: int) -> Reading | None:
    """The consensus reading of a case; None until its readings are settled."""
    query = select(Reading).where(Reading.sample_case_id == sample_case_id, col(Reading.kind) == ReadingKind.CONSENSUS)
    return session.exec(query).first()


def agreed_of(session: Session, pair: Pair) -> Settlement | None:
    """What both readers agreed on and nobody settled yet; None where a reading changed since."""
    found = settlements.standing(session, sample_case_id=pair.first.reading.sample_case_id)
    if found is None or found.agreed_at is None or found.settled_at is not None:
        return None
    has_lapsed = settlements.has_lapsed(found, first=pair.first.reading, second=pair.second.reading)
    return None if has_lapsed else found


def _settled(
    session: Session,
    place: Place,
    pair: Pair,
    instrument: Instrument,
    chosen: Mapping[str, Chosen],
    answers: dict[str, Answer],
    agreed: Settlement | None,
    by: Account,
    at: datetime,
) -> Reading:
    consensus = Reading(
        sample_case_id=pair.first.reading.sample_case_id,
        kind=ReadingKind.CONSENSUS,
        state=ReadingState.SETTLED,
        reviewer_id=by.id or 0,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        assigned_at=at,
        assigned_by_id=by.id or 0,
        started_at=at,
        saved_at=at,
        submitted_at=at,
        first_submitted_at=at,
        signed_off_at=at,
        signed_off_by_id=by.id,
        read_on=pair.first.reading.read_on,
    )
    session.add(consensus)
    session.flush()
    store(session, reading_id=consensus.id or 0, before={}, after=answers, by=by, at=at)
    for opened in (pair.first, pair.second):
        reading = opened.reading
        if reading.signed_off_at is None:
            signed(session, reading, place=place, by=by, at=at)
        reading.state = ReadingState.SETTLED
        session.add(reading)
    session.flush()
    n_changed = _keep(session, pair, chosen, answers, agreed, by, at)
    audit.record(
        session,
        "readings settled",
        by=by,
        at=at,
        kind="reading",
        object_id=consensus.public_id,
        inspection_id=place.inspection.id,
        body={
            "first": pair.first.reading.public_id,
            "second": pair.second.reading.public_id,
            "chosen": len(chosen),
            "agreed_by_readers": agreed is not None,
            "changed": n_changed,
        },
    )
    settle_statuses(session, sample_case_ids=[consensus.sample_case_id], by=by, at=at)
    return consensus


def _keep(
    session: Session,
    pair: Pair,
    chosen: Mapping[str, Chosen],
    answers: Mapping[str, Answer],
    agreed: Settlement | None,
    by: Account,
    at: datetime,
) -> int:
    """Keep what was chosen and by whom; how much of what the readers agreed was changed."""
    first, second = pair.first.reading, pair.second.reading
    before = settlements.chosen_in(agreed)
    changed = {key for key, one in chosen.items() if agreed and (key not in before or before[key].what != one.what)}
    if agreed and changed:
        settlements.set_aside(agreed, by_id=by.id or 0, at=at)
    kept = agreed or settlements.begin(session, first=first, second=second, by_id=by.id or 0, at=at)
    kept.chosen = {
        key: asdict(one) | ({"changed": before[key].whose if key in before else ""} if key in changed else {})
        for key, one in chosen.items()
    }
    kept.answers = {key: asdict(answer) for key, answer in answers.items()}
    kept.first_version, kept.second_version = first.version, second.version
    kept.settled_at, kept.settled_by_id = at, by.id
    session.add(kept)
    session.flush()
    return len(changed)


def undo(session: Session, *, place: Place, reading: Reading, by: Account, at: datetime) -> None:
    """Take the consensus apart: its answers stay in the settlement, and what should be put right with the first."""
    case = reading.sample_case_id
    consensus = consensus_of(session, sample_case_id=case)
    pair = find_pair(session, place=place, public_id=reading.public_id, account=by, to_change=True)
    if consensus is not None:
        kept = settlements.standing(session, sample_case_id=case)
        if kept is None or kept.settled_at is None:  # settled before settlements were kept
            made_at, made_by = consensus.assigned_at, consensus.reviewer_id
            kept = settlements.begin(
                session, first=pair.first.reading, second=pair.second.reading, by_id=made_by, at=made_at
            )
            kept.settled_at, kept.settled_by_id = made_at, made_by
        kept.answers = {key: asdict(answer) for key, answer in answers_of(session, consensus.id or 0).items()}
        kept.undone_at, kept.undone_by_id = at, by.id
        session.add(kept)
        session.exec(
            update(Action).where(col(Action.reading_id) == consensus.id).values(reading_id=pair.first.reading.id)
        )
        session.exec(delete(Reading).where(col(Reading.id) == consensus.id))
        session.expunge(consensus)
        audit.record(
            session,
            "settlement undone",
            by=by,
            at=at,
            kind="reading",
            object_id=consensus.public_id,
            inspection_id=place.inspection.id,
        )
    for opened in (pair.first, pair.second):
        opened.reading.state = ReadingState.SIGNED_OFF
        session.add(opened.reading)
    session.flush()
