"""Real published evaluations through the same steps as record reading: a list per area, a plan, a draw, readings.

It is not record reading, and the programme says so. It lives in a database of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session, select

from casereader import readings
from casereader.demo.invented.services_file import (
    CHOICES,
    FILE,
    PUBLIC_VALUE,
    PUBLIC_VALUE_SOURCE,
    PUBLISHED_ON,
    Service,
    by_area,
    list_of,
    readings_of,
    salt_of,
    services_in,
)
from casereader.demo.people import DOMAIN, NAMES, READERS_DOMAIN
from casereader.drawing import draws, plans
from casereader.drawing.choices import IndependentCount
from casereader.errors import RefusedError
from casereader.instrument import Instrument, Library
from casereader.models import Account, Programme
from casereader.people import accounts
from casereader.places import COMMAND
from casereader.programmes import adding, inspections, programmes
from casereader.programmes.inspections import Place
from casereader.readings import Brought
from casereader.returns import frames
from casereader.vocabulary import DataKind, Role, SampleRole

PROGRAMME = "Registered services 2025"
INSTRUMENT = "services-1"
SIGN_IN = ("coordinator", "lead", "administrator")


@dataclass(frozen=True)
class _Actors:
    """Who acts: two people for list and plan, and whom the published evaluations are entered for."""

    coordinator: Account
    lead: Account
    register: Account


def is_there(session: Session) -> bool:
    """Whether the database holds these evaluations; RefusedError where it holds something else."""
    programmes = session.exec(select(Programme)).all()
    if any(one.data_kind is DataKind.PUBLISHED and one.name == PROGRAMME for one in programmes):
        return True
    if programmes or session.exec(select(Account.id).limit(1)).first() is not None:
        raise RefusedError(
            "This database holds programmes or accounts already. The published evaluations need a database of their "
            f"own: set CASEREADER_DATA (or DATABASE_URL) to another, and run `{COMMAND} database upgrade` there."
        )
    return False


def bring_in(
    session: Session, *, folder: Path, instrument: Instrument, password_hash: str, at: datetime
) -> tuple[list[Place], Brought]:
    """List, plan, draw and read every area's services from the file in `folder`, in an empty database."""
    areas = by_area(services_in(folder / FILE, instrument.parts))
    actors = _gather(session, password_hash=password_hash, at=at)
    programme = programmes.begin(
        session,
        name=PROGRAMME,
        instrument=instrument,
        evaluated_qis=(),
        by=actors.coordinator,
        at=at,
        data_kind=DataKind.PUBLISHED,
    )
    began = min(one.last_inspected for services in areas.values() for one in services if one.last_inspected)
    places, drawn = [], []
    for area, services in areas.items():
        inspection = adding.add_partnership(
            session,
            programme=programme,
            name=area,
            period_from=began,
            period_to=PUBLISHED_ON,
            lead=actors.lead,
            by=actors.coordinator,
            at=at,
        )
        inspections.give_role(
            session,
            inspection=inspection,
            account=actors.register,
            role=Role.REVIEWER,
            by=actors.coordinator,
            at=at,
        )
        place = inspections.place_of(session, inspection_id=inspection.id or 0)
        drawn += _drawn(session, place, services, instrument, actors, at)
        places.append(place)
    brought = readings.bring_in(
        session,
        content=readings_of(drawn, questions=instrument.parts, reader=actors.register.email),
        places=places,
        instruments=Library([instrument]),
        by=actors.coordinator,
        at=at,
    )
    return places, brought


def _gather(session: Session, *, password_hash: str, at: datetime) -> _Actors:
    made = {
        name: accounts.create(
            session,
            email=f"{name}@{DOMAIN}",
            name=NAMES[name],
            by=None,
            at=at,
            is_administrator=name == "administrator",
            password_hash=password_hash,
            is_demo=True,
        )
        for name in SIGN_IN
    }
    register = accounts.create(session, email=f"register@{READERS_DOMAIN}", name="Published register", by=None, at=at)
    return _Actors(made["coordinator"], made["lead"], register)


def _drawn(
    session: Session,
    place: Place,
    services: Sequence[Service],
    instrument: Instrument,
    actors: _Actors,
    at: datetime,
) -> list[Service]:
    """Keep an area's list, fix and confirm the plan, draw: the services that were drawn."""
    content = list_of(services)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(content)
        source = frames.Source(path=path, filename=FILE, group_column="service", own_groups=True)
        checked = frames.check(source, instrument=instrument, today=PUBLISHED_ON, apart=False)
    frame = frames.receive(
        session,
        inspection=place.inspection,
        instrument=instrument,
        checked=checked,
        source=source,
        file_bytes=len(content),
        by=actors.coordinator,
        at=at,
    )
    plans.fix(
        session,
        inspection=place.inspection,
        frame=frame,
        choices=CHOICES,
        independent_counts=[
            IndependentCount(group=group, listed=n, no_source=True) for group, n in frames.counts(session, frame=frame)
        ],
        public_value_source=PUBLIC_VALUE_SOURCE,
        public_value_due_at=None,
        salt=salt_of(place.partnership.name),
        by=actors.coordinator,
        at=at,
    )
    plans.confirm(session, inspection=place.inspection, by=actors.lead, at=at)
    record = draws.make(session, inspection=place.inspection, public_value=PUBLIC_VALUE, by=actors.coordinator, at=at)
    main = {case.case_ref for one, case in draws.sampled(session, draw_record=record) if one.role is SampleRole.MAIN}
    return [one for one in services if one.case_ref in main]
