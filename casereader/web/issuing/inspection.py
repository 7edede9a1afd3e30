"""The issues of an inspection."""

from __future__ import annotations

from flask import Response, jsonify
from werkzeug.wrappers import Response as Redirect

from casereader.web.access import allow, counted_as_work
from casereader.web.issuing import pages, working
from casereader.web.issuing.blueprint import RUNS, blueprint, inspection_scope
from casereader.web.proved import proved_first


@blueprint.get("/inspections/<public_id>/issues")
@allow(*RUNS)
def inspection_issues(public_id: str) -> str:
    """Every issue, and the next step."""
    return pages.index(inspection_scope(public_id))


@blueprint.post("/inspections/<public_id>/issues")
@allow(*RUNS)
@counted_as_work
def inspection_prepare(public_id: str) -> Redirect | tuple[str, int]:
    """Prepare one."""
    return pages.prepare(inspection_scope(public_id))


@blueprint.get("/inspections/<public_id>/issues/work/<work>")
@allow(*RUNS)
def inspection_work(public_id: str, work: str) -> str | Redirect:
    """Work on one that goes on, or what became of it."""
    return working.page(inspection_scope(public_id), work)


@blueprint.get("/inspections/<public_id>/issues/work/<work>/progress")
@allow(*RUNS)
def inspection_work_progress(public_id: str, work: str) -> Response:
    """How far it is."""
    return jsonify(working.progress(inspection_scope(public_id), work))


@blueprint.get("/inspections/<public_id>/issues/<issue>")
@allow(*RUNS)
def inspection_issue(public_id: str, issue: str) -> str:
    """One of them."""
    return pages.show(inspection_scope(public_id), issue)


@blueprint.post("/inspections/<public_id>/issues/<issue>/publish")
@allow(*RUNS)
@proved_first("Publish the evaluation")
def inspection_publish(public_id: str, issue: str) -> Redirect | tuple[str, int]:
    """Issue it."""
    return pages.publish(inspection_scope(public_id), issue)


@blueprint.post("/inspections/<public_id>/issues/<issue>/drop")
@allow(*RUNS)
def inspection_drop(public_id: str, issue: str) -> Redirect:
    """Give it up."""
    return pages.drop(inspection_scope(public_id), issue)


@blueprint.get("/inspections/<public_id>/issues/<issue>/issue.json")
@allow(*RUNS)
@proved_first("Save what was published")
@counted_as_work
def inspection_json(public_id: str, issue: str) -> Response:
    """What is published, as it is frozen."""
    return pages.as_json(inspection_scope(public_id, erased=True), issue)


@blueprint.get("/inspections/<public_id>/issues/<issue>/issue.csv")
@allow(*RUNS)
@proved_first("Save what was published")
@counted_as_work
def inspection_csv(public_id: str, issue: str) -> Response:
    """The same as a table."""
    return pages.as_csv(inspection_scope(public_id, erased=True), issue)


@blueprint.get("/inspections/<public_id>/issues/<issue>/issue.xlsx")
@allow(*RUNS)
@proved_first("Save what was published")
@counted_as_work
def inspection_xlsx(public_id: str, issue: str) -> Response:
    """The same as a workbook."""
    return pages.as_xlsx(inspection_scope(public_id), issue)
