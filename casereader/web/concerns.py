"""Matters of concern: raised from any page of a reading, received on the lead's page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import concerns
from casereader.errors import RefusedError
from casereader.vocabulary import ConcernKind, Role
from casereader.web import objects, reading_pages
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.reading_pages import MOMENT, READERS
from casereader.web.request_session import db

blueprint = Blueprint("concerns", __name__)

FIELDS = ("told_whom", "seen", "needed")


@blueprint.get("/readings/<public_id>/concern")
@allow(*READERS)
def ask(public_id: str) -> str:
    """First: tell the lead now. Then: who was told, what was seen, what is needed."""
    return _page(public_id, {}, [])


@blueprint.post("/readings/<public_id>/concern")
@allow(*READERS)
def raise_it(public_id: str) -> tuple[str, int] | Response:
    """Record it."""
    opened = objects.reading(public_id, to_change=True)
    kinds = {kind.value: kind for kind in ConcernKind}
    given = {name: request.form.get(name, "") for name in ("kind", *FIELDS)}
    try:
        concern = concerns.raise_concern(
            db(),
            opened=opened,
            instrument=objects.instrument_of_reading(opened),
            kind=kinds.get(given["kind"]),
            told_whom=given["told_whom"],
            seen=given["seen"],
            needed=given["needed"],
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _page(public_id, given, list(error.reasons)), 422
    flash(f"The matter of concern is recorded at {concern.raised_at.strftime(MOMENT)}. Go on reading.", "success")
    return redirect(url_for("reading.tasks", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/concerns")
@allow(Role.LEAD)
def index(public_id: str) -> str:
    """The inspection's matters of concern, those not received first."""
    place = objects.inspection(public_id, Role.LEAD)
    return render_template("moderation/concerns.html", place=place, raised=concerns.of_inspection(db(), place=place))


@blueprint.post("/inspections/<public_id>/concerns/<concern>/received")
@allow(Role.LEAD)
def receive(public_id: str, concern: str) -> Response:
    """Mark one as received."""
    place = objects.inspection(public_id, Role.LEAD)
    concerns.receive(db(), place=place, public_id=concern, by=person().account, at=now())
    flash("Marked as received.", "success")
    return redirect(url_for("concerns.index", public_id=public_id), 303)


def _page(public_id: str, given: dict[str, str], reasons: list[str]) -> str:
    opened = objects.reading(public_id)
    faults = {name: [reason for reason in reasons if reason.startswith(sign)] for name, sign in _SIGNS.items()}
    labels = {
        "told_whom": "Whom did you tell, how and when?",
        "seen": "What did you see in the record?",
        "needed": "What is needed now?",
    }
    return render_template(
        "reading/concern.html",
        **reading_pages.frame(opened, objects.instrument_of_reading(opened)),
        leads=concerns.leads(db(), place=opened.place),
        kind={
            "id": "kind",
            "name": "kind",
            "label": "What is it?",
            "choices": [
                {"value": kind.value, "label": kind.value.capitalize(), "selected": given.get("kind") == kind.value}
                for kind in ConcernKind
            ],
            "errors": faults["kind"],
        },
        fields_of={
            name: {"id": name, "name": name, "label": label, "value": given.get(name, ""), "errors": faults[name]}
            for name, label in labels.items()
        },
        errors=[
            {"text": reason, "href": next((f"#{name}" for name, found in faults.items() if reason in found), "#seen")}
            for reason in reasons
        ],
    )


_SIGNS = {
    "told_whom": "Say whom",
    "kind": "Choose whether",
    "seen": "Say what you saw",
    "needed": "Say what is needed",
}
