"""From values to answers that can be submitted: only what is asked, with the notes and sources the instrument needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from casereader.demo.invented.chance import Chance
from casereader.demo.invented.notes import PLAIN, TOPIC, note_for
from casereader.demo.invented.values import Value, named_once
from casereader.instrument import NOT_APPLICABLE, Answer, Instrument, Part, open_keys

ALSO_NOTED = 0.06  # answers with a note that none is needed for
IN_OWN_WORDS = "child"


def answers_from(
    instrument: Instrument, values: Mapping[str, Value], *, stratum: str, chance: Chance
) -> dict[str, Answer]:
    """The answers of a whole reading, complete by the instrument's own rules."""
    told = named_once(instrument, values)
    bare = {key: Answer(given.value, ground=given.ground) for key, given in told.items()}
    opened = [key for key in open_keys(instrument, bare, stratum=stratum) if key in bare]
    seen = [source for source in instrument.source_values if f"A4.{source}" in bare]
    sources = sorted(source for source in seen if bare[f"A4.{source}"].value == "seen") or ["social_work"]
    answers = {}
    for key in opened:
        part = instrument.part(key)
        answers[key] = _noted(instrument, part, bare[key], sources, chance)
    for section in instrument.sections:
        if section.evidence:
            _give_evidence(
                instrument, [part for part in section.parts if part.key in answers], answers, sources, chance
            )
    return answers


def _noted(instrument: Instrument, part: Part, answer: Answer, sources: Sequence[str], chance: Chance) -> Answer:
    choice = part.choice(answer.value)
    if choice is None:
        return answer
    if part.scale.kind == "topic":
        return replace(answer, note="" if choice.need == "none" else chance.pick(TOPIC))
    headline = instrument.section(part.section).headline == part.key and answer.value != NOT_APPLICABLE
    wanted = headline or choice.need != "none" or (part.scale.kind == "ypn" and chance.happens(ALSO_NOTED))
    return _with_evidence(part, answer, sources, chance) if wanted else answer


def _give_evidence(
    instrument: Instrument,
    parts: Sequence[Part],
    answers: dict[str, Answer],
    sources: Sequence[str],
    chance: Chance,
) -> None:
    """One note with a source in a section that judges something and has none yet."""
    judged = [part for part in parts if part.scale.judgement and answers[part.key].value != NOT_APPLICABLE]
    if judged and not any(_is_full(instrument, answers[part.key]) for part in parts):
        part = judged[0]
        answers[part.key] = _with_evidence(part, answers[part.key], sources, chance)


def _is_full(instrument: Instrument, answer: Answer) -> bool:
    return len(answer.note.strip()) >= instrument.note_shortest and bool(answer.sources)


def _with_evidence(part: Part, answer: Answer, sources: Sequence[str], chance: Chance) -> Answer:
    choice = part.choice(answer.value)
    notes = PLAIN if choice is None or choice.y is None else note_for(part.section, strong=choice.y == 1)
    found = {chance.pick(sources), chance.pick(sources)}
    if part.section == "F" and choice is not None and choice.y == 1:
        found.add(IN_OWN_WORDS)
    return replace(answer, note=chance.pick(notes), sources=tuple(sorted(found)))
