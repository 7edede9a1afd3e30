"""What in the texts of a reading looks as if it told who a child is, for whoever wrote it; it bars nothing."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from casereader import cases_named, identifying
from casereader.instrument import Answers, Instrument
from casereader.readings.finding import Opened
from casereader.readings.notes import LONGEST as PANES
from casereader.readings.saving import Change


def signs_of_answers(
    session: Session, *, opened: Opened, instrument: Instrument, answers: Answers
) -> dict[str, list[str]]:
    """The signs in each note and each text, by the key of its answer; answers without any are left out."""
    texts = {
        key: _text(instrument, key, answer.note, answer.value) for key, answer in answers.items() if instrument.has(key)
    }
    return _signs(session, opened, texts)


def signs_of_changes(
    session: Session, *, opened: Opened, instrument: Instrument, changes: Mapping[str, Change]
) -> dict[str, list[str]]:
    """The same of what a save sends, the notes pane with it."""
    texts = {
        key: _text(instrument, key, change.get("note", ""), change.get("value")) for key, change in changes.items()
    }
    return _signs(session, opened, texts)


def _text(instrument: Instrument, key: str, note: str, value: str | None) -> str:
    is_text = key in PANES or instrument.part(key).scale.kind == "text"
    return f"{note}\n{value or ''}" if is_text else note


def _signs(session: Session, opened: Opened, texts: Mapping[str, str]) -> dict[str, list[str]]:
    inspections = [opened.place.inspection.id]
    others = cases_named.in_texts(session, texts.values(), inspection_ids=inspections) - {opened.case_ref}
    found = {}
    for key, text in texts.items():
        signs = identifying.signs_in(text)
        if any(cases_named.stands_in(reference, text) for reference in others):
            signs.append(cases_named.OF_ANOTHER)
        if signs:
            found[key] = signs
    return found
