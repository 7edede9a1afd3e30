"""The demonstration with everybody the table speaks of, and what each of them holds in it.

Of one inspection in the middle of its reading all of them are kept out, though some of its readings are theirs: they
had a role there, and have none any more.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlmodel import Session, col, delete, select

from casereader.db import snapshot, transaction
from casereader.drawing import opening
from casereader.models import Account, DrawRecord, Inspection, Membership, Programme, Reading, SampleCase, SignIn
from casereader.people import accounts
from casereader.stages import stages
from casereader.vocabulary import ReadingKind, ReadingState, Role, Stage
from tests.addresses import Address, addresses_of
from tests.databases import address_of
from tests.demonstration import ACCOUNTS, DATABASE, EVERYBODY, NOBODY, PASSWORD, Demonstration, settle
from tests.once import made_once
from tests.security.access_table import rules_of
from tests.security.more_objects import MoreObjects
from tests.web.app import make_app

MORE = ("deputy", "beginner", "split")  # the last is coordinator and lead elsewhere, and a reviewer here
WHO = (*EVERYBODY, *MORE)
OPEN = {ReadingState.ASSIGNED, ReadingState.IN_PROGRESS}
MADE = "made.json"  # what the world must know of how it was made
STATES = list(ReadingState)
STAGES = list(Stage)
OF_A_READING = {"open", "closed", "consensus", "not of a local reviewer", "read once", "to be countersigned"}


@dataclass(frozen=True)
class Holdings:
    """What one person holds: nothing of it is asked of the app."""

    account_id: int | None = None
    doors: frozenset[str] = frozenset({"anyone"})
    roles: dict[int, frozenset[str]] = field(default_factory=dict)  # by inspection
    pairs: frozenset[tuple[int, int]] = frozenset()  # inspection and local reviewer whom they countersign

    is_asked_only_what_is_not_theirs: bool = False

    @property
    def words(self) -> frozenset[str]:
        """Every door and role."""
        return self.doors.union(*self.roles.values())


class World:
    """An app on a database that can be put back as it was."""

    def __init__(self, app: Flask, database: Path, *, left: int, token: str) -> None:
        self.app = app
        self._database = database
        self.left = left  # the inspection that nobody has a role in any more
        self.erased: set[int] = set()
        self._token = token  # of a link to set a password
        with snapshot(app.extensions["casereader_engine"]) as session:
            every = session.exec(select(Inspection)).all()
            self.stages = {key: one.stage for key, one in _standings(session).items()}
            self.sealed = {_id(one) for one in every if opening.seal_of(session, inspection=one).why}
            self.programmes = {one.public_id: _id(one) for one in session.exec(select(Programme))}
            self.programme_of = {_id(one): one.programme_id for one in every}
            self.begun_by = {one.public_id: one.created_by_id for one in session.exec(select(Programme))}
            self.readings = {one.public_id: one for one in session.exec(select(Reading))}

    @cached_property
    def addresses(self) -> dict[tuple[str, str], list[Address]]:
        """A few addresses of each row of the table."""
        rules = rules_of(self.app)
        found = addresses_of(self.app, [rule for rule in rules.values() if rule.endpoint != "static"], also=[self.left])
        linked = [Address(one.endpoint, f"/set-password/{self._token}") for one in found["/set-password/<token>"]]
        found["/set-password/<token>"] += linked
        return {key: found.get(rule.rule, []) for key, rule in rules.items()}

    def signed_in_by(self, public_id: str) -> int | None:
        """Whose sign-in it is."""
        with snapshot(self.app.extensions["casereader_engine"]) as session:
            return session.exec(select(SignIn.account_id).where(SignIn.public_id == public_id)).first()

    def holdings(self, who: str) -> Holdings:
        """What somebody holds, from the rows."""
        if who == NOBODY:
            return Holdings()
        with snapshot(self.app.extensions["casereader_engine"]) as session:
            account = session.exec(select(Account).where(Account.email == f"{who}@demo.example")).one()
            held: dict[int, set[str]] = {}
            for entry in session.exec(select(Membership).where(Membership.account_id == account.id)):
                held.setdefault(entry.inspection_id, set()).add(entry.role.value.replace(" ", "-"))
            paired = session.exec(select(Membership).where(Membership.paired_with_id == account.id))
            pairs = frozenset((entry.inspection_id, entry.account_id) for entry in paired)
            doors = {"anyone", "signed-in"}
            doors |= {"administrator"} if account.is_administrator else set()
            doors |= {"beginner"} if account.may_begin_programmes else set()
            roles = {key: frozenset(value) for key, value in held.items()}
            return Holdings(account.id, frozenset(doors), roles, pairs, who == "split")

    def reading_of(self, address: Address) -> Reading | None:
        """The reading that the address is about, if any."""
        return next((self.readings[part] for part in address.path.split("/") if part in self.readings), None)

    @staticmethod
    def is_of_a_reading(condition: str) -> bool:
        """Whether what the table names is the state of a reading, and not of its inspection."""
        return condition in OF_A_READING or condition.split(" ", 1)[-1] in STATES or condition in STATES

    def fits(self, condition: str, address: Address, held: Holdings) -> bool:
        """Whether what the table names is so."""
        reading = self.reading_of(address)
        stage = self.stages.get(address.inspection_id or 0)
        match condition.split(" ", 1):
            case ["always"]:
                return True
            case ["before", word]:
                return stage is not None and STAGES.index(stage) < STAGES.index(Stage(word))
            case ["from", word]:
                return reading is not None and STATES.index(reading.state) >= STATES.index(ReadingState(word))
            case ["not", word] if word in list(Stage):
                return stage is not Stage(word)
            case ["not", word] if word in list(ReadingState):
                return reading is not None and reading.state is not ReadingState(word)
        match condition:
            case "nobody":
                return held.account_id is None
            case "signed in" | "without a passkey":  # nobody here has one
                return held.account_id is not None
            case "erased":
                return (address.inspection_id or 0) in self.erased
            case "sealed":
                return (address.inspection_id or 0) in self.sealed
        if condition in list(Stage):
            return stage is Stage(condition)
        if reading is None:
            return False
        match condition:
            case "open":
                return reading.state in OPEN
            case "closed":
                return reading.state not in OPEN
            case "consensus":
                return reading.kind is ReadingKind.CONSENSUS
            case "not of a local reviewer":
                return not reading.needs_countersigning
            case "read once":
                read = {one.kind for one in self._of_case(reading) if one.state not in OPEN}
                return not {ReadingKind.FIRST, ReadingKind.SECOND} <= read
            case "to be countersigned":
                case = self._of_case(reading)
                return any(one.needs_countersigning and one.countersigned_at is None for one in case)
        return reading.state is ReadingState(condition)

    def _of_case(self, reading: Reading) -> list[Reading]:
        return [one for one in self.readings.values() if one.sample_case_id == reading.sample_case_id]

    def keep(self) -> None:
        """Let what stands in the database be what it is put back to."""
        settle(self.app)
        shutil.copy(self._database, self._kept)

    def put_back(self) -> None:
        """Let nothing have happened since."""
        settle(self.app)
        shutil.copy(self._kept, self._database)

    @property
    def _kept(self) -> Path:
        return self._database.with_suffix(".kept")

    def browser_of(self, who: str) -> object:
        """A browser of somebody's own."""
        return Demonstration(self.app).browser_of(who)


def _standings(session: Session) -> dict[int, stages.Standing]:
    return stages.standings(session, [_id(one) for one in session.exec(select(Inspection))])


def _id(one: Inspection | Programme) -> int:
    return one.id or 0


def _people(session: Session) -> int:
    """Everybody who is not of the demonstration, and the inspection that everybody has left."""
    at = datetime.now(UTC)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    added = {
        name: accounts.create(
            session,
            email=f"{name}@demo.example",
            name=name.capitalize(),
            by=None,
            at=at,
            may_begin_programmes=name == "beginner",
            password_hash=cheap,
        )
        for name in MORE
    }
    for account in added.values():
        account.is_demo = True  # as of everybody here: no second factor is asked
    query = select(Account).where(col(Account.email).in_([f"{name}@demo.example" for name in (*ACCOUNTS, *MORE)]))
    keys = [account.id for account in session.exec(query)]
    busy = (
        select(DrawRecord.inspection_id)
        .join(SampleCase, col(SampleCase.draw_id) == DrawRecord.id)
        .join(Reading, col(Reading.sample_case_id) == SampleCase.id)
        .where(col(Reading.reviewer_id).in_(keys), Reading.state == ReadingState.IN_PROGRESS)
        .order_by(DrawRecord.inspection_id)
    )
    first_round = session.exec(select(Programme).order_by(col(Programme.id).desc())).first()
    if first_round is not None:
        first_round.created_by_id = added["beginner"].id
    left = session.exec(busy).first() or 0
    others = [one for one in session.exec(select(Inspection)) if one.id != left]
    for one in others:
        session.add(Membership(account_id=added["deputy"].id or 0, inspection_id=one.id or 0, role=Role.DEPUTY))
        session.add(Membership(account_id=added["split"].id or 0, inspection_id=one.id or 0, role=Role.REVIEWER))
    session.exec(delete(Membership).where(col(Membership.inspection_id) == left, col(Membership.account_id).in_(keys)))
    for role in (Role.COORDINATOR, Role.LEAD, Role.MODERATOR):
        session.add(Membership(account_id=added["split"].id or 0, inspection_id=left, role=role))
    session.flush()
    return left


@pytest.fixture(scope="session")
def peopled(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the world's database and files, to copy and never to open; made once per run."""
    return made_once(tmp_path_factory, "peopled", lambda folder: _people_into(folder, seeded))


def _people_into(folder: Path, seeded: Path) -> None:
    app = _app_in(folder, seeded)
    with transaction(app.extensions["casereader_engine"]) as session:
        left = _people(session)
    with transaction(app.extensions["casereader_engine"]) as session:
        token = MoreObjects(session, app, {one.stage: key for key, one in _standings(session).items()}).make()
    settle(app)
    (folder / MADE).write_text(json.dumps({"left": left, "token": token}), encoding="utf-8")


def _app_in(folder: Path, source: Path) -> Flask:
    """An app in this folder, on what the other holds."""
    shutil.copytree(source / "data", folder / "data")
    return make_app(address_of(shutil.copy(source / DATABASE, folder)), folder, CASEREADER_DEMO_PASSWORD=PASSWORD)


@pytest.fixture(scope="session")
def world(peopled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of this process."""
    folder = tmp_path_factory.mktemp("access")
    app = _app_in(folder, peopled)
    yield World(app, folder / DATABASE, **json.loads((peopled / MADE).read_text(encoding="utf-8")))
    app.extensions["casereader_engine"].dispose()
