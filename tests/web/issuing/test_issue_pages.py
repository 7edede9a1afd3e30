"""Publication on its pages: prepared, looked over with what is withheld first, issued by another, taken away."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlmodel import Session, col, select

from casereader import audit, issues, jobs
from casereader.db import snapshot, transaction
from casereader.models import AnswerRow, Issue
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web.clock import moment
from casereader.web.issuing import at_work, keeping, working
from tests import published
from tests.beginnings import begin
from tests.cast import Cast, SignIn
from tests.web.client import PageClient
from tests.web.making_here import Here
from tests.web.walk import at_home

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def ready(app: Flask) -> Cast:
    """The cast, their inspection with nothing left to do but to publish."""
    with transaction(app.extensions["casereader_engine"]) as session:
        return begin(session, app.extensions["casereader_instruments"]["CRR-1"], published.ready)


def at(cast: Cast, *more: str) -> str:
    return "/".join((f"/inspections/{cast.place.inspection.public_id}/issues", *more))


def stored(app: Flask) -> Issue:
    with snapshot(app.extensions["casereader_engine"]) as session:
        return session.exec(select(Issue)).one()


def prepared(app: Flask, cast: Cast, client: PageClient) -> str:
    """Prepare an issue; the address of its page."""
    response = client.submit(at(cast), {"threshold": "10"})
    assert response.status_code == 303
    path = at(cast, stored(app).public_id)
    assert response.location == path
    return path


def test_a_coordinator_prepares_and_the_lead_issues_what_they_have_looked_over(
    app: Flask, ready: Cast, sign_in: SignIn
) -> None:
    coordinator, lead = sign_in(ready.coordinator), sign_in(ready.lead)
    preparing = at_home(coordinator).follow("Publish the findings").press("Prepare issue")
    path = at(ready, stored(app).public_id)
    assert (preparing.path, preparing.cost) == (path, (2, 3))
    assert "An issue waits for a second person" in coordinator.page("/").text

    text = coordinator.page(path).text
    assert "You cannot issue it" in text and "somebody else must agree" in text
    page = lead.page(path)
    assert page.text.index("What is withheld, and why") < page.text.index("What will be published")
    assert "It is all of them or none, which tells of every child in the group." in page.text
    assert "The interval covers sampling only" in page.text
    refused = coordinator.post(f"{path}/publish", data={"csrf_token": coordinator.csrf_token("/")})
    assert refused.status_code == 422 and "somebody else must agree" in refused.text

    issuing = at_home(lead).follow("Look over an issue, then issue it").press("Issue it")
    assert (issuing.path, issuing.cost) == (path, (2, 3))
    out = issuing.page.text
    assert "History of this issue" in out
    assert "What is published" in out and "Issue it, or drop it" not in out
    assert "Stands" in lead.page(at(ready)).text
    assert "published" in lead.page(f"/inspections/{ready.place.inspection.public_id}").text


def test_the_files_are_what_was_frozen_and_only_once_it_is_issued(app: Flask, ready: Cast, sign_in: SignIn) -> None:
    lead = sign_in(ready.lead)
    path = prepared(app, ready, sign_in(ready.coordinator))
    assert lead.get(f"{path}/issue.json").status_code == 409
    lead.submit(path, {}, action=f"{path}/publish")

    as_json, as_csv = lead.get(f"{path}/issue.json"), lead.get(f"{path}/issue.csv")
    row = stored(app)
    assert as_json.data == issues.as_json(row.content)
    assert json.loads(as_json.data)["number"] == 1
    assert json.loads(as_json.data)["audit_head"] == row.audit_head
    assert row.audit_head in as_csv.text and row.audit_head in lead.page(path).text
    assert "unknowns" not in as_json.text and 'withheld":[' not in as_json.text
    rows = list(csv.DictReader(as_csv.text.splitlines()))
    assert all(("[c]" in one["records"] + one["share"]) == one["note"].startswith("[c]: ") for one in rows)
    assert any("fewer than 10 records" in one["note"] for one in rows)
    assert not any("not shown" in one["share"] for one in rows)
    assert {one["question"] for one in rows} >= {"C1", "C9"}
    assert all("%" not in one["share"] for one in rows)
    assert as_csv.headers["Content-Disposition"] == "attachment; filename=programme-2026-glen-test-issue-1.csv"


def test_the_workbook_of_an_issue_prints_c_for_what_is_not_shown_and_says_why(
    app: Flask, ready: Cast, sign_in: SignIn
) -> None:
    lead = sign_in(ready.lead)
    path = prepared(app, ready, sign_in(ready.coordinator))
    assert lead.get(f"{path}/issue.xlsx").status_code == 409
    lead.submit(path, {}, action=f"{path}/publish")

    response = lead.get(f"{path}/issue.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    assert book.sheetnames == ["Cover", "Contents", "Notes", "Table_1", "Table_2", "Table_3"]
    titles = [str(sheet["A1"].value) for sheet in book]
    assert titles[3:] == [
        "Table 1: Records read",
        "Table 2: Evaluations",
        "Table 3: Every question, all records",
    ]
    cells = [cell.value for row in book["Table_3"].iter_rows() for cell in row]
    assert "[c]" in cells and "How many count" not in cells
    notes = " ".join(str(cell.value) for row in book["Notes"].iter_rows() for cell in row)
    assert "[c] stands where a figure is not shown" in notes and "fewer than 10 records" in notes
    assert all(cell.data_type in ("s", "n") for sheet in book for row in sheet.iter_rows() for cell in row)
    assert lead.get(f"{path}/issue.xlsx").data == response.data


def test_an_inspection_that_is_not_final_says_what_is_still_to_come(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.lead).page(at(cast))
    assert "Nothing is read yet." in page.text
    assert "Prepare issue" not in page.text


def test_a_correction_asks_for_a_note_and_a_sound_threshold(app: Flask, ready: Cast, sign_in: SignIn) -> None:
    lead = sign_in(ready.lead)
    path = prepared(app, ready, sign_in(ready.coordinator))
    lead.submit(path, {}, action=f"{path}/publish")

    assert lead.submit(at(ready), {"threshold": "10", "note": ""}).status_code == 422
    assert lead.submit(at(ready), {"threshold": "4", "note": "Wrong"}).status_code == 422
    named = {"threshold": "10", "note": "The record of Fiona McDonald was counted twice."}
    refused = lead.submit(at(ready), named)
    assert refused.status_code == 422 and "This looks like" in refused.text and "I looked: the note" in refused.text
    assert lead.submit(at(ready), {"threshold": "10", "note": "A table was mislabelled."}).status_code == 303
    page = lead.page(at(ready))
    assert "A table was mislabelled." in page.text and "Look over issue 2" in page.text


def test_a_dropped_issue_stays_listed(app: Flask, ready: Cast, sign_in: SignIn) -> None:
    coordinator = sign_in(ready.coordinator)
    path = prepared(app, ready, coordinator)
    assert coordinator.submit(path, {}, action=f"{path}/drop").status_code == 303
    assert "Dropped" in coordinator.page(at(ready)).text
    assert coordinator.post(f"{path}/drop", data={"csrf_token": coordinator.csrf_token("/")}).status_code == 409


def test_of_a_programme_only_whoever_runs_every_inspection_in_it_sees_what_is_withheld(
    app: Flask, ready: Cast, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        published.another(session, ready)
        published.another(session, ready, name="Glen Third")
        inspections.give_role(
            session,
            inspection=ready.place.inspection,
            account=ready.outsider,
            role=Role.COORDINATOR,
            by=ready.lead,
            at=published.OUT,
        )
    app.extensions["casereader_background"].patience = 240.0  # a child of its own, behind all that is tested beside it
    lead, coordinator = sign_in(ready.lead), sign_in(ready.coordinator)
    index = f"/programmes/{ready.place.programme.public_id}/issues"
    work = lead.submit(index, {"threshold": "10"}).location
    path = f"{index}/{stored(app).public_id}"
    assert lead.get(work).location == path
    assert coordinator.get(work).status_code == coordinator.get(f"{work}/progress").status_code == 404

    assert "3 inspections" in coordinator.page(path).text
    request.getfixturevalue("issued_here")  # another start takes seconds, and would show nothing more
    published_by = coordinator.submit(path, {}, action=f"{path}/publish")
    assert coordinator.get(published_by.location).location == path
    assert coordinator.get(f"{path}/issue.csv").status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(coordinator.get(f"{path}/issue.xlsx").data))
    titles = [str(sheet["A1"].value).partition(": ")[2] for sheet in book.worksheets[3:]]
    assert "The headline questions, by stratum" in titles and "The headline questions, by partnership" in titles
    of_one = sign_in(ready.outsider)
    assert of_one.get(path).status_code == 404
    assert path not in of_one.get(index).text


@pytest.fixture
def three(app: Flask, ready: Cast) -> str:
    """The address of the issues of a programme of three inspections with nothing left to do."""
    with transaction(app.extensions["casereader_engine"]) as session:
        published.another(session, ready)
        published.another(session, ready, name="Glen Third")
    return f"/programmes/{ready.place.programme.public_id}/issues"


def test_a_server_that_stops_says_of_a_programme_s_issue_that_it_did_and_keeps_nothing(
    app: Flask, ready: Cast, three: str, sign_in: SignIn
) -> None:
    app.extensions["casereader_background"].wind_down(0)
    lead = sign_in(ready.lead)

    page = lead.page(lead.submit(three, {"threshold": "10"}).location)

    assert at_work.CUT_OFF in page.text and three in page.links
    assert "see why" in lead.page(three).text
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(Issue)).all() == []


def test_while_an_issue_is_worked_out_its_asker_sees_how_far_it_is_and_nobody_begins_another(
    app: Flask, ready: Cast, three: str, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        scope = issues.of_programme(session, ready.place.programme)
        given = {"kind": at_work.ISSUE, "about": at_work.about(scope), "inspection": None}
        asked = {"deed": keeping.PREPARE, "issue": ""}
        job = jobs.begin_one(session, asked=asked, by=ready.lead, at=moment(), **given)
        jobs.start(session, job_id=job.id or 0, process=1, at=moment())
        jobs.progress(session, job_id=job.id or 0, per_cent=20)
    lead, work = sign_in(ready.lead), f"{three}/work/{job.public_id}"

    page = lead.page(work)
    assert "20% done" in page.text and working.PREPARING[1][1] in page.text
    assert work in page.links  # without a script
    assert lead.get(f"{work}/progress").json == {"per_cent": 20, "ended": False}
    assert work in lead.page(three).links
    other = sign_in(ready.coordinator)
    assert other.get(work).status_code == 404
    page = other.page(three)
    assert "An issue is being prepared" in page.text and work not in page.links
    refused = other.post(three, data={"threshold": "10", "csrf_token": other.csrf_token("/")})
    assert refused.status_code == 409 and "Wait until that is done" in refused.text


@pytest.mark.usefixtures("issued_here")
@pytest.mark.parametrize("changes", [False, True], ids=["left as it was", "changed"])
def test_what_was_touched_while_an_issue_was_worked_out_is_looked_at_again_before_it_is_kept(
    app: Flask, ready: Cast, three: str, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, changes: bool
) -> None:
    engine, asked = app.extensions["casereader_engine"], []

    class Meanwhile(Here):
        """A child beside whose work somebody saves."""

        def ask(self, request: dict[str, Any], *, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
            answer = super().ask(request, progress=progress)
            asked.append(request)
            if "again" not in request:
                with transaction(engine) as session:
                    touched(session, ready.place, changes)
            return answer

    monkeypatch.setattr(at_work, "Child", Meanwhile)
    lead = sign_in(ready.lead)
    work = lead.submit(three, {"threshold": "10"}).location

    assert len(asked) == 2 and asked[1]["again"]["mark"]
    if changes:
        page = lead.page(work)
        assert "changed while they were worked out" in page.text and three in page.links
        return
    assert lead.get(work).location == f"{three}/{stored(app).public_id}"


def touched(session: Session, place: Place, changes: bool) -> None:
    """A deed in an inspection: an answer gets worse, or nothing is another."""
    keys = [one.id for one in published.readings_of(session, place)]
    rows = session.exec(select(AnswerRow).where(AnswerRow.key == "C9", col(AnswerRow.reading_id).in_(keys)))
    if changes:
        next(row for row in rows if row.value in ("4", "5", "6")).value = "2"
    given = {"kind": "reading", "object_id": "any", "inspection_id": place.inspection.id}
    audit.record(session, "answers saved", by=None, at=moment(), **given)
