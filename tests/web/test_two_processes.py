"""Two processes on one PostgreSQL, asked for the same at the same moment: it is done once, and the other is told so.

Each process waits, before it first writes, until the other has looked up all that it goes by and is about to write too:
the worst moment. Where one of them has to wait for its turn, the other goes on alone after a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event
from sqlmodel import col
from werkzeug.test import TestResponse

from casereader import jobs, returns
from casereader.db import at_inspection, transaction
from casereader.jobs import OverError
from casereader.models import Account, DrawRecord, Job, Membership, PartnershipReturn
from casereader.people import passwords
from casereader.vocabulary import JobState, Role
from casereader.web import request_session
from casereader.web.lists import return_work
from tests import sampled
from tests.web.client import PageClient
from tests.web.two_hosts import Hosts, home_of, posted, send

MOMENT = 0.3  # seconds
RELEASED_WITHIN = 10.0  # seconds until PostgreSQL has seen that a connection is closed, and gives its lock back
Act = Callable[[PageClient], TestResponse]


@contextmanager
def meeting(apps: list[Flask]) -> Iterator[None]:
    """Have each wait for the other before its first change of this block."""
    barrier, arrived = Barrier(len(apps)), set()
    listening = []
    for app in apps:
        engine = app.extensions["casereader_engine"]

        def wait(_c: object, _k: object, statement: str, *_: object, engine: Engine = engine) -> None:
            if statement.startswith(("INSERT", "UPDATE", "DELETE")) and engine not in arrived:
                arrived.add(engine)
                with suppress(BrokenBarrierError):
                    barrier.wait(MOMENT)

        event.listen(engine, "before_cursor_execute", wait)
        listening.append((engine, wait))
    try:
        yield
    finally:
        for engine, wait in listening:
            event.remove(engine, "before_cursor_execute", wait)


def at_once(hosts: Hosts, act: Act, *people: Account) -> list[int]:
    """What came of it on each, in order of the numbers."""
    browsers = hosts.browsers(*people)
    with meeting(hosts.both), ThreadPoolExecutor(2) as pool:
        return sorted(answer.status_code for answer in pool.map(act, browsers))


@pytest.mark.slow
def test_of_two_files_of_one_inspection_one_is_read_and_the_other_is_told_to_wait(hosts: Hosts) -> None:
    outcomes = at_once(hosts, lambda client: send(hosts, client), hosts.cast.coordinator)

    assert outcomes == [303, 409]
    assert hosts.n(Job) == hosts.n(PartnershipReturn) == 1


@pytest.mark.slow
def test_what_leads_to_a_sample_is_done_once_each(hosts: Hosts) -> None:
    cast, home = hosts.cast, home_of(hosts)
    with transaction(hosts.engine) as session:
        sampled.fix(session, cast, sampled.receive(session, cast, hosts.instrument))

    role = {"account": cast.outsider.public_id, "role": Role.REVIEWER.value}
    given = at_once(hosts, lambda one: posted(one, f"{home}/people", role), cast.coordinator)
    confirmed = at_once(hosts, lambda one: posted(one, f"{home}/plan/confirm"), cast.lead)
    drawn = at_once(hosts, lambda one: posted(one, f"{home}/draw", {"public_value": sampled.VALUE}), cast.coordinator)
    asked = at_once(
        hosts, lambda one: posted(one, f"{home}/draw/void", {"reason": "The list was not whole."}), cast.coordinator
    )
    voided = at_once(hosts, lambda one: posted(one, f"{home}/draw/void/agree"), cast.lead)

    assert [given, confirmed, drawn, asked, voided] == [[303, 422], [303, 409], [303, 409], [303, 409], [303, 409]]
    assert hosts.n(Membership, Membership.account_id == cast.outsider.id) == 1
    assert hosts.n_deeds("list and plan confirmed") == 1
    assert hosts.n(DrawRecord) == hosts.n(DrawRecord, col(DrawRecord.voided_at).is_not(None)) == 1


def test_a_plan_is_confirmed_once(hosts: Hosts) -> None:
    with transaction(hosts.engine) as session:
        sampled.fix(session, hosts.cast, sampled.receive(session, hosts.cast, hosts.instrument))

    confirmed = at_once(hosts, lambda one: posted(one, f"{home_of(hosts)}/plan/confirm"), hosts.cast.lead)

    assert (confirmed, hosts.n_deeds("list and plan confirmed")) == ([303, 409], 1)


def test_without_turns_a_plan_would_be_confirmed_twice(hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_session, "_turn", lambda: None)
    with transaction(hosts.engine) as session:
        sampled.fix(session, hosts.cast, sampled.receive(session, hosts.cast, hosts.instrument))

    at_once(hosts, lambda one: posted(one, f"{home_of(hosts)}/plan/confirm"), hosts.cast.lead)

    assert hosts.n_deeds("list and plan confirmed") == 2, "or the tests of this file could find nothing"


def test_a_conflict_of_one_s_own_is_declared_once(hosts: Hosts) -> None:
    declared = {
        "inspection": hosts.cast.place.inspection.public_id,
        "with_all": "y",
        "reason": "Worked in the team.",
    }

    outcomes = at_once(hosts, lambda one: posted(one, "/conflicts", declared), hosts.cast.reviewer)

    assert (outcomes, hosts.n_deeds("conflict of interest declared")) == ([303, 422], 1)


def test_a_link_that_works_once_sets_one_password(hosts: Hosts) -> None:
    with transaction(hosts.engine) as session:
        token = passwords.issue_link(session, account=hosts.cast.outsider, by=None, at=datetime.now(UTC))
    chosen = {"password": "four words nobody guessed", "again": "four words nobody guessed"}

    outcomes = at_once(hosts, lambda one: one.submit(f"/set-password/{token}", chosen))

    assert outcomes == [303, 404]


def test_a_right_that_is_taken_away_through_one_is_gone_in_the_other(hosts: Hosts) -> None:
    cast, home = hosts.cast, home_of(hosts)
    there, here = hosts.browsers(cast.moderator, cast.coordinator)
    assert there.get(home).status_code == 200

    ended = posted(here, f"{home}/people/{cast.moderator.public_id}/{Role.MODERATOR.value}/end")

    assert (ended.status_code, there.get(home).status_code) == (303, 403)


def test_work_of_a_host_that_died_is_ended_by_another_within_half_a_minute(hosts: Hosts) -> None:
    begun = datetime.now(UTC) - jobs.TAKEN_UP
    with transaction(hosts.engine) as session:
        job = jobs.begin(
            session,
            kind=returns.READING,
            inspection=hosts.cast.place.inspection,
            asked={},
            by=hosts.cast.coordinator,
            at=begun,
        )
        job.asked = {jobs.BEGUN_BY: "1.1@another-host"}
    there = hosts.both[1]

    with jobs.held(hosts.engine, job_id=job.id or 0):
        return_work.start_anew(there)
        assert hosts.n(Job, Job.state == JobState.FAILED) == 0, "it is alive"
    until = time.monotonic() + RELEASED_WITHIN
    while hosts.n(Job, Job.state == JobState.FAILED) == 0 and time.monotonic() < until:
        return_work.start_anew(there)

    assert hosts.n(Job, Job.state == JobState.FAILED) == 1
    with pytest.raises(OverError), transaction(hosts.engine) as session:
        jobs.finish(session, job_id=job.id or 0, result={}, at=begun)


def test_whoever_waits_too_long_is_told_that_the_database_is_busy(hosts: Hosts) -> None:
    cast, home = hosts.cast, home_of(hosts)
    (client, _) = hosts.browsers(cast.coordinator)
    token = client.csrf_token("/")
    for app in hosts.both:
        event.listen(app.extensions["casereader_engine"], "begin", impatient)

    with transaction(hosts.engine, at_inspection(cast.place.inspection.public_id)) as session:
        session.connection()
        answer = client.post(f"{home}/people", data={"csrf_token": token})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def impatient(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL lock_timeout = 50")
