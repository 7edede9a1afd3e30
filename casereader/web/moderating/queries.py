"""Queries as a moderator has them: asking about an answer, going on, resolving; all of an inspection, with counts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import queries
from casereader.errors import ConflictError, RefusedError
from casereader.moderating import moderation
from casereader.programmes.inspections import Place
from casereader.queries import Seen, Sought
from casereader.readings import answers_of
from casereader.vocabulary import QueryKind, Role
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.answers import query_pages, reading_pages
from casereader.web.answers.query_pages import Viewer
from casereader.web.answers.questions import slug, words_of
from casereader.web.clock import now
from casereader.web.moderating import query_rows
from casereader.web.request_session import db

blueprint = Blueprint("queries", __name__)

MODERATES = (Role.MODERATOR, Role.LEAD)
ASK_HINT = (
    "Ask about this reading alone: say nothing of any other reading of the case, nor whether there is one. "
    "Use the case’s reference, and no names."
)
SAY_HINT = f"{ASK_HINT} To resolve the query you may leave it blank."


@blueprint.get("/inspections/<public_id>/queries")
@allow(*MODERATES)
def index(public_id: str) -> str:
    """Every query of the inspection that the moderator may see, with counts, filters and a search."""
    place = objects.inspection(public_id, *MODERATES)
    instrument = objects.instrument_of(place.programme)
    every = queries.search(db(), place=place, account=person().account, sought=Sought())
    sought = query_rows.sought(request.args)
    found = queries.search(db(), place=place, account=person().account, sought=sought)
    by_key = queries.counts(every)
    ordered = [key for key in instrument.parts if key in by_key]
    ordered += sorted(by_key.keys() - set(ordered))
    mine = [one for one in every if _is_mine(one)]
    return render_template(
        "queries/index.html",
        place=place,
        n_all=len(every),
        n_mine=len(mine),
        first=mine[0] if mine else None,
        first_name=query_pages.name_of(instrument, mine[0].conversation.query.key) if mine else "",
        counted=query_rows.counted(instrument, ordered, by_key),
        rows=[query_rows.row(public_id, instrument, one) for one in found],
        is_filtered=sought != Sought(),
        filters=query_rows.filters(instrument, ordered, sought),
    )


@blueprint.get("/inspections/<public_id>/moderation/<reading>/ask/<key>")
@allow(*MODERATES)
def ask(public_id: str, reading: str, key: str) -> str | Response:
    """Ask about one answer; where there is a conversation about it already, that one."""
    place = objects.inspection(public_id, *MODERATES)
    one = moderation.find(db(), place=place, public_id=reading, account=person().account)
    if (standing := queries.unresolved_about(db(), one.opened, key)) is not None:
        return redirect(url_for("queries.show", public_id=public_id, query=standing.public_id), 303)
    instrument = objects.instrument_of_reading(one.opened)
    queries.refuse_asking(db(), one.opened, key, instrument, person().account)
    return _ask_page(place, reading, key)


@blueprint.post("/inspections/<public_id>/moderation/<reading>/ask/<key>")
@allow(*MODERATES)
def ask_post(public_id: str, reading: str, key: str) -> tuple[str, int] | Response:
    """Send the question to the reader."""
    place = objects.inspection(public_id, *MODERATES)
    one = moderation.find(db(), place=place, public_id=reading, account=person().account)
    text = request.form.get("text", "")
    try:
        queries.ask(
            db(),
            place=place,
            public_id=reading,
            key=key,
            instrument=objects.instrument_of_reading(one.opened),
            question=text,
            keep_signs=query_pages.keeps_signs(),
            by=person().account,
            at=now(),
        )
    except (RefusedError, ConflictError) as error:
        standing = queries.unresolved_about(db(), one.opened, key)
        if standing is not None:
            return _page(place, standing.public_id, text=text, refused=error), 422
        return _ask_page(place, reading, key, text=text, refused=error), 422
    flash(f"Your question about {key} is sent to the reader.", "success")
    return redirect(url_for("moderation.show", public_id=public_id, reading=reading, _anchor=f"r-{slug(key)}"), 303)


@blueprint.get("/inspections/<public_id>/queries/<query>")
@allow(*MODERATES)
def show(public_id: str, query: str) -> str:
    """One query, with the answer it is about."""
    return _page(objects.inspection(public_id, *MODERATES), query)


@blueprint.post("/inspections/<public_id>/queries/<query>/say")
@allow(*MODERATES)
def say(public_id: str, query: str) -> tuple[str, int] | Response:
    """Go on with it: it waits for the reader then."""
    place = objects.inspection(public_id, *MODERATES)
    text = request.form.get("text", "")
    try:
        queries.say(
            db(),
            place=place,
            public_id=query,
            text=text,
            keep_signs=query_pages.keeps_signs(),
            by=person().account,
            at=now(),
        )
    except (RefusedError, ConflictError) as error:
        return _page(place, query, text=text, refused=error), 422
    flash("Your words are sent to the reader.", "success")
    return redirect(_reading_of(place, query), 303)


@blueprint.post("/inspections/<public_id>/queries/<query>/resolve")
@allow(*MODERATES)
def resolve(public_id: str, query: str) -> tuple[str, int] | Response:
    """Close it."""
    place = objects.inspection(public_id, *MODERATES)
    text = request.form.get("text", "")
    try:
        queries.resolve(
            db(),
            place=place,
            public_id=query,
            note=text,
            keep_signs=query_pages.keeps_signs(),
            by=person().account,
            at=now(),
        )
    except (RefusedError, ConflictError) as error:
        return _page(place, query, text=text, refused=error), 422
    flash("The query is resolved.", "success")
    return redirect(_reading_of(place, query), 303)


@blueprint.get("/inspections/<public_id>/moderation/<reading>/marks")
@allow(*MODERATES)
def marks(public_id: str, reading: str) -> str:
    """Ask what came of talking the marks of a reading over."""
    return _marks_page(objects.inspection(public_id, *MODERATES), reading)


@blueprint.post("/inspections/<public_id>/moderation/<reading>/marks")
@allow(*MODERATES)
def resolve_marks(public_id: str, reading: str) -> tuple[str, int] | Response:
    """Resolve them all."""
    place = objects.inspection(public_id, *MODERATES)
    text = request.form.get("text", "")
    try:
        n = queries.resolve_marks(
            db(),
            place=place,
            public_id=reading,
            note=text,
            keep_signs=query_pages.keeps_signs(),
            by=person().account,
            at=now(),
        )
    except (RefusedError, ConflictError) as error:
        return _marks_page(place, reading, text=text, refused=error), 422
    flash(f"{n} marks are resolved." if n != 1 else "1 mark is resolved.", "success")
    return redirect(url_for("moderation.show", public_id=public_id, reading=reading), 303)


def _ask_page(
    place: Place, reading: str, key: str, *, text: str = "", refused: RefusedError | ConflictError | None = None
) -> str:
    one = moderation.find(db(), place=place, public_id=reading, account=person().account)
    instrument = objects.instrument_of_reading(one.opened)
    part, answer = instrument.part(key), answers_of(db(), one.opened.key).get(key)
    return render_template(
        "queries/ask.html",
        **reading_pages.frame(one.opened, instrument),
        **query_pages.text_fields("Your question", ASK_HINT, text=text, refused=refused),
        code=query_pages.code_of(instrument, key),
        name=query_pages.name_of(instrument, key),
        asks=part.text,
        value=words_of(part, answer) or "Not answered",
        note=answer.note if answer else "",
        reader=one.reader,
        back=url_for(
            "moderation.show", public_id=place.inspection.public_id, reading=reading, _anchor=f"r-{slug(key)}"
        ),
    )


def _page(place: Place, query: str, *, text: str = "", refused: RefusedError | ConflictError | None = None) -> str:
    seen = queries.find_seen(db(), place=place, public_id=query, account=person().account)
    instrument = objects.instrument_of_reading(seen.opened)
    key = seen.conversation.query.key
    part = instrument.part(key) if instrument.has(key) else None
    answer = answers_of(db(), seen.opened.key).get(key) if seen.is_back else None
    return render_template(
        "queries/show.html",
        **reading_pages.frame(seen.opened, instrument, is_of_one=seen.is_back),
        **query_pages.text_fields("What you say", SAY_HINT, text=text, refused=refused),
        one=query_pages.shown(instrument, seen.conversation, Viewer.MODERATOR),
        asks=part.text if part else "",
        value=(words_of(part, answer) if part else "") or "Not answered",
        note=answer.note if answer else "",
        reader=seen.reader,
        is_back=seen.is_back,
        is_own=seen.opened.reading.reviewer_id == person().id,
        where=_address(place, seen),
        query=query,
        deeds=histories.of(place, query),
    )


def _marks_page(
    place: Place, reading: str, *, text: str = "", refused: RefusedError | ConflictError | None = None
) -> str:
    one = moderation.find(db(), place=place, public_id=reading, account=person().account)
    instrument = objects.instrument_of_reading(one.opened)
    label, hint = "What came of talking the marks over", "The reader can read it, under each of these answers."
    found = [each for each in query_pages.of_reading(one.opened) if each.query.kind is QueryKind.DISCUSS]
    return render_template(
        "queries/marks.html",
        **reading_pages.frame(one.opened, instrument),
        **query_pages.text_fields(label, f"{hint} {ASK_HINT}", text=text, refused=refused),
        found=[query_pages.shown(instrument, each, Viewer.MODERATOR) for each in found if not each.is_resolved],
    )


def _reading_of(place: Place, query: str) -> str:
    seen = queries.find_seen(db(), place=place, public_id=query, account=person().account)
    return _address(place, seen)


def _address(place: Place, seen: Seen) -> str:
    """The answer in the reading, for a moderator; the list of queries while its reader has it open again."""
    key = place.inspection.public_id
    if not seen.is_back:
        return url_for("queries.index", public_id=key)
    name = seen.opened.reading.public_id
    return url_for("moderation.show", public_id=key, reading=name, _anchor=f"r-{slug(seen.conversation.query.key)}")


def _is_mine(one: Seen) -> bool:
    """Whether this person is to go on with it as a moderator."""
    is_own = one.opened.reading.reviewer_id == person().id
    return one.conversation.waits_for_moderator and one.is_back and not is_own
