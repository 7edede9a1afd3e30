"""Bands of shares, for instruments that have them: a standard takes the band of its lowest question.

An instrument without `[[standards]]` has none. A band is no evaluation: it says in which range a share fell.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from casereader.instrument.logic import Band
from casereader.instrument.model import Instrument
from casereader.rollup.checks import WHOLE
from casereader.words import SETTLED_DECIMALS

KINDS = {"inspection": "str", "standard": "str", "label": "str", "band": "str", "question": "str", "share": "float64"}


def standard_rows(
    questions: pd.DataFrame, instrument: Instrument, inspections: Iterable[str], *, least_n: int
) -> pd.DataFrame:
    """A row per inspection and standard: its band, the question that decides it, and that question's share.

    No band stands where some question of the standard has fewer than `least_n` records: the lowest is not known then.
    """
    whole = questions[questions["domain"] == WHOLE]
    columns = (whole[name].tolist() for name in ("inspection", "question", "n", "share"))
    shares = {(path, key): share for path, key, n, share in zip(*columns, strict=True) if n >= least_n}
    rows = []
    for path in inspections:
        for standard in instrument.standards:
            known = [(shares[path, key], key) for key in standard.questions if (path, key) in shares]
            if len(known) < len(standard.questions):
                rows.append((path, standard.id, standard.label, "", "", None))
                continue
            share, key = min(known, key=lambda one: one[0])
            rows.append((path, standard.id, standard.label, band_for(share, instrument.bands), key, share))
    return pd.DataFrame(rows, columns=list(KINDS)).astype(KINDS)


def band_for(share: float, bands: Iterable[Band]) -> str:
    """The band of an unrounded share from 0 to 1; a share within 1e-12 of a limit counts as standing on it."""
    settled = round(share, SETTLED_DECIMALS)
    return [band.label for band in bands if band.from_share <= settled][-1]
