"""How long the content of an inspection is kept, the request to erase it, and what is left when it is gone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader import dated, erasing, issues, retention
from casereader.errors import RefusedError
from casereader.models import DrawRecord
from casereader.places import COMMAND
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import RetentionReason, Role
from casereader.web import objects
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.forms.retention import EraseForm, RetentionForm
from casereader.web.proved import proved_first
from casereader.web.request_session import db

blueprint = Blueprint("retention", __name__)


@blueprint.get("/retention")
@allow(Door.ADMINISTRATOR)
def due() -> str:
    """What is due and what a lead asks to have erased, by name only."""
    places = inspections.all_places(db())
    late = {place.inspection.id for place in retention.due(places, today=now().date())}
    requests = erasing.asked_for(db())
    found = [
        (place, requests.get(place.inspection.public_id))
        for place in places
        if place.inspection.id in late or place.inspection.public_id in requests
    ]
    return render_template(
        "retention/due.html",
        rows=[[row.name, _day(row.inspection.retain_until), asked.by.name if asked else ""] for row, asked in found],
        commands=[
            f"{COMMAND} erase --inspection {row.path} --by {person().account.email}"
            for row, asked in found
            if asked is not None
        ],
    )


@blueprint.get("/inspections/<public_id>/retention")
@allow(Role.LEAD)
def show(public_id: str) -> str:
    """Until when it is kept and why, and whether somebody asked to have it erased."""
    place = objects.inspection(public_id, Role.LEAD)
    form = RetentionForm(formdata=None)
    form.until.data = place.inspection.retain_until or retention.proposed(place.inspection)
    form.reason.data = (retention.reason_given(db(), inspection=place.inspection) or RetentionReason.PROPOSED).value
    return _page(place, form, EraseForm(formdata=None))


@blueprint.post("/inspections/<public_id>/retention")
@allow(Role.LEAD)
def agree(public_id: str) -> Response | tuple[str, int]:
    """Keep it until that day."""
    place = objects.inspection(public_id, Role.LEAD)
    form = RetentionForm()
    if form.validate_on_submit() and form.until.data:
        try:
            retention.agree(
                db(),
                inspection=place.inspection,
                until=form.until.data,
                reason=RetentionReason(form.reason.data),
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.until.errors = list(error.reasons)
        else:
            flash("The day is set. Nothing is erased by itself.", "success")
            return redirect(url_for("retention.show", public_id=public_id), 303)
    return _page(place, form, EraseForm(formdata=None)), 422


@blueprint.post("/inspections/<public_id>/retention/erase")
@allow(Role.LEAD)
@proved_first("Ask to have the content erased")
def ask(public_id: str) -> Response | tuple[str, int]:
    """Ask an administrator to erase the content."""
    place = objects.inspection(public_id, Role.LEAD)
    form = EraseForm()
    if form.validate_on_submit():
        try:
            erasing.ask(
                db(),
                inspection=place.inspection,
                is_sooner=bool(form.is_sooner.data),
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.is_sooner.errors = list(error.reasons)
        else:
            flash("Asked. An administrator erases the content; until then you can take it back.", "success")
            return redirect(url_for("retention.show", public_id=public_id), 303)
    dates = RetentionForm(formdata=None)
    dates.until.data = place.inspection.retain_until or retention.proposed(place.inspection)
    return _page(place, dates, form), 422


@blueprint.post("/inspections/<public_id>/retention/keep")
@allow(Role.LEAD)
def withdraw(public_id: str) -> Response:
    """Take the request back."""
    place = objects.inspection(public_id, Role.LEAD)
    erasing.withdraw(db(), inspection=place.inspection, by=person().account, at=now())
    flash("Taken back: the content is kept.", "success")
    return redirect(url_for("retention.show", public_id=public_id), 303)


def for_home(places: Sequence[Place]) -> list[dict[str, object]]:
    """Lines for the first page: what is past its day, for its lead, and what a lead asked for, for administrators."""
    found: list[dict[str, object]] = [
        {
            "where": place.name,
            "heading": "Due to be erased",
            "text": f"Kept until {dated.day(place.inspection.retain_until)}: ask for it, or set another day.",
            "href": url_for("retention.show", public_id=place.inspection.public_id),
        }
        for place in retention.due(places, today=now().date())
        if Role.LEAD in person().roles_in(place.inspection.id or 0)
        and erasing.asked(db(), inspection=place.inspection) is None
    ]
    if person().account.is_administrator and (n := len(erasing.asked_for(db()))):
        says = f"{n} inspection{'s' if n != 1 else ''} whose lead asks for it."
        found.append({"where": "", "heading": "Erase content", "text": says, "href": url_for("retention.due")})
    return found


def erased_page(place: Place) -> str:
    """What is left of an inspection whose content was erased."""
    event = erasing.receipt_of(db(), place=place)
    draws = erasing.draws(db(), inspection=place.inspection)
    return render_template(
        "retention/erased.html",
        place=place,
        receipt=event.body if event else {},
        head=event.hash if event else "",
        draws=[_left_of(record) for record in draws],
        issued=[
            {"number": row.number, "on": row.issued_at, "href": _issue(place, row.public_id)}
            for row in issues.of(db(), scope=issues.of_place(place))
        ],
    )


def _left_of(record: DrawRecord) -> dict[str, object]:
    certificate = json.loads(record.certificate)
    return {
        "drawn_at": record.drawn_at,
        "digest": record.certificate_sha256,
        "list_digest": certificate.get("frame_digest", ""),
        "seed": record.seed,
        "is_void": record.voided_at is not None,
        "rows": [[one["stratum"], one["population"], one.get("sample_size")] for one in certificate["strata_counts"]],
    }


def _day(on: date | None) -> str:
    return dated.day(on) if on else ""


def _issue(place: Place, issue: str) -> str:
    return url_for("issuing.inspection_csv", public_id=place.inspection.public_id, issue=issue)


def _page(place: Place, form: RetentionForm, erase: EraseForm) -> str:
    until = place.inspection.retain_until
    return render_template(
        "retention/show.html",
        place=place,
        form=form,
        erase=erase,
        proposed=retention.proposed(place.inspection),
        counted_from=retention.counted_from(place.inspection),
        is_due=until is not None and until < now().date(),
        asked=erasing.asked(db(), inspection=place.inspection),
        errors=[{"text": says, "href": f"#{erase.is_sooner.id}"} for says in erase.is_sooner.errors],
    )
