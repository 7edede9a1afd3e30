"""From answers to numbers: 1 or 0 in a share, blank outside its denominator. Pure, and knows no instrument.

What an answer counts as is written beside each choice in the instrument file (`y`); here it is only looked up, so
that a value the scale does not offer, a part that skip logic closed and an answer refused never count.
"""

from __future__ import annotations

from collections.abc import Mapping

from casereader.instrument.answers import Answers, faults_of
from casereader.instrument.expressions import decide
from casereader.instrument.logic import Derived
from casereader.instrument.model import Instrument, Part
from casereader.instrument.ratings import resolve


def y_of(part: Part, value: str | None) -> float | None:
    """What a value counts as in the share of its question: 1.0, 0.0, or None for blank."""
    choice = part.choice(value)
    return None if choice is None or choice.y is None else float(choice.y)


def category(part: Part, value: str | None) -> str | None:
    """The row of a distribution a value belongs to: its code, a count's number; None for blanks and free text."""
    if value is None or part.scale.kind == "text":
        return None
    if part.scale.kind == "count":
        return value if value.isascii() and value.isdigit() else None
    return value if value in part.by_value else None


def ys(instrument: Instrument, answers: Answers, *, stratum: str | None) -> dict[str, float | None]:
    """`y` of every part whose question has one, in order; blank where it is closed, unanswered or refused."""
    values = resolve(instrument, answers, stratum=stratum).values
    found: dict[str, float | None] = {}
    for key in instrument.parts:
        part = instrument.part(key)
        if not part.has_y:
            continue
        answer = answers.get(key)
        refused = part.rating is None and answer and faults_of(instrument, key, answer, stratum=stratum)
        found[key] = None if refused else y_of(part, values.get(key))
    return found


def derived_y(derived: Derived, values: Mapping[str, str | None], code: str | None) -> float | None:
    """What a record counts as in a figure made from several answers, such as *demonstrated*: 1.0, 0.0, or None.

    `values` are its answers by part, `code` is the instrument's for its stratum. None: it is not among those counted.
    """
    if decide(derived.among, values, code) is not True:
        return None
    return 1.0 if decide(derived.counts, values, code) is True else 0.0
