"""Conflicts of interest: a page of the inspection for its coordinator, and one of a reader's or moderator's own."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import dated
from casereader.db import at_inspection, wait_for_turn
from casereader.errors import RefusedError
from casereader.models import Account
from casereader.people import conflicts
from casereader.people.conflicts import Held
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import READER_ROLES, ReadingState, Role
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("conflicts", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)
MODERATES = (Role.MODERATOR, Role.LEAD)
DECLARES = (*READER_ROLES, *MODERATES)


@blueprint.get("/inspections/<public_id>/conflicts")
@allow(*SEES)
def show(public_id: str) -> str:
    """Who must not read what."""
    return _page(objects.inspection(public_id, *SEES), [])


@blueprint.post("/inspections/<public_id>/conflicts")
@allow(Role.COORDINATOR)
def declare(public_id: str) -> Response | tuple[str, int]:
    """Keep that a reader or moderator must not read a case, or nothing of the partnership."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    wanted = request.form.get("reader", "")
    account = next((account for account, _ in _may_have_one(place) if account.public_id == wanted), None)
    if account is None:
        return _page(place, ["Choose the person."]), 422
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
@allow(*DECLARES)
def mine(reasons: list[str] | None = None) -> str:
    """What I must not read, and a form to say so."""
    places = inspections.all_places(db(), account=person().account, roles=DECLARES)
    for place in places:
        objects.show_banner(place.programme)
    given = request.form
    declared = [
        (place, one)
        for place in places
        for one in conflicts.of_inspection(db(), inspection=place.inspection, account=person().account)
    ]
    return render_template(
        "conflicts/mine.html",
        reads=bool(person().opens & set(READER_ROLES)),
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
                dated.day(one.conflict.declared_at),
            ]
            for place, one in declared
        ],
        deeds=histories.deeds_of(*(one.conflict.public_id for _, one in declared)),
        given=given,
        errors=[{"text": reason, "href": "#inspection"} for reason in reasons or []] or None,
    )


@blueprint.post("/conflicts")
@allow(*DECLARES)
def declare_mine() -> Response | tuple[str, int]:
    """Keep that I must not read a case, or nothing of a partnership."""
    wanted = request.form.get("inspection", "")
    places = inspections.all_places(db(), account=person().account, roles=DECLARES)
    place = next((place for place in places if place.inspection.public_id == wanted), None)
    if place is None:
        return mine(["Choose the inspection."]), 422
    wait_for_turn(db(), at_inspection(place.inspection.public_id))  # the address names none
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
                "label": f"{account.name} ({roles})",
                "selected": request.form.get("reader") == account.public_id,
            }
            for account, roles in _may_have_one(place)
        ],
        rows=[
            {
                "name": one.account.name,
                "of": one.case_ref or "The whole partnership",
                "reason": one.conflict.reason,
                "when": dated.day(one.conflict.declared_at),
                "end": url_for("conflicts.end", public_id=key, conflict=one.conflict.public_id),
            }
            for one in conflicts.of_inspection(db(), inspection=place.inspection)
        ],
        holds=[
            [one.account.name, one.case_ref, _stands(one), _way_out(key, one, is_coordinator)]
            for one in conflicts.still_holds(db(), inspection_ids=[place.inspection.id or 0])
        ],
        deeds=histories.of_kinds(place, "conflict of interest", tables=["conflict_of_interest"]),
        given=request.form,
        errors=[{"text": reason, "href": "#reader"} for reason in reasons] or None,
    )


def _may_have_one(place: Place) -> list[tuple[Account, str]]:
    """Who reads or moderates in the inspection, by name, with the roles."""
    found: dict[str, tuple[Account, list[str]]] = {}
    for account, entry in inspections.people(db(), inspection=place.inspection):
        if entry.role in DECLARES:
            found.setdefault(account.public_id, (account, []))[1].append(entry.role)
    return [(account, ", ".join(roles)) for account, roles in found.values()]


def _stands(one: Held) -> str:
    """How far the reading is, and whose it is where it is not that of the person with the conflict."""
    if one.reading.submitted_at is not None:
        says = "submitted"
    else:
        says = "begun" if one.reading.state is ReadingState.IN_PROGRESS else "not begun"
    return f"{says}; it is {one.reader.name}’s, to be countersigned" if one.is_of_pair else says


def _way_out(key: str, one: Held, is_coordinator: bool) -> dict[str, str]:
    """What frees the reading, and where the coordinator does it."""
    if not one.stands_still:
        says = "It stays as it is. The moderator is told, and weighs it before signing it off."
        return {"text": "For the moderator", "hint": says}
    if one.reading.submitted_at is not None:
        says = (
            f"End {one.reader.name}’s role and give it again, paired with an inspector who has no such conflict: "
            "the reading then waits for that inspector."
        )
        link = {"text": "Pair with another inspector", "href": url_for("programmes.people", public_id=key)}
    else:
        says = f"Or pair {one.reader.name} with another inspector under People and roles." if one.is_of_pair else ""
        where = url_for("progress.give", public_id=key, reading=one.reading.public_id)
        link = {"text": "Give to another", "href": where}
    return {**(link if is_coordinator else {"text": "For the coordinator"}), "hidden": one.case_ref, "hint": says}
