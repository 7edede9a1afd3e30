"""The record that a reader goes on with, and the shortest way into it: the same on the first page and on their list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import url_for

from casereader import away, readings
from casereader.instrument import section_states
from casereader.reading_week import timetable
from casereader.readings import Opened
from casereader.web import objects
from casereader.web.answers.questions import heading_of
from casereader.web.request_session import db

COMPLETE = ("complete", "not applicable")


def in_turn(mine: Sequence[Opened], wave: Mapping[int, int] | None = None) -> list[Opened]:
    """The readings in the order in which they are to be done: open ones first, by inspection and wave."""
    wave = timetable.waves_of_mine(db(), mine=mine) if wave is None else wave
    return sorted(mine, key=lambda one: (not one.is_open, one.place.name, wave.get(one.key, 0)))


def next_of(mine: Sequence[Opened]) -> Opened | None:
    """Of readings in turn the one to go on with: what is begun comes before what is not; None where none is open."""
    still_open = [one for one in mine if one.is_open]
    return min(still_open, key=lambda one: one.reading.started_at is None, default=None)


def step(opened: Opened, n_open: int) -> dict[str, str]:
    """What to do next, as `steps.next_step` takes it; `action` is where its button posts to, `look` the record's page.

    Without `action` the button is a link to `href`.
    """
    public_id = opened.reading.public_id
    look = url_for("reading.tasks", public_id=public_id)
    text = f"{n_open} records are still to be read and submitted." if n_open != 1 else "It is the last one."
    if opened.reading.started_at is None:
        went_back = away.is_closed_here(db(), opened.place.inspection.id)
        action = "" if went_back else url_for("reading.start", public_id=public_id)
        return {"heading": f"Read {opened.case_ref}", "text": text, "href": look, "look": look, "action": action}
    instrument = objects.instrument_of_reading(opened)
    states = section_states(instrument, readings.answers_of(db(), opened.key), stratum=opened.stratum(instrument))
    section = next((one for one in instrument.sections if states[one.id] not in COMPLETE), None)
    heading, href = f"Check and submit {opened.case_ref}", url_for("reading.check", public_id=public_id)
    if section is not None:
        heading = f"Go on with {opened.case_ref}"
        text = f"Next is {heading_of(section)}. {text}"
        href = url_for("section.show", public_id=public_id, section=section.id)
    return {"heading": heading, "text": text, "href": href, "look": look, "action": ""}
