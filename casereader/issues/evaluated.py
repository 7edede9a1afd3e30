"""Whether the final evaluations rest on the figures of today: a reading can be opened and changed after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from casereader import evaluations
from casereader.figures import results
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup import WHOLE
from casereader.vocabulary import EvaluationStage

_CLOSE = 1e-9  # a share that was worked out anew in another order of summing


def changed_since_final(session: Session, places: Sequence[Place], instrument: Instrument) -> dict[str, list[str]]:
    """By `Place.path`, the evaluated indicators of which a figure is another than the final evaluation kept."""
    keys = {
        one.value: [part.key for question in instrument.mapped_to(one.value) for part in question.parts if part.has_y]
        for one in instrument.quality_indicators
    }
    asked = [key for place in places for one in evaluations.indicators(place, instrument) for key in keys[one.value]]
    if not asked:
        return {place.path: [] for place in places}
    found = results.results_for(session, places, instrument, only=dict.fromkeys(asked), by=())
    table = found.figures.questions
    today: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in results.plain_rows(table[table["domain"] == WHOLE]):
        today.setdefault(row["inspection"], {})[row["question"]] = row
    return {place.path: _changed(session, place, instrument, keys, today.get(place.path, {})) for place in places}


def _changed(
    session: Session,
    place: Place,
    instrument: Instrument,
    keys: Mapping[str, Sequence[str]],
    today: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    entries = evaluations.history(session, place=place)
    found = []
    for one in evaluations.indicators(place, instrument):
        final = evaluations.standing(entries, qi=one.value).get(EvaluationStage.FINAL)
        then = {row["question"]: row for row in final.row.figures} if final else {}
        if final and not all(_is_same(then.get(key), today.get(key)) for key in keys[one.value]):
            found.append(one.value)
    return found


def _is_same(then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> bool:
    if then is None or now is None:
        return then is now
    return (then["n"], then["k"]) == (now["n"], now["k"]) and abs((then["share"] or 0) - (now["share"] or 0)) < _CLOSE
