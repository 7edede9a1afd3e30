"""The one blueprint of these pages, and who may open them."""

from __future__ import annotations

from flask import Blueprint

from casereader import reader_effects
from casereader.agreement import SAMPLING_ONLY
from casereader.instrument import Instrument
from casereader.models import Programme
from casereader.vocabulary import Role
from casereader.web.installed import instruments
from casereader.web.request_session import db

blueprint = Blueprint("evaluation", __name__)

SEES = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
EXPORTS = (Role.COORDINATOR, Role.LEAD)


@blueprint.context_processor
def words() -> dict[str, str]:
    """What an interval leaves out stands beside every one of them in the same words."""
    return {"sampling_only": SAMPLING_ONLY}


def reader_notes(programme: Programme, instrument: Instrument) -> list[str]:
    """The same words, and how far readers moved the headline shares of the programme."""
    return reader_effects.note(db(), programme, instrument, instruments())
