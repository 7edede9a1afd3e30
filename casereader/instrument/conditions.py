"""The conditions of one file: parsed, checked against its parts and strata, and put in an order to decide them in."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from casereader.instrument.errors import Faults
from casereader.instrument.expressions import STRATUM, Expression, ExpressionError, comparisons, parse
from casereader.instrument.model import Part


class Conditions:
    """Reads conditions as the file is built and remembers where each stood."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._read: list[tuple[str | None, str | None, Expression]] = []

    def read(self, text: str | None) -> Expression | None:
        """Parse a condition at the present place; None where there is none or it cannot be read."""
        if text is None:
            return None
        try:
            expression = parse(text, question=self._faults.question or "")
        except ExpressionError as error:
            self._faults.add(f"the condition “{text[:60]}” cannot be read: {error}.", "See docs/instruments.md.")
            return None
        self._read.append((self._faults.section, self._faults.question, expression))
        return expression

    def check(self, parts: Mapping[str, Part], strata: frozenset[str]) -> None:
        """Note every name and value in a condition that the instrument does not have."""
        for section, question, expression in self._read:
            self._faults.at(section, question)
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


def in_order(parts: Mapping[str, Part], faults: Faults) -> tuple[tuple[Expression, tuple[str, ...]], ...]:
    """The distinct conditions with the keys they open, each after those of the parts it asks about."""
    asks = {
        key: {one.name for one in comparisons(part.shown) if one.name in parts} if part.shown else set()
        for key, part in parts.items()
    }
    depth: dict[str, int] = {}
    try:
        for key in TopologicalSorter(asks).static_order():
            depth[key] = 1 + max((depth[asked] for asked in asks[key]), default=0)
    except CycleError as error:
        circle: list[str] = error.args[1]
        faults.at(parts[circle[0]].section, parts[circle[0]].question)
        faults.add(f"whether it is asked turns on itself: {' → '.join(circle)}.", "Break the circle.")
        faults.at()
        return ()
    grouped: dict[tuple[int, Expression], list[str]] = {}
    for key, part in parts.items():
        if part.shown is not None:
            grouped.setdefault((depth[key], part.shown), []).append(key)
    ordered = sorted(grouped.items(), key=lambda item: item[0][0])
    return tuple((shown, tuple(keys)) for (_, shown), keys in ordered)
