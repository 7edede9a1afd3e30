"""Settling two readings of one case into a consensus, question by question; the originals are kept.

Where both readers agree their answer stands. Elsewhere one of the two is taken, or a third with a reason: by a
moderator, or by the two readers, whose agreement a moderator then confirms or changes, saying why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit, identifying, settlements
from casereader.errors import ConflictError, RefusedError
from casereader.inspections import Place
from casereader.instrument import Answer, Answers, Instrument, Part, faults_of, open_keys, tidied
from casereader.models import Account, Reading, Settlement
from casereader.moderation import Pair, differences, find_pair, signed
from casereader.naming import LONGEST_REASON
from casereader.readings import answers_of_many, settle_statuses, states_of_queries
from casereader.readings.saving import store
from casereader.settlements import Chosen
from casereader.vocabulary import QueryState, ReadingKind, ReadingState

MOVED_ON = "What the readers agreed was changed since you opened the page. Look at it as it stands now."


class UnsettledError(RefusedError):
    """Questions that are not settled yet; `faults` holds the reasons by key."""

    def __init__(self, faults: Mapping[str, list[str]]) -> None:
        self.faults = dict(faults)
        super().__init__(*(f"{key}: {says}" for key, reasons in faults.items() for says in reasons))


def settle(
    session: Session,
    *,
    place: Place,
    public_id: str,
    instrument: Instrument,
    chosen: Mapping[str, Chosen],
    by: Account,
    at: datetime,
    keep_signs: bool = False,
) -> Reading:
    """Settle the two readings of a case into the consensus that counts. Raises UnsettledError with every gap.

    What the readers agreed is changed only with a reason for each question. `keep_signs`: whoever settles looked at the
    reasons that seem to identify somebody.
    """
    pair = find_pair(session, place=place, public_id=public_id, account=by, to_change=True)
    if (why := why_not_settled(session, pair, by)) is not None:
        raise ConflictError(why)
    agreed = agreed_of(session, pair)
    answers = checked(session, pair, instrument, chosen, agreed=settlements.chosen_in(agreed), keep_signs=keep_signs)
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


def checked(
    session: Session,
    pair: Pair,
    instrument: Instrument,
    chosen: Mapping[str, Chosen],
    *,
    agreed: Mapping[str, Chosen] | None = None,
    keep_signs: bool = False,
) -> dict[str, Answer]:
    """The consensus that these choices make. Raises UnsettledError with everything that is wrong with them."""
    found = answers_of_many(session, [pair.first.key, pair.second.key])
    stratum = pair.first.stratum(instrument)
    faults: dict[str, list[str]] = {}
    for key, choice in chosen.items():
        if len(choice.reason) > LONGEST_REASON:
            faults.setdefault(key, []).append(f"Say why in at most {LONGEST_REASON:,} characters.")
        if not keep_signs and (signs := identifying.signs_in(choice.reason)):
            faults.setdefault(key, []).append(f"The reason looks as if it held {' and '.join(signs)}.")
        was = (agreed or {}).get(key)
        if agreed and (was is None or was.what != choice.what) and not choice.reason.strip():
            faults.setdefault(key, []).append("The two readers agreed otherwise: say why you change it.")
    try:
        answers = settled_answers(instrument, found[pair.first.key], found[pair.second.key], chosen, stratum=stratum)
    except UnsettledError as error:
        for key, reasons in error.faults.items():
            faults[key] = [*faults.get(key, ()), *reasons]
    if faults:
        raise UnsettledError({key: faults[key] for key in instrument.parts if key in faults})
    return answers


def settled_answers(
    instrument: Instrument, first: Answers, second: Answers, chosen: Mapping[str, Chosen], *, stratum: str
) -> dict[str, Answer]:
    """The answers of the consensus: what both say, and what was chosen where they differ. Raises UnsettledError."""
    differing = {one.part.key for one in differences(instrument, first, second, stratum=stratum)}
    faults: dict[str, list[str]] = {}
    answers: dict[str, Answer] = {}
    for key in instrument.parts:
        one, other = first.get(key, Answer(None)), second.get(key, Answer(None))
        choice = chosen.get(key)
        if choice is None and key in differing and instrument.part(key).choices:
            faults[key] = ["Choose one of the two answers, or give another with the reason."]
            continue
        answer = _taken(instrument.part(key), one, other, choice)
        reasons = faults_of(instrument, key, answer, stratum=stratum) if choice is not None else []
        if choice is not None and choice.whose == "other":
            reasons += _lacks(instrument.part(key), choice, answer)
        if reasons:
            faults[key] = reasons
        answers[key] = answer
    asked = open_keys(instrument, answers, stratum=stratum)
    for key in asked:
        if key not in faults and instrument.part(key).required and answers[key].value is None:
            faults[key] = ["With the answers chosen, this question is asked too: give an answer with the reason."]
    if faults:
        raise UnsettledError({key: faults[key] for key in instrument.parts if key in faults})
    return {key: answers[key] for key in asked if answers[key] != Answer(None)}


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


def _taken(part: Part, one: Answer, other: Answer, choice: Chosen | None) -> Answer:
    if choice is not None and choice.whose == "other":
        return tidied(Answer(choice.value, note=choice.reason.strip(), ground=choice.ground))
    taken = other if choice is not None and choice.whose == "second" else one
    if choice is None and not taken.note:
        taken = other if other.value == one.value and other.note else taken
    if choice is None and taken.value is None and not part.choices:
        taken = other
    return Answer(taken.value, taken.note, taken.sources, taken.ground)


def _lacks(part: Part, choice: Chosen, answer: Answer) -> list[str]:
    found = []
    if answer.value is None:
        found.append("Give the answer that you settle on.")
    if not choice.reason.strip():
        found.append("Say why neither reader's answer is taken.")
    grounds = {"not_applicable": part.na_grounds, "cannot_be_evaluated": part.cbe_grounds}.get(answer.value or "", ())
    if len(grounds) > 1 and answer.ground is None:
        found.append("Choose the ground for this answer.")
    return found
