"""Two worlds alike but for one reading: a case that is read twice, and the same case read once by one of the two.

What somebody who reads the case is shown must be the same in both until both readings are in. Files are copies of one
another, so that names, keys and sign-ins are the same; only tokens differ.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from casereader import readings
from casereader.db import make_engine, snapshot, transaction
from casereader.instrument import Instrument
from casereader.models import Account, Reading, SampleCase
from casereader.moderating import moderation, settling
from casereader.moderating.settlements import Chosen
from casereader.people import accounts
from casereader.readings import Change
from casereader.vocabulary import ReadingKind, ReadingState, Role
from casereader.web.access import Door, Person, held
from tests import sampled
from tests.beginnings import begin
from tests.cast import Cast
from tests.databases import address_of, not_waiting
from tests.reading import STARTED, full_answers, save
from tests.web.app import make_app
from tests.web.client import PageClient
from tests.web.page import NUMBER

UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA"
TOKEN = re.compile(r"\bI[\w-]+\.[\w-]{6}\.[\w-]{27}(?![\w-])")  # of a form, signed with its moment
MINUTE = re.compile(r"\d\d:\d\d UTC")  # of the sign-in, which is by the clock
PLANTED = {
    ReadingKind.FIRST: ("5", "Quince marmalade stands in the first reading of this record."),
    ReadingKind.SECOND: ("2", "Medlar jelly stands in the second reading of this record."),
}
SECTION, INDICATOR = "C", "5.2"


@dataclass
class World:
    """One database with its cast, behind the application of both, and the readings of the case that are in it."""

    app: Flask
    engine: Engine
    cast: Cast
    file: Path
    names: dict[ReadingKind, str]  # of the case's readings
    case: str
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def ask(self, who: str, path: str, **more: Any) -> TestResponse:
        """Ask as somebody of the cast, without looking over the page."""
        self.app.extensions["casereader_engine"] = self.engine
        return FlaskClient.open(self.browsers[who], path, **more)

    def shown(self, who: str, path: str, **more: Any) -> tuple[int, str, str]:
        """What is answered: status, where it leads, and the text without its tokens."""
        response = self.ask(who, path, **more)
        is_text = response.mimetype.startswith(("text/", "application/json"))
        text = response.get_data(as_text=True) if is_text else str(len(response.data))
        if response.status_code >= 400:
            text = NUMBER.sub("", text)
        if path == "/sign-ins":
            text = MINUTE.sub("", text)
        return response.status_code, response.location or "", TOKEN.sub("", text)

    def advance(self, kind: ReadingKind, to: ReadingState) -> None:
        """Bring the case's reading of this kind one step further, by the verbs that people use."""
        with transaction(self.engine) as session:
            reading = session.exec(select(Reading).where(Reading.public_id == self.names[kind])).one()
            _advance(session, self.cast, self.instrument, reading, to, as_kind=kind)

    def settle(self) -> None:
        """Let the moderator settle the two readings on what the first one says."""
        with transaction(self.engine) as session:
            name = self.names[ReadingKind.SECOND]
            pair = moderation.find_pair(session, place=self.cast.place, public_id=name, account=self.cast.moderator)
            one, other = (readings.answers_of(session, opened.key) for opened in (pair.first, pair.second))
            stratum = pair.first.stratum(self.instrument)
            differing = moderation.differences(self.instrument, one, other, stratum=stratum)
            settling.settle(
                session,
                place=self.cast.place,
                public_id=name,
                instrument=self.instrument,
                chosen={found.part.key: Chosen("first") for found in differing},
                by=self.cast.moderator,
                at=STARTED + timedelta(days=1),
            )

    @property
    def instrument(self) -> Instrument:
        found: Instrument = self.app.extensions["casereader_instruments"]["CRR-1"]
        return found

    def reset(self) -> None:
        """Back to how it was made: nothing of the case is read."""
        with (
            closing(sqlite3.connect(self.file.with_suffix(".kept"))) as kept,
            closing(sqlite3.connect(self.file)) as file,
        ):
            kept.backup(file)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


@dataclass
class Worlds:
    """The world where the case is read twice, and for each of its readers the one where only they read it."""

    twice: World
    once: dict[ReadingKind, World]
    readers: dict[ReadingKind, str]
    known: dict[tuple[ReadingKind, ReadingState, str, str], tuple[int, str, str]] = field(default_factory=dict)

    def shown_once(self, kind: ReadingKind, state: ReadingState, who: str, path: str) -> tuple[int, str, str]:
        """What is shown where only the reader of this kind reads the case, in this state: asked for once."""
        key = (kind, state, who, path)
        if key not in self.known:
            self.known[key] = self.once[kind].shown(who, path)
        return self.known[key]


def make(
    migrated: Path,
    folder: Path,
    *,
    local: bool = False,
    people: Sequence[str],
) -> Worlds:
    """The worlds of a case that an inspector, or a `local` reviewer, reads first and another inspector second."""
    file = Path(shutil.copy(migrated, folder / "twice.sqlite3"))
    app = make_app(address_of(file), folder)
    engine = app.extensions["casereader_engine"]
    with transaction(engine) as session:
        cast = begin(session, app.extensions["casereader_instruments"]["CRR-1"], sampled.assign)
        first, second = _two_readings(session, cast, local=local)
        names = {ReadingKind.FIRST: first.public_id, ReadingKind.SECOND: second.public_id}
        case = session.get_one(SampleCase, first.sample_case_id).public_id
        readers = {one.kind: _who(cast, one.reviewer_id) for one in (first, second)}
    twice = World(app, engine, cast, file, names, case)
    for who in people:
        client = app.test_client()
        assert isinstance(client, PageClient)
        if isinstance(account := getattr(cast, who, None), Account):
            client.sit_down(account)
        twice.browsers[who] = client
    worlds = Worlds(twice, {kind: _alone(twice, folder, kind) for kind in names}, readers)
    for world in (twice, *worlds.once.values()):
        with (
            closing(sqlite3.connect(world.file)) as file,
            closing(sqlite3.connect(world.file.with_suffix(".kept"))) as kept,
        ):
            file.backup(kept)
    return worlds


def pages(
    world: World, doors: Collection[Role | Door], *, names: Sequence[str], but: Collection[str] = ()
) -> list[str]:
    """Every address that is open to these doors, about the case's inspection, its programme and these readings of it.

    A door that is shut is shut before anything is looked up, as other tests hold.
    `but`: not these views, nor those of these blueprints.
    """
    found = []
    for rule in world.app.url_map.iter_rules():
        stated: frozenset[Role | Door] = world.app.view_functions[rule.endpoint].roles  # type: ignore[attr-defined]
        is_asked = not {rule.endpoint, rule.endpoint.partition(".")[0]} & {"static", *but}
        if "GET" in (rule.methods or ()) and is_asked and stated & {Door.ANYONE, *doors}:
            found += [_path(world, rule, values) for values in _values(world, rule, names)]
    return found


def doors_of(world: World, who: str) -> frozenset[Role | Door]:
    """The roles that somebody of the cast holds, and the doors that need none."""
    account = getattr(world.cast, who, None)
    if not isinstance(account, Account):
        return frozenset()
    with snapshot(world.engine) as session:
        memberships = accounts.memberships(session, account=session.get_one(Account, account.id))
        return Person(account, held(memberships), "").opens


def _values(world: World, rule: Rule, names: Sequence[str]) -> list[Mapping[str, str]]:
    place = world.cast.place
    fixed = {
        "section": SECTION,
        "qi": INDICATOR,
        "case": next(iter(world.app.extensions["casereader_practice"])) if "practice" in rule.rule else world.case,
        "account": world.cast.lead.public_id,
    }
    values = {name: fixed.get(name, UNKNOWN) for name in rule.arguments}
    kind_of_thing = rule.rule.split("/")[1]
    if kind_of_thing == "readings" and "public_id" in values:
        return [values | {"public_id": name} for name in names]
    if kind_of_thing == "inspections":
        values["public_id"] = place.inspection.public_id
    if kind_of_thing == "programmes" and "public_id" in values:
        values["public_id"] = place.programme.public_id
    return [values | {"reading": name} for name in names] if "reading" in values else [values]


def _path(world: World, rule: Rule, values: Mapping[str, str]) -> str:
    return world.app.url_map.bind("127.0.0.1").build(rule.endpoint, values)


def _two_readings(session: Session, cast: Cast, *, local: bool) -> tuple[Reading, Reading]:
    """A first and a second reading of one case; of a local reviewer's the second goes to the inspector of no pair."""
    every = session.exec(select(Reading)).all()
    reader = cast.local_reviewer if local else cast.reviewer
    twice = {one.sample_case_id for one in every if one.kind is ReadingKind.SECOND}
    first = next(
        one
        for one in every
        if one.kind is ReadingKind.FIRST and one.reviewer_id == reader.id and one.sample_case_id not in twice
    )
    second = Reading(
        sample_case_id=first.sample_case_id,
        kind=ReadingKind.SECOND,
        reviewer_id=cast.second_reviewer.id or 0,
        instrument_id=first.instrument_id,
        instrument_version=first.instrument_version,
        assigned_at=first.assigned_at,
        assigned_by_id=first.assigned_by_id,
    )
    session.add(second)
    session.flush()
    return first, second


def _who(cast: Cast, key: int) -> str:
    return next(name for name in ("reviewer", "second_reviewer", "local_reviewer") if getattr(cast, name).id == key)


def _alone(twice: World, folder: Path, kind: ReadingKind) -> World:
    """The same world with the case read once, by the reader of this kind: theirs is then a first reading."""
    file = folder / f"only-{kind}.sqlite3"
    with closing(sqlite3.connect(twice.file)) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)
        other = next(one for one in twice.names if one is not kind)
        copy.execute("DELETE FROM reading WHERE public_id = ?", [twice.names[other]])
        copy.execute("UPDATE reading SET kind = 'first' WHERE public_id = ?", [twice.names[kind]])
        copy.commit()
    engine = make_engine(address_of(file))
    not_waiting(engine)
    made = World(twice.app, engine, twice.cast, file, twice.names, twice.case)
    for who, client in twice.browsers.items():
        made.browsers[who] = made.app.test_client()
        for cookie in client._cookies.values():
            made.browsers[who].set_cookie(cookie.key, cookie.value, domain=cookie.domain)
    return made


def _advance(
    session: Session, cast: Cast, instrument: Instrument, reading: Reading, to: ReadingState, *, as_kind: ReadingKind
) -> None:
    at, name = STARTED + timedelta(hours=list(ReadingState).index(to)), reading.public_id
    reader = session.get_one(Account, reading.reviewer_id)
    place = cast.place
    match to:
        case ReadingState.IN_PROGRESS | ReadingState.SUBMITTED:
            opened = readings.find(session, public_id=name, account=reader)
            rating, note = PLANTED[as_kind]
            changes: dict[str, Change] = {"C9": {"value": rating, "note": note, "sources": ("health",)}}
            if to is ReadingState.SUBMITTED:
                full = full_answers(instrument, opened, overrides={"C9": rating})
                changes = {
                    key: {"value": one.value, "note": one.note, "sources": one.sources, "ground": one.ground}
                    for key, one in full.items()
                } | changes
            save(session, opened, instrument, changes, by=reader, at=at, key=f"{to}-{name}"[:40])
            if to is ReadingState.SUBMITTED:
                readings.submit(session, opened=opened, instrument=instrument, declared=True, by=reader, at=at)
        case ReadingState.COUNTERSIGNED:
            readings.countersign(session, public_id=name, by=cast.reviewer, at=at)
        case ReadingState.SIGNED_OFF:
            moderation.sign_off(session, place=place, public_id=name, by=cast.moderator, at=at)
        case ReadingState.LOCKED:
            readings.lock_all(session, place=place, by=cast.lead, at=at)
        case _:
            raise AssertionError(f"no reading is brought to {to} by itself")
