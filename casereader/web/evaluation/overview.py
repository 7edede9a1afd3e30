"""A programme seen across its partnerships: the opening questions of each, always with their intervals."""

from __future__ import annotations

from flask import render_template, url_for

from casereader.figures import results
from casereader.figures.results import Results, plain_rows
from casereader.programmes.inspections import Place
from casereader.rollup import WHOLE
from casereader.stages import stages
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.evaluation import pictures
from casereader.web.evaluation.blueprint import SEES, blueprint, reader_notes
from casereader.web.evaluation.cells import Row, blank_row, id_of, k_of_n, name_of, said, share
from casereader.web.evaluation.leads_say import leads_say
from casereader.web.request_session import db
from casereader.words import WORDING


@blueprint.get("/programmes/<public_id>/overview")
@allow(*SEES)
def overview(public_id: str) -> str:
    """The inspections of the programme that are this person's, in the order of their names."""
    places = objects.places_of(public_id, *SEES)
    programme = places[0].programme
    instrument = objects.instrument_of(programme)
    found = results.results_for(db(), places, instrument, only=[one.question for one in instrument.opening], by=())
    table = found.figures.questions
    rows = {(row["inspection"], row["question"]): row for row in plain_rows(table[table["domain"] == WHOLE])}
    standings = stages.standings(db(), [place.inspection.id or 0 for place in places])

    def row_of(place: Place, key: str) -> Row:
        return rows.get((place.path, key)) or blank_row(key)

    def begins(place: Place) -> list[object]:
        href = url_for("evaluation.rollup", public_id=place.inspection.public_id)
        stage = standings[place.inspection.id or 0].stage.capitalize()
        return [{"text": place.partnership.name, "href": href}, stage, _read(found, place)]

    return render_template(
        "evaluation/overview.html",
        programme=programme,
        reader_notes=reader_notes(programme, instrument),
        say=leads_say(places, read={path for path in found.reach if found.is_complete(path)}),
        n_places=len(places),
        n_complete=sum(found.is_complete(place.path) for place in places),
        columns=[
            "Partnership",
            "Stage",
            {"text": "Records in the figures", "numeric": True},
            *({"text": one.label, "numeric": True} for one in instrument.opening),
        ],
        rows=[
            [*begins(place), *(_cell(row_of(place, one.question)) for one in instrument.opening)]
            for place in places
            if found.reach[place.path].read
        ],
        not_begun=[begins(place) for place in places if not found.reach[place.path].read],
        charts_of=[
            {
                "id": f"chart-{id_of(one.question)}",
                "title": one.label,
                "asks": name_of(instrument, one.question),
                "finding": _finding([(place.partnership.name, row_of(place, one.question)) for place in places]),
                "svg": pictures.shares(
                    f"opening-{place_in_list}",
                    f"{one.label}, by partnership",
                    [
                        (place.partnership.name, row_of(place, one.question))
                        for place in places
                        if row_of(place, one.question)["n"]
                    ],
                ),
                "rows": [
                    [place.partnership.name, share(row), k_of_n(row), said(row)]
                    for place in places
                    for row in [row_of(place, one.question)]
                    if row["n"]
                ],
            }
            for place_in_list, one in enumerate(instrument.opening, start=1)
        ],
    )


def _read(found: Results, place: Place) -> dict[str, object] | str:
    reach = found.reach[place.path]
    if not reach.to_read:
        return "not drawn"
    left_out = found.figures.strata_left_out
    n_left_out = int(left_out.loc[left_out["inspection"] == place.path, "population"].sum())
    hint = f"{n_left_out} children left out" if n_left_out and reach.read else ""
    return {"text": f"{reach.read} of {reach.to_read}", "hint": hint}


def _cell(row: Row) -> dict[str, object] | str:
    return {"text": share(row), "hint": k_of_n(row)} if row["n"] else "none yet"


def _finding(rows: list[tuple[str, Row]]) -> str:
    """Between which shares the partnerships lie, each end with its interval."""
    known = sorted(
        ((name, row) for name, row in rows if row["n"] >= WORDING.least_n), key=lambda one: (one[1]["share"], one[0])
    )
    if len(known) < 2:
        return f"fewer than two partnerships have {WORDING.least_n} records with an answer yet."
    (lowest, low), (highest, high) = known[0], known[-1]
    return (
        f"the shares of {len(known)} partnerships lie between {share(low)}, {said(low)}, in {lowest} "
        f"and {share(high)}, {said(high)}, in {highest}."
    )
