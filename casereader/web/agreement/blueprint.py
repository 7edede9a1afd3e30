"""The one blueprint of these pages, who may open them, and what they all load."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from casereader.agreement import Threshold
from casereader.figures import double_readings
from casereader.figures.double_readings import DoubleReadings
from casereader.instrument import Instrument
from casereader.models import Programme
from casereader.programmes import programmes
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.installed import instruments
from casereader.web.request_session import db

blueprint = Blueprint("agreement", __name__)

SEES = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
SETS = (Role.COORDINATOR, Role.LEAD)
MODERATES = (Role.MODERATOR, Role.LEAD)


@dataclass(frozen=True)
class Material:
    """A programme's inspections that are this person's, and the double readings of those whose reading is over."""

    programme: Programme
    instrument: Instrument
    threshold: Threshold
    places: list[Place]
    over: list[Place]
    found: DoubleReadings


def material_of(places: list[Place], *, only: list[str] | None = None) -> Material:
    """What the pages of agreement are made of; of `only` some questions, or all."""
    programme = places[0].programme
    instrument = objects.instrument_of(programme)
    over = double_readings.over(db(), [place.inspection.id or 0 for place in places])
    found = double_readings.load(db(), over, instrument, instruments(), only=only)
    return Material(
        programme,
        instrument,
        programmes.agreement_threshold(programme),
        places,
        [place for place in places if place.inspection.id in over],
        found,
    )
