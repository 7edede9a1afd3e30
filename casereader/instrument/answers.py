"""One answer, and the reasons for which it is refused before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from casereader.instrument.expressions import decide
from casereader.instrument.model import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Instrument, Part

_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}", re.ASCII)
_POINTS_TO = re.compile(r"see ([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)?)\.?", re.IGNORECASE | re.ASCII)
_IS_COMPUTED = "This rating follows from other answers: change those, or give another rating with the reason."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader gave for one part: a value of its scale, the evidence for it, the ground, the mark.

    `discuss` says that the reader is unsure and wants to talk about it.
    """

    value: str | None
    note: str = ""
    sources: tuple[str, ...] = ()
    ground: str | None = None
    discuss: bool = False


Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The note and sources an answer rests on, and the key whose they are."""

    note: str
    sources: tuple[str, ...]
    of: str


def tidied(answer: Answer) -> Answer:
    """The same answer as it is stored: LF line ends, the ends of values trimmed, each source once, blanks as None."""
    return replace(
        answer,
        value=_trimmed(answer.value),
        note=_line_ends(answer.note),
        sources=tuple(dict.fromkeys(answer.sources)),
        ground=_trimmed(answer.ground),
    )


def faults_of(instrument: Instrument, key: str, answer: Answer, *, stratum: str | None = None) -> list[str]:
    """Why an answer cannot be taken, in words for the reader; an empty list where it can.

    A draft may lack a note or a ground: that is for `missing`. A blank value is no fault.
    """
    if not instrument.has(key):
        return [f"There is no question “{_cut(key)}” in {instrument.id} {instrument.version}."]
    part = instrument.part(key)
    if part.rating is not None:
        return [_IS_COMPUTED] if answer != Answer(None) else []
    faults = _value_faults(part, answer.value)
    if not faults and answer.value in refused_in(instrument, part, stratum):
        words = "Not applicable" if answer.value == NOT_APPLICABLE else "Cannot be evaluated"
        faults.append(f"“{words}” is not offered for this group of children.")
    faults.extend(text_faults("The note", answer.note, instrument.note_longest))
    for source in dict.fromkeys(answer.sources):
        if source not in instrument.source_values:
            faults.append(f"There is no source “{_cut(source)}”: tick one from the list.")
    faults.extend(_ground_faults(part, answer))
    return faults


def evidence_of(instrument: Instrument, answers: Answers, key: str) -> Evidence:
    """The evidence under an answer: its own, or that of the answer its note points to with `see C9`.

    A pointer leads one step only: to an answer that has a note of its own.
    """
    own = answers.get(key)
    if own is None:
        return Evidence("", (), key)
    if (pointed := points_to(own.note)) is None:
        return Evidence(own.note, own.sources, key)
    target = next((known for known in instrument.parts if known.casefold() == pointed.casefold()), pointed)
    there = answers.get(target)
    if there is None or target == key or points_to(there.note) is not None:
        return Evidence("", (), target)
    return Evidence(there.note, tuple(dict.fromkeys((*there.sources, *own.sources))), target)


def points_to(note: str) -> str | None:
    """The key a note of the form `see C9` points to; None for any other note."""
    if len(note) > 60:
        return None
    found = _POINTS_TO.fullmatch(note.strip())
    return found[1] if found else None


def refused_in(instrument: Instrument, part: Part, stratum: str | None) -> frozenset[str]:
    """Which of *not applicable* and *cannot be evaluated* a part refuses in a stratum; neither where it is unknown."""
    refusals = ((NOT_APPLICABLE, part.na_refused), (CANNOT_BE_EVALUATED, part.cbe_refused))
    code = instrument.stratum_code(stratum)
    return frozenset(value for value, where in refusals if where is not None and decide(where, {}, code) is True)


def is_answered(answer: Answer | None) -> bool:
    """Whether a value was given."""
    return answer is not None and bool(answer.value and answer.value.strip())


def text_faults(what: str, text: str, longest: int) -> list[str]:
    """Why a text cannot be kept, in words that begin with `what` it is; an empty list where it can."""
    faults = []
    if len(text) > longest:
        faults.append(f"{what} has {len(text):,} characters; at most {longest:,} are kept.")
    if "\0" in text:
        faults.append(f"{what} holds a character that cannot be stored (NUL): delete it.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        faults.append(f"{what} holds half a character that cannot be stored: type it again.")
    return faults


def _value_faults(part: Part, value: str | None) -> list[str]:
    if value is None or value == "":
        return []
    if part.scale.kind == "text":
        return text_faults("The text", value, part.scale.longest)
    if part.scale.kind == "count":
        low, high = part.scale.minimum, part.scale.maximum
        if not _WHOLE_NUMBER.fullmatch(value) or not low <= int(value) <= high:
            return [f"“{_cut(value)}” is not a whole number from {low} to {high}."]
        return []
    if value not in part.by_value:
        offered = ", ".join(choice.value for choice in part.choices)
        return [f"“{_cut(value)}” is not an answer here: choose one of {offered}."]
    return []


def _ground_faults(part: Part, answer: Answer) -> list[str]:
    if answer.ground is None:
        return []
    if answer.value == NOT_APPLICABLE:
        grounds = part.na_grounds
    elif answer.value == CANNOT_BE_EVALUATED:
        grounds = part.cbe_grounds
    else:
        return ["A ground goes only with “not applicable” or “cannot be evaluated”."]
    if all(answer.ground != ground.value for ground in grounds):
        return [f"“{_cut(answer.ground)}” is not a ground for this answer: choose one from the list."]
    return []


def _cut(value: str) -> str:
    """A value as a message may show it: 60 characters, with a mark for each that cannot be seen or stored."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in value[:60])


def _trimmed(value: str | None) -> str | None:
    return (_line_ends(value).strip() or None) if value is not None else None


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
