"""The first page, and the health of the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as BaseResponse

from casereader import actions, concerns, dated, own_instrument, queries, readings, schema
from casereader.actions import LateHere
from casereader.after_the_draw import reserves
from casereader.moderating import proposals
from casereader.moderating.proposals import Turn
from casereader.programmes import inspections, programmes
from casereader.programmes.calendars import Calendar
from casereader.programmes.inspections import Place
from casereader.readings import Opened
from casereader.stages import due, stages, still_to_name
from casereader.stages.stages import Standing
from casereader.vocabulary import READER_ROLES, Role, Stage
from casereader.web import objects
from casereader.web.access import Door, allow, person
from casereader.web.answers import opened_again
from casereader.web.clock import now
from casereader.web.drawing import replacements
from casereader.web.forms.sampling import ListForm
from casereader.web.installed import engine, instruments
from casereader.web.programmes import signpost, signposts
from casereader.web.programmes.signpost import Signpost, Urgency
from casereader.web.readings import answers_of_both, next_record
from casereader.web.request_session import db
from casereader.web.retention import for_home as retention_for_home

blueprint = Blueprint("home", __name__)

MOST_SHOWN = 8
RUNS = frozenset({Role.COORDINATOR, Role.LEAD, Role.MODERATOR})


@blueprint.get("/")
@allow(Door.SIGNED_IN)
def index() -> str:
    """What this person should do next."""
    places = inspections.all_places(db(), account=person().account, roles=RUNS)
    standings = stages.with_waves(db(), stages.standings(db(), [place.inspection.id or 0 for place in places]))
    standings = still_to_name.with_names(db(), standings, at=now())
    reading = [one for one in places if standings[one.inspection.id or 0].stage is Stage.READING]
    waiting, out, above = _replacing(reading)
    concerned = _concerns()
    todo = grouped([*concerned, *_todo(places, standings, above=above)])
    shows_all = "all" in request.args
    return render_template(
        "home/index.html",
        waiting=waiting,
        out=out,
        concern_first=bool(concerned),
        sends=signpost.here(todo[0].get("sends")) if todo else None,
        list_form=ListForm(formdata=None),
        at=now(),
        todo=todo if shows_all else todo[:MOST_SHOWN],
        n_more=0 if shows_all else max(0, len(todo) - MOST_SHOWN),
        shows_all=shows_all,
        has_inspections=bool(person().opens & RUNS),
    )


def grouped(todo: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first by itself; of the rest, what others wait for alike in several inspections once, with `places`."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for item in todo[1:]:
        others_wait = item.get("urgency", Urgency.STEP) <= Urgency.FOR_ME
        key = (item["heading"], item["text"], "" if others_wait else item["href"])
        found.setdefault(key, []).append(item)
    rest = [same[0] if len(same) == 1 else {**same[0], "places": same} for same in found.values()]
    return [*todo[:1], *rest]


def _replacing(places: list[Place]) -> tuple[list[dict[str, object]], list[dict[str, str]], set[int]]:
    """What waits to be confirmed by me as the second person, and for whoever runs it where reserves run out.

    Last the inspections that something waits in: a line in the list would say it again.
    """
    by_key = {place.inspection.id or 0: place for place in places}
    lines = reserves.lines(db(), by_key)
    found = [
        one
        for one in reserves.proposals(db(), by_key, found=lines)
        if one.proposed_by_id != person().id and person().roles_in(one.inspection_id) & set(replacements.CONFIRMS)
    ]
    waiting = replacements.waiting(found, places=by_key)
    for shown, one in zip(waiting, found, strict=True):
        shown["where"] = by_key[one.inspection_id].name
    out = [
        {
            "where": place.name,
            "says": says,
            "href": url_for("progress.show", public_id=place.inspection.public_id),
        }
        for place in places
        for says in replacements.warnings(lines, place=place)
    ]
    return waiting, out, {one.inspection_id for one in found}


def _todo(places: list[Place], standings: dict[int, Standing], *, above: set[int]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    opens = person().opens
    if opens & set(READER_ROLES):
        found += _reading()
    found += answers_of_both.moderated_for_home(places)
    found += _to_moderate(places)
    found += opened_again.refused_for_home()
    steps = []
    for place in places:
        objects.show_banner(place.programme)
        standing = standings[place.inspection.id or 0]
        roles = person().roles_in(place.inspection.id or 0)
        is_late = bool(due.late(Calendar.of(place.inspection), standing, today=now().date()))
        for post in signposts.all_steps(place, standing, roles, me=person().id):
            if post.heading == signposts.INELIGIBLE and place.inspection.id in above:
                continue
            steps.append((post.urgency.where_late() if is_late else post.urgency, post, place.name))
    steps += [(post.urgency, post, place.name) for place, post in _own_instruments(places, standings)]
    steps += [
        (Urgency.LATE, _late_actions(one), one.place.name)
        for one in actions.late(db(), account=person().account, today=now().date())
    ]
    for _, post, name in sorted(steps, key=lambda step: step[0]):
        found.append({"where": name, **vars(post)})
    if person().account.may_begin_programmes and not places:
        found += _programmes()
    found += retention_for_home(places)
    if person().account.is_administrator:
        says = "Make accounts, set their last days, and help those who cannot get in."
        found.append({"where": "", "heading": "Look after accounts", "text": says, "href": url_for("admin.index")})
    return found + _followed(inspections.all_places(db(), account=person().account, roles=[Role.DEPUTY]))


def _programmes() -> list[dict[str, object]]:
    """For whoever may begin programmes and has no inspection: what they began and left without one, else to begin."""
    begun = programmes.begun_by(db(), account=person().account)
    if not begun:
        says = "Choose the instrument, then add the partnerships."
        return [{"where": "", "heading": "Begin a programme", "text": says, "href": url_for("programmes.new")}]
    says = "With its lead, who needs an account first: an administrator makes it."
    return [
        {
            "where": one.name,
            "heading": "Add a partnership",
            "text": says,
            "href": url_for("programmes.add", public_id=one.public_id),
        }
        for one in begun
    ]


def _own_instruments(places: list[Place], standings: dict[int, Standing]) -> list[tuple[Place, Signpost]]:
    """Where I am lead, the reading is over and the partnership's own instrument is not complete."""
    posts = {
        place.inspection.id or 0: (place, post)
        for place in places
        for key in [place.inspection.id or 0]
        if (post := signposts.own_instrument(place, standings[key], person().roles_in(key))) is not None
    }
    if not posts:
        return []
    answered = own_instrument.answered_in(db(), list(posts), library=instruments())
    return [posts[key] for key, one in answered.items() if not one.is_complete]


def _late_actions(one: LateHere) -> Signpost:
    """The way to the actions of an inspection of which some are late."""
    heading = f"{one.n} action{'s' if one.n != 1 else ''} late"
    text = f"The first was due on {dated.day(one.since)}: ask how it stands, or give it again."
    href = url_for("actions.index", public_id=one.place.inspection.public_id)
    return Signpost(heading, text, href, Urgency.LATE)


def _reading() -> list[dict[str, object]]:
    """What waits for me as a reader, and as the inspector of a local reviewer."""
    mine = readings.mine(db(), account=person().account)
    waiting = sum(opened.is_open for opened in mine)
    first = next_record.next_of(next_record.in_turn(mine))
    found: list[dict[str, object]] = []
    if first is not None:
        found.append({"where": first.place.name, **next_record.step(first, waiting)})
    if waiting != 1:
        heading = f"Your readings: {waiting} to do" if waiting else "Your readings"
        says = "All records given to you, by inspection." if waiting else "No record is left for you to read."
        found.append({"where": "", "heading": heading, "text": says, "href": url_for("reading.index")})
    submitted = len(readings.to_countersign(db(), account=person().account))
    if submitted:
        heading = f"Countersign {submitted} reading{'s' if submitted != 1 else ''}"
        says = "Your local reviewer submitted them. They count once you have countersigned them."
        found.append({"where": "", "heading": heading, "text": says, "href": url_for("reading.index")})
    to_settle = proposals.to_settle(db(), mine=mine, account=person().account)
    if turns := [one.turn for one in to_settle if one.turn.may_go_on]:
        n, proposed = len(turns), turns.count(Turn.MINE)
        heading = f"Settle {n} record{'s' if n != 1 else ''} with the other reader"
        says = "Both of you have read them. Talk over where you differ, and propose what should count."
        if proposed:
            says = f"In {proposed} the other reader proposed what should count: agree, or change it."
        found.append({"where": "", "heading": heading, "text": says, "href": url_for("reading.index")})
    return [
        *answers_of_both.for_home(mine),
        *opened_again.for_home(mine),
        *_asked(mine),
        *(found if waiting else found[::-1]),
    ]


def _asked(mine: Sequence[Opened]) -> list[dict[str, object]]:
    """What is asked about the answers of my readings: before the reading itself, since it waits for an answer."""
    n = sum(one.conversation.waits_for_reader for one in queries.mine(db(), readings=mine))
    if not n:
        return []
    heading = "Answer a query" if n == 1 else f"Answer {n} queries"
    says = "A moderator asks about answers of yours. The readings are signed off once all is resolved."
    return [{"where": "", "heading": heading, "text": says, "href": url_for("my_queries.index")}]


def _to_moderate(places: list[Place]) -> list[dict[str, object]]:
    """Queries that wait for me as a moderator: answered by the reader, or marked to discuss."""
    moderated = {
        place.inspection.id or 0: place
        for place in places
        if person().roles_in(place.inspection.id or 0) & {Role.MODERATOR, Role.LEAD}
    }
    found: list[dict[str, object]] = []
    waiting = queries.waiting(db(), inspection_ids=list(moderated), account=person().account)
    for key, place in moderated.items():
        if n := waiting[key]:
            heading = "Look at a query" if n == 1 else f"Look at {n} queries"
            says = "Answered by the reader, or marked to discuss. The readings are signed off once all is resolved."
            href = url_for("queries.index", public_id=place.inspection.public_id)
            found.append({"where": place.name, "heading": heading, "text": says, "href": href})
    return found


def _concerns() -> list[dict[str, object]]:
    """Matters of concern that wait for me as lead or deputy: before everything else."""
    found: list[dict[str, object]] = []
    for place, waiting in concerns.not_received(db(), account=person().account):
        heading = f"Receive {waiting} matters of concern" if waiting > 1 else "Receive a matter of concern"
        href = url_for("concerns.index", public_id=place.inspection.public_id)
        says = "A reviewer saw immediate risk or prolonged poor practice."
        found.append({"where": place.name, "heading": heading, "text": says, "href": href})
    return found


def _followed(deputising: list[inspections.Place]) -> list[dict[str, object]]:
    """Where I am deputy: the way to what was raised there."""
    says = "You stand in for the lead where one is raised. Nothing waits to be received unless it is named above."
    return [
        {
            "where": place.name,
            "heading": "Matters of concern",
            "text": says,
            "href": url_for("concerns.index", public_id=place.inspection.public_id),
        }
        for place in deputising
    ]


@blueprint.get("/favicon.ico")
@allow(Door.ANYONE)
def icon() -> BaseResponse:
    """The icon, for what asks for it without having read a page: a file that is opened in a tab of its own."""
    return redirect(url_for("static", filename="icon-32.png"), 303)


@blueprint.get("/healthz")
@allow(Door.ANYONE)
def health() -> tuple[Response, int]:
    """Whether the service can do its work: no version, no counts, no paths."""
    try:
        with engine().connect() as connection:
            connection.execute(text("SELECT 1"))
        current = schema.is_current(engine())
    except SQLAlchemyError:
        return jsonify(status="failing", database="failing", schema="unknown"), 503
    if not current:
        return jsonify(status="failing", database="ok", schema="old"), 503
    return jsonify(status="ok", database="ok", schema="current"), 200
