"""Opening a signed-off reading again: asked for with a reason, granted or refused by a second person, one a lead."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import dated
from casereader.errors import ConflictError, RefusedError
from casereader.moderating import moderation, unlocking
from casereader.moderating.unlocking import Asked
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.moderating.which import which
from casereader.web.proved import proved_first
from casereader.web.request_session import db

blueprint = Blueprint("unlocking", __name__)
ASKS = (Role.MODERATOR, Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/unlocking")
@allow(*ASKS)
def index(public_id: str) -> str:
    """What is asked and what was decided, and the signed-off readings of which it can be asked."""
    place = objects.inspection(public_id, *ASKS)
    found = unlocking.of_inspection(db(), place=place, account=person().account)
    waiting = [one for one in found if one.unlock.waits]
    why_not = {one.unlock.public_id: _why_not(place, one) for one in waiting}
    may = [one for one in waiting if not why_not[one.unlock.public_id]]
    return render_template(
        "unlocking/index.html",
        place=place,
        first=may[0] if may else None,
        waiting=[
            [*_row(public_id, one), {"text": "Waits for a second person", "hint": why_not[one.unlock.public_id]}]
            for one in waiting
        ],
        decided=[[*_row(public_id, one), _decided(one)] for one in found if one not in waiting],
        signed_off=[
            [
                {
                    "text": one.case_ref,
                    "href": url_for("unlocking.ask", public_id=public_id, reading=one.reading.public_id),
                    "hidden": f"({which(one.reading)} reading)",
                },
                which(one.reading).capitalize(),
                one.reader,
                one.reading.state.value.capitalize(),
            ]
            for one in unlocking.signed_off(db(), place=place, account=person().account)
        ],
    )


@blueprint.get("/inspections/<public_id>/unlocking/readings/<reading>")
@allow(*ASKS)
def ask(public_id: str, reading: str) -> str:
    """Where it is asked that a reading be opened again."""
    return _ask(public_id, reading, "", [])


@blueprint.post("/inspections/<public_id>/unlocking/readings/<reading>")
@allow(*ASKS)
def ask_post(public_id: str, reading: str) -> tuple[str, int] | Response:
    """Ask for it."""
    place, reason = objects.inspection(public_id, *ASKS), request.form.get("reason", "")
    try:
        unlocking.ask(db(), place=place, public_id=reading, reason=reason, by=person().account, at=now())
    except (RefusedError, ConflictError) as error:
        return _ask(public_id, reading, reason, list(error.reasons)), 422
    flash("It is asked for. The reading stays signed off until a second person grants it.", "success")
    return redirect(url_for("unlocking.index", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/unlocking/<unlock>")
@allow(*ASKS)
def show(public_id: str, unlock: str) -> str:
    """What is asked, what follows from it, and what was decided."""
    return _show(public_id, unlock, "", [])


@blueprint.post("/inspections/<public_id>/unlocking/<unlock>/decide")
@allow(*ASKS)
@proved_first("Decide on unlocking a reading")
def decide(public_id: str, unlock: str) -> tuple[str, int] | Response:
    """Grant it or refuse it, with a word."""
    place, answer = objects.inspection(public_id, *ASKS), request.form.get("answer", "")
    unlocking.find(db(), place=place, public_id=unlock, account=person().account)
    choice = request.form.get("decision")
    if choice not in ("grant", "refuse"):
        return _show(public_id, unlock, answer, ["Say whether you grant it or refuse it."]), 422
    try:
        if choice == "grant":
            unlocking.grant(db(), place=place, public_id=unlock, answer=answer, by=person().account, at=now())
        else:
            unlocking.refuse(db(), place=place, public_id=unlock, answer=answer, by=person().account, at=now())
    except (RefusedError, ConflictError) as error:
        return _show(public_id, unlock, answer, list(error.reasons)), 422
    says = "It is granted: the reading is with its reader again." if choice == "grant" else "It is refused."
    flash(says, "success")
    return redirect(url_for("unlocking.index", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/unlocking/<unlock>/take-back")
@allow(*ASKS)
def take_back(public_id: str, unlock: str) -> Response:
    """Take back what one asked."""
    place = objects.inspection(public_id, *ASKS)
    unlocking.take_back(db(), place=place, public_id=unlock, by=person().account, at=now())
    flash("It is taken back: the reading stays signed off.", "success")
    return redirect(url_for("unlocking.index", public_id=public_id), 303)


def _ask(public_id: str, reading: str, reason: str, errors: list[str]) -> str:
    place = objects.inspection(public_id, *ASKS)
    one = moderation.find(db(), place=place, public_id=reading, account=person().account)
    return render_template(
        "unlocking/ask.html",
        place=place,
        one=one,
        which=which(one.opened.reading),
        why_not=unlocking.why_not_asked(db(), one.opened.reading),
        warnings=unlocking.warnings(db(), place=place, reading=one.opened.reading),
        reason=reason,
        errors=[{"text": text, "href": "#reason"} for text in errors],
    )


def _show(public_id: str, unlock: str, answer: str, errors: list[str]) -> str:
    place = objects.inspection(public_id, *ASKS)
    asked = unlocking.find(db(), place=place, public_id=unlock, account=person().account)
    is_waiting = asked.unlock.waits
    return render_template(
        "unlocking/show.html",
        place=place,
        asked=asked,
        which=which(asked.reading),
        why_not=_why_not(place, asked),
        decided="" if is_waiting else _decided(asked),
        warnings=unlocking.warnings(db(), place=place, reading=asked.reading) if is_waiting else [],
        may_take_back=is_waiting and asked.unlock.asked_by_id == person().id,
        answer=answer,
        decision=request.form.get("decision", ""),
        deeds=histories.within(asked.unlock.public_id, "unlock", inspection_id=place.inspection.id),
        errors=[{"text": text, "href": "#answer"} for text in errors],
    )


def _why_not(place: Place, asked: Asked) -> str:
    return unlocking.why_not_decided(db(), place=place, asked=asked, by=person().account)


def _row(public_id: str, one: Asked) -> list[Any]:
    return [
        {
            "text": one.case_ref,
            "href": url_for("unlocking.show", public_id=public_id, unlock=one.unlock.public_id),
            "hidden": f"({which(one.reading)} reading)",
        },
        which(one.reading).capitalize(),
        one.reader,
        {"text": one.unlock.reason, "hint": f"{one.asker}, {dated.moment(one.unlock.asked_at)}"},
    ]


def _decided(one: Asked) -> dict[str, str]:
    if one.unlock.taken_back_at is not None:
        return {"text": f"Taken back by {one.asker}, {dated.moment(one.unlock.taken_back_at)}"}
    word = "Granted" if one.unlock.is_granted else "Refused"
    says = f"{word} by {one.decider}, {dated.moment(one.unlock.decided_at)}"
    return {"text": says, "hint": one.unlock.answer}
