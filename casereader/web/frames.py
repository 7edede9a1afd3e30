"""The partnership's list: send it, see what was checked, see what is wrong with it."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from casereader import frames
from casereader.errors import ConflictError
from casereader.frames import Source
from casereader.inspections import Place
from casereader.models import SamplingFrame
from casereader.vocabulary import FrameState, Role
from casereader.web import objects
from casereader.web.access import allow, limit_body, person
from casereader.web.clock import now
from casereader.web.forms.sampling import ListForm
from casereader.web.installed import settings
from casereader.web.request_session import db
from sampling.errors import Fault, FrameError

blueprint = Blueprint("frames", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)
LARGEST = 20  # megabytes
FAULTS_SHOWN = 200
ENDS_SHOWN = 5


@blueprint.get("/inspections/<public_id>/list")
@allow(*SEES)
def show(public_id: str) -> str:
    """The list as it stands, and a form to send one."""
    place = objects.inspection(public_id, *SEES)
    return _page(place, ListForm(formdata=None), [])


@blueprint.post("/inspections/<public_id>/list")
@allow(Role.COORDINATOR)
@limit_body(LARGEST + 1, fields=20)
def receive(public_id: str) -> tuple[str, int] | BaseResponse:
    """Check the file; keep it when nothing is wrong, else say everything that is."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    instrument = objects.instrument_of(place.programme)
    form = ListForm()
    if not form.validate_on_submit():
        return _page(place, form, []), 422
    found = frames.current(db(), inspection=place.inspection)
    if found is not None and found.state is FrameState.COMMITTED:
        raise ConflictError("The list is fixed already, and does not change any more.")
    db().rollback()  # checking takes seconds; nobody else's save waits for it
    with tempfile.TemporaryDirectory(dir=settings().data_folder, prefix="incoming-") as folder:
        upload: FileStorage = form.file.data
        path = Path(folder) / "list"
        upload.save(path)
        if path.stat().st_size > LARGEST * 1024 * 1024:
            abort(413)
        source = Source(
            path=path,
            filename=upload.filename or "",
            id_column=form.id_column.data or "case_ref",
            group_column=form.group_column.data or "stratum",
            sheet=form.sheet.data or None,
            own_groups=bool(form.own_groups.data),
        )
        try:
            checked = frames.check(source, instrument=instrument, today=now().date())
        except FrameError as error:
            return _page(place, form, error.faults), 422
        place = objects.inspection(public_id, Role.COORDINATOR)
        frame = frames.receive(
            db(),
            inspection=place.inspection,
            instrument=instrument,
            checked=checked,
            source=source,
            file_bytes=path.stat().st_size,
            by=person().account,
            at=now(),
        )
    flash(f"The list was read without a fault: {frame.n_cases} cases.", "success")
    return redirect(url_for("frames.show", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/list/template.csv")
@allow(*SEES)
def template(public_id: str) -> Response:
    """An empty list with the right headings, one example row per group."""
    place = objects.inspection(public_id, *SEES)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["case_ref", "stratum", "age", *frames.KEPT[1:]])
    for number, stratum in enumerate(objects.instrument_of(place.programme).strata, start=1):
        writer.writerow([f"EXAMPLE-{number:03}", stratum.code, "9", "none", "parents", "3", ""])
    return Response(
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f"attachment; filename={objects.file_name(place.programme, 'list-template.csv')}"
        },
    )


def _page(place: Place, form: ListForm, faults: list[Fault]) -> str:
    frame = frames.current(db(), inspection=place.inspection)
    return render_template(
        "sampling/list.html",
        place=place,
        form=form,
        frame=frame,
        is_coordinator=Role.COORDINATOR in person().roles_in(place.inspection.id or 0),
        committed=frame is not None and frame.state is FrameState.COMMITTED,
        counts=_count_rows(place, frame),
        ends=([], []) if frame is None else frames.ends(db(), frame=frame, n=ENDS_SHOWN),
        faults=[_fault_row(fault) for fault in faults[:FAULTS_SHOWN]],
        n_faults=len(faults),
        sent=request.method == "POST",
        errors=[
            {
                "text": f"The list was not taken: {len(faults)} thing{'s' if len(faults) != 1 else ''} to put right.",
                "href": "#faults",
            }
        ]
        if faults
        else None,
    )


def _fault_row(fault: Fault) -> list[object]:
    return ["" if fault.row is None else fault.row, fault.column or "", (fault.value or "")[:60], fault.says]


def _count_rows(place: Place, frame: SamplingFrame | None) -> list[list[object]]:
    if frame is None:
        return []
    labels = {stratum.code: stratum.label for stratum in objects.instrument_of(place.programme).strata}
    rows = [[group, labels.get(group, ""), n] for group, n in frames.counts(db(), frame=frame)]
    return [*rows, ["All", "", frame.n_cases]]
