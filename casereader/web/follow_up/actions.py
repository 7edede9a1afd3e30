"""Actions: recorded from a reading, given to a post with a date, followed to closure, saved for the partnership."""

from __future__ import annotations

import io
from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from casereader import actions, audit
from casereader.actions import Step
from casereader.errors import AbsentError, ConflictError, FormError
from casereader.exports import actions as files
from casereader.moderating import moderation
from casereader.programmes.inspections import Place
from casereader.readings import Opened
from casereader.vocabulary import BANNERS, READER_ROLES, ActionState, ReadingKind, Role
from casereader.web import histories, objects
from casereader.web.access import allow, counted_as_work, person
from casereader.web.answers import reading_pages
from casereader.web.clock import now
from casereader.web.follow_up import action_pages
from casereader.web.follow_up.concern_pages import one_of, text
from casereader.web.proved import proved_first
from casereader.web.request_session import db

blueprint = Blueprint("actions", __name__)

SEES = (*actions.FOLLOWS, Role.MODERATOR)
FOLLOWS = actions.FOLLOWS
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS = {"xlsx": XLSX, "csv": "text/csv"}
STEP_FIELDS = ("to", "said", "given_to", "due_on", "looked")
RECORD_FIELDS = ("what", "question", "looked")


@blueprint.get("/readings/<public_id>/actions")
@allow(*READER_ROLES)
def mine(public_id: str) -> str:
    """The actions of my reading, and the form that records another."""
    return _mine(public_id, {}, {})


@blueprint.post("/readings/<public_id>/actions")
@allow(*READER_ROLES)
def record_mine(public_id: str) -> tuple[str, int] | Response:
    """Record one from my reading."""
    opened = objects.reading(public_id, to_change=True)
    given = {name: request.form.get(name, "") for name in RECORD_FIELDS}
    try:
        _record(opened, given)
    except FormError as error:
        return _mine(public_id, given, error.faults), 422
    return redirect(url_for("actions.mine", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/actions")
@allow(*SEES)
def index(public_id: str) -> str:
    """The inspection's actions, late ones first, then those that wait for a step."""
    place = objects.inspection(public_id, *SEES)
    today = now().date()
    found = actions.of_inspection(db(), place=place, account=person().account, today=today)
    return render_template(
        "actions/index.html",
        place=place,
        rows=[action_pages.row(one, today) for one in found],
        n=len(found),
        n_late=sum(one.is_late(today) for one in found),
        n_recorded=sum(one.action.state is ActionState.RECORDED for one in found),
        n_done=sum(one.action.state is ActionState.DONE for one in found),
        follows=_follows(place),
        forms=list(FORMS),
    )


@blueprint.get("/inspections/<public_id>/actions/record")
@allow(*SEES)
def ask(public_id: str) -> str:
    """Choose the reading, and say what it showed."""
    return _ask(public_id, {"reading": request.args.get("reading", "")}, {})


@blueprint.post("/inspections/<public_id>/actions/record")
@allow(*SEES)
def record(public_id: str) -> tuple[str, int] | Response:
    """Record one from a reading that was submitted."""
    place = objects.inspection(public_id, *SEES)
    given = {name: request.form.get(name, "") for name in ("reading", *RECORD_FIELDS)}
    if not given["reading"]:
        return _ask(public_id, given, {"reading": "Choose the reading that showed it."}), 422
    one = moderation.find(db(), place=place, public_id=given["reading"], account=person().account)
    try:
        _record(one.opened, given)
    except FormError as error:
        return _ask(public_id, given, error.faults), 422
    return redirect(url_for("actions.index", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/actions/<action>")
@allow(*SEES)
def show(public_id: str, action: str) -> str:
    """One of them with every step, and the next one."""
    return _one(public_id, action, {}, {})


@blueprint.post("/inspections/<public_id>/actions/<action>/steps")
@allow(*FOLLOWS)
def follow(public_id: str, action: str) -> tuple[str, int] | Response:
    """Take the next step."""
    objects.inspection(public_id, *FOLLOWS)
    given = {name: request.form.get(name, "") for name in STEP_FIELDS}
    to = one_of(ActionState, given["to"])
    if to is None:
        return _one(public_id, action, given, {"to": "Choose where it stands now."}), 422
    due_on = action_pages.day(given["due_on"])
    if to is ActionState.GIVEN and given["due_on"].strip() and due_on is None:
        return _one(public_id, action, given, {"due_on": "Enter a day like 2026-09-30 or 30/09/2026."}), 422
    step = Step(to, given["said"], given["given_to"], due_on)
    try:
        found = actions.follow(
            db(), public_id=action, step=step, by=person().account, at=now(), looked=bool(given["looked"])
        )
    except FormError as error:
        return _one(public_id, action, given, error.faults), 422
    flash(action_pages.told(found.action), "success")
    return redirect(url_for("actions.show", public_id=public_id, action=action), 303)


@blueprint.post("/inspections/<public_id>/actions/export")
@allow(*FOLLOWS)
@proved_first("Save the actions")
@counted_as_work
def export(public_id: str) -> Response:
    """Every action as a workbook or as CSV, for the partnership; that it was saved is in the trail."""
    place = objects.inspection(public_id, *FOLLOWS)
    form = request.form.get("as", "")
    if form not in FORMS:
        raise ConflictError("Choose whether to save a workbook or CSV: load the page again.")
    at, banner = now(), BANNERS.get(place.programme.data_kind, "")
    found = actions.export(db(), place=place, by=person().account, at=at)
    rows = [action_pages.file_row(one, at.date()) for one in found]
    head = audit.head_of(db(), place.inspection.id or 0)
    book = io.BytesIO()
    if form == "xlsx":
        title = f"Actions, {place.partnership.name}"
        files.write_workbook(book, rows, title=title, data_time=at, banner=banner, head=head)
    else:
        written = io.StringIO(newline="")
        files.write_csv(written, rows, banner=banner, head=head)
        book.write(written.getvalue().encode())
    book.seek(0)
    name = objects.file_name(place.programme, f"{place.programme.slug}-{place.partnership.slug}-actions.{form}")
    return send_file(book, mimetype=FORMS[form], as_attachment=True, download_name=name)


def _record(opened: Opened, given: Mapping[str, str]) -> None:
    actions.record(
        db(),
        opened=opened,
        instrument=objects.instrument_of_reading(opened),
        what=given["what"],
        question=given["question"],
        by=person().account,
        at=now(),
        looked=bool(given["looked"]),
    )
    flash("The action is recorded. The coordinator or the lead gives it to somebody.", "success")


def _mine(public_id: str, given: Mapping[str, str], faults: Mapping[str, str]) -> str:
    opened = objects.reading(public_id)
    instrument = objects.instrument_of_reading(opened)
    today = now().date()
    found = actions.of_reading(db(), reading_id=opened.key, account=person().account)
    return render_template(
        "actions/mine.html",
        **reading_pages.frame(opened, instrument),
        rows=[action_pages.own_row(one, today) for one in found],
        **action_pages.record_fields(instrument, given, faults),
    )


def _ask(public_id: str, given: Mapping[str, str], faults: Mapping[str, str]) -> str:
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    found = moderation.submitted(db(), place=place, instrument=instrument, account=person().account)
    return render_template(
        "actions/record.html",
        place=place,
        reading={
            "id": "reading",
            "name": "reading",
            "label": "Which record’s reading showed it?",
            "choices": _one_of_each_case([one.opened for one in found], given.get("reading", "")),
            "errors": [faults["reading"]] if "reading" in faults else [],
        },
        signs=action_pages.signs(),
        **action_pages.record_fields(instrument, given, faults),
    )


def _one_of_each_case(found: list[Opened], chosen: str) -> list[dict[str, object]]:
    """One submitted reading of each case, the one chosen if any: a list that tells nobody what is read twice."""
    by_case: dict[int, Opened] = {}
    for one in sorted(found, key=lambda one: (one.reading.public_id != chosen, one.reading.kind != ReadingKind.FIRST)):
        by_case.setdefault(one.reading.sample_case_id, one)
    return [
        {"value": one.reading.public_id, "label": one.case_ref, "selected": one.reading.public_id == chosen}
        for one in sorted(by_case.values(), key=lambda one: one.case_ref)
    ]


def _one(public_id: str, action: str, given: Mapping[str, str], faults: Mapping[str, str]) -> str:
    place = objects.inspection(public_id, *SEES)
    found = actions.find(db(), public_id=action, account=person().account)
    if found.place.inspection.id != place.inspection.id:
        raise AbsentError
    is_readable = found.reading.submitted_at is not None and bool(
        person().roles_in(place.inspection.id or 0) & {Role.MODERATOR, Role.LEAD}
    )
    href = url_for("moderation.show", public_id=public_id, reading=found.reading.public_id) if is_readable else ""
    return render_template(
        "actions/show.html",
        found=found,
        place=place,
        reading_href=href,
        facts=action_pages.facts(found, objects.instrument_of(place.programme), now().date()),
        steps=[action_pages.step_row(step) for step in found.steps],
        follows=_follows(place),
        to=action_pages.next_steps(found.action.state, given, faults),
        said=text("said", "What was done, seen or said", given.get("said", ""), faults.get("said")),
        given_to=text(
            "given_to", "To whom it is given", given.get("given_to", found.action.given_to), faults.get("given_to")
        ),
        due_on=text(
            "due_on", "By when", action_pages.as_typed(given.get("due_on"), found.action.due_on), faults.get("due_on")
        ),
        is_closed=found.action.state is ActionState.CLOSED and not faults,
        looked=action_pages.looked(given, faults),
        signs=action_pages.signs(),
        deeds=histories.within(found.action.public_id, "action", "action_step", inspection_id=place.inspection.id),
        errors=[{"text": says, "href": f"#{name}"} for name, says in faults.items()],
    )


def _follows(place: Place) -> bool:
    return bool(person().roles_in(place.inspection.id or 0) & set(FOLLOWS))
