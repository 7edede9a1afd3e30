"""How much partnerships differ: a question in each, in order and in a funnel, and what chance does not explain."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from markupsafe import Markup

from casereader.charts import ShareRow, share_chart
from casereader.charts.funnel import FunnelPoint, funnel_chart
from casereader.errors import AbsentError
from casereader.figures import results
from casereader.figures.results import Results, plain_rows
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup import WHOLE
from casereader.rollup.themes import asked_of_all, themes_of
from casereader.rollup.variation import (
    LEAST_PARTNERSHIPS,
    RARE,
    USUAL,
    Beside,
    Variation,
    beside,
    funnel_limits,
    records_behind,
)
from casereader.rollup.views import main_keys
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.evaluation.blueprint import SEES, blueprint
from casereader.web.evaluation.cells import name_of
from casereader.web.evaluation.walking import counted
from casereader.web.request_session import db
from casereader.words import WORDING, per_cent, printed

OUTSIDE = ("", "Past the usual limits", "Past the wide limits")


@blueprint.get("/programmes/<public_id>/variation")
@allow(*SEES)
def variation(public_id: str) -> str:
    """One question in the person's inspections of a programme, beside each other: a headline, theme or relationship."""
    places = objects.places_of(public_id, *SEES)
    programme = places[0].programme
    instrument = objects.instrument_of(programme)
    keys, more = main_keys(instrument), response_keys(instrument)
    key = request.args.get("question", instrument.opening[0].question if instrument.opening else keys[0])
    if key not in (*keys, *more):
        raise AbsentError
    found, combined = results.combined_for(db(), places, instrument, [key])
    table = found.figures.questions
    watched = [place for place in places if found.always_valid(place.path) and place.path not in found.held_back]
    not_in = {place.path for place in watched}
    complete = [place.path for place in places if found.is_complete(place.path) and place.path not in not_in]
    asked = table[(table["domain"] == WHOLE) & (table["question"] == key) & table["inspection"].isin(complete)]
    here = beside(
        asked,
        records_behind(found.figures.design, found.figures.marks, key),
        least_n=WORDING.least_n,
        together=None if combined.empty else combined["share"].iloc[0],
    )
    by_path = {place.path: place for place in places}
    ordered = sorted(plain_rows(here.rows), key=lambda row: (row["share"], row["inspection"]))
    return render_template(
        "evaluation/variation.html",
        programme=programme,
        title=name_of(instrument, key),
        choices=_choices(public_id, instrument, keys, key),
        more_choices=_choices(public_id, instrument, more, key),
        is_more=key in more,
        says=_says(here),
        n=len(ordered),
        least=LEAST_PARTNERSHIPS,
        least_n=WORDING.least_n,
        too_few=[by_path[path].partnership.name for path in here.too_few],
        watched=[place.partnership.name for place in watched],
        being_read=[place.partnership.name for place in places if _is_being_read(found, place)],
        caterpillar=_caterpillar(here, ordered, by_path, name_of(instrument, key)) if ordered else "",
        funnel=_funnel(here, ordered, by_path, name_of(instrument, key)) if ordered else "",
        rows=[_row(row, by_path[row["inspection"]], key) for row in ordered],
    )


def _is_being_read(found: Results, place: Place) -> bool:
    return found.reach[place.path].read > 0 and not found.is_complete(place.path)


def response_keys(instrument: Instrument) -> list[str]:
    """What was done about each theme, and the relationships that are asked about on every record."""
    done = [part.key for theme in themes_of(instrument) for part in theme.done]
    main = set(main_keys(instrument))
    return [*done, *(part.key for one in asked_of_all(instrument) for part in one.parts if part.key not in main)]


def _choices(public_id: str, instrument: Instrument, keys: list[str], chosen: str) -> list[dict[str, Any]]:
    return [
        {
            "text": name_of(instrument, key),
            "href": url_for("evaluation.variation", public_id=public_id, question=key),
            "current": key == chosen,
        }
        for key in keys
    ]


def _says(here: Beside) -> list[str]:
    """What is found, in words."""
    if here.found is None:
        return []
    found: Variation = here.found
    spread = (
        f"{_points(found.between)} percentage points (90% interval {_points(found.lower)} to {_points(found.upper)})"
    )
    said = [
        f"Beyond the chance of the samples, the standard deviation between these partnerships is {spread}. "
        f"About two in three partnerships lie within it of {printed(found.mean)}, {_two_centres(here, found)}"
        if found.between
        else "The differences between these partnerships are no larger than chance alone would make them; a standard "
        f"deviation of up to {_points(found.upper)} percentage points would be in keeping with them (90% interval)."
    ]
    usual = int((here.rows["outside"] >= 1).sum())
    rare = int((here.rows["outside"] >= 2).sum())
    said.append(
        f"{usual} of {len(here.rows)} lie past the usual limits of the funnel, where chance alone would put about one "
        f"in twenty, and {rare} past the wide ones, where it would put one in five hundred."
    )
    return said


def _two_centres(here: Beside, found: Variation) -> str:
    """Why the mean of the partnerships is not the line of the pictures."""
    mean = "the mean of the partnerships, each counted by how much its sample can tell"
    if printed(found.mean) == printed(here.target):
        return f"{mean}."
    return (
        f"{mean}. The line in the pictures, {printed(here.target)}, is the share of all their children together: "
        "there a partnership counts by its children."
    )


def _points(value: float) -> str:
    return f"{value * 100:.0f}"


def _caterpillar(here: Beside, rows: list[dict[str, Any]], by_path: dict[str, Place], title: str) -> Markup:
    lines = [
        ShareRow(
            label=by_path[row["inspection"]].partnership.name,
            share=row["share"],
            lower=row["lower"],
            upper=row["upper"],
            k=row["k"],
            n=row["n"],
            flagged=row["outside"] > 0,
        )
        for row in reversed(rows)
    ]
    says = "all of them together:"
    return share_chart("caterpillar", f"{title}, by partnership", lines, reference=here.target, reference_label=says)


def _funnel(here: Beside, rows: list[dict[str, Any]], by_path: dict[str, Place], title: str) -> Markup:
    points = [
        FunnelPoint(by_path[row["inspection"]].partnership.name, row["m"], row["share"], row["outside"]) for row in rows
    ]
    outside = [point.label for point in points if point.outside]
    finding = f"Past the limits: {', '.join(outside)}." if outside else "No partnership lies past the limits."

    def limits(level: float, records: float) -> tuple[float, float]:
        low, high = funnel_limits(here.target, records, level)
        return float(low), float(high)

    return funnel_chart(
        "funnel",
        f"{title}: share over effective records",
        points,
        target=here.target,
        usual=lambda records: limits(USUAL, records),
        rare=lambda records: limits(RARE, records),
        finding=finding,
    )


def _limits(row: dict[str, Any]) -> str:
    if row["lower"] is None:
        return "no interval"
    if row["lower"] == row["upper"]:
        return "all read"
    return f"{per_cent(row['lower'])} to {per_cent(row['upper'])}"


def _row(row: dict[str, Any], place: Place, key: str) -> list[Any]:
    drawn = (
        f"{printed(row['shrunken'])} ({per_cent(row['shrunken_lower'])} to {per_cent(row['shrunken_upper'])})"
        if row["shrunken"] is not None
        else ""
    )
    return [
        {
            "text": place.partnership.name,
            "href": url_for("evaluation.rollup", public_id=place.inspection.public_id),
        },
        f"{printed(row['share'])} ({_limits(row)})",
        counted(place, key, row["k"], row["n"]),
        f"{row['m']:.0f}",
        drawn,
        OUTSIDE[row["outside"]],
    ]
