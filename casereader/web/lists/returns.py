"""A return that is open: how far its checking is, what its parts stand for, what is wrong with it, and mending that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from casereader import demo, jobs, returns
from casereader.demo.invented import returned as invented
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.exports import fault_file
from casereader.models import Job, PartnershipReturn
from casereader.programmes.inspections import Place
from casereader.returns import Mapped, Mend, changes
from casereader.vocabulary import DataKind, JobState, ReturnState, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.installed import engine, settings
from casereader.web.lists import return_files, return_pages, return_work
from casereader.web.lists.frames import FAULTS_SHOWN, GONE, landed, nothing_open
from casereader.web.request_limits import limit_body
from casereader.web.request_session import commit_now, db

blueprint = Blueprint("returns", __name__)

MANY_FIELDS = 1000
INVENTED = 400  # children in the return to try
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/inspections/<public_id>/return")
@allow(Role.COORDINATOR)
def show(public_id: str) -> str | BaseResponse | tuple[str, int]:
    """The return as it stands: being checked, to be mapped, or to be mended."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    returned, job = _standing(place)
    if job is not None and jobs.is_open(db(), job, at=now()):
        return render_template("sampling/return-progress.html", place=place, job=job)
    if returned is None:
        newest = returns.latest(db(), inspection=place.inspection)
        if newest is not None and newest.state in (ReturnState.DROPPED, ReturnState.TAKEN):
            return landed(public_id)
        return nothing_open(public_id, "" if newest is None else GONE)
    if job is not None and job.result.get("faults"):
        return _faults_page(place, returned, job, [])
    reasons = [job.says] if job is not None and job.state is JobState.FAILED else []
    return _mapping_page(place, returned, Mapped.of(returned.mapping), reasons)


@blueprint.get("/inspections/<public_id>/return/progress")
@allow(Role.COORDINATOR)
def progress(public_id: str) -> Response:
    """How far the checking has come, for the page that waits for it."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    job = jobs.latest(db(), kind=returns.READING, inspection=place.inspection)
    is_open = job is not None and jobs.is_open(db(), job, at=now())
    return jsonify({"per_cent": job.progress if job is not None and is_open else jobs.DONE, "ended": not is_open})


@blueprint.get("/inspections/<public_id>/return/mapping")
@allow(Role.COORDINATOR)
def mapping(public_id: str) -> str | BaseResponse:
    """What the return's tabs, columns and values stand for."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    returned, job = _standing(place)
    if returned is None or not returned.layout or (job is not None and jobs.is_open(db(), job, at=now())):
        return redirect(url_for("returns.show", public_id=public_id), 303)
    return _mapping_page(place, returned, Mapped.of(returned.mapping), [])


@blueprint.post("/inspections/<public_id>/return/mapping")
@allow(Role.COORDINATOR)
@limit_body(1, fields=MANY_FIELDS)
def map_it(public_id: str) -> str | BaseResponse | tuple[str, int]:
    """Keep the mapping and check the return by it; first ask about values that were not on the page."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    returned = _to_work_on(place)
    instrument = objects.instrument_of(place.programme)
    before = Mapped.of(returned.mapping)
    mapped = return_pages.mapped_from(request.form, returned.layout, before, instrument)
    if return_pages.columns_not_asked(request.form, returned.layout, mapped):
        mapped = returns.guess_values(returned.layout, mapped, instrument)
        returns.map_return(db(), returned=returned, mapped=mapped, by=person().account, at=now())
        return _mapping_page(place, returned, mapped, [], asks="columns")
    faults = returns.mapping_faults(mapped, returned.layout)
    if faults:
        return _mapping_page(place, returned, mapped, faults), 422
    if return_pages.not_asked(request.form, returned.layout, mapped, instrument):
        mapped = returns.guess_values(returned.layout, mapped, instrument)
        returns.map_return(db(), returned=returned, mapped=mapped, by=person().account, at=now())
        return _mapping_page(place, returned, mapped, [], asks="values")
    returns.map_return(db(), returned=returned, mapped=mapped, by=person().account, at=now())
    return _check(place, returned)


@blueprint.post("/inspections/<public_id>/return/changes")
@allow(Role.COORDINATOR)
@limit_body(1, fields=MANY_FIELDS)
def change(public_id: str) -> BaseResponse | tuple[str, int]:
    """Mend rows of the return, several in one go, and check it again."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    returned = _to_work_on(place)
    job = jobs.latest(db(), kind=returns.READING, inspection=place.inspection)
    if job is None or job.public_id != request.form.get("job"):
        raise ConflictError("The return was checked again since this page was made. Load it again.")
    mapped = Mapped.of(returned.mapping)
    try:
        returns.mend(
            db(),
            returned=returned,
            mends=_mends(job.result.get("faults", [])[:FAULTS_SHOWN], mapped),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        db().rollback()
        return _faults_page(place, returned, job, list(error.reasons)), 422
    return _check(place, returned)


@blueprint.post("/inspections/<public_id>/return/changes/take-back")
@allow(Role.COORDINATOR)
def take_back(public_id: str) -> BaseResponse | tuple[str, int]:
    """Undo one change and check the return again."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    returned = _to_work_on(place)
    given = request.form.get("change", "")
    returns.take_back(db(), returned=returned, public_id=given, by=person().account, at=now())
    return _check(place, returned)


@blueprint.post("/inspections/<public_id>/return/drop")
@allow(Role.COORDINATOR)
def drop(public_id: str) -> BaseResponse:
    """Keep nothing of the return: the partnership sends another."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    returned = _to_work_on(place)
    returns.drop(db(), returned=returned, why="by the coordinator", by=person().account, at=now())
    commit_now()
    return_work.leave_no_trace(engine())
    return_files.path_of(settings(), returned.public_id).unlink(missing_ok=True)
    return redirect(url_for("frames.show", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/return/faults.xlsx")
@allow(Role.COORDINATOR)
def faults_xlsx(public_id: str) -> Response:
    """Everything that is wrong with the return, as a file to send back with it."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    returned, job = _standing(place)
    if returned is None or job is None or not job.result.get("faults"):
        raise ConflictError("There are no faults to send back.")
    content = fault_file.workbook_of(job.result["faults"], n_faults=job.result["n_faults"], at=job.ended_at or now())
    name = objects.file_name(place.programme, "to-put-right.xlsx")
    return Response(content, content_type=XLSX, headers={"Content-Disposition": f"attachment; filename={name}"})


@blueprint.get("/inspections/<public_id>/list/example.xlsx")
@allow(Role.COORDINATOR)
def example(public_id: str) -> Response:
    """In the demonstration, the return that the invented partnership would send."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    if place.programme.data_kind is not DataKind.DEMO:
        raise AbsentError
    content = invented.workbook_of(place.partnership.name, n_cases=INVENTED, seed=demo.SEED)
    name = objects.file_name(place.programme, f"{place.partnership.slug}-return.xlsx")
    return Response(content, content_type=XLSX, headers={"Content-Disposition": f"attachment; filename={name}"})


def _check(place: Place, returned: PartnershipReturn) -> BaseResponse | tuple[str, int]:
    job = jobs.begin(
        db(),
        kind=returns.READING,
        inspection=place.inspection,
        asked={"return": returned.public_id, "step": "check"},
        by=person().account,
        at=now(),
    )
    commit_now()
    return_work.begin(place=place, job=job, returned=returned)
    return landed(place.inspection.public_id)


def _standing(place: Place) -> tuple[PartnershipReturn | None, Job | None]:
    """The return that is open, if there is one, and the inspection's newest work."""
    found = returns.latest(db(), inspection=place.inspection)
    is_open = found is not None and found.state is ReturnState.RECEIVED and found.expires_at > now()
    return found if is_open else None, jobs.latest(db(), kind=returns.READING, inspection=place.inspection)


def _to_work_on(place: Place) -> PartnershipReturn:
    returned = returns.opened(db(), inspection=place.inspection, at=now())
    jobs.not_at_work(db(), kind=returns.READING, inspection=place.inspection, at=now())
    return returned


def _mends(faults: Sequence[Sequence[Any]], mapped: Mapped) -> list[Mend]:
    """What the form states, each row left out once; a row without a reason of its own has that of all."""
    form = request.form
    found: dict[tuple[str | None, int, str | None], Mend] = {}
    for number, (tab, row, column, value, _, ref) in enumerate(faults, start=1):
        reason = form.get(f"reason-{number}", "").strip() or form.get("reason", "")
        ours = return_pages.column_behind(column, mapped)
        after = form.get(f"value-{number}", "").strip()
        if not return_pages.may_leave_out(row):
            continue
        if f"out-{number}" in form:
            found[(tab, row, None)] = Mend(tab, row, reason, case_ref=ref)
        elif ours is not None:
            to_blank = f"blank-{number}" in form and return_pages.may_be_blank(ours)
            known = None if ours == "case_ref" else ref
            if after or to_blank:
                found[(tab, row, ours)] = Mend(tab, row, reason, ours, value or "", after, to_blank, known)
    return list(found.values())


def _mapping_page(
    place: Place, returned: PartnershipReturn, mapped: Mapped, reasons: list[str], *, asks: str = ""
) -> str:
    instrument = objects.instrument_of(place.programme)
    layout = returned.layout
    return render_template(
        "sampling/return.html",
        place=place,
        returned=returned,
        mapped=mapped,
        tabs=return_pages.tab_fields(layout, mapped, instrument) if len(layout["tabs"]) > 1 else [],
        columns=return_pages.column_fields(layout, mapped),
        values=return_pages.value_fields(layout, mapped, instrument),
        has_own_choice=bool(instrument.strata),
        asks=asks,
        is_none_a_list=not mapped.lists,
        errors=[{"text": reason, "href": "#columns" if mapped.lists else "#tabs"} for reason in reasons] or None,
    )


def _faults_page(place: Place, returned: PartnershipReturn, job: Job, reasons: list[str]) -> str:
    instrument = objects.instrument_of(place.programme)
    mapped = Mapped.of(returned.mapping)
    faults = job.result.get("faults", [])
    made = changes.of_return(db(), returned=returned)
    return render_template(
        "sampling/return-faults.html",
        place=place,
        returned=returned,
        job=job,
        faults=return_pages.fault_fields(faults[:FAULTS_SHOWN], mapped, instrument, request.form),
        n_faults=job.result.get("n_faults", 0),
        changes=return_pages.change_rows(made),
        undo=[one.public_id for one, _ in made],
        reason=request.form.get("reason", ""),
        errors=[{"text": reason, "href": "#faults"} for reason in reasons] or None,
    )
