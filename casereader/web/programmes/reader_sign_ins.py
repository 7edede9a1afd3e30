"""How readers of an inspection sign in, for its coordinator and lead."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader.errors import RefusedError
from casereader.programmes import reader_sign_ins
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.forms.signing_in import ReaderSignInsForm
from casereader.web.proved import proved_first
from casereader.web.request_session import db

blueprint = Blueprint("reader_sign_ins", __name__)

RUNS = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/reader-sign-ins")
@allow(*RUNS)
def show(public_id: str) -> str:
    """What holds now, to change."""
    place = objects.inspection(public_id, *RUNS)
    form = ReaderSignInsForm(
        formdata=None,
        idle_minutes=place.inspection.reader_idle_minutes,
        need_second_step=place.inspection.readers_need_second_factor,
    )
    return _page(place, form)


@blueprint.post("/inspections/<public_id>/reader-sign-ins")
@allow(*RUNS)
@proved_first("Change how readers sign in")
def save(public_id: str) -> Response | tuple[str, int]:
    """Keep it."""
    place = objects.inspection(public_id, *RUNS)
    form = ReaderSignInsForm()
    if form.validate_on_submit() and form.idle_minutes.data is not None:
        try:
            reader_sign_ins.settle(
                db(),
                inspection=place.inspection,
                idle_minutes=form.idle_minutes.data,
                need_second_step=bool(form.need_second_step.data),
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.idle_minutes.errors = list(error.reasons)
        else:
            flash("It is kept, and holds from each reader’s next page on.", "success")
            return redirect(url_for("programmes.inspection", public_id=public_id), 303)
    return _page(place, form), 422


def _page(place: Place, form: ReaderSignInsForm) -> str:
    return render_template("programmes/reader-sign-ins.html", place=place, form=form)
