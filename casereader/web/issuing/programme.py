"""The issues of a programme."""

from __future__ import annotations

from flask import Response, jsonify
from werkzeug.wrappers import Response as Redirect

from casereader.web.access import allow, counted_as_work
from casereader.web.issuing import pages, working
from casereader.web.issuing.blueprint import RUNS, blueprint, programme_scope
from casereader.web.proved import proved_first


@blueprint.get("/programmes/<public_id>/issues")
@allow(*RUNS)
def programme_issues(public_id: str) -> str:
    """Every issue, and the next step."""
    return pages.index(programme_scope(public_id))


@blueprint.post("/programmes/<public_id>/issues")
@allow(*RUNS)
@counted_as_work
def programme_prepare(public_id: str) -> Redirect | tuple[str, int]:
    """Prepare one."""
    return pages.prepare(programme_scope(public_id))


@blueprint.get("/programmes/<public_id>/issues/work/<work>")
@allow(*RUNS)
def programme_work(public_id: str, work: str) -> str | Redirect:
    """Work on one that goes on, or what became of it."""
    return working.page(programme_scope(public_id), work)


@blueprint.get("/programmes/<public_id>/issues/work/<work>/progress")
@allow(*RUNS)
def programme_work_progress(public_id: str, work: str) -> Response:
    """How far it is."""
    return jsonify(working.progress(programme_scope(public_id), work))


@blueprint.get("/programmes/<public_id>/issues/<issue>")
@allow(*RUNS)
def programme_issue(public_id: str, issue: str) -> str:
    """One of them."""
    return pages.show(programme_scope(public_id), issue)


@blueprint.post("/programmes/<public_id>/issues/<issue>/publish")
@allow(*RUNS)
@proved_first("Publish the evaluation of the programme")
def programme_publish(public_id: str, issue: str) -> Redirect | tuple[str, int]:
    """Issue it."""
    return pages.publish(programme_scope(public_id), issue)


@blueprint.post("/programmes/<public_id>/issues/<issue>/drop")
@allow(*RUNS)
def programme_drop(public_id: str, issue: str) -> Redirect:
    """Give it up."""
    return pages.drop(programme_scope(public_id), issue)


@blueprint.get("/programmes/<public_id>/issues/<issue>/issue.json")
@allow(*RUNS)
@proved_first("Save what was published")
@counted_as_work
def programme_json(public_id: str, issue: str) -> Response:
    """What is published, as it is frozen."""
    return pages.as_json(programme_scope(public_id), issue)


@blueprint.get("/programmes/<public_id>/issues/<issue>/issue.csv")
@allow(*RUNS)
@proved_first("Save what was published")
@counted_as_work
def programme_csv(public_id: str, issue: str) -> Response:
    """The same as a table."""
    return pages.as_csv(programme_scope(public_id), issue)


@blueprint.get("/programmes/<public_id>/issues/<issue>/issue.xlsx")
@allow(*RUNS)
@proved_first("Save what was published")
@counted_as_work
def programme_xlsx(public_id: str, issue: str) -> Response:
    """The same as a workbook."""
    return pages.as_xlsx(programme_scope(public_id), issue)
