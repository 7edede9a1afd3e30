"""The time a record takes: what the form's script reports while it is used, and how it is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from casereader import readings
from casereader.instrument import Instrument
from casereader.readings import Opened
from casereader.vocabulary import READER_ROLES
from casereader.web import errors, objects, strict_json
from casereader.web.access import allow
from casereader.web.answers.reading_pages import anchor
from casereader.web.clock import now
from casereader.web.every_request import unexpected
from casereader.web.request_session import db

blueprint = Blueprint("time_spent", __name__)

MOST_MINUTES = 1_440


@blueprint.post("/readings/<public_id>/active")
@allow(*READER_ROLES)
def note(public_id: str) -> Response:
    """Keep the minutes in which the page was used: `{"minutes_ago": [0, 1]}`."""
    opened = objects.reading(public_id, to_change=True)
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        sent = strict_json.read(request.get_data())
    except strict_json.UnreadableError as error:
        return errors.page(400, str(error))
    minutes = sent.get("minutes_ago")
    unexpected.tell(sent.keys() - {"minutes_ago"})
    is_list = isinstance(minutes, list) and len(minutes) <= readings.LONGEST_AGO + 1
    if not is_list or not all(type(ago) is int and 0 <= ago <= readings.LONGEST_AGO for ago in minutes or ()):
        return errors.page(400, f"“minutes_ago” is not a list of whole numbers from 0 to {readings.LONGEST_AGO}.")
    return jsonify(minutes=readings.note_active(db(), opened=opened, minutes_ago=minutes or [], at=now()))


def minutes_in(text: str) -> tuple[int | None, list[str]]:
    """The minutes a reader corrected to, None where they left them as measured; and why they cannot be taken."""
    plain = text.strip()
    if not plain:
        return None, []
    if not re.fullmatch(r"[0-9]{1,4}", plain, re.ASCII) or int(plain) > MOST_MINUTES:
        return None, [f"Give the minutes this record took as a whole number from 0 to {MOST_MINUTES:,}."]
    return int(plain), []


def told_at_check(opened: Opened, instrument: Instrument, *, with_count: bool) -> dict[str, Any]:
    """What the check of a reading says of its minutes: how many so far, and where they are put right."""
    part = next(iter(instrument.filled_from("minutes")), None)
    told: dict[str, Any] = {"minutes_part": part and {"key": part.key, "href": anchor(opened, part.section, part.key)}}
    if with_count:
        told["minutes_so_far"] = readings.minutes_so_far(db(), reading_id=opened.key)
    return told


def without_minutes(sections: Sequence[dict[str, Any]], instrument: Instrument) -> list[dict[str, Any]]:
    """Answers as others see them: how long a person took is nobody else's business."""
    keys = {part.key for part in instrument.filled_from("minutes")}
    return [{**section, "rows": [row for row in section["rows"] if row["of"] not in keys]} for section in sections]
