"""The figures of one inspection as a report: a page to print and a document, both of one description."""

from __future__ import annotations

import io
from dataclasses import asdict

from flask import render_template, send_file
from werkzeug.wrappers import Response

from casereader.exports import report_document
from casereader.web import objects
from casereader.web.access import allow, counted_as_work, person
from casereader.web.evaluation.blueprint import EXPORTS, SEES, blueprint
from casereader.web.evaluation.report.building import report_of
from casereader.web.proved import proved_first
from casereader.web.request_session import only_read

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/inspections/<public_id>/roll-up/report")
@allow(*SEES)
def report(public_id: str) -> str:
    """The report as a page to read and to print."""
    place = objects.inspection(public_id, *SEES)
    made = report_of(place, objects.instrument_of(place.programme))
    roles = person().roles_in(place.inspection.id or 0)
    return render_template(
        "evaluation/report.html", place=place, report=asdict(made), may_export=bool(roles & set(EXPORTS))
    )


@blueprint.post("/inspections/<public_id>/roll-up/report/document")
@allow(*EXPORTS)
@proved_first("Save the report")
@counted_as_work
def report_docx(public_id: str) -> Response:
    """The same as a document; asked for by a button, since its pictures take seconds to draw."""
    only_read()  # nothing is written, and nobody who saves shall wait for the drawing
    place = objects.inspection(public_id, *EXPORTS)
    made = report_document.write(report_of(place, objects.instrument_of(place.programme)))
    name = f"{place.programme.slug}-{place.partnership.slug}-report.docx"
    return send_file(io.BytesIO(made), mimetype=DOCX, as_attachment=True, download_name=name)
