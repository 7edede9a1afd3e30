"""What is known already, from the list and from a concern raised before, filled in before the reader looks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlmodel import Session, col, select

from casereader.instrument import Answer, Instrument, Part
from casereader.models import Concern, RecordRequest
from casereader.readings.finding import Opened
from casereader.vocabulary import RecordState

NOT_EXPECTED = "not_expected"
SEEN_IF = {
    RecordState.SUPPLIED: "seen",
    RecordState.REQUESTED: "not_supplied",
    RecordState.CHASED: "not_supplied",
    RecordState.PROBLEM: "not_supplied",
}
"""What is known of an agency's record from how far it had come when the reading begins; expected alone says nothing."""
YES = "yes"
LONGEST_PAUSE = timedelta(minutes=15)  # a longer gap between two saves was not spent on the record
DASHES = str.maketrans({"–": "-", "—": "-", "‑": "-"})


def known_facts(
    instrument: Instrument, opened: Opened, records: Mapping[str, RecordState] | None = None
) -> dict[str, Answer]:
    """The answers that the case's row on the list gives, by key, and how far its `records` had come, by agency.

    What the instrument does not offer is left blank.
    """
    case, stratum = opened.case, opened.stratum(instrument)
    texts = {
        "stratum": instrument.stratum_code(stratum),
        "age_band": case.age_band,
        "legal_basis": case.legal_basis,
        "living": case.living,
        "deprivation": case.deprivation,
        "family_group": case.family_group,
    }
    expected = instrument.records_expected(stratum)
    found: dict[str, Answer] = {}
    for key in instrument.parts:
        part = instrument.part(key)
        if part.filled_from == "agency":
            value = _seen(key.rpartition(".")[2], expected, records or {})
            value = value if part.choice(value) else None
        else:
            value = offered(part, texts.get(part.filled_from or ""))
        if value is not None:
            found[key] = Answer(value)
    return found


def arrived(session: Session, sample_case_ids: Collection[int]) -> dict[int, dict[str, RecordState]]:
    """How far the agencies' records of these cases have come, by case and agency, where anybody has said so."""
    found: dict[int, dict[str, RecordState]] = defaultdict(dict)
    query = select(RecordRequest).where(col(RecordRequest.sample_case_id).in_(sample_case_ids))
    for row in session.exec(query):
        found[row.sample_case_id][row.agency] = row.state
    return found


def arrived_of(session: Session, opened: Opened) -> dict[str, RecordState]:
    """The same for one reading until it begins; from then on its reader says what they saw."""
    if opened.reading.started_at is not None:
        return {}
    key = opened.sample_case.id or 0
    return arrived(session, [key]).get(key, {})


def offered(part: Part, text: str | None) -> str | None:
    """The value of a part that a text of the list stands for, by value or label; None where there is none."""
    if text is None or not (plain := " ".join(text.translate(DASHES).split())):
        return None
    if part.scale.kind == "text":
        return plain if len(plain) <= part.scale.longest else None
    for choice in part.choices:
        if plain.casefold() in (choice.value.casefold(), choice.label.casefold()):
            return choice.value
    return None


def with_known_facts(
    instrument: Instrument,
    opened: Opened,
    answers: dict[str, Answer],
    *,
    records: Mapping[str, RecordState] | None = None,
) -> dict[str, Answer]:
    """The answers as the reader sees them: before the first save, with what the list and the room know."""
    if opened.reading.started_at is not None:
        return answers
    return {**known_facts(instrument, opened, records), **answers}


def with_concerns(
    session: Session, *, opened: Opened, instrument: Instrument, answers: dict[str, Answer]
) -> dict[str, Answer]:
    """The answers a reading starts with: that a matter of concern was raised before, where they do not speak of it."""
    blank = [
        part.key
        for part in instrument.filled_from("concern")
        if part.choice(YES) is not None and answers.get(part.key, Answer(None)).value is None
    ]
    raised = select(Concern.id).where(Concern.reading_id == opened.key).limit(1)
    if not blank or session.exec(raised).first() is None:
        return answers
    return {**answers, **{key: replace(answers.get(key, Answer(None)), value=YES) for key in blank}}


def _seen(agency: str, expected: Collection[str], records: Mapping[str, RecordState]) -> str | None:
    """What is known of one agency's record: a record that came is there to be seen, also where none was expected."""
    if agency in records and (agency in expected or records[agency] is RecordState.SUPPLIED):
        return SEEN_IF.get(records[agency])
    return None if agency in expected else NOT_EXPECTED


def measured_minutes(moments: Iterable[datetime]) -> int:
    """The minutes spent, from the moments of the saves: the sum of the pauses no longer than a quarter hour."""
    pauses = (later - earlier for earlier, later in pairwise(sorted(set(moments))))
    spent = sum((pause for pause in pauses if pause <= LONGEST_PAUSE), timedelta())
    return round(spent / timedelta(minutes=1))
