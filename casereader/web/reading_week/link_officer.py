"""What is printed for the records: the list for the partnership's link officer, and a cover sheet for each record.

References only. Nothing here says who reads a case, that one is read twice, or how a case was drawn.
"""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response

from casereader.drawing import draws
from casereader.errors import ConflictError
from casereader.exports import books, tables
from casereader.exports.sheets import Column, Sheet
from casereader.programmes.inspections import Place
from casereader.reading_week.records import TrackedCase
from casereader.vocabulary import BANNERS, Role
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.reading_week.records import Shown, tracked
from casereader.web.request_session import db

blueprint = Blueprint("link_officer", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = ("Reference", "Group", "To be read, or reserve")
ON_A_PAGE = ("1", "2")


@blueprint.get("/inspections/<public_id>/records/list")
@allow(*SEES)
def show(public_id: str) -> str | tuple[str, int]:
    """The list as a page to print, agency by agency."""
    place = objects.inspection(public_id, *SEES)
    cases, shown = tracked(place)
    page = render_template(
        "records/list.html",
        place=place,
        shown=shown,
        query=shown.query(),
        columns=list(COLUMNS),
        lists=_lists(place, cases, shown),
        n_reserves=sum(case.is_reserve for case in cases),
        errors=[{"text": shown.error, "href": "#reserves"}] if shown.error else None,
    )
    return (page, 422) if shown.error else page


@blueprint.get("/inspections/<public_id>/records/list.csv")
@allow(*SEES)
def list_csv(public_id: str) -> Response:
    """The list as CSV, one row for each record."""
    place = objects.inspection(public_id, *SEES)
    cases, shown = _drawn(place)
    rows = [[one["label"], *row] for one in _lists(place, cases, shown) for row in one["rows"]]
    text = io.StringIO(newline="")
    table = pd.DataFrame(rows, columns=["agency", "case_ref", "group", "role"], dtype="str")
    tables.write_table(text, table, banner=BANNERS.get(place.programme.data_kind, ""))
    name = f"{place.programme.slug}-{place.partnership.slug}-records.csv"
    return send_file(io.BytesIO(text.getvalue().encode()), mimetype="text/csv", as_attachment=True, download_name=name)


@blueprint.get("/inspections/<public_id>/records/list.xlsx")
@allow(*SEES)
def list_xlsx(public_id: str) -> Response:
    """The list as a workbook, a sheet for each agency."""
    place = objects.inspection(public_id, *SEES)
    cases, shown = _drawn(place)
    record = draws.current(db(), inspection=place.inspection)
    if record is None:
        raise ConflictError("The sample is not drawn yet: no record is asked for.")
    columns = tuple(Column(header, "text") for header in COLUMNS)
    sheets = [
        Sheet(one["agency"], one["label"], columns, [tuple(row) for row in one["rows"]], frozen=1)
        for one in _lists(place, cases, shown)
    ]
    book = io.BytesIO()
    title, banner = f"Records asked for, {place.partnership.name}", BANNERS.get(place.programme.data_kind, "")
    books.write_tables(book, sheets, title=title, data_time=record.drawn_at, banner=banner)
    book.seek(0)
    name = f"{place.programme.slug}-{place.partnership.slug}-records.xlsx"
    return send_file(book, mimetype=XLSX, as_attachment=True, download_name=name)


@blueprint.get("/inspections/<public_id>/records/covers")
@allow(*SEES)
def covers(public_id: str) -> str | tuple[str, int]:
    """A cover sheet for each case and agency, to be laid on the record."""
    place = objects.inspection(public_id, *SEES)
    cases, shown = tracked(place)
    lists = _lists(place, cases, shown)
    on_a_page = request.args.get("on", "")
    page = render_template(
        "records/covers.html",
        place=place,
        shown=shown,
        query=shown.query(),
        on_a_page=on_a_page if on_a_page in ON_A_PAGE else "2",
        agencies=[
            {"value": agency.value, "label": agency.label, "selected": agency.value == shown.agency}
            for agency in objects.instrument_of(place.programme).agencies
        ],
        lists=lists,
        n_covers=sum(len(one["rows"]) for one in lists),
        errors=[{"text": shown.error, "href": "#reserves"}] if shown.error else None,
    )
    return (page, 422) if shown.error else page


def _lists(place: Place, cases: list[TrackedCase], shown: Shown) -> list[dict[str, Any]]:
    """By agency, the cases whose record is asked for, by group and reference: not in the order they were drawn."""
    found = []
    for agency in objects.instrument_of(place.programme).agencies:
        asked = [case for case in cases if agency.value in case.records and shown.agency in ("", agency.value)]
        asked = [case for case in asked if shown.stratum in ("", case.stratum)]
        if asked:
            ordered = sorted(asked, key=lambda case: (case.group, case.is_reserve, case.case_ref))
            rows = [[case.case_ref, case.group, "Reserve" if case.is_reserve else "To be read"] for case in ordered]
            found.append({"agency": agency.value, "label": agency.label, "rows": rows})
    return found


def _drawn(place: Place) -> tuple[list[TrackedCase], Shown]:
    cases, shown = tracked(place)
    if not any(case.records for case in cases):
        raise ConflictError(
            "No record is asked for: the sample is not drawn yet, or the questionnaire names no agency."
        )
    return cases, shown
