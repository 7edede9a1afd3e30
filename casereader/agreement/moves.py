"""How far a share moves between first and second readers of the same records: what sampling error leaves out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from casereader.agreement.tables import LEAST_PAIRS
from casereader.instrument import Instrument
from sampling.intervals import quantile

Counts = dict[str, Counter[tuple[int, int]]]
COLUMNS = ("question", "n", "first_k", "second_k", "first", "second", "difference", "lower", "upper")


def moves(
    answers: pd.DataFrame, instrument: Instrument, keys: Sequence[str], *, confidence: float = 0.90
) -> pd.DataFrame:
    """A row per question of `keys` that both readers of some pair answered, in that order.

    Of the `n` pairs that count in the question's share for both readers, how many the first and the second counted as
    1; from ten pairs on the two shares, and the second less the first with a paired interval, else NaN.
    """
    return moves_of(both_counted(answers, instrument, keys), keys, confidence=confidence)


def both_counted(answers: pd.DataFrame, instrument: Instrument, keys: Sequence[str]) -> Counts:
    """Of the pairs that count for both readers: how many the first and the second counted so, by question."""
    found: Counts = {}
    for key in keys:
        part = instrument.part(key)
        mine = answers[answers["key"] == key]
        ys = [[_y(part.choice(v)) if isinstance(v, str) else None for v in mine[c]] for c in ("first", "second")]
        found[key] = Counter((a, b) for a, b in zip(*ys, strict=True) if a is not None and b is not None)
    return found


def moves_of(counts: Counts, keys: Sequence[str], *, confidence: float = 0.90) -> pd.DataFrame:
    """The rows that `moves` gives, from what was counted."""
    rows = [(key, *_moved(counts[key], confidence)) for key in keys if counts[key].total()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _moved(both: Counter[tuple[int, int]], confidence: float) -> tuple[float, ...]:
    n = both.total()
    first, second = both[1, 0] + both[1, 1], both[0, 1] + both[1, 1]
    if n < LEAST_PAIRS:
        return (n, first, second, *([math.nan] * 5))
    gained, lost = both[0, 1], both[1, 0]
    # Bonett and Price's interval (2012) keeps a width where no reading moved; Wald's on the differences does not.
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    half = float(quantile(confidence)) * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    lower, upper = max(up - down - half, -1.0), min(up - down + half, 1.0)
    return (n, first, second, first / n, second / n, (second - first) / n, lower, upper)


def _y(choice: object) -> int | None:
    return getattr(choice, "y", None)
