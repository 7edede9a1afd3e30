"""Conflicts of interest: a page of the inspection for its coordinator, and one of a reader's own."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import assignments, conflicts, inspections
from casereader.errors import RefusedError
from casereader.inspections import Place
from casereader.vocabulary import ReadingState, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.reading_pages import DAY, READERS
from casereader.web.request_session import db

blueprint = Blueprint("conflicts", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/conflicts")
@allow(*SEES)
def show(public_id: str) -> str:
    """Who must not read what."""
    return _page(objects.inspection(public_id, *SEES), [])


@blueprint.post("/inspections/<public_id>/conflicts")
@allow(Role.COORDINATOR)
def declare(public_id: str) -> Response | tuple[str, int]:
    """Keep that a reader must not read a case, or nothing of the partnership."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    wanted = request.form.get("reader", "")
    people = assignments.readers(db(), inspection=place.inspection)
    account = next((account for account, _ in people if account.public_id == wanted), None)
    if account is None:
        return _page(place, ["Choose the reader."]), 422
    try:
        conflicts.declare(
            db(),
            inspection=place.inspection,
            account=account,
            case_ref=request.form.get("case_ref", ""),
            with_all="with_all" in request.form,
            reason=request.form.get("reason", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _page(place, list(error.reasons)), 422
    flash(f"The conflict of interest of {account.name} is kept: nothing that it covers is given to them.", "success")
    return redirect(url_for("conflicts.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/conflicts/<conflict>/end")
@allow(Role.COORDINATOR)
def end(public_id: str, conflict: str) -> Response | tuple[str, int]:
    """End one that was declared by mistake or is over."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    try:
        found = conflicts.end(db(), inspection=place.inspection, public_id=conflict, by=person().account, at=now())
    except RefusedError as error:
        return _page(place, list(error.reasons)), 422
    flash(f"The conflict of interest of {found.account.name} is ended.", "success")
    return redirect(url_for("conflicts.show", public_id=public_id), 303)


@blueprint.get("/conflicts")
@allow(*READERS)
def mine(reasons: list[str] | None = None) -> str:
    """What I must not read, and a form to say so."""
    places = inspections.all_places(db(), account=person().account, roles=READERS)
    for place in places:
        objects.show_banner(place.programme)
    given = request.form
    return render_template(
        "conflicts/mine.html",
        places=[
            {
                "value": place.inspection.public_id,
                "label": place.name,
                "selected": given.get("inspection") == place.inspection.public_id or len(places) == 1,
            }
            for place in places
        ],
        rows=[
            [
                place.name,
                one.case_ref or "The whole partnership",
                one.conflict.reason,
                one.conflict.declared_at.strftime(DAY),
            ]
            for place in places
            for one in conflicts.of_inspection(db(), inspection=place.inspection, account=person().account)
        ],
        given=given,
        errors=[{"text": reason, "href": "#inspection"} for reason in reasons or []] or None,
    )


@blueprint.post("/conflicts")
@allow(*READERS)
def declare_mine() -> Response | tuple[str, int]:
    """Keep that I must not read a case, or nothing of a partnership."""
    wanted = request.form.get("inspection", "")
    places = inspections.all_places(db(), account=person().account, roles=READERS)
    place = next((place for place in places if place.inspection.public_id == wanted), None)
    if place is None:
        return mine(["Choose the inspection."]), 422
    try:
        conflicts.declare(
            db(),
            inspection=place.inspection,
            account=person().account,
            case_ref=request.form.get("case_ref", ""),
            with_all="with_all" in request.form,
            reason=request.form.get("reason", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return mine(list(error.reasons)), 422
    flash(
        "Your conflict of interest is kept. The coordinator sees it; what it covers goes to somebody else.", "success"
    )
    return redirect(url_for("conflicts.mine"), 303)


def _page(place: Place, reasons: list[str]) -> str:
    is_coordinator = Role.COORDINATOR in person().roles_in(place.inspection.id or 0)
    key = place.inspection.public_id
    return render_template(
        "conflicts/show.html",
        place=place,
        is_coordinator=is_coordinator,
        readers=[
            {
                "value": account.public_id,
                "label": f"{account.name} ({role})",
                "selected": request.form.get("reader") == account.public_id,
            }
            for account, role in assignments.readers(db(), inspection=place.inspection)
        ],
        rows=[
            {
                "name": one.account.name,
                "of": one.case_ref or "The whole partnership",
                "reason": one.conflict.reason,
                "when": one.conflict.declared_at.strftime(DAY),
                "end": url_for("conflicts.end", public_id=key, conflict=one.conflict.public_id),
            }
            for one in conflicts.of_inspection(db(), inspection=place.inspection)
        ],
        holds=[
            [
                account.name,
                ref,
                "begun" if reading.state is ReadingState.IN_PROGRESS else "not begun",
                {
                    "text": "Give to another",
                    "href": url_for("progress.give", public_id=key, reading=reading.public_id),
                    "hidden": ref,
                }
                if is_coordinator
                else "",
            ]
            for account, ref, reading in conflicts.still_holds(db(), inspection=place.inspection)
        ],
        given=request.form,
        errors=[{"text": reason, "href": "#reader"} for reason in reasons] or None,
    )
