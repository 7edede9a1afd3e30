"""A file that takes long to make: how far it is, who may have it, how often, and what is left of it."""

from __future__ import annotations

import os
import socket
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from casereader import alive, jobs, returns
from casereader.db import transaction
from casereader.models import AuditEvent, Job
from casereader.web import job_notes
from casereader.web.clock import moment
from casereader.web.evaluation.making import folder, work
from casereader.web.evaluation.taking_away import ANSWERS
from tests import worked
from tests.cast import Cast, SignIn
from tests.web.client import PageClient
from tests.worked import People


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, their inspection worked through as `tests/worked.py` says."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead))
    return cast


def ask(client: PageClient, cast: Cast) -> TestResponse:
    home = f"/inspections/{cast.place.inspection.public_id}/take-away"
    given = {"readings": "counting", "texts": "without", "csrf_token": client.csrf_token(home)}
    return client.post(f"{home}/answers", data=given)


def files(app: Flask) -> list[Path]:
    made = Path(app.extensions["casereader_settings"].data_folder) / folder.FOLDER
    return list(made.iterdir()) if made.exists() else []


def noted(app: Flask, cast: Cast, mark: str = "") -> Job:
    """A job of the lead's, as the request that asked for answers leaves it, with a file beside it."""
    with transaction(app.extensions["casereader_engine"]) as session:
        choices = {"apart": False, "texts": False}
        inspection, at = cast.place.inspection, moment()
        job, _ = jobs.begin_or_join(
            session, kind=ANSWERS.job, inspection=inspection, asked=choices, by=cast.lead, at=at
        )
        job.asked = {**job.asked, jobs.BEGUN_BY: mark or alive.mark()}
    folder.write(folder.path_of(app.extensions["casereader_settings"].data_folder, job.public_id), b"half a file")
    return job


def finished(app: Flask, job: Job, age: timedelta) -> Job:
    """The job, done so long ago."""
    with transaction(app.extensions["casereader_engine"]) as session:
        jobs.finish(session, job_id=job.id or 0, result={"name": "a.zip", "bytes": 9}, at=moment() - age)
    return job


def test_a_file_is_its_asker_s_alone_is_given_out_once_and_leaves_nothing(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    client = sign_in(read.lead)
    asked = ask(client, read)
    (path,) = files(app)
    assert path.stat().st_mode & 0o777 == 0o600

    other = sign_in(read.coordinator)
    token = other.csrf_token(f"/inspections/{read.place.inspection.public_id}/take-away")
    assert other.get(asked.location).status_code == 404
    assert other.get(f"{asked.location}/progress").status_code == 404
    assert other.post(f"{asked.location}/save", data={"csrf_token": token}).status_code == 404

    client = sign_in(read.lead)
    with transaction(app.extensions["casereader_engine"]) as session:
        assert not session.exec(select(AuditEvent).where(AuditEvent.action == "answers exported")).all()
    page = client.page(asked.location)
    assert "The file is there" in page.text
    assert client.submit(asked.location, action=f"{asked.location}/save").data.startswith(b"PK")
    assert files(app) == []
    assert "not kept any more" in client.page(asked.location).text
    token = client.csrf_token(f"/inspections/{read.place.inspection.public_id}/take-away")
    assert client.post(f"{asked.location}/save", data={"csrf_token": token}).status_code == 303
    with transaction(app.extensions["casereader_engine"]) as session:
        assert len(session.exec(select(AuditEvent).where(AuditEvent.action == "answers exported")).all()) == 1


def test_asking_again_joins_the_work_that_goes_on_and_returns_do_not_take_it_for_theirs(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    job = noted(app, read)
    client = sign_in(read.lead)

    asked = ask(client, read)

    assert asked.location.endswith(f"/files/{job.public_id}")
    page = client.page(asked.location)
    assert "0% done" in page.text
    assert asked.location in page.links
    assert client.get(f"{asked.location}/progress").json == {"per_cent": 0, "ended": False}
    with transaction(app.extensions["casereader_engine"]) as session:
        inspection = read.place.inspection
        assert jobs.latest(session, kind=returns.READING, inspection=inspection) is None
        assert jobs.fail_orphans(session, kinds=(returns.READING,), at=moment() + jobs.LONGEST) == []


def test_what_a_server_that_stopped_was_making_failed_and_is_removed_at_the_next_start(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    job = noted(app, read, mark=f"{os.getpid()}.1@{socket.gethostname()}")
    going_on = noted(app, read)

    work.start_anew(app)

    assert [path.name for path in files(app)] == [going_on.public_id]
    page = sign_in(read.lead).page(f"/inspections/{read.place.inspection.public_id}/files/{job.public_id}")
    assert "The file was not made." in page.text
    assert jobs.ORPHANED in page.text


def test_a_file_that_nobody_saved_for_an_hour_is_removed(app: Flask, read: Cast, sign_in: SignIn) -> None:
    kept, old = (finished(app, noted(app, read), age) for age in (timedelta(), jobs.KEPT_FOR))

    work.sweep(app.extensions)

    assert {path.name for path in files(app)} == {kept.public_id}
    page = sign_in(read.lead).page(f"/inspections/{read.place.inspection.public_id}/files/{old.public_id}")
    assert "not kept any more" in page.text


def test_a_file_whose_process_is_stopped_says_so_and_leaves_nothing(
    app: Flask, read: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SECONDS", 0.2)
    client = sign_in(read.lead)

    page = client.page(ask(client, read).location)

    assert work.TOO_MUCH in page.text
    assert f"/inspections/{read.place.inspection.public_id}/take-away" in page.links
    assert files(app) == []


@pytest.mark.usefixtures("made_here")
def test_a_file_that_is_made_while_others_write_for_long_is_there_all_the_same(
    read: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, whole = [], job_notes.transaction

    def after_others(engine: Engine) -> AbstractContextManager[Session]:
        written.append(engine)
        if len(written) % 2:
            raise OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked: others write"))
        return whole(engine)

    client = sign_in(read.lead)
    monkeypatch.setattr(work, "sweep", lambda _extensions: None)
    monkeypatch.setattr(job_notes, "transaction", after_others)

    asked = ask(client, read)

    monkeypatch.undo()
    assert len(written) > 3
    assert "The file is there" in client.page(asked.location).text
