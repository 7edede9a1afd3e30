"""From the tables of a roll-up to the rows of a chart, so that a chart can only show the figures of its table."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casereader.charts.distribution import SIX_COLOURS, YPN_COLOURS, Distribution, Segment
from casereader.instrument.model import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Choice, Instrument, Part

_SHADES = ("#0b3c6f", "#2f6fae", "#9cc3e6", "#d9dfe6", "#f3e2bd", "#cf9445", "#6b3d0c", "#8c8c8c")
_OUTSIDE = frozenset({NOT_APPLICABLE, CANNOT_BE_EVALUATED})


def segments(part: Part) -> list[Segment]:
    """The categories of a part's bar, good first: the choices that its denominator holds."""
    shown = _shown(part)
    if part.scale.kind == "six" and len(shown) == len(SIX_COLOURS):
        return [
            Segment(f"{choice.value} {choice.label}", choice.value, colour)
            for choice, colour in zip(shown, SIX_COLOURS, strict=True)
        ]
    colours = YPN_COLOURS if part.scale.kind == "ypn" else _SHADES
    return [Segment(choice.label, "", colours[place % len(colours)]) for place, choice in enumerate(shown)]


def distribution_rows(
    distributions: pd.DataFrame, instrument: Instrument, labels: Mapping[str, str], *, inspection: str
) -> list[Distribution]:
    """A bar for each question of `labels` (key to name), in that order; of one inspection's weighted shares.

    Its segments are those of `segments` for the question's part.
    """
    wanted = (distributions["inspection"] == inspection) & distributions["in_share"]
    mine = distributions[wanted & distributions["question"].isin(list(labels))]
    given: dict[str, dict[str, tuple[int, float]]] = {}
    columns = (mine[name].tolist() for name in ("question", "value", "count", "weighted"))
    for key, value, count, weighted in zip(*columns, strict=True):
        given.setdefault(key, {})[value] = (count, weighted)
    bars = []
    for key, label in labels.items():
        part, here = instrument.part(key), given.get(key, {})
        n = sum(count for count, _ in here.values())
        if n == 0:
            bars.append(Distribution(label, (), 0))
            continue
        shown = _shown(part)
        shares = tuple(here[choice.value][1] for choice in shown)
        good = sum(share for choice, share in zip(shown, shares, strict=True) if choice.y == 1)
        bars.append(Distribution(label, shares, n, good if part.has_y else None))
    return bars


def _shown(part: Part) -> list[Choice]:
    """The choices of the denominator, those that count as 1 first: where yes is unwelcome, no, in part, yes."""
    inside = [
        choice for choice in part.choices if (choice.y is not None if part.has_y else choice.value not in _OUTSIDE)
    ]
    if not part.reversed:
        return inside
    last_good = max((place for place, choice in enumerate(inside) if choice.y == 1), default=-1)
    return [*reversed(inside[: last_good + 1]), *inside[last_good + 1 :]]
