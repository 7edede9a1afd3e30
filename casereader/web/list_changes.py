"""Changing one case of a list that is not fixed yet: a value corrected, or the case left out, with a reason."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from casereader import frames
from casereader.errors import RefusedError
from casereader.inspections import Place
from casereader.returns import OURS, changes
from casereader.vocabulary import FrameState, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("list_changes", __name__)


@blueprint.get("/inspections/<public_id>/list/change")
@allow(Role.COORDINATOR)
def ask(public_id: str) -> str | BaseResponse:
    """Which case, what is to be changed, and why."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    frame = frames.current(db(), inspection=place.inspection)
    if frame is None or frame.state is FrameState.COMMITTED:
        return redirect(url_for("frames.show", public_id=public_id), 303)
    return _page(place, [])


@blueprint.post("/inspections/<public_id>/list/change")
@allow(Role.COORDINATOR)
def make(public_id: str) -> BaseResponse | tuple[str, int]:
    """Change it."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    form = request.form
    try:
        made = changes.change(
            db(),
            inspection=place.inspection,
            instrument=objects.instrument_of(place.programme),
            case_ref=form.get("case_ref", ""),
            what=form.get("what", ""),
            value=form.get("value", ""),
            reason=form.get("reason", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        db().rollback()
        return _page(place, list(error.reasons)), 422
    flash(f"{made.case_ref} was {'left out of' if made.is_exclusion else 'corrected on'} the list.", "success")
    return redirect(url_for("frames.show", public_id=public_id), 303)


def _page(place: Place, reasons: list[str]) -> str:
    given = request.form
    words = [(changes.LEAVE_OUT, "Leave the case out of the list")]
    words += [(name, f"Correct the {OURS[name].label.lower()}") for name in changes.CHANGEABLE]
    return render_template(
        "sampling/change.html",
        place=place,
        given=given,
        choices=[{"value": name, "label": label, "selected": given.get("what") == name} for name, label in words],
        longest=changes.LONGEST_REASON,
        errors=[{"text": reason, "href": "#case_ref"} for reason in reasons] or None,
    )
