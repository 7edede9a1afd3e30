"""Severity of readers over a programme, for its leads and moderators alone: a prompt to talk, with every interval."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from casereader.charts import MovedRow, ReaderRow, moved_chart, severity_chart
from casereader.db import at_once
from casereader.figures import reader_severity
from casereader.figures.reader_effects import headline_keys
from casereader.figures.reader_severity import SEES, Found, Named
from casereader.instrument import Instrument
from casereader.models import Account, Programme
from casereader.severity import LEAST_READINGS, Effect, Moved
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.evaluation.cells import id_of, name_of
from casereader.web.installed import engine, instruments
from casereader.web.request_session import db
from casereader.words import WORDING, per_cent

blueprint = Blueprint("severity", __name__)

NOT_TOLD_APART = "cannot be told apart from the records they were given"


@blueprint.get("/programmes/<public_id>/severity")
@allow(*SEES)
def show(public_id: str) -> str:
    """The readers of the inspections that this person leads or moderates; that they looked is kept in the trail."""
    account = person().account
    places = objects.places_of(public_id, *SEES)
    programme = places[0].programme
    instrument = objects.instrument_of(programme)
    found = reader_severity.of_readers(db(), places, instrument, instruments(), by=account)
    if found.readers:
        _note_looked(programme.id or 0, person().id)
    apart = [one for one in found.readers if one.severity.together is not None]
    return render_template(
        "programmes/severity.html",
        programme=programme,
        found=found,
        n_places=len(places),
        n_apart=sum(one.severity.stands_apart for one in found.readers),
        least_readings=LEAST_READINGS,
        chart=_readers_chart(found, apart) if apart else None,
        columns=_columns(found),
        rows=[_row(one, found) for one in found.readers],
        questions=[_question(found, instrument, key) for key in headline_keys(instrument)],
    )


def _note_looked(programme_id: int, account_id: int) -> None:
    """Write that down before anything is shown: where it cannot be written, the page is busy and shows nothing."""
    db().rollback()  # a snapshot held open would make this write wait for itself
    with at_once(engine()) as writing:
        programme, by = writing.get_one(Programme, programme_id), writing.get_one(Account, account_id)
        reader_severity.note_looked(writing, programme=programme, by=by, at=now())


def _columns(found: Found) -> list[Any]:
    points = [{"text": "Points from colleagues, 95% interval", "numeric": True}] if found.has_points else []
    return [
        "Reader",
        {"text": "Readings", "numeric": True},
        *points,
        {"text": "Percentage points good or better", "numeric": True},
        {"text": "Interval for all at once", "numeric": True},
        {"text": "What it says", "width": "middle"},
    ]


def _row(one: Named, found: Found) -> list[object]:
    said = one.severity
    points = [_points(said.points)] if found.has_points else []
    partnerships = "partnership" if said.n_partnerships == 1 else "partnerships"
    read = {"text": said.n_readings, "hint": f"in {said.n_partnerships} {partnerships}"}
    together = ""
    if said.together is not None:
        together = _limits(*said.together) if found.has_points else _limits_of_share(*said.together)
    return [one.name, read, *points, _percentage_points(said.share), together, _says(one)]


def _says(one: Named) -> str:
    effect = one.severity.points or one.severity.share
    if effect is None or one.severity.together is None:
        return f"{NOT_TOLD_APART[0].upper()}{NOT_TOLD_APART[1:]}: too few colleagues read there too"
    if not one.severity.stands_apart:
        return "No more than chance may give"
    return f"Rates {'higher' if effect.estimate > 0 else 'lower'} than colleagues: worth a talk"


def _readers_chart(found: Found, shown: list[Named]) -> Any:
    rows = []
    for one in shown:
        effect = one.severity.points if found.has_points else one.severity.share
        assert effect is not None
        assert one.severity.together is not None
        scale = 1 if found.has_points else 100
        lowest, highest = one.severity.together
        rows.append(
            ReaderRow(
                label=one.name,
                estimate=effect.estimate * scale,
                lower=effect.lower * scale,
                upper=effect.upper * scale,
                lowest=lowest * scale,
                highest=highest * scale,
                figure=_points(effect) if found.has_points else _percentage_points(effect),
                flagged=one.severity.stands_apart,
            )
        )
    unit = "points" if found.has_points else "percentage points good or better"
    apart = [row for row in rows if row.flagged]
    named = "; ".join(f"{row.label}: {row.figure}" for row in apart)
    finding = f"{len(apart)} of {len(rows)} readers stand apart. {named}".strip()
    axis = f"{unit.capitalize()} below colleagues (left) or above (right)"
    return severity_chart("severity", "Severity of readers", rows, axis_label=axis, finding=finding)


def _question(found: Found, instrument: Instrument, key: str) -> dict[str, Any]:
    """One headline question: its chart, and its table with a row for each partnership."""
    of_one = {one.partnership: one for one in found.moves if one.question == key}
    here = [(place.partnership.name, of_one[place.path]) for place in found.places if place.path in of_one]
    drawn = [
        MovedRow(
            label=name,
            share=one.share,
            moved=_within(one.share + one.by.estimate),
            lower=_within(one.share + one.by.lower),
            upper=_within(one.share + one.by.upper),
            figure=_percentage_points(one.by),
        )
        for name, one in here
        if one.by is not None and one.n >= WORDING.least_n
    ]
    most = max(drawn, key=lambda row: abs(row.moved - row.share), default=None)
    finding = f"It moves most in {most.label}: {most.figure} percentage points." if most else ""
    label = name_of(instrument, key)
    title = f"{label}: weighted share good or better, by partnership, as it is and without differences between readers"
    axis = "Weighted share good or better; beside it the percentage points it moves"
    identity = id_of(key)
    return {
        "id": f"without-{identity}",
        "label": label,
        "finding": finding[:1].lower() + finding[1:],
        "svg": moved_chart(f"moved-{identity}", title, drawn, axis_label=axis, finding=finding) if drawn else None,
        "rows": [_moved_row(name, one) for name, one in here],
    }


def _moved_row(name: str, one: Moved) -> list[object]:
    if one.n < WORDING.least_n:
        return [name, "too few", "", "", f"{one.n_moved} of {one.n}"]
    if one.by is None:
        return [name, per_cent(one.share), NOT_TOLD_APART.partition(" from")[0], "", f"0 of {one.n}"]
    moved = per_cent(_within(one.share + one.by.estimate))
    return [name, per_cent(one.share), moved, _percentage_points(one.by), f"{one.n_moved} of {one.n}"]


def _points(effect: Effect | None) -> str:
    return "" if effect is None else f"{signed(effect.estimate)} ({_limits(effect.lower, effect.upper)})"


def _limits(lower: float, upper: float) -> str:
    return f"{signed(lower)} to {signed(upper)}"


def _percentage_points(effect: Effect | None) -> str:
    if effect is None:
        return ""
    return f"{signed(100 * effect.estimate, 1)} ({_limits_of_share(effect.lower, effect.upper)})"


def _limits_of_share(lower: float, upper: float) -> str:
    return f"{signed(100 * lower, 1)} to {signed(100 * upper, 1)}"


def signed(value: float, decimals: int = 2) -> str:
    """A difference with its sign; no sign where it rounds to nothing."""
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)
