"""The page to leave open in the reading week: where every case stands, never what was scored."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from casereader import assignments, audit, readings
from casereader.drawing import draws
from casereader.errors import RefusedError
from casereader.exports import books, tables
from casereader.exports.sheets import Column, Sheet
from casereader.in_waves import waves
from casereader.programmes.inspections import Place
from casereader.reading_week import progress, records
from casereader.reading_week.progress import CaseRow
from casereader.reading_week.records import TrackedCase
from casereader.vocabulary import BANNERS, OPEN_STATES, ReadingKind, ReadingState, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.installed import installed
from casereader.web.reading_week import progress_rows, week
from casereader.web.reading_week.moving import begun_choices, chosen_begun
from casereader.web.request_session import db

blueprint = Blueprint("progress", __name__)

SEES = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
EXPORTS = (Role.COORDINATOR, Role.LEAD)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    ("case_ref", "Reference"),
    ("stratum", "Stratum"),
    ("role", "Main or reserve"),
    ("reader", "Reader"),
    ("state", "State"),
    ("answered", "Answered"),
    ("records", "Records in the room"),
    ("discuss", "Marked to discuss"),
)


@blueprint.get("/inspections/<public_id>/progress")
@allow(*SEES)
def show(public_id: str) -> str:
    """Every case, its reader and its state; the week's pace; and what waits for a second person."""
    place = objects.inspection(public_id, *SEES)
    found, tracked = first_readings(place)
    roles = person().roles_in(place.inspection.id or 0)
    asked = progress_rows.asked_for(found)
    by_case = {case.key: case for case in tracked}
    is_coordinator = Role.COORDINATOR in roles
    runs = bool(roles & {Role.COORDINATOR, Role.LEAD})
    return render_template(
        "progress/show.html",
        place=place,
        rows=[
            progress_rows.row_of(row, public_id=public_id, can_give=is_coordinator, records=by_case)
            for row in asked.of(found)
        ],
        in_waves=any(row.wave for row in found),
        n_cases=len(found),
        asked=asked,
        query=asked.query(),
        choices=progress_rows.choices(place, found, asked),
        n_readings=sum(row.is_to_be_read for row in found),
        n_done=sum(row.is_done for row in found),
        standings=[[word.capitalize(), n] for word, n in progress.n_by_standing(found)],
        loads=[list(load) for load in progress.loads(found)],
        may_stop=is_coordinator,
        runs=runs,
        spread=readings.spread(db(), inspection=place.inspection),
        week=week.of(place, found, tracked, runs=runs),
        at=now(),
    )


@blueprint.get("/inspections/<public_id>/progress/cases.csv")
@allow(*EXPORTS)
def cases_csv(public_id: str) -> Response:
    """The cases as CSV: how far each is, without a rating and without a second reading."""
    place = objects.inspection(public_id, *EXPORTS)
    text = io.StringIO(newline="")
    table = pd.DataFrame(_exported(place), columns=[header for header, _ in COLUMNS], dtype="str")
    tables.write_table(
        text,
        table,
        banner=BANNERS.get(place.programme.data_kind, ""),
        head=audit.head_of(db(), place.inspection.id or 0),
    )
    file = io.BytesIO(text.getvalue().encode())
    return send_file(file, mimetype="text/csv", as_attachment=True, download_name=_file_name(place, "csv"))


@blueprint.get("/inspections/<public_id>/progress/cases.xlsx")
@allow(*EXPORTS)
def cases_xlsx(public_id: str) -> Response:
    """The same as a workbook."""
    place = objects.inspection(public_id, *EXPORTS)
    columns = tuple(Column(words, "text") for _, words in COLUMNS)
    book = io.BytesIO()
    books.write_tables(
        book,
        [Sheet("cases", "Cases", columns, [tuple(row) for row in _exported(place)], frozen=1)],
        title=f"Progress of the reading, {place.partnership.name}",
        data_time=now(),
        banner=BANNERS.get(place.programme.data_kind, ""),
        head=audit.head_of(db(), place.inspection.id or 0),
    )
    book.seek(0)
    return send_file(book, mimetype=XLSX, as_attachment=True, download_name=_file_name(place, "xlsx"))


@blueprint.get("/inspections/<public_id>/progress/room")
@allow(*SEES)
def room(public_id: str) -> str:
    """Two counts alone, for a screen that readers see: no reader, no case, no rating, no sign of a second reading."""
    place = objects.inspection(public_id, *SEES)
    count = progress.for_the_room(progress.rows(db(), inspection=place.inspection))
    return render_template("progress/room.html", place=place, count=count, at=now())


@blueprint.get("/inspections/<public_id>/progress/second-readings")
@allow(*SEES)
def second(public_id: str) -> str:
    """Blind second readings: a page of its own, never left open where readers see it."""
    place = objects.inspection(public_id, *SEES)
    every = progress.as_seen_by(progress.rows(db(), inspection=place.inspection), person().account)
    second_ones = [row for row in every if row.kind is ReadingKind.SECOND]
    found = progress.with_completeness(db(), second_ones, instruments=installed)
    can_give = Role.COORDINATOR in person().roles_in(place.inspection.id or 0)
    rows = [progress_rows.row_of(row, public_id=public_id, can_give=can_give) for row in found]
    return render_template("progress/second.html", place=place, rows=rows)


@blueprint.get("/inspections/<public_id>/give/<reading>")
@allow(Role.COORDINATOR)
def give(public_id: str, reading: str) -> str:
    """Ask who should read a case instead, and why."""
    return _give_page(public_id, reading, [])


@blueprint.post("/inspections/<public_id>/give/<reading>")
@allow(Role.COORDINATOR)
def give_post(public_id: str, reading: str) -> Response | tuple[str, int]:
    """Hand it over."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    found, _ = assignments.find(db(), inspection=place.inspection, public_id=reading)
    chosen = request.form.get("reader")
    to = next(
        (
            account
            for account, _ in assignments.readers(db(), inspection=place.inspection)
            if account.public_id == chosen
        ),
        None,
    )
    if to is None:
        return _give_page(public_id, reading, ["Choose a reviewer."]), 422
    try:
        assignments.give(
            db(),
            inspection=place.inspection,
            reading=found,
            to=to,
            begun=chosen_begun(),
            reason=request.form.get("reason", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _give_page(public_id, reading, list(error.reasons)), 422
    flash(f"The case is now with {to.name}.", "success")
    return redirect(url_for("progress.show", public_id=public_id), 303)


def _give_page(public_id: str, reading: str, reasons: list[str]) -> str:
    chosen = request.form.get("reader")
    place = objects.inspection(public_id, Role.COORDINATOR)
    found, case_ref = assignments.find(db(), inspection=place.inspection, public_id=reading)
    readers = assignments.readers(db(), inspection=place.inspection)
    return render_template(
        "progress/give.html",
        place=place,
        case_ref=case_ref,
        is_second=found.kind is ReadingKind.SECOND,
        is_open=found.state in OPEN_STATES,
        begun=begun_choices() if found.state is ReadingState.IN_PROGRESS else None,
        readers=[
            {"value": account.public_id, "label": account.name, "selected": account.public_id == chosen}
            for account in assignments.may_take(db(), inspection=place.inspection, reading=found)
        ],
        now_with=next((account.name for account, _ in readers if account.id == found.reviewer_id), "nobody here"),
        given=request.form,
        errors=[{"text": reason, "href": "#reader"} for reason in reasons] or None,
    )


def first_readings(place: Place) -> tuple[list[CaseRow], list[TrackedCase]]:
    """The cases with how full their first reading is, and their records."""
    every = progress.as_seen_by(progress.rows(db(), inspection=place.inspection), person().account)
    first = [row for row in every if row.kind is not ReadingKind.SECOND]
    found = progress.with_completeness(db(), first, instruments=installed)
    if (record := draws.current(db(), inspection=place.inspection)) is not None:
        number = waves.wave_of_cases(db(), draw_record=record)
        found = [replace(row, wave=number.get(row.key, 0)) for row in found]
    instrument = objects.instrument_of(place.programme)
    return found, records.tracked(db(), inspection=place.inspection, instrument=instrument)


def _exported(place: Place) -> list[list[str]]:
    found, tracked = first_readings(place)
    by_case = {case.key: case for case in tracked}
    return [
        [
            row.case_ref,
            row.stratum,
            row.role.value,
            row.reader or "",
            row.stands,
            progress_rows.per_cent(row.full),
            progress_rows.records_here(by_case.get(row.key)),
            str(row.n_discuss),
        ]
        for row in found
    ]


def _file_name(place: Place, ending: str) -> str:
    return f"{place.programme.slug}-{place.partnership.slug}-progress.{ending}"
