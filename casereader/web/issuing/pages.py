"""The pages themselves, the same for an inspection and for a programme."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from casereader import dated, issues
from casereader.errors import AbsentError, ConflictError, FormError, RefusedError
from casereader.exports.issue_table import write_issue
from casereader.exports.issue_workbook import write_issue_workbook
from casereader.instrument import Instrument
from casereader.issues import Scope
from casereader.models import Account, Issue
from casereader.programmes import inspections
from casereader.vocabulary import Role
from casereader.web import histories, objects
from casereader.web.access import person
from casereader.web.clock import now
from casereader.web.follow_up.action_pages import signs
from casereader.web.forms.issues import LOOKED, CorrectForm, PrepareForm
from casereader.web.issuing import at_work, here, rows, working
from casereader.web.issuing.blueprint import RUNS, href
from casereader.web.issuing.keeping import PREPARE, PUBLISH
from casereader.web.issuing.working import PREPARED
from casereader.web.request_session import db

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def index(scope: Scope) -> str:
    """Every issue, and the next step."""
    return _index(scope, _form(scope))


def prepare(scope: Scope) -> Redirect | tuple[str, int]:
    """Prepare the first, or the one that corrects it."""
    form = _form(scope)
    if form.validate_on_submit():
        asked: dict[str, Any] = {"threshold": form.threshold.data, "note": None, "looked": False}
        if isinstance(form, CorrectForm):
            asked |= {"note": form.note.data or "", "looked": bool(form.looked.data)}
        try:
            return _prepared(scope, asked)
        except FormError as error:
            form.note.errors = [error.faults["note"]]
        except RefusedError as error:
            form.form_errors.extend(error.reasons)
    return _index(scope, form), 422


def _prepared(scope: Scope, asked: Mapping[str, Any]) -> Redirect:
    """Have it worked out: here where that is quick, else beside requests, with a page that says how far it is."""
    issues.in_turn(db(), scope, corrects=asked["note"] is not None)
    if asked["note"] is not None:
        issues.note_to_publish(db(), scope=scope, text=asked["note"], looked=asked["looked"])
    if issues.takes_long(db(), scope=scope):
        return working.shown(scope, at_work.begin(scope, deed=PREPARE, **asked))
    row = here.prepare(scope, _instrument(scope), asked)
    flash(PREPARED, "success")
    return redirect(href(scope, "issue", issue=row.public_id), 303)


def show(scope: Scope, public_id: str) -> str:
    """One issue: while it waits, what is withheld and why comes first; then all as it reads."""
    return _show(scope, _seen(scope, public_id), [])


def publish(scope: Scope, public_id: str) -> Redirect | tuple[str, int]:
    """Issue it, as the second person."""
    row = _seen(scope, public_id)
    issues.still_open(row)
    try:
        if reasons := issues.why_not_by(db(), scope, row, person().account):
            raise RefusedError(*reasons)
        if issues.takes_long(db(), scope=scope):
            return working.shown(scope, at_work.begin(scope, deed=PUBLISH, issue=public_id))
        here.publish(scope, _instrument(scope), public_id)
    except RefusedError as error:
        return _show(scope, row, list(error.reasons)), 422
    flash(f"Issue {row.number} of {scope.name} is out. It never changes.", "success")
    return redirect(href(scope, "issue", issue=public_id), 303)


def drop(scope: Scope, public_id: str) -> Redirect:
    """Give it up."""
    _seen(scope, public_id)
    issues.drop(db(), scope=scope, public_id=public_id, by=person().account, at=now())
    flash("The prepared issue is dropped.", "success")
    return redirect(href(scope, "issues"), 303)


def as_json(scope: Scope, public_id: str) -> Response:
    """What is published, as it is frozen."""
    row = _out(scope, public_id)
    return _file(scope, row, issues.as_json(row.content), "application/json", "json")


def as_csv(scope: Scope, public_id: str) -> Response:
    """The same as a table."""
    row = _out(scope, public_id)
    text = io.StringIO(newline="")
    write_issue(text, row.content)
    return _file(scope, row, text.getvalue().encode(), "text/csv; charset=utf-8", "csv")


def as_xlsx(scope: Scope, public_id: str) -> Response:
    """The same as a workbook with cover, contents and notes."""
    row = _out(scope, public_id)
    book = io.BytesIO()
    write_issue_workbook(book, row.content, data_time=row.data_time)
    return _file(scope, row, book.getvalue(), XLSX, "xlsx")


def _form(scope: Scope) -> PrepareForm:
    return CorrectForm() if issues.standing(db(), scope=scope) else PrepareForm()


def _index(scope: Scope, form: PrepareForm) -> str:
    every = issues.of(db(), scope=scope)
    waiting = issues.waiting(db(), scope=scope)
    standing, going_on = issues.standing(db(), scope=scope), at_work.going_on(scope)
    return render_template(
        "issuing/index.html",
        scope=scope,
        back=_back(scope),
        is_lead=scope.place is not None and Role.LEAD in person().roles_in(scope.place.inspection.id or 0),
        waiting=waiting,
        waiting_href=href(scope, "issue", issue=waiting.public_id) if waiting else "",
        looked=_looked(scope, form),
        signs=signs(),
        standing=standing,
        why_not=[] if waiting or going_on else issues.why_not(db(), scope=scope, instrument=_instrument(scope)),
        going_on=going_on,
        mine=working.mine(scope),
        form=form,
        rows=[_listed(scope, row, standing) for row in every if row is waiting or _may_see(scope, row)],
    )


def _looked(scope: Scope, form: PrepareForm) -> dict[str, object] | None:
    """The box to tick where the note looks as if it named somebody; none where it does not."""
    if not isinstance(form, CorrectForm) or not issues.signs_in_note(db(), scope=scope, text=form.note.data or ""):
        return None
    return {"id": "looked", "name": "looked", "label": LOOKED, "checked": bool(form.looked.data)}


def _listed(scope: Scope, row: Issue, standing: Issue | None) -> list[object]:
    if row.issued_at is not None:
        state = {"status": "stands" if row is standing else "replaced", "kind": "done" if row is standing else "plain"}
        who = f"{_name(row.issued_by_id)}, {dated.moment(row.issued_at)}"
    elif row.dropped_at is not None:
        state, who = (
            {"status": "dropped", "kind": "not-applicable"},
            f"{_name(row.dropped_by_id)}, {dated.moment(row.dropped_at)}",
        )
    else:
        state, who = {"status": "prepared", "kind": "waiting"}, ""
    return [
        {"text": f"Issue {row.number}", "href": href(scope, "issue", issue=row.public_id)},
        state,
        f"{_name(row.prepared_by_id)}, {dated.moment(row.prepared_at)}",
        who,
        row.correction,
    ]


def _show(scope: Scope, row: Issue, errors: list[str]) -> str:
    is_open = row.issued_at is None and row.dropped_at is None
    why_not = (
        issues.why_not_issued(db(), scope=scope, row=row, instrument=_instrument(scope), by=person().account)
        if is_open and not errors
        else errors
    )
    return render_template(
        "issuing/issue.html",
        scope=scope,
        row=row,
        content=row.content,
        is_open=is_open,
        why_not=why_not,
        index_href=href(scope, "issues"),
        publish_href=href(scope, "publish", issue=row.public_id),
        drop_href=href(scope, "drop", issue=row.public_id),
        json_href=href(scope, "json", issue=row.public_id),
        xlsx_href=href(scope, "xlsx", issue=row.public_id),
        csv_href=href(scope, "csv", issue=row.public_id),
        content_rows=rows.inspections_read(row.content),
        evaluation_rows=[[f"{one['qi']} {one['label']}", one["rating"]] for one in row.content["evaluations"]],
        withheld=rows.withheld(row),
        sections=rows.sections(row.content),
        divided=rows.divided(row.content),
        differs=issues.differs(db(), row) if row.content["replaces"] else [],
        policy=rows.policy(row),
        proof=rows.proof(row),
        deeds=histories.within(row.public_id, "issue"),
        rebuilt=[*_people(row), *rows.rebuilt_from(scope, row)],
        errors=[{"text": text, "href": "#issue-it"} for text in errors],
    )


def _people(row: Issue) -> list[dict[str, object]]:
    deeds = (
        ("Prepared by", row.prepared_by_id, row.prepared_at),
        ("Issued by", row.issued_by_id, row.issued_at),
        ("Dropped by", row.dropped_by_id, row.dropped_at),
    )
    return [{"key": key, "value": f"{_name(who)}, {dated.moment(at)}"} for key, who, at in deeds if at is not None]


def _seen(scope: Scope, public_id: str) -> Issue:
    """The issue, if the person may see it."""
    row = issues.find(db(), scope=scope, public_id=public_id)
    if not _may_see(scope, row):
        raise AbsentError
    return row


def _may_see(scope: Scope, row: Issue) -> bool:
    """What a programme withholds tells of small numbers: it is for those who run every inspection in it."""
    if scope.place is not None:
        return True
    mine = {place.path for place in inspections.all_places(db(), account=person().account, roles=RUNS)}
    return mine >= {one["path"] for one in row.content["inspections"]}


def _out(scope: Scope, public_id: str) -> Issue:
    """The issue, if it is issued: nothing of what is only prepared is taken away."""
    row = _seen(scope, public_id)
    if row.issued_at is None:
        raise ConflictError("This is not issued: nothing of it is taken away.")
    return row


def _file(scope: Scope, row: Issue, content: bytes, mimetype: str, ending: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = mimetype
    name = objects.file_name(scope.programme, f"{scope.path.replace('/', '-')}-issue-{row.number}.{ending}")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _instrument(scope: Scope) -> Instrument:
    return objects.instrument_of(scope.programme)


def _name(account_id: int | None) -> str:
    return db().get_one(Account, account_id).name


def _back(scope: Scope) -> dict[str, str]:
    if scope.place is None:
        return {"href": url_for("programmes.index"), "text": "Programmes and inspections"}
    key = scope.place.inspection.public_id
    return {"href": url_for("programmes.inspection", public_id=key), "text": scope.place.partnership.name}
