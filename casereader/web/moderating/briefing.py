"""The morning briefing: a page that may stand in the reading room, without rating or name, and one that may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request, url_for

from casereader.instrument import Instrument
from casereader.moderating import briefing
from casereader.moderating.briefing import Point, Talk
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers.questions import cells_of, heading_of, slug, title_of
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("briefing", __name__)
PREPARES = (Role.MODERATOR, Role.LEAD)
YESTERDAY = "yesterday"


@blueprint.get("/inspections/<public_id>/briefing")
@allow(*PREPARES)
def show(public_id: str) -> str:
    """The disputes, by question: a page for the room."""
    return _page(public_id, briefing.disputes, "moderation/briefing.html")


@blueprint.get("/inspections/<public_id>/briefing/marks")
@allow(*PREPARES)
def marks(public_id: str) -> str:
    """The marks *discuss*, by question: for whoever prepares, and not for the room."""
    return _page(public_id, briefing.marks, "moderation/briefing-marks.html")


def _page(public_id: str, found: Callable[..., list[Talk]], template: str) -> str:
    place = objects.inspection(public_id, *PREPARES)
    instrument = objects.instrument_of(place.programme)
    since = None
    if request.args.get("since") == YESTERDAY:
        since = datetime.combine(now().date() - timedelta(days=1), time(), UTC)
    talks = found(db(), place=place, instrument=instrument, account=person().account, since=since)
    here = request.endpoint or ""
    return render_template(
        template,
        place=place,
        at=now(),
        filters=[
            {"text": "All", "href": url_for(here, public_id=public_id), "current": since is None},
            {
                "text": "Since yesterday",
                "href": url_for(here, public_id=public_id, since=YESTERDAY),
                "current": since is not None,
            },
        ],
        since=since,
        groups=[
            {
                "id": section,
                "heading": heading_of(instrument.section(section)),
                "questions": [_question(instrument, public_id, one) for one in of_section],
            }
            for section, of_section in groupby(talks, key=lambda one: one.part.section)
        ],
    )


def _question(instrument: Instrument, public_id: str, talk: Talk) -> dict[str, Any]:
    part, is_six = talk.part, talk.part.scale.kind == "six"
    return {
        "id": slug(part.key),
        "code": part.code,
        "title": title_of(instrument, part),
        "text": part.text,
        "meanings": [cell for cell in cells_of(part) if cell["descriptor"] and (cell["mark"] or not is_six)],
        "points": [_point(public_id, one, slug(part.key)) for one in talk.points],
    }


def _point(public_id: str, one: Point, name: str) -> dict[str, Any]:
    ways = (("two or more points apart", one.is_far_apart), ("on both sides of good", one.is_across_good))
    says = " and ".join(words for words, holds in ways if holds)
    endpoint, place = ("settling.show", "h-") if says else ("moderation.show", "r-")
    return {
        "case_ref": one.case_ref,
        "why": says[:1].upper() + says[1:],
        "notes": [
            {"text": note.text or "No note.", "under": f"No note here; under {note.under}:" if note.under else ""}
            for note in one.notes
        ],
        "href": url_for(endpoint, public_id=public_id, reading=one.reading_id, _anchor=f"{place}{name}"),
        "link": "Settle it" if says else "Look at the reading",
    }
