"""Matters of concern: raised from any page of a reading, then received and followed by lead and deputy."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import concerns, dated, readings
from casereader.concerns import Raised, Told
from casereader.errors import AbsentError, FormError, RefusedError
from casereader.models import Concern
from casereader.programmes import contacts
from casereader.programmes.inspections import Place
from casereader.readings import Opened
from casereader.vocabulary import READER_ROLES, ConcernKind, ConcernState, Role, ToldHow
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.answers import reading_pages
from casereader.web.clock import in_words, now
from casereader.web.field_labels import OF_A_CONCERN, OF_A_STEP
from casereader.web.follow_up.concern_pages import choices, facts, one_of, paper_page, text
from casereader.web.request_session import db

blueprint = Blueprint("concerns", __name__)

TOLD = contacts.TOLD
ELSE = "somebody else"
STATE_KINDS = {
    ConcernState.RAISED: "attention",
    ConcernState.RECEIVED: "in-progress",
    ConcernState.PASSED_ON: "waiting",
    ConcernState.CLOSED: "done",
}
STEP_LABELS = {
    ConcernState.PASSED_ON: "It is with the partnership, or there is something to add",
    ConcernState.CLOSED: "It is closed: the partnership has answered and nothing more is to be done",
}


@blueprint.get("/readings/<public_id>/concern")
@allow(*READER_ROLES)
def ask(public_id: str) -> str:
    """First: tell the lead now. Then: who was told, what was seen, what is needed."""
    return _form(public_id, {}, {})


@blueprint.post("/readings/<public_id>/concern")
@allow(*READER_ROLES)
def raise_it(public_id: str) -> tuple[str, int] | Response:
    """Record it."""
    opened = _opened(public_id, to_change=True)
    given = {name: request.form.get(name, "") for name in OF_A_CONCERN}
    named = "" if given["told_whom"] == ELSE else given["told_whom"]
    whom = ", ".join(filter(None, (named, given["told_name"].strip())))
    try:
        concern = concerns.raise_concern(
            db(),
            opened=opened,
            instrument=objects.instrument_of_reading(opened),
            told=Told(whom, one_of(ToldHow, given["told_how"]), given["told_when"]),
            kind=one_of(ConcernKind, given["kind"]),
            seen=given["seen"],
            needed=given["needed"],
            by=person().account,
            at=now(),
        )
    except FormError as error:
        return _form(public_id, given, error.faults), 422
    flash(f"The matter of concern is recorded at {dated.moment(concern.raised_at)}.", "success")
    return redirect(url_for("concerns.mine", public_id=public_id, concern=concern.public_id), 303)


@blueprint.get("/readings/<public_id>/concern/<concern>")
@allow(*READER_ROLES)
def mine(public_id: str, concern: str) -> str:
    """What I wrote, on one page to print."""
    opened = _opened(public_id)
    found = concerns.find(db(), public_id=concern, account=person().account)
    if found.concern.reading_id != opened.key:
        raise AbsentError
    return paper_page(found, back=_reading_of(opened), back_text="Go on reading", is_mine=True)


@blueprint.get("/inspections/<public_id>/concerns")
@allow(*TOLD)
def index(public_id: str) -> str:
    """The inspection's matters of concern, those not received first."""
    place = objects.inspection(public_id, *TOLD)
    rows = [
        [
            {
                "text": one.case_ref,
                "href": url_for("concerns.show", public_id=public_id, concern=one.concern.public_id),
            },
            one.concern.kind.value.capitalize(),
            dated.moment(one.concern.raised_at),
            _standing(one.concern),
            one.concern.partnership_ref,
        ]
        for one in concerns.of_inspection(db(), place=place, account=person().account)
    ]
    return render_template(
        "concerns/index.html", place=place, rows=rows, minutes=place.programme.concern_minutes, back=_back(place)
    )


@blueprint.get("/inspections/<public_id>/concerns/<concern>")
@allow(*TOLD)
def show(public_id: str, concern: str) -> str:
    """One of them, whole, with every step taken and the next one."""
    return _one(public_id, concern, {}, {})


@blueprint.get("/inspections/<public_id>/concerns/<concern>/paper")
@allow(*TOLD)
def paper(public_id: str, concern: str) -> str:
    """One of them on one page to print, for the partnership."""
    found = _of_inspection(public_id, concern)
    return paper_page(
        found, back=url_for("concerns.show", public_id=public_id, concern=concern), back_text="The matter of concern"
    )


@blueprint.post("/inspections/<public_id>/concerns/<concern>/received")
@allow(*TOLD)
def receive(public_id: str, concern: str) -> Response | tuple[str, int]:
    """Mark one as received."""
    _of_inspection(public_id, concern)
    try:
        concerns.receive(db(), public_id=concern, by=person().account, at=now())
    except RefusedError as error:
        return _one(public_id, concern, {}, {"": error.reasons[0]}), 422
    flash("Marked as received. Next: take it to the partnership.", "success")
    return redirect(url_for("concerns.show", public_id=public_id, concern=concern), 303)


@blueprint.post("/inspections/<public_id>/concerns/<concern>/steps")
@allow(*TOLD)
def follow(public_id: str, concern: str) -> Response | tuple[str, int]:
    """Record what was done, and where it stands now."""
    _of_inspection(public_id, concern)
    given = {name: request.form.get(name, "") for name in OF_A_STEP}
    to = one_of(ConcernState, given["to"])
    if to is None:
        return _one(public_id, concern, given, {"to": "Choose where it stands now."}), 422
    try:
        concerns.follow(
            db(),
            public_id=concern,
            to=to,
            done=given["done"],
            partnership_ref=given["partnership_ref"],
            by=person().account,
            at=now(),
        )
    except FormError as error:
        return _one(public_id, concern, given, error.faults), 422
    flash("Closed." if to is ConcernState.CLOSED else "Recorded.", "success")
    return redirect(url_for("concerns.show", public_id=public_id, concern=concern), 303)


def _form(public_id: str, given: Mapping[str, str], faults: Mapping[str, str]) -> str:
    opened = _opened(public_id)
    named = contacts.contacts(db(), inspection=opened.place.inspection, at=now())
    if "told_whom" in faults and given.get("told_whom") == ELSE:
        faults = {"told_name": faults["told_whom"], **{name: faults[name] for name in faults if name != "told_whom"}}
    return render_template(
        "concerns/ask.html",
        **reading_pages.frame(opened, objects.instrument_of_reading(opened)),
        back=_reading_of(opened),
        went_back=objects.went_back(),
        told_whom=choices("told_whom", [*(one.name for one in named), ELSE], given, faults),
        told_how=choices("told_how", [how.value for how in ToldHow], given, faults),
        kind=choices("kind", [kind.value for kind in ConcernKind], given, faults),
        texts={
            name: text(name, OF_A_CONCERN[name], given.get(name, ""), faults.get(name))
            for name in ("told_name", "told_when", "seen", "needed")
        },
        errors=[{"text": says, "href": f"#{name}"} for name, says in faults.items()],
    )


def _one(public_id: str, concern: str, given: Mapping[str, str], faults: Mapping[str, str]) -> str:
    found = _of_inspection(public_id, concern)
    to = [state for state in concerns.NEXT[found.concern.state] if state in STEP_LABELS]
    reference = given.get("partnership_ref", found.concern.partnership_ref)
    return render_template(
        "concerns/show.html",
        found=found,
        place=found.place,
        facts=facts(found),
        deeds=histories.of(found.place, found.concern.public_id),
        raised_by=found.raised_by,
        steps=[
            [
                dated.moment(step.at),
                {"status": step.state.value.capitalize(), "kind": STATE_KINDS[step.state]},
                step.who,
                step.said,
            ]
            for step in found.steps
        ],
        is_new=found.concern.state is ConcernState.RAISED,
        is_mine=found.concern.raised_by_id == person().id,
        to={
            "id": "to",
            "name": "to",
            "label": OF_A_STEP["to"],
            "choices": [
                {"value": state.value, "label": STEP_LABELS[state], "selected": given.get("to", to[0]) == state.value}
                for state in to
            ],
            "errors": [faults["to"]] if "to" in faults else [],
        },
        done=text("done", OF_A_STEP["done"], given.get("done", ""), faults.get("done")),
        reference=text("partnership_ref", OF_A_STEP["partnership_ref"], reference, faults.get("partnership_ref")),
        errors=[{"text": says, "href": f"#{name}" if name else ""} for name, says in faults.items()],
    )


def _standing(concern: Concern) -> dict[str, str]:
    """Where it stands; while nobody has received it, for how long, and whether nobody answered."""
    standing = {"status": concern.state.value.capitalize(), "kind": STATE_KINDS[concern.state]}
    if concern.state is ConcernState.RAISED:
        standing["hint"] = f"Has waited {in_words(concerns.minutes_waited(concern, now()))}."
        if concern.told_how is ToldHow.NOBODY:
            standing["hint"] += " Nobody answered when the reviewer tried."
    return standing


def _opened(public_id: str, *, to_change: bool = False) -> Opened:
    """The reading in the address: one's own, or one of the local reviewer that one countersigns for."""
    try:
        return objects.reading(public_id, to_change=to_change)
    except AbsentError:
        opened = readings.find_for_pair(db(), public_id=public_id, account=person().account, to_change=to_change)
        objects.show_banner(opened.place.programme)
        objects.say_where_it_is(opened.place)
        return opened


def _reading_of(opened: Opened) -> str:
    """Where the person reads it."""
    if opened.reading.reviewer_id == person().id:
        return url_for("reading.tasks", public_id=opened.reading.public_id)
    place = opened.place.inspection.public_id
    return url_for("countersigning.show", public_id=place, reading=opened.reading.public_id)


def _of_inspection(public_id: str, concern: str) -> Raised:
    place = objects.inspection(public_id, *TOLD)
    found = concerns.find(db(), public_id=concern, account=person().account)
    if found.place.inspection.id != place.inspection.id:
        raise AbsentError
    return found


def _back(place: Place) -> tuple[str, str]:
    """Where an index page leads back to: the inspection's page is not open to somebody who is deputy only."""
    if person().roles_in(place.inspection.id or 0) & {Role.LEAD, Role.MODERATOR, Role.COORDINATOR}:
        return url_for("programmes.inspection", public_id=place.inspection.public_id), place.partnership.name
    return url_for("home.index"), "What to do next"
