"""The page of a file that is being made, or waits to be saved by the person who asked for it."""

from __future__ import annotations

import io

from flask import Response, flash, jsonify, redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from casereader import jobs
from casereader.models import Job
from casereader.programmes.inspections import Place
from casereader.vocabulary import JobState
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.evaluation.blueprint import EXPORTS, blueprint
from casereader.web.evaluation.making import folder
from casereader.web.evaluation.making.kinds import KINDS
from casereader.web.installed import settings
from casereader.web.proved import proved_first
from casereader.web.request_session import commit_now, db

GONE = "The file is not kept any more: it was saved, or an hour has passed, or the server was started again."
ELSEWHERE = (
    "The file is not on this host of the service. Another host has it, or was started again meanwhile. "
    "Press the button once more; if that does not help, ask for the file again, and tell whoever runs the service."
)


@blueprint.get("/inspections/<public_id>/files/<file>")
@allow(*EXPORTS)
def file(public_id: str, file: str) -> str:
    """How far it is; once it is there, the button that saves it."""
    place, job = _find(public_id, file)
    is_open = jobs.is_open(db(), job, at=now())
    state = JobState.RUNNING if is_open else job.state
    if not is_open and job.state in jobs.OPEN:
        state = JobState.FAILED
    return render_template(
        "evaluation/file.html",
        place=place,
        job=job,
        kind=KINDS[job.kind],
        state=state.value,
        is_kept=jobs.is_kept(job, at=now()),
        megabytes=f"{max(job.result.get('bytes', 0) / 1_000_000, 0.1):.1f}",
        says=job.says or jobs.ORPHANED,
        gone=GONE,
    )


@blueprint.get("/inspections/<public_id>/files/<file>/progress")
@allow(*EXPORTS)
def file_progress(public_id: str, file: str) -> Response:
    """How far it is, for the page that waits for it."""
    _, job = _find(public_id, file)
    is_open = jobs.is_open(db(), job, at=now())
    return jsonify({"per_cent": job.progress if is_open else jobs.DONE, "ended": not is_open})


@blueprint.post("/inspections/<public_id>/files/<file>/save")
@allow(*EXPORTS)
@proved_first("Save the file")
def save_file(public_id: str, file: str) -> BaseResponse:
    """Give the file out, once: that it was taken is in the trail, and it is not kept."""
    place, job = _find(public_id, file)
    kind, path = KINDS[job.kind], folder.path_of(settings().data_folder, job.public_id)
    if not jobs.is_kept(job, at=now()):
        flash(GONE, "warning")
        return redirect(url_for(kind.page, public_id=public_id), 303)
    content = folder.read(path)
    if content is None:
        flash(ELSEWHERE, "warning")
        return redirect(url_for("evaluation.file", public_id=public_id, file=file), 303)
    kind.note(place, job)
    jobs.take(db(), job=job)
    commit_now()
    path.unlink(missing_ok=True)
    name = job.result["name"]
    return send_file(io.BytesIO(content), mimetype=kind.content_type, as_attachment=True, download_name=name)


def _find(public_id: str, file: str) -> tuple[Place, Job]:
    place = objects.inspection(public_id, *EXPORTS)
    job = jobs.find(db(), kinds=KINDS.keys(), inspection=place.inspection, public_id=file, by=person().account)
    return place, job
