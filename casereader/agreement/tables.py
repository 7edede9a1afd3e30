"""What two readers made of the same records, question by question: counts, and from ten pairs on coefficients.

A *pair* is two blind readings of one record. The answers are a table of one row per pair and question: `pair`, `key`,
`first`, `second`, the stored values as each reader first handed them in; None where a question was not asked.

*Cannot tell* and *too early* are answers. *Not applicable* and *cannot be evaluated* are no ratings: they are counted
beside the coefficients, and whether both readers rated at all is a measure of its own. Only ratings on the six-point
scale are points on a line; the answers of every other scale are the same or not.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from casereader.agreement.coefficients import Agreement, gwet_ac, krippendorff_alpha, weighted_kappa
from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Instrument, Part
from casereader.words import WORDING
from sampling.intervals import quantile, wilson

LEAST_PAIRS = WORDING.least_n
MEASURES = ("exact", "within_one", "counted", "rated", "kappa", "alpha", "ac")
COUNTS = ("n", "n_exact", "n_within_one", "n_counted", "n_both_counted", "one_rated", "none_rated", "one_asked")
NOT_ASKED = "Not asked"
_OUTSIDE = frozenset({NOT_APPLICABLE, CANNOT_BE_EVALUATED})
_NO_RATINGS = frozenset({"text", "topic"})  # a topic stands in any of several places, so places cannot be compared
_CONFIDENCE = 0.95

Rating = int | str


def is_compared(part: Part) -> bool:
    """Whether agreement is measured on a part: readers answer it themselves, and its answers can be the same."""
    return part.filled_from is None and part.overrides is None and part.scale.kind not in _NO_RATINGS


def rating_of(part: Part, value: str | None) -> Rating | None:
    """The rating that a stored value is, a number on scales of numbers; None where it is none."""
    if value is None or value in _OUTSIDE:
        return None
    if part.scale.kind in ("six", "count"):
        return int(value) if value.isascii() and value.isdigit() else None
    return value if value in part.by_value else None


def by_question(answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """A row per part that agreement is measured on and both readers of some pair met, in the instrument's order.

    `n` pairs rated by both; of them `n_exact` alike, `n_within_one` at most a point apart, and of the `n_both_counted`
    that count in the question's share for both, `n_counted` counted alike (on 4 or better). `one_rated`, `none_rated`:
    pairs asked of both that one reader, or neither, could rate. `one_asked`: skip logic asked one reader only.
    Each of `MEASURES` has `_lower`, `_upper` and `_n` beside it, all NaN under ten pairs.
    """
    given = {str(key): rows for key, rows in answers.groupby("key", sort=False)}
    rows = []
    for key in instrument.parts:
        part = instrument.part(key)
        if key in given and is_compared(part):
            rows.append({"section": part.section, "question": key, **_measured(part, given[key])})
    columns = [f"{measure}{what}" for measure in MEASURES for what in ("", "_lower", "_upper", "_n")]
    return pd.DataFrame(rows, columns=["section", "question", *COUNTS, *columns])


def coefficients(part: Part, ratings: Sequence[Sequence[Rating | None]]) -> dict[str, Agreement]:
    """Kappa (of two readers), alpha and AC of a part, from a row per record and a column per reader.

    On the six-point scale kappa is weighted by squared distance, AC2 by distance, and alpha is ordinal; on counts
    there is alpha alone, of intervals; on every other scale only equal answers agree (AC1).
    """
    if part.scale.kind == "count":
        return {"alpha": krippendorff_alpha(ratings, metric="interval", confidence=_CONFIDENCE)}
    is_six = part.scale.kind == "six"
    levels = _levels(part)
    found = {
        "alpha": krippendorff_alpha(ratings, metric="ordinal" if is_six else "nominal", confidence=_CONFIDENCE),
        "ac": gwet_ac(ratings, levels=levels, weights="linear" if is_six else None, confidence=_CONFIDENCE),
    }
    if all(len(row) == 2 for row in ratings):
        a, b = [row[0] for row in ratings], [row[1] for row in ratings]
        found["kappa"] = weighted_kappa(
            a, b, levels=levels, weights="quadratic" if is_six else None, confidence=_CONFIDENCE
        )
    return found


def confusion(answers: pd.DataFrame, part: Part) -> pd.DataFrame:
    """How many pairs had each answer of the first reader (rows) and of the second (columns), as stored.

    Every answer offered stands in both, then `NOT_ASKED` where a reader was not asked; a count has the numbers given.
    """
    mine = answers[answers["key"] == part.key]
    first, second = (
        mine[column].where(mine[column].notna(), NOT_ASKED).astype(str).to_numpy() for column in ("first", "second")
    )
    met = {*first, *second}
    offered = [choice.value for choice in part.choices] or sorted(met - {NOT_ASKED}, key=int)
    shown = [*offered, *([NOT_ASKED] if NOT_ASKED in met else [])]
    table = pd.crosstab(first, second, rownames=["first"], colnames=["second"])
    return table.reindex(index=shown, columns=shown, fill_value=0).astype("int64")


def share_of(k: int, n: int, confidence: float = _CONFIDENCE) -> Agreement:
    """A percentage of agreement with Wilson's interval, which keeps a width where all of the pairs agree."""
    if n < 2:
        return Agreement(math.nan, math.nan, math.nan, math.nan, n)
    share = k / n
    lower, upper = wilson(share, n, quantile(confidence))
    return Agreement(share, float(lower), float(upper), (share * (1 - share) / (n - 1)) ** 0.5, n)


def _levels(part: Part) -> list[Hashable]:
    """The ratings that a part offers, in order."""
    found = [rating_of(part, choice.value) for choice in part.choices]
    levels: list[Hashable] = [rating for rating in found if rating is not None]
    return sorted(levels) if part.scale.kind == "six" else levels  # type: ignore[type-var]


def _measured(part: Part, rows: pd.DataFrame) -> dict[str, Any]:
    values = [_blank_as_none(rows[column]) for column in ("first", "second")]
    ratings = [[rating_of(part, value) for value in column] for column in values]
    asked = [np.array([value is not None for value in column], dtype=bool) for column in values]
    rated = [np.array([rating is not None for rating in column], dtype=bool) for column in ratings]
    both_asked, both = asked[0] & asked[1], rated[0] & rated[1]
    pairs = [(a, b) for a, b in zip(*ratings, strict=True) if a is not None and b is not None]
    counted = [(_y(part, a), _y(part, b)) for a, b in zip(*values, strict=True)]
    sides = [(a, b) for a, b in counted if a is not None and b is not None]
    found: dict[str, Any] = {
        "n": len(pairs),
        "n_exact": sum(a == b for a, b in pairs),
        "n_within_one": _near(part, pairs),
        "n_counted": sum(a == b for a, b in sides),
        "n_both_counted": len(sides),
        "one_rated": int((both_asked & (rated[0] != rated[1])).sum()),
        "none_rated": int((both_asked & ~rated[0] & ~rated[1]).sum()),
        "one_asked": int((asked[0] != asked[1]).sum()),
    }
    measures: dict[str, Agreement] = {}
    if both.sum() >= LEAST_PAIRS:
        measures = {
            "exact": share_of(found["n_exact"], len(pairs)),
            "rated": share_of(int((both_asked & (rated[0] == rated[1])).sum()), int(both_asked.sum())),
            **coefficients(part, [list(row) for row in zip(*ratings, strict=True)]),
        }
        if found["n_within_one"] is not None:
            measures["within_one"] = share_of(found["n_within_one"], len(pairs))
        if len(sides) >= LEAST_PAIRS:
            measures["counted"] = share_of(found["n_counted"], len(sides))
    return {**found, **_columns(measures)}


def _near(part: Part, pairs: Sequence[tuple[Rating, Rating]]) -> int | None:
    """Of ratings that are numbers, the pairs at most one apart."""
    if part.scale.kind not in ("six", "count"):
        return None
    return sum(abs(int(a) - int(b)) <= 1 for a, b in pairs)


def _y(part: Part, value: str | None) -> int | None:
    choice = part.choice(value)
    return None if choice is None else choice.y


def _columns(measures: Mapping[str, Agreement]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in MEASURES:
        one = measures.get(name)
        found[name] = one.estimate if one else math.nan
        found[f"{name}_lower"] = one.lower if one else math.nan
        found[f"{name}_upper"] = one.upper if one else math.nan
        found[f"{name}_n"] = one.n if one else math.nan
    return found


def _blank_as_none(column: pd.Series[Any]) -> list[str | None]:
    return [value if isinstance(value, str) else None for value in column]
