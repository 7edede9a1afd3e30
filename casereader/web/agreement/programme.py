"""A programme's agreement: the questions below its threshold first, the sections, then every question."""

from __future__ import annotations

from flask import render_template, url_for

from casereader.agreement import by_question, by_section, moves
from casereader.figures.reader_effects import headline_keys
from casereader.figures.reader_severity import SEES as OF_READERS
from casereader.vocabulary import Coefficient
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.agreement import cells
from casereader.web.agreement.blueprint import SEES, SETS, blueprint, material_of


@blueprint.get("/programmes/<public_id>/agreement")
@allow(*SEES)
def programme(public_id: str) -> str:
    """Every question that both readers of some pair met, over the inspections whose reading is over."""
    made_of = material_of(objects.places_of(public_id, *SEES))
    instrument, threshold, answers = made_of.instrument, made_of.threshold, made_of.found.answers
    table = by_question(answers, instrument)
    rows = cells.rows_of(table)
    sections = by_section(table, answers, instrument, coefficient=threshold.coefficient)
    weak = cells.weakest_first(rows, threshold)

    def heat(some: list[cells.Row]) -> list[dict[str, object]]:
        return [cells.heat_row(row, instrument, threshold, href=_href(public_id, row)) for row in some]

    return render_template(
        "agreement/programme.html",
        programme=made_of.programme,
        n_places=len(made_of.places),
        n_over=len(made_of.over),
        n_pairs=len(made_of.found.pairs),
        threshold=threshold,
        coefficient=cells.COEFFICIENTS[Coefficient(threshold.coefficient)],
        sees_severity=any(person().roles_in(place.inspection.id or 0) & set(OF_READERS) for place in made_of.places),
        may_set=any(person().roles_in(place.inspection.id or 0) & set(SETS) for place in made_of.places),
        columns=cells.COLUMNS,
        weak_rows=heat(weak),
        section_rows=cells.section_rows(
            sections, instrument, {row["question"]: row for row in rows}, threshold.coefficient
        ),
        moved_rows=cells.moved_rows(moves(answers, instrument, headline_keys(instrument)), instrument),
        sections=[
            {"id": section.id, "title": section.title, "rows": heat(mine)}
            for section in instrument.sections
            if (mine := [row for row in rows if row["section"] == section.id])
        ],
    )


def _href(public_id: str, row: cells.Row) -> str:
    return url_for("agreement.question", public_id=public_id, question=row["question"])
