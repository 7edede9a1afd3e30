"""One inspection's agreement, once its reading is over: counts as a rule, since its pairs are few."""

from __future__ import annotations

from flask import render_template, url_for

from casereader.agreement import LEAST_PAIRS, by_question
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.agreement import cells
from casereader.web.agreement.blueprint import SEES, blueprint, material_of

MOST_SHOWN = 10


@blueprint.get("/inspections/<public_id>/agreement")
@allow(*SEES)
def inspection(public_id: str) -> str:
    """How often its two readers gave the same answer, question by question; nothing before all readings are in."""
    place = objects.inspection(public_id, *SEES)
    made_of = material_of([place])
    rows = cells.rows_of(by_question(made_of.found.answers, made_of.instrument))
    measured = [row for row in rows if row["n"] >= LEAST_PAIRS]
    return render_template(
        "agreement/inspection.html",
        place=place,
        is_over=bool(made_of.over),
        n_pairs=len(made_of.found.pairs),
        least=LEAST_PAIRS,
        most=MOST_SHOWN,
        programme_href=url_for("agreement.programme", public_id=place.programme.public_id),
        columns=cells.COLUMNS,
        heat_rows=[cells.heat_row(row, made_of.instrument, made_of.threshold) for row in measured],
        count_columns=cells.COUNT_COLUMNS,
        differing=[cells.count_row(row, made_of.instrument) for row in cells.least_alike(rows)],
        sections=[
            {
                "id": section.id,
                "title": section.title,
                "rows": [cells.count_row(row, made_of.instrument) for row in mine],
                "says": cells.how_many_alike(mine),
            }
            for section in made_of.instrument.sections
            if (mine := [row for row in rows if row["section"] == section.id])
        ],
    )
