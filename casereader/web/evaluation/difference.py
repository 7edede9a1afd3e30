"""What difference was made: the wellbeing indicators, and how much of it the records demonstrate."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from casereader.figures import differences, results
from casereader.figures.results import plain_rows
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup.difference import Difference, keys_of
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.evaluation import pictures
from casereader.web.evaluation.blueprint import SEES, blueprint, reader_notes
from casereader.web.evaluation.cells import FIGURE_COLUMNS, OTHER_COLUMNS, Row, figure_cells, open_range
from casereader.web.evaluation.groups import state_of
from casereader.web.evaluation.walking import walked
from casereader.web.request_session import db
from casereader.words import WORDING, printed

COLUMNS = [
    "Asked about",
    {"text": "Clear improvement, 90% interval", "numeric": True},
    *FIGURE_COLUMNS[1:],
    {"text": "Some improvement beside it", "numeric": True},
    {"text": "Too early to say", "numeric": True},
    {"text": "No need assessed", "numeric": True},
    {"text": "Not produced", "numeric": True},
]


@blueprint.get("/inspections/<public_id>/roll-up/difference")
@allow(*SEES)
def difference(public_id: str) -> str:
    """Every part on the scale of improvement, and each figure that the instrument makes from several answers."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    reach = results.results_for(db(), [place], instrument, only=(), by=())
    told = shown(place, instrument, differences.difference_for(db(), [place], instrument))
    return render_template(
        "evaluation/difference.html",
        place=place,
        state=state_of(reach, place, instrument),
        reader_notes=reader_notes(place.programme, instrument),
        section=url_for("evaluation.section", public_id=public_id, section=_section(instrument))
        if told["chart"]
        else "",
        **told,
    )


def shown(place: Place, instrument: Instrument, found: Difference) -> dict[str, Any]:
    """The page's tables and its picture, by the names that its template calls them."""
    indicators, derived = plain_rows(found.indicators), plain_rows(found.derived)
    drawn = [(instrument.part(row["question"]).label, row) for row in indicators if row["n"]]
    return {
        "has_questions": bool(keys_of(instrument)),
        "columns": COLUMNS,
        "rows": [_row(place, instrument, row) for row in indicators],
        "chart": pictures.shares("difference", "Share with a clear improvement", drawn) if drawn else "",
        "derived_columns": ["Counted", *FIGURE_COLUMNS, OTHER_COLUMNS[-1]],
        "derived_rows": [[_derived_name(instrument, row), *figure_cells(row), open_range(row)] for row in derived],
    }


def _row(place: Place, instrument: Instrument, row: Row) -> list[object]:
    return [
        instrument.part(row["question"]).label,
        *walked(place, row),
        _some(row),
        row["too_early"],
        row["no_need"],
        row["not_produced"] if row["not_produced"] is not None else "",
    ]


def _some(row: Row) -> str:
    if row["some_share"] is None or row["n"] < WORDING.least_n:
        return str(row["some"])
    return f"{printed(row['some_share'])} ({row['some']})"


def _derived_name(instrument: Instrument, row: Row) -> str:
    return next(one.label for one in instrument.derived if one.id == row["question"])


def _section(instrument: Instrument) -> str:
    return instrument.part(keys_of(instrument)[0]).section
