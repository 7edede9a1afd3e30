"""Computed ratings as pages show them: the computed one first, and beside it the one that stands in its place."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import escape

from casereader.instrument import Answers, Instrument, Rated, ratings_of

Place = tuple[str, str, str]
OPEN = "Not yet: it follows once every answer it rests on is given."


def computed_words(rated: Rated) -> str:
    """The rating that follows from the answers, in words."""
    return rated.computed.label if rated.computed else OPEN


def standing_words(rated: Rated) -> str:
    """The rating that stands in place of the computed one, with its reason; blank where the computed one stands."""
    if rated.override is None:
        return ""
    reason = f" Reason: {rated.reason}" if rated.reason.strip() else ""
    return f"{rated.override.label} stands in its place.{reason}"


def both_words(rated: Rated) -> str:
    """Both in one line, for lists of answers."""
    computed = f"{rated.computed.label}." if rated.computed else OPEN
    return f"Computed: {computed} {standing_words(rated)}".strip()


def rating_values(instrument: Instrument, answers: Answers, *, stratum: str | None) -> Mapping[Place, str]:
    """What goes into the places of `macros/computed.html`, already escaped."""
    values: dict[Place, str] = {}
    for key, rated in ratings_of(instrument, answers, stratum=stratum).items():
        values[key, "computed", ""] = str(escape(computed_words(rated)))
        values[key, "standing", ""] = str(escape(standing_words(rated)))
    return values
