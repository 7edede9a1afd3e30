"""Who does worse than their peers: the group that the plan names beside everybody else, here and in all inspections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, url_for

from casereader.charts.differences import difference_chart
from casereader.drawing.comparison import Comparison
from casereader.figures import peers
from casereader.figures.peers import Peers
from casereader.figures.results import plain_rows
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup.peers import ACROSS, LEAST_N, Verdict
from casereader.rollup.views import main_keys
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.evaluation.blueprint import SEES, blueprint
from casereader.web.evaluation.cells import Row, name_of
from casereader.web.evaluation.comparing import difference, held_with_all, shown_as
from casereader.web.evaluation.groups import DOMAINS, level
from casereader.web.evaluation.walking import may_read, readings_href
from casereader.web.request_session import db
from casereader.words import printed

COLUMNS = [
    "Question",
    {"text": "The group", "numeric": True},
    {"text": "Their peers", "numeric": True},
    {"text": "Difference, 90% interval", "numeric": True},
    "What can be said",
]
SURE = (Verdict.WORSE, Verdict.BETTER)
SAYS = {Verdict.WORSE: "Worse than their peers", Verdict.BETTER: "Better than their peers"}


@blueprint.get("/inspections/<public_id>/roll-up/peers")
@allow(*SEES)
def peers_here(public_id: str) -> str:
    """The group against its peers in one partnership."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    return render_template(
        "evaluation/peers.html",
        place=place,
        across=url_for("evaluation.peers_across", public_id=place.programme.public_id),
        **shown(place, instrument, peers.peers_for(db(), [place], instrument, keys=main_keys(instrument))),
    )


def shown(place: Place, instrument: Instrument, found: Peers) -> dict[str, Any]:
    """What the page shows of the partnership, by the names that its template calls it."""
    rows = [row for row in plain_rows(found.figures) if row["inspection"] == place.path]
    return {
        "group": group_name(found.comparison, instrument),
        "listed": found.listed[place.path],
        "why_not": found.why_not.get(place.path, ""),
        "is_complete": found.is_complete,
        "columns": COLUMNS,
        "rows": [_row(instrument, row, place) for row in rows],
        "size": size_that_would_tell(rows),
        "chart": _chart("peers-chart", instrument, rows),
        "least": LEAST_N,
        "n_compared": max((row["compared"] for row in rows), default=0),
    }


@blueprint.get("/programmes/<public_id>/peers")
@allow(*SEES)
def peers_across(public_id: str) -> str:
    """The group against its peers across the person's inspections of a programme, and in each."""
    places = objects.places_of(public_id, *SEES)
    programme = places[0].programme
    instrument = objects.instrument_of(programme)
    keys = main_keys(instrument)
    found = peers.peers_for(db(), places, instrument, keys=keys)
    rows = plain_rows(found.figures)
    across = [row for row in rows if row["inspection"] == ACROSS]
    opening = [(one.question, one.label) for one in instrument.opening]
    return render_template(
        "evaluation/peers-across.html",
        programme=programme,
        group=group_name(found.comparison, instrument),
        n_places=len(places),
        n_compared_places=len(places) - len(found.why_not),
        columns=COLUMNS,
        rows=[_row(instrument, row, None) for row in across],
        chart=_chart("across-chart", instrument, across),
        least=LEAST_N,
        n_compared=max((row["compared"] for row in across), default=0),
        place_columns=["Partnership", *(label for _, label in opening)],
        place_rows=[
            [
                {
                    "text": place.partnership.name,
                    "href": url_for("evaluation.peers_here", public_id=place.inspection.public_id),
                },
                *(_cell(_find(rows, place, key)) for key, _ in opening),
            ]
            for place in places
            if any(row["verdict"] != Verdict.TOO_FEW for row in rows if row["inspection"] == place.path)
        ],
        why_not=_why_not(found, places, rows),
    )


def group_name(comparison: Comparison | None, instrument: Instrument) -> str:
    """The group as people call it; blank where no plan names one."""
    if comparison is None:
        return ""
    by = {"group": "stratum"}.get(comparison.column, comparison.column)
    names = [level(instrument, by, value) if by in DOMAINS else value for value in comparison.values]
    return " or ".join(names)


def _why_not(found: Peers, places: Sequence[Place], rows: Sequence[Row]) -> dict[str, list[str]]:
    """Why inspections compare nothing, each reason with the partnerships it holds for."""
    compared = {row["inspection"] for row in rows if row["verdict"] != Verdict.TOO_FEW}
    names: dict[str, list[str]] = {}
    for place in places:
        few = "" if place.path in compared else f"Fewer than {LEAST_N} records read of one side."
        if why := found.why_not.get(place.path, few):
            names.setdefault(why, []).append(place.partnership.name)
    return names


def _find(rows: Sequence[Row], place: Place, key: str) -> Row | None:
    return next((row for row in rows if row["inspection"] == place.path and row["question"] == key), None)


def size_that_would_tell(rows: Sequence[Row]) -> str:
    """How many records of each side would show a difference of 15 points in every question not told; else blank."""
    group = [row["read_group"] for row in rows if row["read_group"] is not None]
    peers = [row["read_peers"] for row in rows if row["read_peers"] is not None]
    if not group:
        return ""
    few = max((row["n_group"] for row in rows), default=0), max((row["n_peers"] for row in rows), default=0)
    which = "any of these questions" if len(group) == len(rows) else f"{len(group)} of these {len(rows)} questions"
    return (
        f"This sample cannot tell for {which}. A difference of 15 points would show with {max(group)} of the group and "
        f"{max(peers)} peers read; {few[0]} and {few[1]} are."
    )


def _row(instrument: Instrument, row: Row, place: Place | None) -> list[object]:
    return [
        name_of(instrument, row["question"]),
        _share(row, "group", place),
        _share(row, "peers", place),
        difference(row) if row["verdict"] != Verdict.TOO_FEW else "",
        held_with_all(row, _verdict(row), is_sure=row["verdict"] in SURE),
    ]


def _share(row: Row, side: str, place: Place | None) -> dict[str, Any] | str:
    """The share with its count; of one inspection a link to the records of both sides, for whoever may read them."""
    counts = f"{row[f'k_{side}']} of {row[f'n_{side}']}"
    says = counts if row[f"n_{side}"] < LEAST_N else f"{printed(row[f'share_{side}'])}, {counts}"
    if place is None or not may_read(place):
        return says
    return {"text": says, "href": readings_href(place, row["question"])}


def _verdict(row: Row) -> str:
    verdict = Verdict(row["verdict"])
    return SAYS.get(verdict, verdict.value.capitalize())


def _cell(row: Row | None) -> dict[str, Any] | str:
    if row is None:
        return "no record of one side"
    is_few = row["verdict"] == Verdict.TOO_FEW
    hint = f"{row['n_group']} and {row['n_peers']} records" if is_few else difference(row)
    return {"text": _verdict(row), "hint": hint}


def _chart(name: str, instrument: Instrument, rows: Sequence[Row]) -> str:
    told = [row for row in rows if row["verdict"] != Verdict.TOO_FEW]
    shown = [shown_as(instrument, row, _verdict(row), is_sure=row["verdict"] in SURE) for row in told]
    if not shown:
        return ""
    return difference_chart(
        name,
        "The group’s share less that of its peers",
        shown,
        axis_label="Difference in percentage points, with its 90% interval",
        below="worse than their peers",
        above="better",
    )
