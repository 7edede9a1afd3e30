"""Whom to tell of a matter of concern: the telephone numbers of an inspection, and how long one may wait."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader.errors import AbsentError, RefusedError
from casereader.models import Account, Programme
from casereader.programmes import contacts, inspections, programmes
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.forms.contacts import TelephoneForm, WaitingForm
from casereader.web.request_session import db

blueprint = Blueprint("contacts", __name__)

RUNS = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/people/<account>/telephone")
@allow(*RUNS)
def telephone(public_id: str, account: str) -> str:
    """Ask where a lead or a deputy is reached."""
    place, found, number = _told(public_id, account)
    return _telephone_page(place, found, TelephoneForm(formdata=None, telephone=number))


@blueprint.post("/inspections/<public_id>/people/<account>/telephone")
@allow(*RUNS)
def set_telephone(public_id: str, account: str) -> Response | tuple[str, int]:
    """Keep the number."""
    place, found, _ = _told(public_id, account)
    form = TelephoneForm()
    if form.validate_on_submit():
        try:
            contacts.set_telephone(
                db(),
                inspection=place.inspection,
                account=found,
                telephone=form.telephone.data or "",
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.telephone.errors = list(error.reasons)
        else:
            flash(f"{found.name} is reached at {form.telephone.data}.", "success")
            return redirect(url_for("programmes.people", public_id=public_id), 303)
    return _telephone_page(place, found, form), 422


@blueprint.get("/programmes/<public_id>/concerns")
@allow(Door.PROGRAMMES)
def waiting(public_id: str) -> str:
    """Ask how long a matter of concern may wait in this programme."""
    programme = _mine(public_id)
    form = WaitingForm(formdata=None, minutes=programme.concern_minutes)
    return render_template("programmes/concerns.html", programme=programme, form=form)


@blueprint.post("/programmes/<public_id>/concerns")
@allow(Door.PROGRAMMES)
def set_waiting(public_id: str) -> Response | tuple[str, int]:
    """Keep it."""
    programme = _mine(public_id)
    form = WaitingForm()
    if form.validate_on_submit():
        try:
            contacts.set_concern_minutes(
                db(), programme=programme, minutes=form.minutes.data or 0, by=person().account, at=now()
            )
        except RefusedError as error:
            form.minutes.errors = list(error.reasons)
        else:
            flash(f"One that nobody received is shown after {programme.concern_minutes} minutes.", "success")
            return redirect(url_for("programmes.index"), 303)
    return render_template("programmes/concerns.html", programme=programme, form=form), 422


def _told(public_id: str, account: str) -> tuple[Place, Account, str]:
    place = objects.inspection(public_id, *RUNS)
    for found, entry in inspections.people(db(), inspection=place.inspection):
        if found.public_id == account and entry.role in contacts.TOLD:
            return place, found, entry.telephone
    raise AbsentError


def _telephone_page(place: Place, found: Account, form: TelephoneForm) -> str:
    return render_template("programmes/telephone.html", place=place, name=found.name, form=form)


def _mine(public_id: str) -> Programme:
    programme = programmes.begun(db(), public_id=public_id, account=person().account)
    objects.show_banner(programme)
    return programme
