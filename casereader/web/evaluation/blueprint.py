"""The one blueprint of these pages, and who may open them."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, g, render_template, request

from casereader import readings
from casereader.agreement import SAMPLING_ONLY
from casereader.figures import reader_effects, results
from casereader.in_waves import looking
from casereader.instrument import Instrument
from casereader.models import Programme
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import READER_ROLES, Role
from casereader.web import objects
from casereader.web.access import person, person_or_none
from casereader.web.installed import instruments
from casereader.web.request_session import db

blueprint = Blueprint("evaluation", __name__)

SEES = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
WITHOUT_FIGURES = frozenset({"evaluation.own", "evaluation.answer_own"})
EXPORTS = (Role.COORDINATOR, Role.LEAD)


@blueprint.before_request
def open_to_readers_when_theirs_are_in() -> tuple[str, int] | None:
    """Show no figure to somebody with readings of their own to hand in there: it could tell of the others'.

    Of an inspection, or of a programme in any of whose inspections they have some.
    """
    if not person().opens & set(READER_ROLES):
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
    return render_template("evaluation/not-yet.html", waiting=waiting), 403


@blueprint.before_request
def open_once_no_wave_is_to_come() -> tuple[str, int] | None:
    """Show no figure of an inspection that is read in waves until reading is over: till then the lead alone sees some.

    The partnership's own instrument has none. Of a programme such an inspection is left out of every figure.
    """
    place = _place()
    if place is None or request.endpoint in WITHOUT_FIGURES or not results.held_back(db(), [place]):
        return None
    objects.show_banner(place.programme)
    is_lead = Role.LEAD in person().roles_in(place.inspection.id or 0)
    return render_template("evaluation/held-back.html", place=place, is_lead=is_lead), 403


def _place() -> Place | None:
    """The inspection that the address names, if it is one that the person sees."""
    public_id = (request.view_args or {}).get("public_id")
    if "evaluated_place" not in g:
        every = inspections.all_places(db(), account=person().account, roles=SEES)
        g.evaluated_place = next((place for place in every if place.inspection.public_id == public_id), None)
    found: Place | None = g.evaluated_place
    return found


@blueprint.context_processor
def words() -> dict[str, str]:
    """What an interval leaves out, and which kind it is, stand beside every one of them in the same words."""
    place = _place() if person_or_none() else None
    key = (place.inspection.id or 0) if place else 0
    looked = looking.looked(db(), [key]).get(key) if key else None
    is_always = looked is not None and looked.is_always_valid
    return {"sampling_only": SAMPLING_ONLY, "kind": "always-valid " if is_always else ""}


def reader_notes(programme: Programme, instrument: Instrument) -> list[str]:
    """The same words, and how far readers moved the headline shares of the programme."""
    return reader_effects.note(db(), programme, instrument, instruments())
