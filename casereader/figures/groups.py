"""The groups that figures are shown by, and their levels as people call them."""

from __future__ import annotations

from casereader.figures.material import FILLERS
from casereader.instrument import Instrument
from sampling.labels import SEPARATOR

DOMAINS = {
    "stratum": "Stratum",
    "age_band": "Age band",
    "legal_basis": "Legal basis",
    "living": "Living arrangement",
    "deprivation": "Deprivation fifth",
}


def level(instrument: Instrument, by: str, text: str) -> str:
    """A group as people call it: the instrument's label where the list's text is one of its codes."""
    if by == "stratum":
        return _stratum(instrument, text)
    choices = (part.choice(text) for part in instrument.filled_from(FILLERS[by]))
    return next((choice.label for choice in choices if choice is not None), text)


def _stratum(instrument: Instrument, text: str) -> str:
    """One of several columns (`b / 12-15`) keeps its other values."""
    labels = {one.code: f"{one.code}: {one.label}" for one in instrument.strata}
    return labels.get(text) or SEPARATOR.join(labels.get(value, value) for value in text.split(SEPARATOR))
