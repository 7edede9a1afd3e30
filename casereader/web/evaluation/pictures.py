"""The charts of a results page, each with the same figures as a table under it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from casereader.charts import ShareRow, distribution_chart, distribution_rows, segments, share_chart
from casereader.figures.results import plain_rows
from casereader.instrument import Instrument
from casereader.rollup.always_valid import METHOD
from casereader.web.evaluation.cells import Row, counts_as, name_of
from casereader.words import WORDING, per_cent

MOST_NAMED = 4  # of more questions in one chart, the first and the last
MOST_SEGMENTS = 8  # a scale with more answers than this is a table only
AXIS = "Weighted share, with its 90% interval"
FIXED, ALWAYS = "90% interval", "90% always-valid interval"  # as the words under charts have them


@dataclass(frozen=True)
class Picture:
    """A chart and the table that holds its figures; a table alone where `svg` is empty."""

    id: str
    caption: str
    svg: Markup
    columns: list[Any]
    rows: list[list[object]]


def shares(
    id: str, caption: str, rows: Iterable[tuple[str, Row]], *, axis: str = AXIS, cut_offs: Sequence[float] = ()
) -> Markup:
    """A dot and an interval for each named row."""
    drawn = list(rows)
    is_always = any(row.get("method") == METHOD for _, row in drawn)
    says = axis.replace(FIXED, ALWAYS) if is_always else axis
    return share_chart(id, caption, [_share_row(*one) for one in drawn], axis_label=says, cut_offs=cut_offs)


def _share_row(label: str, row: Row) -> ShareRow:
    names = ("share", "lower", "upper", "lowest", "highest")
    limits = {name: row[name] for name in names}
    return ShareRow(label, k=row["k"], n=row["n"], word=row["word"] or "", also=row["also"] or "", **limits)


def distributions(
    table: pd.DataFrame, instrument: Instrument, keys: Sequence[str], *, inspection: str, id: str, caption: str = ""
) -> list[Picture]:
    """How the answers to closed questions divide, those on the same scale together; `table` of `RollUp`."""
    mine = table[(table["inspection"] == inspection) & table["question"].isin(keys)]
    by_question: dict[str, dict[str, Row]] = {}
    for row in plain_rows(mine):
        by_question.setdefault(row["question"], {})[row["value"]] = row
    alike: dict[tuple[object, ...], list[str]] = {}
    for key in keys:
        part = instrument.part(key)
        if part.choices and key in by_question:
            offered = tuple(choice.value for choice in part.choices if choice.y is not None or not part.has_y)
            alike.setdefault((part.scale.id, part.reversed, offered), []).append(key)
    found = []
    for place, together in enumerate(alike.values(), start=1):
        part = instrument.part(together[0])
        name = f"{id}-{place}"
        if len(part.choices) > MOST_SEGMENTS:
            found += [_listed(f"{name}-{at}", instrument, key, by_question[key]) for at, key in enumerate(together)]
            continue
        labels = {key: name_of(instrument, key) for key in together}
        enough = {key: label for key, label in labels.items() if _n(by_question[key]) >= WORDING.least_n}
        says = caption if caption and len(alike) == 1 else _of(instrument, list(enough) or together)
        bars = distribution_rows(mine, instrument, enough, inspection=inspection)
        drawn = distribution_chart(name, says, bars, segments(part), good_label=counts_as(part) or "counted")
        svg = drawn if bars else Markup("")
        answers = {choice.value: choice.label for key in together for choice in instrument.part(key).choices}
        columns = ["Question", *({"text": label, "numeric": True} for label in answers.values())]
        rows = [[labels[key], *_divided(answers, by_question[key])] for key in together]
        found.append(Picture(name, says, svg, columns, rows))
    return found


def _of(instrument: Instrument, keys: Sequence[str]) -> str:
    """Which questions a chart shows."""
    if len(keys) == 1:
        return name_of(instrument, keys[0])
    part = instrument.part(keys[0])
    inside = [choice.label.lower() for choice in part.choices if choice.y is not None or not part.has_y]
    said = f"{_named(instrument, keys)}, {inside[0]} to {inside[-1]}"
    return f"{said} (yes is unwelcome)" if part.reversed else said


def _named(instrument: Instrument, keys: Sequence[str]) -> str:
    """Several questions by their codes; the parts of one by its code and label."""
    parts = [instrument.part(key) for key in keys]
    codes = list(dict.fromkeys(one.code if any(map(str.isdigit, one.code)) else one.label for one in parts))
    if len(codes) == 1:
        return f"{codes[0]} {instrument.question(parts[0].question).label}"
    return f"{', '.join(codes[:-1])} and {codes[-1]}" if len(codes) <= MOST_NAMED else f"{codes[0]} to {codes[-1]}"


def _n(by_value: Mapping[str, Row]) -> int:
    """The records in the denominator."""
    return sum(row["count"] for row in by_value.values() if row["in_share"])


def _divided(answers: Iterable[str], by_value: Mapping[str, Row]) -> list[object]:
    """Records per answer, with the weighted share where they are enough; blank where the question lacks the answer."""
    n = _n(by_value)
    return [_count(by_value[value], n) if value in by_value else "" for value in answers]


def _count(row: Row, n: int) -> str:
    if row["weighted"] is None or n < WORDING.least_n:
        return str(row["count"])
    return f"{row['count']} ({per_cent(row['weighted'])})"


def _listed(id: str, instrument: Instrument, key: str, by_value: Mapping[str, Row]) -> Picture:
    """A scale with many answers: those chosen, most often first."""
    chosen = sorted((row for row in by_value.values() if row["count"]), key=lambda row: (-row["count"], row["label"]))
    rows: list[list[object]] = [[row["label"], _count(row, _n(by_value))] for row in chosen]
    columns = ["Answer", {"text": "Records (weighted share)", "numeric": True}]
    return Picture(id, name_of(instrument, key), Markup(""), columns, rows)
