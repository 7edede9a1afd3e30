"""Every inspection of a person by stage, with what is late: what somebody who runs several looks at first."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from casereader import actions
from casereader.actions import LateHere
from casereader.models import Account
from casereader.programmes import inspections
from casereader.programmes.calendars import Calendar
from casereader.programmes.inspections import Place
from casereader.stages import due, stages
from casereader.stages.due import Late
from casereader.stages.stages import Standing
from casereader.vocabulary import Role, Stage

COLUMNS: tuple[tuple[str, tuple[Stage, ...]], ...] = (
    ("List awaited", (Stage.LIST_AWAITED,)),
    ("Checked", (Stage.CHECKED, Stage.FIXED)),
    ("Confirmed", (Stage.CONFIRMED,)),
    ("Drawn", (Stage.DRAWN,)),
    ("Reading", (Stage.READING,)),
    ("Moderating", (Stage.MODERATING,)),
    ("Evaluating", (Stage.EVALUATING, Stage.EVALUATED)),
    ("Published", (Stage.PUBLISHED,)),
)


@dataclass(frozen=True)
class Card:
    """One inspection on the board; `following` is its next date in words."""

    place: Place
    standing: Standing
    calendar: Calendar
    late: tuple[Late, ...]
    following: tuple[str, date] | None


@dataclass(frozen=True)
class Column:
    """One stage of the board, what is latest first."""

    title: str
    cards: tuple[Card, ...]


def cards(session: Session, *, account: Account, roles: Collection[Role], today: date) -> list[Card]:
    """Every inspection in which the account holds one of `roles`, by programme and partnership."""
    places = inspections.all_places(session, account=account, roles=roles)
    standings = stages.standings(session, [place.inspection.id or 0 for place in places])
    late = {one.place.inspection.id: one for one in actions.late(session, account=account, today=today)}
    return [_card(place, standings[place.inspection.id or 0], late.get(place.inspection.id), today) for place in places]


def late_actions(here: LateHere) -> Late:
    """The late actions of one inspection, among what else is late there."""
    return Late(f"{here.n} action{'s' if here.n != 1 else ''}", here.since)


def columns(found: Collection[Card], *, today: date) -> list[Column]:
    """The cards by stage; in each, those that have been late longest come first."""
    return [
        Column(title, tuple(sorted((card for card in found if card.standing.stage in within), key=_urgency(today))))
        for title, within in COLUMNS
    ]


def _urgency(today: date) -> Callable[[Card], tuple[date, str]]:
    def key(card: Card) -> tuple[date, str]:
        return min((one.since for one in card.late), default=today), card.place.partnership.name

    return key


def _card(place: Place, standing: Standing, late: LateHere | None, today: date) -> Card:
    calendar = Calendar.of(place.inspection)
    of_actions = (late_actions(late),) if late else ()
    return Card(
        place,
        standing,
        calendar,
        (*due.late(calendar, standing, today=today), *of_actions),
        due.following(calendar, standing, today=today),
    )
