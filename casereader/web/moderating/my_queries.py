"""My queries: what is asked about the answers of my readings, answered in words or by another answer."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import queries, readings
from casereader.errors import ConflictError, RefusedError
from casereader.queries import Conversation
from casereader.readings import Opened
from casereader.vocabulary import READER_ROLES
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers import query_pages, reading_pages
from casereader.web.answers.query_pages import Viewer
from casereader.web.answers.questions import words_of
from casereader.web.answers.reading_pages import anchor
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("my_queries", __name__)

HINT = "Use the case’s reference, and no names. The moderators and the lead of the inspection can read it."


@blueprint.get("/queries")
@allow(*READER_ROLES)
def index() -> str:
    """Every query about my readings, those that wait for me first."""
    found = queries.mine(db(), readings=readings.mine(db(), account=person().account))
    rows = []
    for one in found:
        objects.show_banner(one.opened.place.programme)
        instrument = objects.instrument_of_reading(one.opened)
        href = query_pages.to_reader(one.opened, one.conversation)
        rows.append(
            query_pages.shown(instrument, one.conversation, Viewer.READER, href=href)
            | {
                "reference": one.opened.case_ref,
                "where": one.opened.place.name,
                "question": query_pages.question_address(one.opened, instrument, one.conversation.query.key),
                "last": query_pages.last_words(instrument, one.conversation),
            }
        )
    return render_template(
        "queries/mine.html",
        mine=[row for row in rows if row["is_mine"]],
        others=[_cells(row) for row in rows if not row["is_mine"]],
    )


@blueprint.get("/readings/<public_id>/queries/<query>")
@allow(*READER_ROLES)
def show(public_id: str, query: str) -> str:
    """One query, with the answer it is about."""
    opened = objects.reading(public_id)
    return _page(opened, queries.find_mine(db(), opened=opened, public_id=query))


@blueprint.post("/readings/<public_id>/queries/<query>/reply")
@allow(*READER_ROLES)
def reply(public_id: str, query: str) -> tuple[str, int] | Response:
    """Answer in words."""
    opened = objects.reading(public_id, to_change=True)
    text = request.form.get("text", "")
    try:
        queries.reply(
            db(),
            opened=opened,
            public_id=query,
            text=text,
            keep_signs=query_pages.keeps_signs(),
            by=person().account,
            at=now(),
        )
    except (RefusedError, ConflictError) as error:
        found = queries.find_mine(db(), opened=opened, public_id=query)
        return _page(opened, found, text=text, refused=error), 422
    flash("Your answer is sent. It waits for a moderator.", "success")
    return redirect(url_for("my_queries.index"), 303)


@blueprint.post("/readings/<public_id>/queries/<query>/change")
@allow(*READER_ROLES)
def change(public_id: str, query: str) -> Response:
    """Take the reading back into work, and go to the question."""
    opened = objects.reading(public_id, to_change=True)
    instrument = objects.instrument_of_reading(opened)
    found = queries.reopen_to_change(db(), opened=opened, public_id=query, by=person().account, at=now())
    if not instrument.has(found.key):
        raise ConflictError("The instrument does not ask this question any more: answer in words.")
    flash(f"The reading is open again. Change {found.key}, then check and submit the reading again.", "success")
    return redirect(anchor(opened, instrument.part(found.key).section, found.key), 303)


def _page(
    opened: Opened, one: Conversation, *, text: str = "", refused: RefusedError | ConflictError | None = None
) -> str:
    instrument = objects.instrument_of_reading(opened)
    key = one.query.key
    part = instrument.part(key) if instrument.has(key) else None
    answer = readings.answers_of(db(), opened.key).get(key)
    return render_template(
        "queries/answer.html",
        **reading_pages.frame(opened, instrument),
        **query_pages.text_fields("Your answer", HINT, text=text, refused=refused),
        one=query_pages.shown(instrument, one, Viewer.READER),
        asks=part.text if part else "",
        value=(words_of(part, answer) if part else "") or "Not answered",
        note=answer.note if answer else "",
        question=query_pages.question_address(opened, instrument, key),
        needs_pair=opened.reading.countersigned_at is not None,
        query=one.query.public_id,
    )


def _cells(row: dict[str, str]) -> list[dict[str, str] | str]:
    return [
        {"text": f"{row['code']} {row['name']}", "href": row["href"], "hidden": f"of {row['reference']}"},
        row["reference"],
        row["last"],
        {"status": row["status"], "kind": row["kind"], "hint": ""},
        row["waits"],
    ]
