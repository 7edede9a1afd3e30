"""Loading what an address names, if it is this person's; anything else is the one 404."""

from __future__ import annotations

from flask import g, request

from casereader import away, readings
from casereader.drawing import draws
from casereader.errors import AbsentError, ConflictError
from casereader.figures.groups import level
from casereader.instrument import Instrument
from casereader.models import DrawRecord, Programme
from casereader.programmes import contacts, inspections
from casereader.programmes.inspections import Place
from casereader.readings import Opened
from casereader.vocabulary import BANNERS, DataKind, Role
from casereader.web import withheld
from casereader.web.access import person
from casereader.web.clock import now
from casereader.web.installed import installed
from casereader.web.request_session import db


def inspection(public_id: str, *roles: Role, erased: bool = False) -> Place:
    """The inspection in the address, if the person holds one of `roles` in it; its banner goes on the page.

    ErasedError where its content was erased, unless the page is for what is left.
    """
    place = inspections.find(db(), public_id=public_id, account=person().account, roles=roles, erased=erased)
    show_banner(place.programme)
    say_where_it_is(place)
    return place


def places_of(public_id: str, *roles: Role) -> list[Place]:
    """The inspections of a programme in which the person holds one of `roles`; its banner goes on the page.

    AbsentError where there is none.
    """
    mine = inspections.all_places(db(), account=person().account, roles=roles)
    places = [place for place in mine if place.programme.public_id == public_id]
    if not places:
        raise AbsentError
    show_banner(places[0].programme)
    return places


def drawn(place: Place) -> DrawRecord:
    """The inspection's active draw; ConflictError where nothing is drawn yet."""
    record = draws.current(db(), inspection=place.inspection)
    if record is None:
        raise ConflictError("The sample is not drawn yet.")
    return record


def show_banner(programme: Programme) -> None:
    """Say on the page what the programme's data are, where they are not real record reading."""
    g.banner = BANNERS.get(programme.data_kind)


def say_where_it_is(place: Place) -> None:
    """Say on the page that the inspection is in its offline week; nothing is done where it went back to the office.

    Whoever is refused there may have written of a child at risk: so the page says whom to ring.
    """
    g.away = away.says(db(), place.inspection.id)
    g.withheld = withheld.why(place) if g.away else ""
    g.went_back = bool(g.away) and away.is_closed_here(db(), place.inspection.id)
    if g.went_back and request.method == "POST":
        g.whom_to_tell = contacts.contacts(db(), inspection=place.inspection, at=now())
        raise ConflictError(g.away)


def went_back() -> str:
    """Why nothing more is taken here of what the address names: it went back to the office; blank where it did not."""
    return str(g.away) if g.get("went_back") else ""


def file_name(programme: Programme, name: str) -> str:
    """What a file is saved as: where its form leaves no room for a banner, its name says what the data are."""
    return name if programme.data_kind is DataKind.RECORDS else f"{programme.data_kind.value}-{name}"


def instrument_of(programme: Programme) -> Instrument:
    """The instrument a programme runs on; a missing one is AbsentError with words for the administrator."""
    return installed(programme.instrument_id, programme.instrument_version)


def stratum_named(place: Place, stratum: str) -> str:
    """A stratum with the meaning of its letter, as the roll-up calls it; a list's own group as the list calls it."""
    return level(instrument_of(place.programme), "stratum", stratum)


def reading(public_id: str, *, to_change: bool = False) -> Opened:
    """The reading in the address, if it is the person's own to read; its banner goes on the page."""
    opened = readings.find(db(), public_id=public_id, account=person().account, to_change=to_change)
    show_banner(opened.place.programme)
    say_where_it_is(opened.place)
    return opened


def instrument_of_reading(opened: Opened) -> Instrument:
    """The instrument in the version that a reading began with."""
    return installed(opened.reading.instrument_id, opened.reading.instrument_version)
