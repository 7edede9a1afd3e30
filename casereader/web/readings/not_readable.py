"""Records that a reviewer cannot read: not produced, not eligible, or a conflict of interest."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import readings
from casereader.after_the_draw import turning_up
from casereader.errors import ConflictError, RefusedError
from casereader.readings import Opened
from casereader.vocabulary import INELIGIBLE_REASONS, READER_ROLES, RecordState
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers import reading_pages
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("not_readable", __name__)

WAYS = {
    "not produced": "The record was not produced",
    "ineligible": "The child is not eligible",
    "conflict": "I have a conflict of interest",
}
HINTS = {
    "not produced": "The partnership could supply nothing of it. It is not replaced: that is a finding of its own.",
    "ineligible": "For one of the listed reasons. A moderator or the lead confirms it; then the next reserve is read.",
    "conflict": "You know the child, the family or the work. The same record goes to another reviewer.",
}


@blueprint.get("/readings/<public_id>/not-readable")
@allow(*READER_ROLES)
def ask(public_id: str) -> str:
    """Ask which of the three it is, and why."""
    return _page(public_id, {}, {})


@blueprint.post("/readings/<public_id>/not-readable")
@allow(*READER_ROLES)
def say(public_id: str) -> str | tuple[str, int] | Response:
    """Take the path that belongs to it."""
    opened = objects.reading(public_id, to_change=True)
    way, reason = request.form.get("way", ""), request.form.get("reason", "")
    listed = request.form.get("listed", "")
    by, at, filled_in = person().account, now(), objects.instrument_of_reading(opened).filled_in
    try:
        if way == "not produced" and reason.strip() and request.form.get("whole") != "y":
            here = _in_the_room(opened)
            if here:
                return _ask_whether_whole(opened, reason, here)
        if way == "not produced":
            readings.say_not_produced(db(), opened=opened, reason=reason, by=by, at=at, filled_in=filled_in)
            flash(f"{opened.case_ref} is recorded as not produced.", "success")
        elif way == "ineligible":
            readings.propose_ineligible(db(), opened=opened, reason=listed, by=by, at=at, filled_in=filled_in)
            flash(f"A moderator or the lead is asked to confirm that {opened.case_ref} is not eligible.", "success")
        elif way == "conflict":
            readings.hand_back(db(), opened=opened, reason=reason, by=by, at=at, filled_in=filled_in)
            flash(f"{opened.case_ref} goes back to the coordinator, who gives it to another reviewer.", "success")
        else:
            return _page(public_id, dict(request.form), {"way": ["Choose why you cannot read the record."]}), 422
    except RefusedError as error:
        field = "listed" if way == "ineligible" else "reason"
        return _page(public_id, dict(request.form), {field: list(error.reasons)}), 422
    return redirect(url_for("reading.index"), 303)


@blueprint.post("/readings/<public_id>/turned-up")
@allow(*READER_ROLES)
def turned_up(public_id: str) -> Response:
    """Take back that a record was not produced."""
    opened = objects.reading(public_id, to_change=True)
    if not turning_up.turn_up(db(), opened=opened, by=person().account, at=now()):
        flash(
            f"It is recorded that the record of {opened.case_ref} turned up. It is not reached, because earlier cases "
            "of its stratum were stopped, or reading ended before it. Tell the coordinator, who decides whether it is "
            "read after all.",
            "warning",
        )
    return redirect(url_for("reading.tasks", public_id=public_id), 303)


def _in_the_room(opened: Opened) -> list[str]:
    """The agencies whose records of the case the tracker has as supplied."""
    key = opened.sample_case.id or 0
    come = readings.arrived(db(), [key]).get(key, {})  # also where the reading was started
    agencies = objects.instrument_of_reading(opened).agencies
    return [agency.label for agency in agencies if come.get(agency.value) is RecordState.SUPPLIED]


def _ask_whether_whole(opened: Opened, reason: str, here: list[str]) -> str:
    """Ask once more: not produced is the whole record, and parts of this one are in the room. Nothing is kept yet."""
    return render_template(
        "reading/not-produced-sure.html",
        **reading_pages.frame(opened, objects.instrument_of_reading(opened)),
        here=here,
        reason=reason,
    )


def _page(public_id: str, given: dict[str, str], faults: dict[str, list[str]]) -> str:
    opened = objects.reading(public_id)
    instrument = objects.instrument_of_reading(opened)
    if said := objects.went_back():
        raise ConflictError(said)
    if not opened.is_open:
        raise ConflictError("This can be said only while the record is to be read.")
    if not readings.is_unanswered(db(), opened=opened, filled_in=instrument.filled_in):
        raise ConflictError(readings.ANSWERED)
    return render_template(
        "reading/not-readable.html",
        **reading_pages.frame(opened, instrument),
        way={
            "id": "way",
            "name": "way",
            "label": "Why can you not read this record?",
            "choices": [
                {"value": value, "label": label, "hint": HINTS[value], "selected": given.get("way") == value}
                for value, label in WAYS.items()
            ],
            "errors": faults.get("way", []),
        },
        listed={
            "id": "listed",
            "name": "listed",
            "label": "Reason, if the child is not eligible",
            "choices": [
                {"value": reason, "label": reason, "selected": given.get("listed") == reason}
                for reason in INELIGIBLE_REASONS
            ],
            "errors": faults.get("listed", []),
        },
        reason={
            "id": "reason",
            "name": "reason",
            "label": "What happened, if it was not produced or you have a conflict of interest",
            "value": given.get("reason", ""),
            "errors": faults.get("reason", []),
        },
        errors=[{"text": text, "href": f"#{name}"} for name, texts in faults.items() for text in texts],
    )
