"""Parts of an instrument as variables of a statistics program: a legal name, a label, and a number for each answer.

A name is legal in SPSS and in R: letters, digits and `_`, at most 64, no reserved word, and no two that differ only in
their case. An answer stored as a whole number keeps it; those stored as words are counted from 1 in their order. Not
applicable is -1 and cannot be evaluated -2 wherever they stand: these two are in no share's denominator.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Choice, Instrument, Part

LONGEST_NAME = 64
MISSING = {NOT_APPLICABLE: -1, CANNOT_BE_EVALUATED: -2}
IN_SPSS = ("all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with")
IN_R = ("if", "else", "repeat", "while", "function", "for", "next", "break", "in", "true", "false", "null", "na")
RESERVED = frozenset((*IN_SPSS, *IN_R, "inf", "nan"))
_WHOLE = re.compile(r"0|[1-9][0-9]{0,5}")

Holds = Literal["answer", "number", "text"]


@dataclass(frozen=True, slots=True)
class Level:
    """One answer of a variable: its number, how it is stored, its label, and what it counts as in a share."""

    code: int
    value: str
    label: str
    y: int | None

    @property
    def is_missing(self) -> bool:
        """Whether statistics programs leave it out."""
        return self.code < 0


@dataclass(frozen=True, slots=True)
class Variable:
    """One part: `levels` where it is answered from a list."""

    name: str
    key: str
    section: str
    label: str
    holds: Holds
    levels: tuple[Level, ...] = ()

    def code(self, value: str) -> int | None:
        """The number of a stored answer; None for one that is not on the list."""
        return next((level.code for level in self.levels if level.value == value), None)


def variables(instrument: Instrument, *, taken: Collection[str] = ()) -> tuple[Variable, ...]:
    """A variable for each part, in the instrument's order; no name is among those `taken`."""
    used = {name.casefold() for name in taken}
    found = []
    for key in instrument.parts:
        part = instrument.part(key)
        name = _name(key, used)
        used.add(name.casefold())
        levels = _levels(part.choices)
        holds: Holds = "answer" if levels else "number" if part.scale.kind == "count" else "text"
        found.append(Variable(name, key, part.section, _label(part), holds, levels))
    return tuple(found)


def _label(part: Part) -> str:
    return " ".join(f"{part.key}. {part.text}".split())


def _name(key: str, used: Collection[str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", key).strip("_")
    if not plain[:1].isalpha() or plain.casefold() in RESERVED:
        plain = f"q_{plain}"
    plain = plain[:LONGEST_NAME].rstrip("_")
    name, number = plain, 1
    while name.casefold() in used:
        number += 1
        ending = f"_{number}"
        name = plain[: LONGEST_NAME - len(ending)] + ending
    return name


def _levels(choices: Collection[Choice]) -> tuple[Level, ...]:
    kept = {int(choice.value) for choice in choices if _WHOLE.fullmatch(choice.value)}
    labels = [choice.label for choice in choices]
    found, following = [], 1
    for choice in choices:
        if choice.value in MISSING:
            code = MISSING[choice.value]
        elif _WHOLE.fullmatch(choice.value):
            code = int(choice.value)
        else:
            while following in kept:
                following += 1
            code = following
            following += 1
        label = choice.label if labels.count(choice.label) == 1 else f"{choice.label} ({choice.value})"
        found.append(Level(code, choice.value, label, choice.y))
    return tuple(found)
