"""The conditions of one file: parsed, checked against its parts and strata, and put in an order to decide them in."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from casereader.instrument.errors import Faults, Place
from casereader.instrument.expressions import STRATUM, Expression, ExpressionError, comparisons, parse
from casereader.instrument.logic import Gate, Step
from casereader.instrument.model import Part


class Conditions:
    """Reads conditions as the file is built and remembers where each stood."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._read: list[tuple[str | None, str | None, str, Place, Expression]] = []

    def read(self, text: str | None, *field: int | str) -> Expression | None:
        """Parse the condition in this field of the present place; None where there is none or it cannot be read."""
        if text is None:
            return None
        faults = self._faults
        try:
            expression = parse(text, question=faults.question or "")
        except ExpressionError as error:
            says = f"the condition “{text[:60]}” cannot be read: {error}."
            faults.add(says, "See docs/instruments.md.", *field)
            return None
        self._read.append((faults.section, faults.question, faults.within, (*faults.place, *field), expression))
        return expression

    def check(self, parts: Mapping[str, Part], strata: frozenset[str]) -> None:
        """Note every name and value in a condition that the instrument does not have."""
        for section, question, within, place, expression in self._read:
            self._faults.at(*place, section=section, question=question, within=within)
            for one in comparisons(expression):
                if one.name == STRATUM:
                    unknown = [value for value in one.values if value not in strata]
                    remedy = "Use a code of [[strata]]."
                elif one.name in parts:
                    part = parts[one.name]
                    unknown = [value for value in one.values if part.choices and value not in part.by_value]
                    remedy = f"Use an answer that {one.name} offers."
                else:
                    self._faults.add(f"a condition names “{one.name}”, which is not there.", "Use the key of a part.")
                    continue
                for value in unknown:
                    self._faults.add(f"a condition compares {one.name} with “{value}”.", remedy)
        self._faults.at()


def in_order(parts: Mapping[str, Part], places: Mapping[str, Place], faults: Faults) -> tuple[Step, ...]:
    """The distinct skip conditions and the computed ratings, each after those of the parts it asks about."""
    asks = {key: _asked_about(part) & parts.keys() for key, part in parts.items()}
    depth: dict[str, int] = {}
    try:
        for key in TopologicalSorter(asks).static_order():
            depth[key] = 1 + max((depth[asked] for asked in asks[key]), default=0)
    except CycleError as error:
        circle: list[str] = error.args[1]
        first = parts[circle[0]]
        faults.at(*places[first.key], section=first.section, question=first.question)
        turning = "it" if any(parts[key].rating for key in circle) else "whether it is asked"
        faults.add(f"{turning} turns on itself: {' → '.join(circle)}.", "Break the circle.")
        faults.at()
        return ()
    gates: dict[tuple[int, Expression], list[str]] = {}
    for key, part in parts.items():
        if part.shown is not None:
            gates.setdefault((depth[key], part.shown), []).append(key)
    # A part's own gate comes before its rating, which has nothing to compute where the part is not asked.
    steps: list[tuple[int, int, Step]] = [(at, 0, Gate(shown, tuple(keys))) for (at, shown), keys in gates.items()]
    steps += [(depth[key], 1, part.rating) for key, part in parts.items() if part.rating is not None]
    return tuple(step for _, _, step in sorted(steps, key=lambda one: one[:2]))


def _asked_about(part: Part) -> set[str]:
    """The keys that must be settled before it is known whether a part is asked, and what its rating is."""
    conditions = [part.shown] if part.shown is not None else []
    found = {one.name for condition in conditions for one in comparisons(condition)}
    if part.rating is not None:
        found |= {one.name for rule in part.rating.rules for one in comparisons(rule.when)}
        found |= {part.rating.override} if part.rating.override else set()
    return found
