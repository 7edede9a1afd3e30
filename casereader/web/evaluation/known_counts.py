"""The main findings weighted to what the list is known to hold, beside the shares by design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casereader.figures import results
from casereader.figures.results import Results, plain_rows
from casereader.instrument import Instrument
from casereader.rollup import WHOLE
from casereader.rollup.known_counts import LEAST, NOT_SAID, Group, Weighted, WhyNot
from casereader.web.evaluation.cells import blank_row, share
from casereader.web.evaluation.groups import DOMAINS, in_order, level


def section(found: Results, instrument: Instrument, asked: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A row for each question asked, (key, label), with a column for each attribute that can be weighted by."""
    weighted = results.weighted_for(found, instrument, [key for key, _ in asked])
    able = [one for one in weighted if one.why_not is None and len(one.figures)]
    table = found.figures.questions
    by_design = {row["question"]: row for row in plain_rows(table[table["domain"] == WHOLE])}
    of_column = [by_design, *({row["question"]: row for row in plain_rows(one.figures)} for one in able)]
    rows = [[label, *(share(rows.get(key) or blank_row(key)) for rows in of_column)] for key, label in asked]
    return {
        "columns": [
            "About",
            {"text": "By design", "numeric": True},
            *({"text": f"To {DOMAINS[one.attribute].lower()}", "numeric": True} for one in able),
        ],
        "rows": rows if able else [],
        "says": [_says(instrument, one) for one in weighted],
        "least": LEAST,
    }


def _says(instrument: Instrument, one: Weighted) -> str:
    """Which groups an attribute was weighted by, or why it was not."""
    title = DOMAINS[one.attribute]
    if one.why_not is WhyNot.STRATA_HOLD_IT:
        return f"{title}: the sample was drawn by it, so that the share by design counts it already."
    if one.why_not is WhyNot.TOO_FEW_GROUPS:
        return f"{title}: fewer than two groups with {LEAST} records, so no figure."
    return f"{title}: {'; '.join(_group(instrument, one.attribute, group) for group in one.groups)}."


def _group(instrument: Instrument, by: str, group: Group) -> str:
    ordered = [row["level"] for row in in_order(instrument, by, [{"level": name} for name in group.levels])]
    names = [level(instrument, by, name) if name != NOT_SAID else "not said by the list" for name in ordered]
    together = f"{', '.join(names[:-1])} and {names[-1]} together" if len(names) > 1 else names[0]
    return f"{together} ({group.population} on the list, {group.records} records)"
