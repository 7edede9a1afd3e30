"""The value that a first reader gives for every part of CRR-1, asked or not: what is not asked is dropped later."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from casereader.demo.invented.chance import Chance
from casereader.demo.invented.ratings import rating, share_good, yes_or_no
from casereader.demo.invented.records import CANNOT_BE_PRODUCED, Record
from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Instrument, Part

RATED_BY = {"B": "B6", "C": "C9", "D": "D11", "E": "E7", "F": "F9", "G": "G5", "I": "I8"}
"""The rating that the other answers of a section go with."""
CLOSER = {"C1": "C10", "C2": "C10", "D8": "D12", "D10": "D12", "F7": "F10"}
"""Answers that go with another rating than their section's."""
ADDRESSED = {"H1": 0.45, "H2": 0.40, "H4": 0.60, "H5": 0.50}
ADDRESSED_OTHERWISE = 0.55
OWN_SHARE = {"F3": 0.45, "J1": 0.4, "J2": 0.6, "R1": 0.6, "R2": 0.62, "R3": 0.5, "R4": 0.6, "R5": 0.72}
CANNOT_EVALUATE = 0.025
CHANGE = ("clear_improvement", "some", "no_change", "worse")
CHANGE_WEIGHTS = {
    "6": (0.85, 0.15, 0, 0),
    "5": (0.65, 0.32, 0.03, 0),
    "4": (0.4, 0.5, 0.1, 0),
    "3": (0.12, 0.5, 0.33, 0.05),
    "2": (0.02, 0.3, 0.45, 0.23),
    "1": (0, 0.1, 0.45, 0.45),
}
TOO_EARLY = 0.06
EXAMPLE = "Agencies wrote one short plan with the child, in the child's words, and kept to it."
LEAST_USUAL = {"third": 0.25, "second": 0.6}  # how often a second and third strength or area is given
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "A7": {"yes": 0.3, "no": 0.62, "cannot_tell": 0.08},
    "A8": {"yes": 0.45, "no": 0.55},
    "D6.planned": {"weekly": 0.35, "two_three_month": 0.3, "monthly": 0.25, "less": 0.04, "cannot_tell": 0.06},
    "D6.actual": {"weekly": 0.22, "two_three_month": 0.3, "monthly": 0.3, "less": 0.13, "cannot_tell": 0.05},
    "F6": {"0": 0.35, "1": 0.33, "2": 0.18, "3": 0.09, "4": 0.05},
    "F11": {"yes": 0.2, "no": 0.8},
    "G3": {"asserted": 0.25, "recorded": 0.45, "measured": 0.12, "confirmed": 0.18},
    "I3": {"weekly": 0.3, "two_three_month": 0.28, "monthly": 0.25, "less": 0.12, "none": 0.02, "cannot_tell": 0.03},
    "J5": {"typical": 0.88, "atypical": 0.07, "cannot_tell": 0.05},
    "J6": {"yes": 0.12, "no": 0.88},
    "J8": {"high": 0.56, "medium": 0.37, "low": 0.07},
}

NOTHING = "none"  # the topic of a reader for whom nothing stands out


@dataclass(frozen=True)
class Value:
    """A value, and its ground where it needs one."""

    value: str
    ground: str | None = None


def first_values(
    instrument: Instrument,
    record: Record,
    *,
    good: Mapping[str, float],
    refusing: frozenset[str],
    minutes: int,
    chance: Chance,
) -> dict[str, Value]:
    """What the first reader makes of a record; `good` is the partnership's share good or better by rating."""
    rated = {key: rating(record, share_good(record, key, good=good), chance) for key in good}
    overall = rating(record, 0.62, chance)
    found = {key: Value(answer.value) for key, answer in record.facts.items() if answer.value is not None}
    for key in instrument.parts:
        if key in found:
            continue
        part = instrument.part(key)
        if part.na_grounds and key not in refusing and (ground := record.ground(part, chance)) is not None:
            found[key] = Value(NOT_APPLICABLE, ground)
        elif key in rated:
            found[key] = _rated(part, rated[key], chance)
        else:
            closest = rated.get(CLOSER.get(key) or RATED_BY.get(part.section, ""), overall)
            value = str(minutes) if part.filled_from == "minutes" else _value(part, record, closest, chance)
            if value is not None:
                found[key] = Value(value)
    return found


def named_once(instrument: Instrument, values: Mapping[str, Value]) -> dict[str, Value]:
    """Topics as a reader names them: none twice on a record, and none beside that nothing stands out."""
    found: dict[str, Value] = {}
    named: dict[tuple[str, str], set[str]] = {}
    for key, given in values.items():
        part = instrument.part(key)
        if part.scale.kind == "topic":
            before = named.setdefault((part.question, part.scale.id), set())
            if NOTHING in before or (before and given.value == NOTHING):
                continue
            given = replace(given, value=_another(part, given.value, before))
            before.add(given.value)
        found[key] = given
    return found


def _another(part: Part, value: str, before: Set[str]) -> str:
    """The topic itself, or the next in the list that was not named yet."""
    offered = [choice.value for choice in part.choices if choice.value not in (NOTHING, "other")]
    if value not in before or value not in offered:
        return value
    at = offered.index(value)
    return next((one for one in (*offered[at:], *offered[:at]) if one not in before), value)


def _rated(part: Part, rated: str, chance: Chance) -> Value:
    if part.cbe_grounds and chance.happens(CANNOT_EVALUATE):
        return Value(CANNOT_BE_EVALUATED, chance.pick(part.cbe_grounds).value)
    return Value(rated)


def _value(part: Part, record: Record, rated: str, chance: Chance) -> str | None:
    if part.key in WEIGHTS:
        return chance.weighted(WEIGHTS[part.key])
    match part.scale.kind:
        case "ypn":
            return yes_or_no(rated, chance, against=part.reversed, share=_own_share(part))
        case "diff":
            return _difference(rated, chance)
        case "presence":
            return record.present[part.question]
        case "topic":
            return _topic(part, rated, chance)
        case "pick" | "freq":
            return _picked(part, record, chance)
    return EXAMPLE if part.scale.kind == "text" and part.required else None


def _own_share(part: Part) -> float | None:
    if part.key.endswith(".addressed"):
        return ADDRESSED.get(part.question, ADDRESSED_OTHERWISE)
    return OWN_SHARE.get(part.key)


def _difference(rated: str, chance: Chance) -> str:
    if chance.happens(TOO_EARLY):
        return "too_early"
    return chance.weighted(dict(zip(CHANGE, CHANGE_WEIGHTS[rated], strict=True)))


def _topic(part: Part, rated: str, chance: Chance) -> str | None:
    usual = {"2": LEAST_USUAL["second"], "3": LEAST_USUAL["third"]}.get(part.key.rpartition(".")[2], 1.0)
    if not chance.happens(usual):
        return None
    topics = [choice.value for choice in part.choices if choice.value not in (NOTHING, "other")]
    nothing = 0.25 if (part.question == "J3") == (rated in ("1", "2")) else 0.05
    return NOTHING if chance.happens(nothing) else chance.pick(topics)


def _picked(part: Part, record: Record, chance: Chance) -> str | None:
    match part.key:
        case "A5":
            return record.since_review
        case "A6":
            return record.involvement
        case "J7":
            return "yes" if record.has_concern else "no"
    if part.filled_from == "agency":
        missing = CANNOT_BE_PRODUCED.get(part.key.rpartition(".")[2], 0.08)
        return "not_supplied" if chance.happens(missing) else "seen"
    if not part.required:
        return None
    return chance.pick([choice.value for choice in part.choices])
