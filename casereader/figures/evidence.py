"""From a figure back to the readings and notes under it, for whoever may read the readings themselves.

A reading is here if it counts in the roll-up and the account may see it: nobody who still has a reading of a case to
submit sees another's of it, nor that there is one, and nobody what a conflict of interest of theirs covers. How many
are left out for that is said nowhere. While the figures of an inspection are held back nothing stands under them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from casereader.figures import material, results
from casereader.instrument import Answer, Evidence, Instrument, Part, evidence_of, points_to
from casereader.models import Account
from casereader.moderating import moderation
from casereader.programmes.inspections import Place
from casereader.readings import Opened, answers_of_many, counting
from casereader.rollup import ATTRIBUTES
from casereader.rollup.behind import values_behind

ATYPICAL = "atypical"


@dataclass(frozen=True)
class Behind:
    """One record under a figure: its counting reading, the answer it counts with, and the evidence for it.

    `levels`: the groups that the record counts in, by domain; blank where neither list nor record says.
    """

    opened: Opened
    value: str
    evidence: Evidence
    is_atypical: bool
    levels: Mapping[str, str]


def behind(session: Session, *, place: Place, instrument: Instrument, account: Account, key: str) -> list[Behind]:
    """The records that answer a part, by answer in the scale's order, then stratum and reference.

    ConflictError while the figures are held back.
    """
    results.refuse_held_back(session, place)
    loaded = material.load(session, [place], instrument, only=[key])
    values = values_behind(loaded.cases, loaded.answers, instrument, key)
    groups = _groups(loaded.cases.fillna("").to_dict("records"))
    found = _counting(session, place, account)
    answers = answers_of_many(session, [one.key for one in found])
    atypical = atypical_part(instrument)
    rows = [
        Behind(
            one,
            values[place.path, one.case_ref],
            evidence_of(instrument, answers[one.key], key),
            _is_atypical(atypical, answers[one.key]),
            groups[one.case_ref],
        )
        for one in found
        if (place.path, one.case_ref) in values
    ]
    order = {choice.value: at for at, choice in enumerate(instrument.part(key).choices)}
    last = len(order)
    return sorted(
        rows, key=lambda row: (order.get(row.value, last), row.value, row.levels["stratum"], row.opened.case_ref)
    )


def notes_counted(session: Session, *, place: Place, instrument: Instrument, account: Account) -> dict[str, int]:
    """How many of the counting readings that the account may see have a note under each part, parts without left out.

    A note that points to another answer is that answer's. ConflictError while the figures are held back.
    """
    results.refuse_held_back(session, place)
    answers = answers_of_many(session, [one.key for one in _counting(session, place, account)])
    counted = Counter(
        key
        for given in answers.values()
        for key, answer in given.items()
        if answer.value and answer.note.strip() and points_to(answer.note) is None
    )
    return {key: counted[key] for key in instrument.parts if counted[key] and instrument.part(key).choices}


def counts_in_figures(session: Session, opened: Opened) -> bool:
    """Whether a reading is the one of its case that figures are made from."""
    return any(one.id == opened.key for one in counting(session, opened.place.inspection.id or 0))


def atypical_part(instrument: Instrument) -> Part | None:
    """The part that says whether a record is typical for the partnership, where the instrument asks."""
    return next((part for key in instrument.parts if (part := instrument.part(key)).choice(ATYPICAL)), None)


def _counting(session: Session, place: Place, account: Account) -> list[Opened]:
    """The counting readings of the inspection that the account may see."""
    ids = {one.id for one in counting(session, place.inspection.id or 0)}
    seen = moderation.readings_in(session, place=place, account=account)
    return [one for one in seen if one.key in ids]


def _is_atypical(part: Part | None, answers: Mapping[str, Answer]) -> bool:
    answer = answers.get(part.key) if part else None
    return answer is not None and answer.value == ATYPICAL


def _groups(rows: Iterable[Mapping[Any, Any]]) -> dict[str, dict[str, str]]:
    return {str(row["case_ref"]): {name: str(row[name]) for name in ("stratum", *ATTRIBUTES)} for row in rows}
