"""Reading without a server: workbooks given out and taken back, and a blank form to print."""

from __future__ import annotations

import io

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from casereader import workbooks
from casereader.errors import RefusedError
from casereader.models import ReadingWorkbook
from casereader.programmes import contacts
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web import incoming, objects
from casereader.web.access import allow, counted_as_work, person
from casereader.web.background import BusyError, background
from casereader.web.clock import now
from casereader.web.forms.workbooks import WorkbookForm
from casereader.web.installed import installed, settings
from casereader.web.reading_week import blank_form as paper
from casereader.web.reading_week import workbook_views
from casereader.web.request_limits import limit_body
from casereader.web.request_session import db, read_again
from casereader.workbooks import WorkbookFaultsError
from sampling.errors import FrameError
from sampling.sheets import sheets_apart

blueprint = Blueprint("workbooks", __name__)

LARGEST = 20  # megabytes
FAULTS_SHOWN = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/inspections/<public_id>/workbooks")
@allow(Role.COORDINATOR)
def index(public_id: str) -> str:
    """Who can be given a workbook, what was given out, and where one comes back."""
    return _page(objects.inspection(public_id, Role.COORDINATOR), WorkbookForm(formdata=None), [])


@blueprint.post("/inspections/<public_id>/workbooks/issue")
@allow(Role.COORDINATOR)
def issue(public_id: str) -> tuple[str, int] | BaseResponse:
    """Give out a workbook with every reading of a reader that is still open."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    wanted = request.form.get("reader", "")
    reader = next((one for one, _ in workbooks.readers(db(), place=place) if one.public_id == wanted), None)
    if reader is None:
        return _page(place, WorkbookForm(formdata=None), [], ["Choose a reader."]), 422
    try:
        workbook = workbooks.issue(
            db(), place=place, reader=reader, instruments=installed, by=person().account, at=now()
        )
    except RefusedError as error:
        return _page(place, WorkbookForm(formdata=None), [], list(error.reasons)), 422
    n = len(workbook.cases)
    flash(f"A workbook for {reader.name} with {n} case{'s' if n != 1 else ''} is issued. Save it below.", "success")
    return redirect(url_for("workbooks.index", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/workbooks/<workbook>.xlsx")
@allow(Role.COORDINATOR)
def download(public_id: str, workbook: str) -> Response:
    """The workbook as it was issued."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    found = workbooks.find(db(), inspection=place.inspection, public_id=workbook)
    content = workbooks.content_of(db(), place=place, workbook=found, instruments=installed, by=person().account)
    stream = io.BytesIO()
    workbooks.write(stream, content)
    name = objects.file_name(place.programme, f"reading-workbook-{found.id}.xlsx")
    return Response(
        stream.getvalue(),
        content_type=XLSX,
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


@blueprint.get("/inspections/<public_id>/workbooks/blank-form")
@allow(Role.COORDINATOR)
def blank_form(public_id: str) -> str:
    """Every question on paper, for any case."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    instrument = objects.instrument_of(place.programme)
    return render_template(
        "workbooks/blank-form.html",
        place=place,
        instrument=instrument,
        sections=paper.sections_of(instrument),
        meanings=paper.meanings_of(instrument),
        period=workbook_views.period_of(place),
        to_tell=contacts.in_words(contacts.contacts(db(), inspection=place.inspection, at=now())),
    )


@blueprint.post("/inspections/<public_id>/workbooks")
@allow(Role.COORDINATOR)
@limit_body(LARGEST + 1, fields=20)
@counted_as_work
def receive(public_id: str) -> tuple[str, int] | BaseResponse:
    """Read a workbook that came back; show what it would do, or every fault in it."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    form = WorkbookForm()
    if not form.validate_on_submit():
        return _page(place, form, []), 422
    read_again()  # reading takes seconds; nobody else's save waits for it
    upload: FileStorage = form.file.data
    with incoming.while_read(upload, within=settings().data_folder, megabytes=LARGEST) as path:
        try:
            with background().place():
                sheets, digest = sheets_apart(path, filename=upload.filename or "")
        except BusyError as error:
            return _page(place, form, [], busy=str(error)), 422
        except FrameError as error:
            return _page(place, form, [["", "", "", fault.says] for fault in error.faults]), 422
    place = objects.inspection(public_id, Role.COORDINATOR)
    try:
        returned = workbooks.receive(
            db(),
            place=place,
            sheets=sheets,
            file_sha256=digest,
            instruments=installed,
            by=person().account,
            at=now(),
        )
    except WorkbookFaultsError as error:
        return _page(place, form, [[one.sheet, one.cell, one.value, one.says] for one in error.faults]), 422
    return redirect(url_for("workbooks.look", public_id=public_id, returned=returned.public_id), 303)


@blueprint.get("/inspections/<public_id>/workbooks/returns/<returned>")
@allow(Role.COORDINATOR)
def look(public_id: str, returned: str) -> str:
    """What taking it in would do; once it was, its receipts."""
    return _look(objects.inspection(public_id, Role.COORDINATOR), returned, [])


@blueprint.post("/inspections/<public_id>/workbooks/returns/<returned>/take")
@allow(Role.COORDINATOR)
def take(public_id: str, returned: str) -> tuple[str, int] | BaseResponse:
    """Take in what was chosen for each case."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    found = workbooks.find_return(db(), inspection=place.inspection, public_id=returned, to_change=True)
    choices = {
        name.removeprefix("choice-"): value for name, value in request.form.items() if name.startswith("choice-")
    }
    try:
        workbooks.take(
            db(),
            place=place,
            returned=found,
            choices=choices,
            as_seen=request.form.get("seen", ""),
            instruments=installed,
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _look(place, returned, list(error.reasons), choices), 422
    return redirect(url_for("workbooks.look", public_id=public_id, returned=returned), 303)


@blueprint.post("/inspections/<public_id>/workbooks/returns/<returned>/put-aside")
@allow(Role.COORDINATOR)
def put_aside(public_id: str, returned: str) -> BaseResponse:
    """Take nothing in."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    found = workbooks.find_return(db(), inspection=place.inspection, public_id=returned, to_change=True)
    workbooks.drop(db(), place=place, returned=found, by=person().account, at=now())
    flash("The workbook was put aside: nothing of it was taken in, and nothing of it is kept.", "success")
    return redirect(url_for("workbooks.index", public_id=public_id), 303)


def _page(
    place: Place, form: WorkbookForm, faults: list[list[str]], reasons: list[str] | None = None, busy: str = ""
) -> str:
    n = len(faults)
    found = f"The workbook was not taken back: {n} thing{'s' if n != 1 else ''} to put right."
    errors = [{"text": found, "href": "#faults"}] if faults else [{"text": busy, "href": "#file"}] if busy else []
    return render_template(
        "workbooks/index.html",
        place=place,
        form=form,
        readers=workbook_views.reader_choices(workbooks.readers(db(), place=place)),
        issued=workbook_views.issued_rows(workbooks.of_inspection(db(), inspection=place.inspection), place),
        returns=workbook_views.return_rows(db(), place),
        faults=faults[:FAULTS_SHOWN],
        n_faults=n,
        errors=[*errors, *({"text": reason, "href": "#reader"} for reason in reasons or [])] or None,
    )


def _look(place: Place, name: str, reasons: list[str], choices: dict[str, str] | None = None) -> str:
    returned = workbooks.find_return(db(), inspection=place.inspection, public_id=name)
    workbook = db().get_one(ReadingWorkbook, returned.workbook_id)
    facts = workbook_views.return_facts(db(), returned, workbook)
    if returned.taken_at is not None:
        return render_template(
            "workbooks/receipts.html",
            place=place,
            facts=facts,
            receipts=workbook_views.receipt_rows(returned),
        )
    if returned.dropped_at is not None:
        return render_template("workbooks/put-aside.html", place=place, facts=facts)
    cases = workbooks.preview(db(), returned=returned, workbook=workbook, instruments=installed)
    return render_template(
        "workbooks/preview.html",
        place=place,
        name=name,
        facts=facts,
        notes=returned.notes,
        cases=[workbook_views.case_view(one, choices or {}) for one in cases],
        n_news=sum(one.has_news for one in cases),
        seen=workbooks.seen(cases),
        errors=[{"text": reason, "href": ""} for reason in reasons] or None,
    )
