"""Countersigning: the inspector looks over what their local reviewer submitted, and confirms that it counts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader import readings
from casereader.errors import AbsentError
from casereader.readings import Opened
from casereader.vocabulary import Role
from casereader.web import objects, reading_pages, time_spent
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("countersigning", __name__)


@blueprint.get("/inspections/<public_id>/countersigning/<reading>")
@allow(Role.REVIEWER)
def show(public_id: str, reading: str) -> str:
    """The reading, to look over."""
    opened = _opened(public_id, reading)
    instrument = objects.instrument_of_reading(opened)
    answers = readings.answers_of(db(), opened.key)
    return render_template(
        "moderation/countersigning.html",
        **reading_pages.frame(opened, instrument),
        before=readings.countersigned_before(db(), opened.reading),
        sections=time_spent.without_minutes(
            reading_pages.answer_rows(opened, instrument, answers, lacking={}, may_change=False), instrument
        ),
    )


@blueprint.post("/inspections/<public_id>/countersigning/<reading>")
@allow(Role.REVIEWER)
def countersign(public_id: str, reading: str) -> Response:
    """Confirm it."""
    opened = _opened(public_id, reading)
    readings.countersign(db(), public_id=reading, by=person().account, at=now())
    flash(f"The reading of {opened.case_ref} is countersigned: it counts.", "success")
    return redirect(url_for("reading.index"), 303)


def _opened(public_id: str, reading: str) -> Opened:
    opened = readings.find_for_pair(db(), public_id=reading, account=person().account)
    if opened.place.inspection.public_id != public_id:
        raise AbsentError
    objects.show_banner(opened.place.programme)
    return opened
