"""The partnership's list: send it, see what was checked, see what is wrong with it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from casereader import away, jobs, returns
from casereader.models import PartnershipReturn, SamplingFrame
from casereader.programmes.inspections import Place
from casereader.returns import changes, frames
from casereader.vocabulary import DataKind, FrameState, JobState, ReturnState, Role
from casereader.web import histories, objects
from casereader.web.access import allow, counted_as_work, person
from casereader.web.clock import now
from casereader.web.forms.sampling import ListForm
from casereader.web.installed import settings
from casereader.web.lists import return_files, return_work
from casereader.web.lists.return_pages import change_rows, fault_rows, warnings_of
from casereader.web.request_limits import limit_body
from casereader.web.request_session import commit_now, db, read_again

blueprint = Blueprint("frames", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)
LARGEST = 20  # megabytes
FAULTS_SHOWN = 200
ENDS_SHOWN = 5
AT_OFFICE = "at the office: references of sampled cases alone are here"
GONE = "Nothing of the last file is kept: it was dropped, or not touched for an hour. Send it again."


@blueprint.get("/inspections/<public_id>/list")
@allow(*SEES)
def show(public_id: str) -> str:
    """The list as it stands, and a form to send one."""
    place = objects.inspection(public_id, *SEES)
    return _page(place, ListForm(formdata=None), [])


@blueprint.post("/inspections/<public_id>/list")
@allow(Role.COORDINATOR)
@limit_body(LARGEST + 1, fields=20)
@counted_as_work
def receive(public_id: str) -> tuple[str, int] | BaseResponse:
    """Take in a file; a process of its own looks into it, and keeps it as the list where nothing is to be asked."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    form = ListForm()
    if not form.validate_on_submit():
        return _page(place, form, []), 422
    frames.not_fixed(db(), inspection=place.inspection)
    read_again()  # writing the file down takes a moment; nobody else's save waits for it
    arrived = return_files.save(settings(), form.file.data)
    try:
        if arrived.size > LARGEST * 1024 * 1024:
            abort(413)
        place = objects.inspection(public_id, Role.COORDINATOR)
        returned = returns.receive(
            db(),
            inspection=place.inspection,
            file_sha256=arrived.sha256,
            file_bytes=arrived.size,
            by=person().account,
            at=now(),
        )
        job = jobs.begin(
            db(),
            kind=returns.READING,
            inspection=place.inspection,
            asked={"return": returned.public_id, "step": "look"},
            by=person().account,
            at=now(),
        )
        arrived.path.rename(return_files.path_of(settings(), returned.public_id))
        commit_now()
    except BaseException:
        arrived.path.unlink(missing_ok=True)
        raise
    return_work.sweep(current_app.extensions)
    return_work.begin(place=place, job=job, returned=returned, filename=form.file.data.filename or " ")
    return landed(public_id, form)


def landed(public_id: str, form: ListForm | None = None) -> tuple[str, int] | BaseResponse:
    """Where a return stands after a step: the list, its page, or everything that keeps it from being read."""
    read_again()
    place = objects.inspection(public_id, Role.COORDINATOR)
    returned = returns.latest(db(), inspection=place.inspection)
    job = jobs.latest(db(), kind=returns.READING, inspection=place.inspection)
    if returned is None or job is None or returned.state is ReturnState.RECEIVED:
        return redirect(url_for("returns.show", public_id=public_id), 303)
    if returned.state is ReturnState.TAKEN:
        flash(_taken(place, job.result.get("taken", 0)), "success")
        return redirect(url_for("plans.show", public_id=public_id), 303)
    if not job.result.get("refused"):
        return nothing_open(public_id, "" if job.state is JobState.FAILED else GONE)  # the list itself says why
    return _page(place, form or ListForm(formdata=None), job.result["refused"]), 422


def _taken(place: Place, n: int) -> str:
    """What became of a return that is now the list, with what was mended in it on the way."""
    frame = frames.current(db(), inspection=place.inspection)
    made = [] if frame is None else [change for change, _ in changes.of_frame(db(), frame=frame)]
    out = len({(change.tab, change.row) for change in made if change.is_exclusion})
    mended = len({(change.tab, change.row) for change in made if not change.is_exclusion})
    cases = f"{n:,} case{'' if n == 1 else 's'}"
    if not made:
        return f"The list was read without a fault: {cases}."
    told = [
        f"{rows} row{'' if rows == 1 else 's'} {what}" for rows, what in ((mended, "mended"), (out, "left out")) if rows
    ]
    return f"The list was read: {cases}, with {' and '.join(told)}. What was changed stands under List of cases."


def nothing_open(public_id: str, why: str) -> BaseResponse:
    """Back to the list, where a file can be sent again."""
    if why:
        flash(why, "warning")
    return redirect(url_for("frames.show", public_id=public_id), 303)


def _ends(place: Place, frame: SamplingFrame) -> tuple[list[str], list[str]]:
    if away.is_guest(db(), place.inspection.id):
        return [AT_OFFICE], [AT_OFFICE]
    return frames.ends(db(), frame=frame, n=ENDS_SHOWN)


def _page(place: Place, form: ListForm, faults: list[list[Any]]) -> str:
    frame = frames.current(db(), inspection=place.inspection)
    is_coordinator = Role.COORDINATOR in person().roles_in(place.inspection.id or 0)
    return render_template(
        "sampling/list.html",
        place=place,
        form=form,
        frame=frame,
        is_coordinator=is_coordinator,
        committed=frame is not None and frame.state is FrameState.COMMITTED,
        counts=_count_rows(place, frame),
        several=0 if frame is None else frames.in_several_groups(db(), frame=frame),
        ends=([], []) if frame is None else _ends(place, frame),
        deeds=histories.of_kinds(
            place,
            *("frame", "list change", "return"),
            tables=["sampling_frame", "list_change", "partnership_return"],
        ),
        warnings=[] if frame is None else warnings_of(frame),
        changes=[] if frame is None else change_rows(changes.of_frame(db(), frame=frame)),
        open_return=_open_return(place) if is_coordinator else None,
        broken_off=_broken_off(place) if is_coordinator else "",
        may_try=is_coordinator and place.programme.data_kind is DataKind.DEMO,
        faults=fault_rows(faults[:FAULTS_SHOWN]),
        n_faults=len(faults),
        errors=[
            {
                "text": f"The list was not taken: {len(faults)} thing{'s' if len(faults) != 1 else ''} to put right.",
                "href": "#faults",
            }
        ]
        if faults
        else None,
    )


def _open_return(place: Place) -> PartnershipReturn | None:
    found = returns.latest(db(), inspection=place.inspection)
    is_open = found is not None and found.state is ReturnState.RECEIVED and found.expires_at > now()
    return found if is_open else None


def _broken_off(place: Place) -> str:
    """Why the last file was not read, where its reading broke off: also for whom the answer to it never reached."""
    found, job = (
        returns.latest(db(), inspection=place.inspection),
        jobs.latest(db(), inspection=place.inspection, kind=returns.READING),
    )
    is_dropped = found is not None and found.state is ReturnState.DROPPED
    return job.says if is_dropped and job is not None and job.state is JobState.FAILED else ""


def _count_rows(place: Place, frame: SamplingFrame | None) -> list[list[object]]:
    if frame is None:
        return []
    labels = {stratum.code: stratum.label for stratum in objects.instrument_of(place.programme).strata}
    rows = [[group, labels.get(group, ""), n] for group, n in frames.counts(db(), frame=frame)]
    return [*rows, ["All", "", frame.n_cases]]
