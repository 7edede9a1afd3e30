"""The page of work on an issue: what is being done, how far it is, and what came of it. It is its asker's alone."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template
from werkzeug.wrappers import Response as Redirect

from casereader import jobs
from casereader.errors import AbsentError
from casereader.issues import Scope
from casereader.issues.drafting import FINAL_KNOWN, GATHERED, LOADED, MADE_SAFE
from casereader.models import Job
from casereader.vocabulary import JobState
from casereader.web.access import person
from casereader.web.clock import now
from casereader.web.issuing.at_work import ISSUE, MADE, REASONS, about
from casereader.web.issuing.blueprint import href
from casereader.web.issuing.keeping import PUBLISH
from casereader.web.request_session import db

PREPARED = "It is prepared. Nothing is published before a second person issues it."
TOLD_FOR = timedelta(days=1)  # that the list of issues tells of work that failed
PREPARING = (
    (FINAL_KNOWN, "It is looked at which inspections are final."),
    (LOADED, "The answers are gathered, a few inspections after the other."),
    (GATHERED, "The figures are worked out."),
    (MADE_SAFE, "Figures are attacked as by somebody who wants to know about a child, and those that tell show less."),
    (jobs.DONE, "It is written down."),
)
PUBLISHING = (
    (GATHERED, "It is looked at whether everything it rests on is as it was."),
    (jobs.DONE, "The attack of its proof is run again."),
)


def shown(scope: Scope, job: Job) -> Redirect:
    """To what came of it, where that was quick; else to the page that says how far it is."""
    db().refresh(job)
    if job.state is JobState.DONE and job.asked["deed"] != PUBLISH:
        flash(PREPARED, "success")
    return redirect(href(scope, "work", work=job.public_id), 303)


def page(scope: Scope, public_id: str) -> str | Redirect:
    """How far it is; once it is done, the issue itself."""
    job = _find(scope, public_id)
    if job.state is JobState.DONE:
        return redirect(href(scope, "issue", issue=job.result[MADE]), 303)
    is_open = jobs.is_open(db(), job, at=now())
    is_publishing = job.asked["deed"] == PUBLISH
    return render_template(
        "issuing/work.html",
        scope=scope,
        job=job,
        is_open=is_open,
        is_waiting=job.state is JobState.WAITING,
        is_publishing=is_publishing,
        doing=_doing(job, is_publishing=is_publishing),
        says=job.says or jobs.ORPHANED,
        reasons=job.result.get(REASONS, []),
        index_href=href(scope, "issues"),
        issue_href=href(scope, "issue", issue=job.asked["issue"]) if is_publishing else "",
        work_href=href(scope, "work", work=public_id),
        progress_href=href(scope, "work_progress", work=public_id),
    )


def progress(scope: Scope, public_id: str) -> dict[str, object]:
    """How far it is, for the page that waits for it."""
    job = _find(scope, public_id)
    is_open = jobs.is_open(db(), job, at=now())
    return {"per_cent": job.progress if is_open else jobs.DONE, "ended": not is_open}


def mine(scope: Scope) -> dict[str, str] | None:
    """This person's newest work on an issue of the scope, while it goes on, and a day after it failed."""
    inspection = scope.place.inspection if scope.place else None
    job = jobs.newest_of(db(), kind=ISSUE, inspection=inspection, about=about(scope), by=person().account)
    if job is None or job.state is JobState.DONE or job.made_at <= now() - TOLD_FOR:
        return None
    state = "going on" if jobs.is_open(db(), job, at=now()) else "failed"
    return {"state": state, "deed": job.asked["deed"], "href": href(scope, "work", work=job.public_id)}


def _doing(job: Job, *, is_publishing: bool) -> str:
    steps = PUBLISHING if is_publishing else PREPARING
    return next(words for until, words in steps if job.progress < until)


def _find(scope: Scope, public_id: str) -> Job:
    inspection = scope.place.inspection if scope.place else None
    job = jobs.find(db(), kinds=(ISSUE,), inspection=inspection, public_id=public_id, by=person().account)
    if job.asked["programme"] != scope.programme.public_id:
        raise AbsentError
    return job
