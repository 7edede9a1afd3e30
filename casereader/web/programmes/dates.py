"""The dates of an inspection: its reading period, its weeks, and the day its report came out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader.errors import RefusedError
from casereader.programmes import calendars
from casereader.programmes.calendars import Calendar
from casereader.programmes.inspections import Place
from casereader.stages import stages
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.forms.dates import DatesForm, PublishedForm
from casereader.web.request_session import db

blueprint = Blueprint("dates", __name__)

RUNS = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/dates")
@allow(*RUNS)
def show(public_id: str) -> str:
    """The dates as they are agreed, to change."""
    place = objects.inspection(public_id, *RUNS)
    return _page(place, DatesForm(formdata=None, obj=place.inspection))


@blueprint.post("/inspections/<public_id>/dates")
@allow(*RUNS)
def agree(public_id: str) -> Response | tuple[str, int]:
    """Keep them."""
    place = objects.inspection(public_id, *RUNS)
    form = DatesForm()
    if form.validate_on_submit() and form.period_from.data and form.period_to.data:
        try:
            calendars.agree(
                db(),
                inspection=place.inspection,
                period=(form.period_from.data, form.period_to.data),
                calendar=form.calendar().completed(),
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.form_errors.extend(error.reasons)
        else:
            flash("The dates are kept.", "success")
            return redirect(url_for("programmes.inspection", public_id=public_id), 303)
    return _page(place, form), 422


@blueprint.get("/inspections/<public_id>/published")
@allow(Role.LEAD)
def published(public_id: str) -> str:
    """Ask on which day the report came out."""
    return _published_page(objects.inspection(public_id, Role.LEAD), PublishedForm(formdata=None))


@blueprint.post("/inspections/<public_id>/published")
@allow(Role.LEAD)
def record(public_id: str) -> Response | tuple[str, int]:
    """Write it down."""
    place = objects.inspection(public_id, Role.LEAD)
    form = PublishedForm()
    if form.validate_on_submit() and form.published_on.data:
        try:
            calendars.record_publication(
                db(),
                inspection=place.inspection,
                stage=stages.standing(db(), place.inspection).stage,
                on=form.published_on.data,
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.published_on.errors = list(error.reasons)
        else:
            flash(f"The report of {place.partnership.name} is published.", "success")
            return redirect(url_for("programmes.inspection", public_id=public_id), 303)
    return _published_page(place, form), 422


def _page(place: Place, form: DatesForm) -> str:
    return render_template("programmes/dates.html", place=place, form=form, usual=Calendar.of(place.inspection))


def _published_page(place: Place, form: PublishedForm) -> str:
    return render_template("programmes/published.html", place=place, form=form)
