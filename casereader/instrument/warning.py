"""What does not go together among answers that are asked: warned of, and never in the way of a submission.

Besides the contradictions of an instrument's file two things are known of any instrument: whether a matter of concern
was raised, beside what is answered of it, and an answer that is chosen again where up to so many are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from casereader.instrument.expressions import decide
from casereader.instrument.logic import Contradiction
from casereader.instrument.model import Instrument

Values = Mapping[str, str | None]

RAISED, NOT_RAISED = "yes", "no"
NONE_RAISED = "This says that a matter of concern was raised, but none was raised from this reading."
SOME_RAISED = "A matter of concern was raised from this reading, but this says that none was."
_AT_LEAST = 3  # answers before a rating is compared with them
_WEAK_FROM = 0.5  # share of weak answers that does not go with a high rating
_STRONG_FROM = 0.9  # share of strong answers that does not go with a low one


@dataclass(frozen=True, slots=True)
class Warned:
    """Answers that do not seem to go together; `keys` are theirs, the first the one to link to."""

    keys: tuple[str, ...]
    section: str
    says: str
    is_concern: bool = False  # it turns on whether a matter of concern was raised


def contradicting(
    instrument: Instrument, values: Values, *, stratum: str | None, raised: int | None
) -> Iterator[Warned]:
    """What does not go together among the values of the answers that are asked."""
    code = instrument.stratum_code(stratum)
    for one in instrument.contradictions:
        if one.when is not None:
            says = one.says if decide(one.when, values, code) is True else ""
        else:
            says = _rating_contradicts(instrument, one, values)
        if says:
            yield Warned(one.keys, instrument.part(one.keys[0]).section, says)
    yield from _chosen_again(instrument, values)
    if raised is not None:
        yield from _concerns(instrument, values, raised)


def several_of_one(instrument: Instrument) -> list[tuple[str, ...]]:
    """The parts of each question that asks for up to so many answers of one list: the first is needed, no other is."""
    found = []
    for question in instrument.questions:
        first, *others = question.parts
        is_one_list = all(part.scale == first.scale and not part.required for part in others)
        if others and is_one_list and first.choices and first.required:
            found.append(tuple(part.key for part in question.parts))
    return found


def _chosen_again(instrument: Instrument, values: Values) -> Iterator[Warned]:
    for keys in several_of_one(instrument):
        by_value: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            if value := values.get(key):
                by_value[value].append(key)
        for value, same in by_value.items():
            choice = instrument.part(same[0]).choice(value)
            if choice is not None and len(same) > 1:
                says = f"“{choice.label}” is chosen {len(same)} times: {', '.join(same)}."
                yield Warned(tuple(reversed(same)), instrument.part(same[0]).section, says)


def _concerns(instrument: Instrument, values: Values, raised: int) -> Iterator[Warned]:
    for part in instrument.filled_from("concern"):
        value = values.get(part.key)
        if value == RAISED and not raised:
            yield Warned((part.key,), part.section, NONE_RAISED, is_concern=True)
        elif value == NOT_RAISED and raised:
            yield Warned((part.key,), part.section, SOME_RAISED, is_concern=True)


def _rating_contradicts(instrument: Instrument, one: Contradiction, values: Values) -> str:
    """The warning, with what is the case here, where a rating does not go with its answers; blank where it does."""
    rating = values.get(one.rating or "")
    rated = instrument.part(one.rating or "").choice(rating)
    if rated is None or (rating not in one.high and rating not in one.low):
        return ""
    choices = [(key, instrument.part(key).choice(values.get(key))) for key in one.answers]
    counted = [(key, choice) for key, choice in choices if choice is not None and choice.y is not None]
    if len(counted) < _AT_LEAST:
        return ""
    if rating in one.high:
        against = [key for key, choice in counted if choice.y == 0 and not choice.partly]
        contradicts = len(against) >= _WEAK_FROM * len(counted)
    else:
        against = [key for key, choice in counted if choice.y == 1]
        contradicts = len(against) >= _STRONG_FROM * len(counted)
    return f"{one.says} Here: rated “{rated.label}”; against that {', '.join(against)}." if contradicts else ""
