"""What readers, and those who asked, are told of a signed-off reading that was opened again or was not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import url_for

from casereader import dated
from casereader.moderating import opened_again
from casereader.moderating.opened_again import Granted
from casereader.readings import Opened
from casereader.web.access import person
from casereader.web.clock import now
from casereader.web.request_session import db

TOLD_FOR = timedelta(days=7)  # a refusal stands on the first page for so long


def words(one: Granted) -> str:
    """By whom, when and why."""
    return f"Opened again by {one.by} on {dated.moment(one.at)}, as {one.asked_by} asked, because: {one.reason}"


def says(opened: Opened) -> str:
    """Why the reading is open again, where two people opened it; blank otherwise."""
    found = opened_again.standing(db(), opened.reading)
    return words(found) if found else ""


def facts(opened: Opened) -> list[dict[str, str]]:
    """The same for the bar that names the case."""
    said = says(opened)
    return [{"key": "Opened again", "value": said.removeprefix("Opened again ")}] if said else []


def for_home(mine: Sequence[Opened]) -> list[dict[str, object]]:
    """What of my readings was opened again."""
    return [
        {
            "where": opened.place.name,
            "heading": f"Go on with {opened.case_ref}: it was opened again",
            "text": said,
            "href": url_for("reading.tasks", public_id=opened.reading.public_id),
        }
        for opened in mine
        if opened.is_open and (said := says(opened))
    ]


def refused_for_home() -> list[dict[str, object]]:
    """What I asked and was refused lately, with the word of whoever refused it."""
    return [
        {
            "where": "",
            "heading": f"{one.case_ref} is not opened again",
            "text": f"{one.by} refused what you asked: {one.unlock.answer}",
            "href": url_for("unlocking.show", public_id=one.inspection_id, unlock=one.unlock.public_id),
        }
        for one in opened_again.refused(db(), account=person().account, since=now() - TOLD_FOR)
    ]
