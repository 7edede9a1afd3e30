"""The figures of a roll-up as findings."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casereader.disclosure.findings import WHOLE, Finding, Level

Group = tuple[str, str, str]  # inspection, domain, level


def findings_of(
    questions: pd.DataFrame, distributions: pd.DataFrame, *, read: Mapping[Group, int] | None = None
) -> list[Finding]:
    """One finding for each row of a roll-up's `questions`, with the scale of the whole from its `distributions`.

    `read` is the number of records read by inspection, domain and level, where both sides know it.
    """
    scales: dict[tuple[str, str], list[Level]] = {}
    columns = (distributions[name].tolist() for name in ("inspection", "question", "value", "y", "count"))
    for inspection, question, value, y, count in zip(*columns, strict=True):
        if not pd.isna(y):
            scales.setdefault((inspection, question), []).append(Level(str(value), int(count), bool(y == 1)))
    known = read or {}
    names = ("inspection", "question", "domain", "level", "n", "k", "share", "lower", "upper")
    rows = zip(*(questions[name].tolist() for name in names), strict=True)
    return [
        Finding(
            question=question,
            n=int(n),
            k=int(k),
            share=float(share),
            lower=None if pd.isna(lower) else float(lower),
            upper=None if pd.isna(upper) else float(upper),
            inspection=inspection,
            domain=domain,
            level=level,
            levels=tuple(scales.get((inspection, question), ())) if domain == WHOLE else (),
            read=known.get((inspection, domain, level)),
        )
        for inspection, question, domain, level, n, k, share, lower, upper in rows
    ]
