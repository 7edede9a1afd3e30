"""The figures of one inspection as a report: a page to print and a document, both of one description."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader import audit
from casereader.models import Job
from casereader.programmes.inspections import Place
from casereader.web import objects
from casereader.web.access import allow, counted_as_work, person
from casereader.web.clock import now
from casereader.web.evaluation.blueprint import EXPORTS, SEES, blueprint
from casereader.web.evaluation.making.kinds import Asked, Kind, Made, register
from casereader.web.evaluation.making.work import begin
from casereader.web.evaluation.report.building import report_of
from casereader.web.proved import proved_first
from casereader.web.request_session import db

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DESCRIBED = 40  # per cent of the work


@blueprint.get("/inspections/<public_id>/roll-up/report")
@allow(*SEES)
def report(public_id: str) -> str:
    """The report as a page to read and to print."""
    place = objects.inspection(public_id, *SEES)
    made = report_of(place, objects.instrument_of(place.programme))
    roles = person().roles_in(place.inspection.id or 0)
    return render_template(
        "evaluation/report.html", place=place, report=_as_mappings(made), may_export=bool(roles & set(EXPORTS))
    )


@blueprint.post("/inspections/<public_id>/roll-up/report/document")
@allow(*EXPORTS)
@proved_first("Save the report")
@counted_as_work
def report_docx(public_id: str) -> Response:
    """The same as a document, made beside requests: its pictures take seconds to draw."""
    place = objects.inspection(public_id, *EXPORTS)
    objects.drawn(place)
    job = begin(DOCUMENT, place, {})
    return redirect(url_for("evaluation.file", public_id=public_id, file=job.public_id), 303)


def _as_mappings(part: Any) -> Any:
    """The description as templates take tables: `asdict`, which copies every text, takes three times as long."""
    if is_dataclass(part):
        return {one.name: _as_mappings(getattr(part, one.name)) for one in fields(part)}
    return tuple(map(_as_mappings, part)) if isinstance(part, tuple) else part


def _make(asked: Asked) -> Made:
    described = report_of(asked.place, asked.instrument)
    asked.tell(DESCRIBED)
    name = f"{asked.place.programme.slug}-{asked.place.partnership.slug}-report.docx"
    from casereader.exports import report_document  # whoever takes a document waits for its library

    return Made(report_document.write(described), name, {})


def _note(place: Place, _job: Job) -> None:
    audit.record(
        db(),
        audit.FILE_TAKEN,
        by=person().account,
        at=now(),
        kind="file",
        object_id="evaluation.report_docx",
        inspection_id=place.inspection.id,
        body={},
    )


DOCUMENT = Kind("making the report", "Report as a document (DOCX)", "evaluation.report", DOCX, _make, _note)
register(DOCUMENT)
