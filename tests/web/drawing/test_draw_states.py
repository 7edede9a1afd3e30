"""Whatever is asked by whomever, in whatever order: no draw without two people, no two draws, no reserve skipped.

Hypothesis makes up sequences of requests; after each one the rows are looked at. Every sequence has an inspection of
its own on one database, so that nobody has to sign in again.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from casereader.after_the_draw import extending, replacements
from casereader.db import snapshot, transaction
from casereader.drawing import draws
from casereader.errors import CasereaderError
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord, Inspection, Replacement, SampleCase, SamplingFrame, SamplingPlan
from casereader.programmes import adding, inspections
from casereader.returns import frames
from casereader.returns.frames import Source
from casereader.vocabulary import CaseStatus, Role, SampleRole
from sampling.certificate import verify
from sampling.check import CheckedList
from sampling.digest import json_digest
from tests import sampled
from tests.cast import Cast, gather
from tests.databases import address_of
from tests.lists import list_csv
from tests.web.app import make_app

LIST, LONGER = {"a": 9, "b": 8}, {"a": 9, "b": 10}
EXAMPLES, STEPS = 12, 18
WORKERS = ("coordinator", "lead", "both")
SHOWN = re.compile(r'name="shown" value="([0-9a-f]+)"')
CHOSEN = {
    "strata": "group",
    "by": "number",
    "size": "6",
    "confidence": "90",
    "margin": "15",
    "ineligible": "0",
    "minimum": "1",
    "reserve": "50",
    "second_share": "10",
}
FIXED = {"no_source": "y", "public_value_source": "Dice", "due_at": "", "do": "fix"}

who = st.sampled_from(WORKERS)


class Stage:
    """The application, the people signed in, and what the sequences came to."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app, self.cast = app, cast
        self.numbers = count(1)
        self.reached: Counter[str] = Counter()
        self.browsers: dict[str, tuple[FlaskClient, str]] = {}
        people = {"coordinator": cast.coordinator, "lead": cast.lead, "both": cast.outsider}
        for name, account in people.items():
            client = app.test_client()
            client.sit_down(account)  # type: ignore[attr-defined]
            self.browsers[name] = (client, client.csrf_token("/"))  # type: ignore[attr-defined]

    @property
    def instrument(self) -> Instrument:
        found: Instrument = self.app.extensions["casereader_instruments"]["CRR-1"]
        return found

    def new_inspection(self) -> int:
        """Another inspection of the cast, with one more person who is both coordinator and lead."""
        cast = self.cast
        with transaction(self.app.extensions["casereader_engine"]) as session:
            inspection = adding.add_partnership(
                session,
                programme=cast.place.programme,
                name=f"Glen {next(self.numbers)}",
                period_from=date(2025, 1, 1),
                period_to=date(2026, 3, 31),
                lead=cast.lead,
                by=cast.coordinator,
                at=sampled.AT,
            )
            for account, role in (
                (cast.outsider, Role.COORDINATOR),
                (cast.outsider, Role.LEAD),
                (cast.reviewer, Role.REVIEWER),
                (cast.moderator, Role.MODERATOR),
            ):
                inspections.give_role(
                    session, inspection=inspection, account=account, role=role, by=cast.coordinator, at=sampled.AT
                )
            return inspection.id or 0


@pytest.fixture(scope="module")
def stage(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("states")
    app = make_app(address_of(shutil.copy(migrated_sqlite, folder)), folder)
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"])
    yield Stage(app, cast)
    app.extensions["casereader_engine"].dispose()


@cache
def checked(groups: tuple[tuple[str, int], ...], instrument: Instrument) -> CheckedList:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_text(list_csv(dict(groups)), encoding="utf-8")
        return frames.check(Source(path, "list.csv"), instrument=instrument, today=date(2026, 6, 1), apart=False)


class Requests(RuleBasedStateMachine):
    """Requests of three people who may run an inspection, in any order."""

    stage: Stage

    @initialize(start=st.sampled_from(("listed", "drawn", "drawn", "voided")))
    def begin(self, start: str) -> None:
        self.key = self.stage.new_inspection()
        with snapshot(self.engine) as session:
            self.public_id = session.get_one(Inspection, self.key).public_id
        self.receive(LIST)
        if start != "listed":
            self.go_on(3)
        if start == "voided":
            self.void("coordinator", "lead", "agree")

    @property
    def engine(self) -> object:
        return self.stage.app.extensions["casereader_engine"]

    def post(self, name: str, path: str, **fields: str) -> int:
        client, token = self.stage.browsers[name]
        response = FlaskClient.open(
            client, f"/inspections/{self.public_id}/{path}", method="POST", data={"csrf_token": token, **fields}
        )
        assert response.status_code < 500, response.text
        return response.status_code

    @rule(groups=st.sampled_from((LIST, LONGER)))
    def receive(self, groups: dict[str, int]) -> None:
        stage = self.stage
        try:
            with transaction(self.engine) as session:  # type: ignore[arg-type]
                frames.receive(
                    session,
                    inspection=session.get_one(Inspection, self.key),
                    instrument=stage.instrument,
                    checked=replace(checked(tuple(groups.items()), stage.instrument)),
                    source=Source(Path("list"), "list.csv"),
                    file_bytes=1000,
                    by=stage.cast.coordinator,
                    at=sampled.AT,
                )
        except CasereaderError:
            stage.reached["refused list"] += 1

    @rule(name=who, size=st.sampled_from(("6", "9", "99")))
    def fix(self, name: str, size: str) -> None:
        chosen = {**CHOSEN, "size": size}
        client, _ = self.stage.browsers[name]
        page = FlaskClient.open(client, f"/inspections/{self.public_id}/plan", query_string=chosen)
        found = SHOWN.search(page.text)
        self.post(name, "plan", **chosen, **FIXED, shown=found.group(1) if found else "")

    @rule(name=who, do=st.sampled_from(("take-back", "confirm", "send-back")))
    def decide(self, name: str, do: str) -> None:
        self.post(name, f"plan/{do}", reason="Look at group b again.")

    @rule(name=who, value=st.sampled_from(("4 8 15", "2 3", "")))
    def draw(self, name: str, value: str) -> None:
        if self.post(name, "draw", public_value=value) == 303:
            self.stage.reached["drawn"] += 1

    @rule(name=who)
    def assign(self, name: str) -> None:
        self.post(name, "assign", reader=self.stage.cast.reviewer.public_id)

    @rule(asks=who, decides=who, do=st.sampled_from(("", "agree", "agree", "drop")))
    def void(self, asks: str, decides: str, do: str) -> None:
        self.post(asks, "draw/void", reason="A ward was left out.")
        if do:
            self.post(decides, f"draw/void/{do}")

    @rule(asks=who, decides=who, a=st.integers(2, 10), b=st.integers(2, 9), do=st.sampled_from(("", "agree", "agree")))
    def extend(self, asks: str, decides: str, a: int, b: int, do: str) -> None:
        self.post(asks, "draw/extend", **{"size-1": str(a), "size-2": str(b), "reason": "There is time for more."})
        if do:
            self.post(decides, f"draw/extend/{do}")

    @rule(name=who)
    def drop_extension(self, name: str) -> None:
        self.post(name, "draw/extend/drop")

    @rule(place=st.integers(0, 5), confirms=st.sampled_from(("moderator", "reviewer")))
    def replace(self, place: int, confirms: str) -> None:
        """A reviewer says that a case is ineligible, and somebody confirms it."""
        cast = self.stage.cast
        with snapshot(self.engine) as session:  # type: ignore[arg-type]
            record = draws.current(session, inspection=session.get_one(Inspection, self.key))
            left = [case for case in self.cases(session, record) if case.status is CaseStatus.WAITING and read(case)]
        if not left:
            return
        try:
            with transaction(self.engine) as session:  # type: ignore[arg-type]
                proposal = Replacement(
                    sample_case_id=left[place % len(left)].id or 0,
                    reason="not on the list",
                    proposed_at=sampled.AT,
                    proposed_by_id=cast.reviewer.id or 0,
                )
                session.add(proposal)
                session.flush()
                by: Account = getattr(cast, confirms)
                inspection = session.get_one(Inspection, self.key)
                replacements.confirm(session, inspection=inspection, replacement=proposal, by=by, at=sampled.AT)
                self.stage.reached["replaced"] += 1
        except CasereaderError:
            self.stage.reached["refused replacement"] += 1

    @rule(steps=st.integers(1, 3))
    def go_on(self, steps: int) -> None:
        """The right next steps by the right people, so that the later ones are come to as well."""
        for _ in range(steps):
            with snapshot(self.engine) as session:  # type: ignore[arg-type]
                plan = session.exec(
                    select(SamplingPlan).where(
                        SamplingPlan.inspection_id == self.key, col(SamplingPlan.superseded_at).is_(None)
                    )
                ).first()
                is_drawn = draws.current(session, inspection=session.get_one(Inspection, self.key)) is not None
            if plan is None or plan.committed_at is None:
                self.fix("coordinator", "6")
            elif plan.confirmed_at is None:
                self.decide("lead", "confirm")
            elif not is_drawn:
                self.draw("coordinator", "4 8 15")

    @staticmethod
    def cases(session: Session, record: DrawRecord | None) -> list[SampleCase]:
        query = select(SampleCase).where(SampleCase.draw_id == (record.id if record else 0))
        return list(session.exec(query.order_by(SampleCase.stratum, col(SampleCase.order))))

    @invariant()
    def nothing_that_must_never_be_is_there(self) -> None:
        if not hasattr(self, "key"):
            return
        with snapshot(self.engine) as session:  # type: ignore[arg-type]
            records = session.exec(select(DrawRecord).where(DrawRecord.inspection_id == self.key)).all()
            plans = session.exec(select(SamplingPlan).where(SamplingPlan.inspection_id == self.key)).all()
            active = [record for record in records if record.voided_at is None]
            assert len(active) <= 1, "two active draws"
            for plan in plans:
                self.list_is_as_committed(session, plan)
            for record in records:
                self.is_sound(session, record)

    def list_is_as_committed(self, session: Session, plan: SamplingPlan) -> None:
        if plan.commitment is None:
            return
        frame = session.get_one(SamplingFrame, plan.frame_id)
        lines = sorted(f"{case.group}\t{case.case_ref}\n".encode() for case in frames.cases(session, frame=frame))
        assert sha256(b"".join([*lines, (plan.salt or "").encode()])).hexdigest() == plan.commitment, "another list"

    def is_sound(self, session: Session, record: DrawRecord) -> None:
        plan = session.get_one(SamplingPlan, record.plan_id)
        assert plan.confirmed_at is not None
        assert plan.confirmed_at <= record.drawn_at, "drawn before it was confirmed"
        first = json.loads(record.certificate)
        assert json_digest(first["plan"]) == plan.plan_sha256, "drawn by another plan than was confirmed"
        lines = f"seed/1\n{plan.commitment}\n{plan.plan_sha256}\n{record.public_value}\n\n\n"
        assert first["seed"] == record.seed == sha256(lines.encode()).hexdigest(), "a seed of something else"
        assert plan.committed_by_id not in (None, plan.confirmed_by_id), "confirmed by whoever fixed it"
        assert plan.confirmed_by_id != self.stage.cast.coordinator.id, "confirmed by somebody who is no lead"
        if record.voided_at is not None:
            assert record.voided_by_id != record.void_confirmed_by_id
            assert {record.voided_by_id, record.void_confirmed_by_id} != {self.stage.cast.coordinator.id}
            assert plan.superseded_at is not None
            self.stage.reached["voided"] += 1
        for one in extending.every(session, draw_record=record):
            self.stage.reached["extended"] += one.certificate is not None
            assert one.confirmed_by_id != one.asked_by_id
        frame = session.get_one(SamplingFrame, plan.frame_id)
        table = draws.table_for(frames.cases(session, frame=frame), plan)
        paper = json.loads(extending.latest_certificate(session, draw_record=record))
        assert verify(paper, table) == [], "the certificate does not give the sample again"
        places = [(one["stratum"], one["order"], one["ticket"]) for one in paper["cases"]]
        cases = self.cases(session, record)
        assert [(case.stratum, case.order, case.ticket) for case in cases] == places, "a case was moved"
        for one in paper["strata_counts"]:
            stratum = one["stratum"]
            orders = [case.order for case in cases if case.stratum == stratum and read(case)]
            assert orders == list(range(1, len(orders) + 1)), "a reserve was skipped"
            assert len(orders) >= one["sample_size"], "fewer are read than the certificate says"


def read(case: SampleCase) -> bool:
    """Whether a case is to be read: drawn as main, or a reserve called on."""
    return case.role is SampleRole.MAIN or case.called_on


def test_no_sequence_of_requests_comes_to_what_must_never_be(stage: Stage) -> None:
    def machine() -> Requests:
        made = Requests()
        made.stage = stage
        return made

    run_state_machine_as_test(
        machine, settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, print_blob=False)
    )

    wanted = {"drawn", "voided", "extended", "replaced", "refused list"}
    assert wanted - stage.reached.keys() == set(), f"the sequences never came to it: {dict(stage.reached)}"
