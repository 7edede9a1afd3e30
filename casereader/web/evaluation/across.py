"""Partnerships side by side: each section of each in a heat table, and all of them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import render_template, url_for

from casereader.charts.heat import HeatCell, HeatRow, heat_chart
from casereader.figures import results
from casereader.figures.results import Results, plain_rows
from casereader.instrument import Instrument
from casereader.programmes import programmes
from casereader.programmes.inspections import Place
from casereader.rollup import WHOLE
from casereader.rollup.combined import Scope, scope_of
from casereader.rollup.views import main_keys
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.evaluation import pictures
from casereader.web.evaluation.blueprint import SEES, blueprint, reader_notes
from casereader.web.evaluation.cells import (
    FIGURE_COLUMNS,
    OTHER_COLUMNS,
    Row,
    blank_row,
    figure_cells,
    limits,
    name_of,
    open_range,
)
from casereader.web.request_session import db
from casereader.words import WORDING, printed

SHADE_OF = {word.text: shade for word, shade in zip(WORDING.words, (0, 0, 1, 2, 3, 4, 4), strict=True)}
SHADES = ("few or none", "less than half", "the majority", "most", "almost all or all")
COLUMNS = [
    "Asked about",
    {"text": "All together, 90% interval", "numeric": True},
    *FIGURE_COLUMNS[1:],
    {"text": "Plain mean of partnerships, 90% interval", "numeric": True},
    {"text": OTHER_COLUMNS[-1]["text"], "numeric": True},
]


@blueprint.get("/programmes/<public_id>/across")
@allow(*SEES)
def across(public_id: str) -> str:
    """The person's inspections of a programme whose reading is complete, in the order of their names."""
    places = objects.places_of(public_id, *SEES)
    programme = places[0].programme
    instrument = objects.instrument_of(programme)
    found, combined = results.combined_for(db(), places, instrument, main_keys(instrument))
    inspected = [place for place in places if found.is_complete(place.path)]
    n_listed = programmes.n_partnerships(db(), programme=programme)
    sections = [(one.title, headline.id) for one in instrument.sections if (headline := instrument.headline(one.id))]
    cells = _cells(found, inspected, [key for _, key in sections])
    together = plain_rows(combined)
    return render_template(
        "evaluation/across.html",
        programme=programme,
        reader_notes=reader_notes(programme, instrument),
        least_n=WORDING.least_n,
        n=len(inspected),
        n_listed=n_listed,
        is_whole=scope_of(inspected=len(inspected), listed=n_listed) is Scope.PROGRAMME,
        read_out=[
            f"{place.partnership.name}: {rule}" for place in inspected if (rule := found.might_have_ended(place.path))
        ],
        watched=[place.partnership.name for place in inspected if found.always_valid(place.path)],
        not_in=[place.partnership.name for place in places if place not in inspected],
        n_left_out=_left_out(found, inspected),
        shades=SHADES,
        heat_columns=["Partnership", *({"text": title, "numeric": True} for title, _ in sections)],
        heat_rows=[[_named(place), *map(_table_cell, row)] for place, row in zip(inspected, cells, strict=True)],
        heat_chart=_heat(inspected, [title for title, _ in sections], cells),
        asked=[f"{title}: {name_of(instrument, key)}" for title, key in sections],
        columns=COLUMNS,
        rows=[_row(instrument, row) for row in together],
        chart=pictures.shares(
            "together",
            "Partnerships together",
            [(name_of(instrument, row["question"]), row) for row in together],
        )
        if together
        else "",
        weights=_weights(found, inspected),
    )


def _cells(found: Results, places: Sequence[Place], keys: Sequence[str]) -> list[list[HeatCell]]:
    table = found.figures.questions
    rows = {(row["inspection"], row["question"]): row for row in plain_rows(table[table["domain"] == WHOLE])}
    return [[_cell(rows.get((place.path, key)) or blank_row(key)) for key in keys] for place in places]


def _cell(row: Row) -> HeatCell:
    if row["n"] < WORDING.least_n:
        return HeatCell("too few" if row["n"] else "none", f"{row['n']} record{'' if row['n'] == 1 else 's'}")
    text = printed(row["share"], row["word"])
    return HeatCell(text, limits(row["lower"], row["upper"]), SHADE_OF[row["word"]], row["share"])


def _table_cell(cell: HeatCell) -> dict[str, object]:
    return {"text": cell.text, "hint": cell.hint, "shade": cell.shade}


def _heat(places: Sequence[Place], sections: Sequence[str], cells: Sequence[Sequence[HeatCell]]) -> str:
    if not places or not sections:
        return ""
    rows = [HeatRow(place.partnership.name, tuple(row)) for place, row in zip(places, cells, strict=True)]
    return heat_chart("sections", "Sections by partnership", sections, rows, SHADES)


def _named(place: Place) -> dict[str, object]:
    href = url_for("evaluation.rollup", public_id=place.inspection.public_id)
    return {"text": place.partnership.name, "href": href}


def _row(instrument: Instrument, row: Row) -> list[object]:
    return [name_of(instrument, row["question"]), *figure_cells(row), _mean(row), open_range(row)]


def _mean(row: Row) -> dict[str, object] | str:
    if row["mean"] is None:
        return "too few"
    lower, upper = (
        None if row[name] is None else min(max(row[name], 0.0), 1.0) for name in ("mean_lower", "mean_upper")
    )
    return {"text": f"{printed(row['mean'])} ({limits(lower, upper)})", "hint": f"of {row['in_mean']} partnerships"}


def _left_out(found: Results, places: Sequence[Place]) -> int:
    """The children of these lists in strata with no record decided."""
    table = found.figures.strata_left_out
    return int(table.loc[table["inspection"].isin([place.path for place in places]), "population"].sum())


def _weights(found: Results, places: Sequence[Place]) -> list[list[Any]]:
    """Each partnership's children behind the figures, and what part of all of them these are."""
    cases = found.cases.drop_duplicates(["inspection", "stratum"])
    left_out = set(zip(*(found.figures.strata_left_out[name] for name in ("inspection", "stratum")), strict=True))
    behind: Counter[str] = Counter()
    for path, stratum, n in zip(cases["inspection"], cases["stratum"], cases["population"], strict=True):
        behind[path] += 0 if (path, stratum) in left_out else int(n)
    listed = [behind[place.path] for place in places]
    whole = sum(listed)
    return [[_named(place), n, f"{n / whole:.1%}"] for place, n in zip(places, listed, strict=True) if whole]
