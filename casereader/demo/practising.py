"""What the invented inspectors made of the practice cases: near the model answers, and not always on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from casereader import practice
from casereader.demo.invented.chance import Chance
from casereader.demo.invented.second import second_values
from casereader.demo.invented.values import Value
from casereader.instrument import Answer, open_keys
from casereader.models import Account
from casereader.practice import PracticeCase
from casereader.readings import Change

NOTE = "The record shows this in the entries of the last three months."


def hand_in(
    session: Session, *, cases: Mapping[str, PracticeCase], readers: Iterable[Account], seed: str, at: datetime
) -> None:
    """Each reader answers each practice case; the last of them has still to begin the second."""
    every = list(readers)
    for place, case in enumerate(cases.values()):
        for number, account in enumerate(every[: len(every) - place]):
            when = at + timedelta(minutes=10 * number)
            answers = _answers(case, Chance(seed, "practice", case.id, account.email))
            changes = {
                key: Change(value=one.value, note=one.note, sources=one.sources, ground=one.ground)
                for key, one in answers.items()
            }
            practice.save(session, account=account, case=case, changes=changes, version=1, at=when)
            practice.submit(session, account=account, case=case, at=when + timedelta(minutes=5))


def _answers(case: PracticeCase, chance: Chance) -> dict[str, Answer]:
    """The model answers as another reader might give them, with a note and a source, and what they open filled in."""
    model = {key: Value(one.value, one.ground) for key, one in case.model.items() if one.value is not None}
    found = {
        key: Answer(one.value, NOTE, ("social_work",), one.ground)
        for key, one in second_values(case.instrument, model, minutes=0, chance=chance).items()
    }
    for key in open_keys(case.instrument, {**case.facts, **found}, stratum=case.stratum):
        part = case.instrument.part(key)
        if key not in found and part.required and part.choices:
            found[key] = Answer(part.choices[0].value, NOTE, ("social_work",))
    return found
