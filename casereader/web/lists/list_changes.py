"""Changing a case of a list that is not fixed yet: found by its reference, then corrected or left out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from casereader.errors import RefusedError
from casereader.models import Case
from casereader.programmes.inspections import Place
from casereader.returns import OURS, changes, frames
from casereader.vocabulary import FrameState, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("list_changes", __name__)

HINTS = {
    "age_band": "Of the age in the file only this band is kept.",
    "family_group": "The same code for brothers and sisters. Leave it blank where there is none.",
}


@blueprint.get("/inspections/<public_id>/list/change")
@allow(Role.COORDINATOR)
def ask(public_id: str) -> str | BaseResponse | tuple[str, int]:
    """Which case; once its reference is given, its values and what each may be."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    frame = frames.current(db(), inspection=place.inspection)
    if frame is None or frame.state is FrameState.COMMITTED:
        return redirect(url_for("frames.show", public_id=public_id), 303)
    if "case_ref" not in request.args:
        return _page(place, None, [])
    try:
        case = changes.found(db(), inspection=place.inspection, case_ref=request.args["case_ref"])
    except RefusedError as error:
        return _page(place, None, list(error.reasons)), 422
    return _page(place, case, [])


@blueprint.post("/inspections/<public_id>/list/change")
@allow(Role.COORDINATOR)
def make(public_id: str) -> BaseResponse | tuple[str, int]:
    """Correct the case, or leave it out."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    form = request.form
    of_case: dict[str, Any] = {
        "inspection": place.inspection,
        "instrument": objects.instrument_of(place.programme),
        "case_ref": form.get("of", ""),
        "reason": form.get("reason", ""),
        "by": person().account,
        "at": now(),
    }
    try:
        if "leave_out" in form:
            changes.change(db(), what=changes.LEAVE_OUT, value="", **of_case)
        else:
            values = {name: form[name] for name in changes.CHANGEABLE if name in form}
            changes.correct(db(), values=values, **of_case)
    except RefusedError as error:
        db().rollback()
        return _refused(public_id, list(error.reasons)), 422
    flash(f"{form['of'].strip()} was {'left out of' if 'leave_out' in form else 'corrected on'} the list.", "success")
    return redirect(url_for("frames.show", public_id=public_id), 303)


def _refused(public_id: str, reasons: list[str]) -> str:
    place = objects.inspection(public_id, Role.COORDINATOR)
    try:
        case = changes.found(db(), inspection=place.inspection, case_ref=request.form.get("of", ""))
    except RefusedError:
        case = None
    return _page(place, case, reasons)


def _page(place: Place, case: Case | None, reasons: list[str]) -> str:
    first = "case_ref" if case is None else "reason"
    return render_template(
        "sampling/change.html",
        place=place,
        case=case,
        given=request.form.get("of") or request.args.get("case_ref", ""),
        fields_of_case=[] if case is None else _fields(place, case),
        reason=request.form.get("reason", ""),
        longest=changes.LONGEST_REASON,
        errors=[{"text": reason, "href": f"#{first}"} for reason in reasons] or None,
    )


def _fields(place: Place, case: Case) -> list[dict[str, Any]]:
    instrument = objects.instrument_of(place.programme)
    made = []
    for name in changes.CHANGEABLE:
        stands = getattr(case, name) or ""
        given = request.form.get(name, stands)
        words = dict(changes.choices_of(db(), case=case, instrument=instrument, name=name))
        said = words.get(stands, stands) or "blank"
        made.append(
            {
                "id": name,
                "name": name,
                "label": OURS[name].label,
                "value": given,
                "hint": f"Now: {said}. {HINTS.get(name, '')}".strip(),
                "may_be_blank": name not in ("case_ref", "group"),
                "choices": [
                    {"value": value, "label": _label(value, label), "selected": value == given}
                    for value, label in words.items()
                ],
            }
        )
    return made


def _label(value: str, label: str) -> str:
    return label if value == label else f"{value}: {label}"
