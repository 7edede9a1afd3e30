"""The answers of many readings by the instrument's steps: what alike answers decide is decided once.

Skip logic and computed ratings look at few parts. Readings that say the same there have the same parts closed, and the
same ratings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from casereader.instrument.answers import Answer
from casereader.instrument.expressions import STRATUM, comparisons
from casereader.instrument.logic import Gate, Rating
from casereader.instrument.model import Instrument
from casereader.instrument.ratings import Resolved, resolve


class Alike:
    """What counts of these parts, reading after reading, as `resolve` gives it."""

    def __init__(self, instrument: Instrument, keys: Collection[str]) -> None:
        self._instrument = instrument
        parts = [instrument.part(key) for key in keys]
        self._plain = {part.key: part.by_value if part.choices else None for part in parts if part.rating is None}
        self._rated = [part.key for part in parts if part.rating is not None]
        self._deciding = sorted(deciding(instrument, keys))
        self._known: dict[tuple[str | None, ...], Resolved] = {}

    def values(self, given: Mapping[str, str], *, stratum: str | None) -> dict[str, str | None]:
        """The values of what is asked, ratings as they stand, by key; what skip logic closed is left out."""
        mark = (stratum, *map(given.get, self._deciding))
        resolved = self._known.get(mark)
        if resolved is None:
            answers = {key: Answer(given[key]) for key in self._deciding if key in given}
            resolved = self._known[mark] = resolve(self._instrument, answers, stratum=stratum)
        closed = resolved.closed
        found: dict[str, str | None] = {
            key: value
            for key, offered in self._plain.items()
            if (value := given.get(key)) is not None and (offered is None or value in offered) and key not in closed
        }
        return found | {key: resolved.values[key] for key in self._rated if key in resolved.values}


def deciding(instrument: Instrument, keys: Collection[str]) -> set[str]:
    """The parts whose answers decide whether these are asked, and what is computed of them."""
    wanted, found = set(keys), set[str]()
    for step in reversed(instrument.steps):
        if isinstance(step, Gate) and (wanted | found).intersection(step.keys):
            found |= {one.name for one in comparisons(step.shown) if one.name != STRATUM}
        elif isinstance(step, Rating) and step.key in wanted | found:
            found |= {*step.inputs, *([step.override] if step.override else [])}
    return found
