"""The one blueprint of these pages, and who may open them."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, render_template, request

from casereader import inspections, reader_effects, readings
from casereader.agreement import SAMPLING_ONLY
from casereader.instrument import Instrument
from casereader.models import Programme
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import person
from casereader.web.installed import instruments
from casereader.web.request_session import db

blueprint = Blueprint("evaluation", __name__)

SEES = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
EXPORTS = (Role.COORDINATOR, Role.LEAD)


@blueprint.before_request
def open_to_readers_when_theirs_are_in() -> tuple[str, int] | None:
    """Show no figure to somebody with readings of their own to hand in there: it could tell of the others'.

    Of an inspection, or of a programme in any of whose inspections they have some.
    """
    if not person().opens & {Role.REVIEWER, Role.LOCAL_REVIEWER}:
        return None
    public_id = (request.view_args or {}).get("public_id")
    places = [
        place
        for place in inspections.all_places(db(), account=person().account, roles=SEES)
        if public_id in (place.inspection.public_id, place.programme.public_id)
    ]
    to_hand_in = Counter(
        one.place.inspection.id for one in readings.mine(db(), account=person().account) if one.is_open
    )
    waiting = [(place.name, to_hand_in[place.inspection.id]) for place in places if to_hand_in[place.inspection.id]]
    if not waiting:
        return None
    objects.show_banner(places[0].programme)
    return render_template("evaluation/not_yet.html", waiting=waiting), 403


@blueprint.context_processor
def words() -> dict[str, str]:
    """What an interval leaves out stands beside every one of them in the same words."""
    return {"sampling_only": SAMPLING_ONLY}


def reader_notes(programme: Programme, instrument: Instrument) -> list[str]:
    """The same words, and how far readers moved the headline shares of the programme."""
    return reader_effects.note(db(), programme, instrument, instruments())
