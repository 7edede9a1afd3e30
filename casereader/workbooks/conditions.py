"""Skip logic as a spreadsheet understands it, and as people do. Pure.

A condition closes its parts when it is false for certain, so two formulas are made of each: when it is true, and when
it is false. A comparison with a stratum is settled here, because a sheet is of one case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from casereader.instrument import Instrument
from casereader.instrument.expressions import STRATUM, All, Comparison, Expression, Not

Formula = str | bool  # a formula without its equals sign, or what it would come to
Asks = Callable[[Comparison], Formula | None]  # whether a part holds one of the values; None where no sheet can say


def never_asked(shown: Expression | None, stratum: str | None) -> bool:
    """Whether a part can be left out for children of this group, whatever else is answered."""
    return shown is not None and closed(shown, stratum, lambda _: "answers") is True


def closed(shown: Expression, stratum: str | None, asks: Asks) -> Formula:
    """When the parts under a condition are not asked; `asks` says how the sheet holds a comparison with an answer."""
    return _settled(shown, stratum, asks, wanted=False)


def in_words(expression: Expression, instrument: Instrument) -> str:
    """A condition in plain words, such as `A8 is “Yes”`."""
    if isinstance(expression, Comparison):
        return _comparison_in_words(expression, instrument)
    if isinstance(expression, Not):
        return f"it is not so that {in_words(expression.of, instrument)}"
    word = " and " if isinstance(expression, All) else " or "
    return word.join(
        in_words(one, instrument) if isinstance(one, Comparison) else f"({in_words(one, instrument)})"
        for one in expression.of
    )


def _settled(expression: Expression, stratum: str | None, asks: Asks, *, wanted: bool) -> Formula:
    """When the expression is `wanted` for certain."""
    if isinstance(expression, Not):
        return _settled(expression.of, stratum, asks, wanted=not wanted)
    if isinstance(expression, Comparison):
        if expression.name == STRATUM:
            if stratum is None:
                return False
            return ((stratum in expression.values) is not expression.differs) is wanted
        holds = asks(expression)
        if holds is None:
            return False
        return holds if expression.differs is not wanted else _opposite(holds)
    inner = [_settled(one, stratum, asks, wanted=wanted) for one in expression.of]
    # All are true when each is; all are false when one is. Some is the other way round.
    return joined("AND", inner) if isinstance(expression, All) is wanted else joined("OR", inner)


def joined(word: str, formulas: Sequence[Formula]) -> Formula:
    """Several formulas under AND or OR, without those that settle nothing."""
    settles = word == "OR"  # one TRUE settles "or", one FALSE settles "and"
    if settles in formulas:
        return settles
    left = [one for one in formulas if isinstance(one, str)]
    if not left:
        return not settles
    return left[0] if len(left) == 1 else f"{word}({','.join(left)})"


def _opposite(formula: Formula) -> Formula:
    return not formula if isinstance(formula, bool) else f"NOT({formula})"


def _comparison_in_words(one: Comparison, instrument: Instrument) -> str:
    if one.name == STRATUM:
        labels = {stratum.code: stratum.label for stratum in instrument.strata}
        name = "the child’s group"
    else:
        part = instrument.part(one.name)
        labels = {choice.value: choice.label for choice in part.choices}
        name = one.name
    listed = " or ".join(f"“{labels.get(value, value)}”" for value in one.values)
    return f"{name} is {'not ' if one.differs else ''}{listed}"
