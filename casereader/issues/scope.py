"""What an issue is of: one inspection, or a programme with all its inspections whose evaluation is final."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from casereader.models import Inspection, Partnership, Programme
from casereader.programmes.inspections import Place


@dataclass(frozen=True)
class Scope:
    """A programme and its inspections, or one of them, `place`."""

    programme: Programme
    places: tuple[Place, ...]
    place: Place | None = None

    @property
    def name(self) -> str:
        """How people call it."""
        return self.place.partnership.name if self.place else self.programme.name

    @property
    def full_name(self) -> str:
        """How people call it where nothing else says of which programme it is."""
        return self.place.name if self.place else self.programme.name

    @property
    def path(self) -> str:
        """How findings and the command line name it."""
        return self.place.path if self.place else self.programme.slug


def of_place(place: Place) -> Scope:
    """One inspection."""
    return Scope(place.programme, (place,), place)


def of_programme(session: Session, programme: Programme) -> Scope:
    """Every inspection of a programme, by name."""
    query = (
        select(Inspection, Partnership)
        .join(Partnership, col(Partnership.id) == Inspection.partnership_id)
        .where(Inspection.programme_id == programme.id)
        .order_by(Partnership.name)
    )
    return Scope(programme, tuple(Place(one, programme, partnership) for one, partnership in session.exec(query)))


def narrowed(scope: Scope, places: Sequence[Place]) -> Scope:
    """The same with these of its inspections."""
    return Scope(scope.programme, tuple(places), scope.place)
