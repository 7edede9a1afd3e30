"""What became of the records: not produced by stratum, not reached beside it, and supplied by each agency."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from flask import render_template, url_for

from casereader.figures import results
from casereader.figures.results import Results, plain_rows
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup.records import NOT_PRODUCED, NOT_SUPPLIED, agency_parts
from casereader.vocabulary import CaseStatus
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.evaluation import pictures
from casereader.web.evaluation.blueprint import SEES, blueprint
from casereader.web.evaluation.cells import Row, blank_row, figure_cells, k_of_n, open_range, share
from casereader.web.evaluation.groups import in_order, level, state_of
from casereader.web.evaluation.walking import walked
from casereader.web.request_session import db

STRATUM = "stratum"
PRODUCED_COLUMNS = [
    "Stratum",
    {"text": "On the list (N)", "numeric": True},
    {"text": "Not produced: weighted share, 90% interval", "numeric": True},
    {"text": "Not produced, of eligible records decided", "numeric": True},
    {"text": "In words", "width": "middle"},
    {"text": "Not reached", "numeric": True},
    {"text": "Still to be read", "numeric": True},
]
SUPPLIED_COLUMNS = [
    "Agency",
    {"text": "Supplied: weighted share, 90% interval", "numeric": True},
    {"text": "Supplied, of records expected", "numeric": True},
    {"text": "In words", "width": "middle"},
    {"text": "Asked, not supplied", "numeric": True},
    {"text": "Not expected", "numeric": True},
    {"text": "If none, or all, of records not produced came", "numeric": True},
]

Figures = dict[tuple[str, str], Row]  # by question and stratum; blank for all records


@blueprint.get("/inspections/<public_id>/roll-up/records")
@allow(*SEES)
def records(public_id: str) -> str:
    """Not produced as a finding of its own, and the records of each agency."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    found, table = results.records_for(db(), [place], instrument)
    return render_template("evaluation/records.html", place=place, **shown(place, instrument, found, table))


def shown(place: Place, instrument: Instrument, found: Results, table: pd.DataFrame) -> dict[str, Any]:
    """What the page shows: its tables and pictures by the names that its template calls them."""
    figures: Figures = {(row["question"], row["level"]): row for row in plain_rows(table)}
    strata = _strata(found, instrument)
    agencies = [(part.key, part.label) for part in agency_parts(instrument)]
    with_figure = [one for one in strata if (NOT_PRODUCED, one) in figures]
    not_produced = [("All", figures[NOT_PRODUCED, ""])] if (NOT_PRODUCED, "") in figures else []
    not_produced += [(level(instrument, STRATUM, one), figures[NOT_PRODUCED, one]) for one in with_figure]
    supplied = [(label, figures[key, ""]) for key, label in agencies if (key, "") in figures]
    return {
        "state": state_of(found, place, instrument),
        "produced_columns": PRODUCED_COLUMNS,
        "produced_rows": _produced_rows(place, found, instrument, figures, strata),
        "produced_chart": pictures.shares(
            "not-produced", "Records not produced, by stratum", not_produced, axis="Weighted share not produced"
        ),
        "supplied_columns": SUPPLIED_COLUMNS,
        "supplied_rows": [_supplied_row(place, found, key, label, figures) for key, label in agencies],
        "supplied_chart": pictures.shares(
            "supplied", "Records supplied, by agency", supplied, axis="Weighted share of the records expected"
        ),
        "crossed_columns": ["Stratum", *({"text": label, "numeric": True} for _, label in agencies)],
        "crossed_rows": [
            [level(instrument, STRATUM, one), *(_crossed(figures.get((key, one))) for key, _ in agencies)]
            for one in with_figure
        ],
        "is_supplied": bool(supplied),
    }


def _strata(found: Results, instrument: Instrument) -> list[str]:
    """The strata that are sampled, in the instrument's order."""
    names = sorted(found.cases[STRATUM].unique())
    return [row["level"] for row in in_order(instrument, STRATUM, [{"level": name} for name in names])]


def _produced_rows(
    place: Place, found: Results, instrument: Instrument, figures: Figures, strata: Iterable[str]
) -> list[object]:
    rows: list[object] = []
    for one in strata:
        here = found.cases[found.cases[STRATUM] == one]
        row = figures.get((NOT_PRODUCED, one)) or blank_row(NOT_PRODUCED)
        listed = int(here["population"].iloc[0])
        rows.append([level(instrument, STRATUM, one), listed, *_missing(place, row), *_open(here["status"])])
    if rows:
        whole = figures.get((NOT_PRODUCED, "")) or blank_row(NOT_PRODUCED)
        listed = int(found.cases.groupby(STRATUM)["population"].first().sum())
        cells = ["All", listed, *_missing(place, whole), *_open(found.cases["status"])]
        rows.append({"cells": cells, "kind": "total"})
    return rows


def _missing(place: Place, row: Row) -> list[object]:
    """`figure_cells` of records not produced, the count a link to where those cases stand by their references."""
    share, k_of_n, said = figure_cells(row)
    if not row["k"]:
        return [share, k_of_n, said]
    href = url_for(
        "progress.show",
        public_id=place.inspection.public_id,
        state=CaseStatus.NOT_PRODUCED.value,
        stratum=row["level"] or None,
        _anchor="cases-heading",
    )
    return [share, {"text": k_of_n, "href": href}, said]


def _open(status: Any) -> list[int]:
    """How many cases were not reached, and how many still wait."""
    return [int((status == one.value).sum()) for one in (CaseStatus.NOT_REACHED, CaseStatus.WAITING)]


def _supplied_row(place: Place, found: Results, key: str, label: str, figures: Figures) -> list[object]:
    row = figures.get((key, "")) or blank_row(key)
    divided = {one["value"]: one["count"] for one in plain_rows(found.figures.distributions) if one["question"] == key}
    not_expected = sum(n for value, n in divided.items()) - row["n"]
    return [label, *walked(place, row), divided.get(NOT_SUPPLIED, 0), not_expected, open_range(row)]


def _crossed(row: Row | None) -> object:
    return "none expected" if row is None else {"text": k_of_n(row), "hint": share(row)}
