"""How the answers to each closed question divide over its choices: counted, and weighted by the design."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from casereader.instrument.model import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Choice, Instrument, Part
from casereader.rollup.checks import WHOLE
from casereader.rollup.design import Design, Floats
from casereader.rollup.marks import Marks

OUTSIDE = frozenset({NOT_APPLICABLE, CANNOT_BE_EVALUATED})
KINDS = {
    "inspection": "str",
    "section": "str",
    "question": "str",
    "value": "str",
    "label": "str",
    "y": "Int64",
    "in_share": "bool",
    "count": "int64",
    "unweighted": "float64",
    "weighted": "float64",
}


def distributions(design: Design, marks: Marks, instrument: Instrument) -> pd.DataFrame:
    """A row per choice of every closed question with an answer, chosen or not, in the instrument's order.

    `in_share` says whether the choice belongs to the denominator: for a question with a headline, whether it
    has a y; for any other, whether it is neither *not applicable* nor *cannot be evaluated*. `unweighted` and
    `weighted` are shares of that denominator, blank outside it.
    """
    codes, levels = design.coded(WHOLE)
    rows: list[tuple[Any, ...]] = []
    for at, (inspection, _) in enumerate(levels):
        here = codes == at
        chosen, weight = marks.chosen[here], design.weight[here]
        for place, key in enumerate(instrument.parts):
            part = instrument.part(key)
            if part.choices:
                rows += _divided(inspection, part, chosen[:, place], weight)
    return pd.DataFrame(rows, columns=list(KINDS)).astype(KINDS)


def _divided(inspection: str, part: Part, chosen: Floats | Any, weight: Floats) -> Iterator[tuple[Any, ...]]:
    offered = len(part.choices)
    given = (chosen >= 0) & (chosen < offered)
    if not given.any():
        return
    counts = np.bincount(chosen[given], minlength=offered)
    weights = np.bincount(chosen[given], weight[given], minlength=offered)
    inside = np.array([_in_share(part, choice) for choice in part.choices])
    n, total = counts[inside].sum(), weights[inside].sum()
    for choice, count, weighed, counts_here in zip(
        part.choices, counts.tolist(), weights.tolist(), inside.tolist(), strict=True
    ):
        shares = (count / n, weighed / total) if counts_here and n else (None, None)
        yield inspection, part.section, part.key, choice.value, choice.label, choice.y, counts_here, count, *shares


def _in_share(part: Part, choice: Choice) -> bool:
    return choice.y is not None if part.has_y else choice.value not in OUTSIDE
