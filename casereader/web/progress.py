"""The page to leave open in the reading week: where every case stands, never what was scored."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import assignments, progress, readings, replacements
from casereader.errors import RefusedError
from casereader.progress import CaseRow
from casereader.vocabulary import CaseStatus, ReadingKind, ReadingState, Role, SampleRole
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("progress", __name__)

SEES = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
CONFIRMS = (Role.LEAD, Role.MODERATOR)
STANDING_KINDS = {
    progress.NOT_ASSIGNED: "plain",
    progress.HANDED_BACK: "attention",
    progress.SAID_INELIGIBLE: "waiting",
    CaseStatus.NOT_PRODUCED.value: "attention",
    CaseStatus.INELIGIBLE.value: "not-applicable",
    CaseStatus.NOT_REACHED.value: "not-applicable",
    ReadingState.ASSIGNED.value: "not-started",
    ReadingState.IN_PROGRESS.value: "in-progress",
    ReadingState.SUBMITTED.value: "waiting",
    ReadingState.COUNTERSIGNED.value: "waiting",
}


@blueprint.get("/inspections/<public_id>/progress")
@allow(*SEES)
def show(public_id: str) -> str:
    """Every case, its reader and its state; loads; and what waits for a second person."""
    place = objects.inspection(public_id, *SEES)
    every = progress.rows(db(), inspection=place.inspection)
    found = [row for row in every if row.kind is not ReadingKind.SECOND]
    roles = person().roles_in(place.inspection.id or 0)
    return render_template(
        "progress/show.html",
        place=place,
        rows=[_row(row, public_id=public_id, can_give=Role.COORDINATOR in roles) for row in found],
        n_readings=sum(row.is_to_be_read for row in found),
        n_done=sum(row.is_done for row in found),
        standings=[[word.capitalize(), n] for word, n in progress.n_by_standing(found)],
        loads=[list(load) for load in progress.loads(found)],
        waiting=[
            {
                "ref": case.case_ref,
                "stratum": drawn.stratum,
                "reason": replacement.reason,
                "by": proposer.name,
                "mine": proposer.id == person().id,
                "id": replacement.public_id,
                "reserve_left": replacements.next_reserve(db(), sample_case=drawn) is not None,
            }
            for replacement, drawn, case, proposer in replacements.waiting(db(), inspection=place.inspection)
        ],
        may_confirm=bool(roles & set(CONFIRMS)),
        may_stop=Role.COORDINATOR in roles,
        spread=readings.spread(db(), inspection=place.inspection),
    )


@blueprint.get("/inspections/<public_id>/progress/room")
@allow(*SEES)
def room(public_id: str) -> str:
    """Counts alone, for a screen that readers see: no reader, no case, no rating."""
    place = objects.inspection(public_id, *SEES)
    every = progress.rows(db(), inspection=place.inspection)
    found = [row for row in every if row.kind is not ReadingKind.SECOND]
    return render_template(
        "progress/room.html",
        place=place,
        n_readings=sum(row.is_to_be_read for row in found),
        n_done=sum(row.is_done for row in found),
        standings=[[word.capitalize(), n] for word, n in progress.n_by_standing(found)],
    )


@blueprint.get("/inspections/<public_id>/progress/second-readings")
@allow(*SEES)
def second(public_id: str) -> str:
    """Blind second readings: a page of its own, never left open where readers see it."""
    place = objects.inspection(public_id, *SEES)
    every = progress.rows(db(), inspection=place.inspection)
    found = [row for row in every if row.kind is ReadingKind.SECOND]
    can_give = Role.COORDINATOR in person().roles_in(place.inspection.id or 0)
    rows = [_row(row, public_id=public_id, can_give=can_give) for row in found]
    return render_template("progress/second.html", place=place, rows=rows)


@blueprint.post("/inspections/<public_id>/replacements/<key>/confirm")
@allow(*CONFIRMS)
def confirm(public_id: str, key: str) -> Response:
    """Confirm that a case is ineligible; its reserve takes its place."""
    place = objects.inspection(public_id, *CONFIRMS)
    found = replacements.find(db(), inspection=place.inspection, public_id=key, to_change=True)
    reserve = replacements.confirm(db(), inspection=place.inspection, replacement=found, by=person().account, at=now())
    if reserve is None:
        flash("The case is ineligible. No reserve is left in its stratum, so nothing takes its place.", "warning")
    else:
        flash("The case is ineligible. The next reserve was given to the same reader.", "success")
    return redirect(url_for("progress.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/replacements/<key>/turn-down")
@allow(*CONFIRMS)
def turn_down(public_id: str, key: str) -> Response:
    """Say that the case is eligible after all."""
    place = objects.inspection(public_id, *CONFIRMS)
    found = replacements.find(db(), inspection=place.inspection, public_id=key, to_change=True)
    replacements.turn_down(db(), inspection=place.inspection, replacement=found, by=person().account, at=now())
    flash("The case stays in the sample, with its reader.", "success")
    return redirect(url_for("progress.show", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/give/<reading>")
@allow(Role.COORDINATOR)
def give(public_id: str, reading: str) -> str:
    """Ask who should read a case instead, and why."""
    return _give_page(public_id, reading, [])


@blueprint.post("/inspections/<public_id>/give/<reading>")
@allow(Role.COORDINATOR)
def give_post(public_id: str, reading: str) -> Response | tuple[str, int]:
    """Hand it over."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    found, _ = assignments.find(db(), inspection=place.inspection, public_id=reading)
    chosen = request.form.get("reader")
    to = next(
        (
            account
            for account, _ in assignments.readers(db(), inspection=place.inspection)
            if account.public_id == chosen
        ),
        None,
    )
    if to is None:
        return _give_page(public_id, reading, ["Choose a reviewer."]), 422
    try:
        assignments.give(
            db(),
            inspection=place.inspection,
            reading=found,
            to=to,
            reason=request.form.get("reason", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _give_page(public_id, reading, list(error.reasons)), 422
    flash(f"The case is now with {to.name}.", "success")
    return redirect(url_for("progress.show", public_id=public_id), 303)


def _give_page(public_id: str, reading: str, reasons: list[str]) -> str:
    chosen = request.form.get("reader")
    place = objects.inspection(public_id, Role.COORDINATOR)
    found, case_ref = assignments.find(db(), inspection=place.inspection, public_id=reading)
    readers = assignments.readers(db(), inspection=place.inspection)
    return render_template(
        "progress/give.html",
        place=place,
        case_ref=case_ref,
        is_second=found.kind is ReadingKind.SECOND,
        readers=[
            {"value": account.public_id, "label": account.name, "selected": account.public_id == chosen}
            for account in assignments.may_take(db(), inspection=place.inspection, reading=found)
        ],
        now_with=next((account.name for account, _ in readers if account.id == found.reviewer_id), "nobody here"),
        given=request.form,
        errors=[{"text": reason, "href": "#reader"} for reason in reasons] or None,
    )


def _row(row: CaseRow, *, public_id: str, can_give: bool) -> list[object]:
    state = {"status": row.stands, "kind": STANDING_KINDS.get(row.stands, "done"), "hint": row.handed_back}
    reserve = " (reserve)" if row.role is SampleRole.RESERVE else ""
    change: object = ""
    if can_give and row.can_change_hands:
        change = {
            "text": "Give to another",
            "href": url_for("progress.give", public_id=public_id, reading=row.reading_id),
            "hidden": row.case_ref,
        }
    return [
        row.case_ref + reserve,
        row.stratum,
        row.reader or "",
        state,
        row.n_answers,
        row.n_discuss,
        change,
    ]
