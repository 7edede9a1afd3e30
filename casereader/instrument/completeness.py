"""Which parts are open, what stops a submission, what warns, and how far each section is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from casereader.instrument.answers import Answer, Answers, Evidence, evidence_of, faults_of, is_answered, points_to
from casereader.instrument.model import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Instrument, Part, Section
from casereader.instrument.ratings import resolve
from casereader.instrument.warning import Warned, contradicting

SectionState = Literal["not started", "in progress", "complete", "not applicable"]

MARKED = "This is marked “discuss”: talk it over, then clear the mark."


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that stops a submission, at one part; `is_mark`: its reader marked it *discuss*, and may leave it."""

    key: str
    section: str
    says: str
    is_mark: bool = False


def open_keys(instrument: Instrument, answers: Answers, *, stratum: str | None) -> tuple[str, ...]:
    """The parts that are asked, in order. An answer to a part that is not asked opens nothing.

    Where a condition turns on a stratum that the instrument does not know, the part is asked.
    """
    closed = resolve(instrument, answers, stratum=stratum).closed
    return tuple(key for key in instrument.parts if key not in closed) if closed else instrument.parts


def how_full(instrument: Instrument, answers: Answers, *, stratum: str | None) -> tuple[int, int]:
    """How many of the answers that must be given are there, and how many must be."""
    parts = [instrument.part(key) for key in open_keys(instrument, answers, stratum=stratum)]
    asked = [part.key for part in parts if part.required and part.rating is None]
    return sum(key in answers and is_answered(answers[key]) for key in asked), len(asked)


def missing(instrument: Instrument, answers: Answers, *, stratum: str | None) -> list[Missing]:
    """Everything that stops a submission, in the instrument's order."""
    opened = frozenset(open_keys(instrument, answers, stratum=stratum))
    return [
        one for section in instrument.sections for one in _missing_in(instrument, section, answers, opened, stratum)
    ]


def warnings(
    instrument: Instrument, answers: Answers, *, stratum: str | None, raised: int | None = None
) -> list[Warned]:
    """The contradictions among the open answers; they never stop a submission.

    `raised`: how many matters of concern were raised from the reading, where that is known.
    """
    values = resolve(instrument, answers, stratum=stratum).values
    return [*contradicting(instrument, values, stratum=stratum, raised=raised)]


def section_states(instrument: Instrument, answers: Answers, *, stratum: str | None) -> dict[str, SectionState]:
    """How far each section is, by section id, in order."""
    opened = frozenset(open_keys(instrument, answers, stratum=stratum))
    return {section.id: _state(instrument, section, answers, opened, stratum) for section in instrument.sections}


def _missing_in(
    instrument: Instrument, section: Section, answers: Answers, opened: frozenset[str], stratum: str | None
) -> Iterator[Missing]:
    parts = [part for part in section.parts if part.key in opened]
    for part in parts:
        for says in _lacks(instrument, part, answers, stratum):
            yield Missing(part.key, section.id, says)
        if part.rating is None and part.key in answers and answers[part.key].discuss:
            yield Missing(part.key, section.id, MARKED, is_mark=True)
    if section.evidence and (lacking := _section_lacks_evidence(instrument, section, parts, answers)):
        yield lacking


def _lacks(instrument: Instrument, part: Part, answers: Answers, stratum: str | None) -> Iterator[str]:
    answer = answers.get(part.key)
    if part.rating is not None:
        return  # what it rests on is asked for where it stands
    if answer is None or not is_answered(answer):
        if part.required:
            yield "This is not answered yet."
        return
    yield from faults_of(instrument, part.key, answer, stratum=stratum)
    yield from _lacks_ground(part, answer)
    choice = part.choice(answer.value)
    if choice is not None and choice.need != "none":
        evidence = evidence_of(instrument, answers, part.key)
        if choice.need == "note" and not evidence.note.strip():
            yield f"“{choice.label}” needs a note. {_pointer_advice(answer, evidence)}".rstrip()
        elif choice.need == "note and source" and not _is_full(instrument, evidence):
            yield (
                f"“{choice.label}” needs a note of {instrument.note_shortest} characters or more, without names, "
                f"and at least one source. {_pointer_advice(answer, evidence)}"
            ).rstrip()


def _lacks_ground(part: Part, answer: Answer) -> Iterator[str]:
    for value, words, grounds in (
        (NOT_APPLICABLE, "Not applicable", part.na_grounds),
        (CANNOT_BE_EVALUATED, "Cannot be evaluated", part.cbe_grounds),
    ):
        # Where there is only one ground, the answer itself gives it.
        if answer.value == value and answer.ground is None and len(grounds) > 1:
            yield f"“{words}” needs a ground: choose one from the list."


def _section_lacks_evidence(
    instrument: Instrument, section: Section, parts: Iterable[Part], answers: Answers
) -> Missing | None:
    """What a section lacks when a judgement was given in it and no note with a source stands anywhere in it."""
    given = []
    for part in parts:
        answer = answers.get(part.key)
        if answer is None or not is_answered(answer):
            continue
        choice = part.choice(answer.value)
        if choice is not None and choice.need == "note and source":
            return None  # this answer is asked for such a note itself, and its note serves the section
        if part.scale.judgement and answer.value != NOT_APPLICABLE:
            given.append(part.key)
    if not given or any(_is_full(instrument, evidence_of(instrument, answers, part.key)) for part in parts):
        return None
    key = section.headline if section.headline in given else given[0]
    return Missing(
        key or given[0],
        section.id,
        f"This section needs one note of {instrument.note_shortest} characters or more, without names, with at least "
        "one source. Put it at any of its answers.",
    )


def _is_full(instrument: Instrument, evidence: Evidence) -> bool:
    return len(evidence.note.strip()) >= instrument.note_shortest and bool(evidence.sources)


def _pointer_advice(answer: Answer, evidence: Evidence) -> str:
    if points_to(answer.note) is None:
        return ""
    return f"Its note points to {evidence.of}, which has no such note of its own."


def _state(
    instrument: Instrument, section: Section, answers: Answers, opened: frozenset[str], stratum: str | None
) -> SectionState:
    asked = [part for part in section.parts if part.key in opened and part.rating is None]
    given = [part for part in asked if is_answered(answers.get(part.key))]
    parts = [part for part in asked if part.overrides is None or part in given]
    # a mark is no gap: its reader may leave it, and the check counts it apart
    lacks = any(not one.is_mark for one in _missing_in(instrument, section, answers, opened, stratum))
    if len(given) == len(parts) and all(answers[part.key].value == NOT_APPLICABLE for part in given):
        if not lacks:
            return "not applicable"
    elif not any(_was_touched(part, answers.get(part.key)) for part in parts):
        return "not started"
    elif not lacks:
        return "complete"
    return "in progress"


def _was_touched(part: Part, answer: Answer | None) -> bool:
    """Whether the reader has done something here; what the frame filled in is not the reader's."""
    if answer is None or part.filled_from is not None:
        return False
    return is_answered(answer) or bool(answer.note) or answer.discuss
