"""Taking figures and answers away: who may, what the trail keeps, and whose readings stay withheld."""

import csv
import io
from zipfile import ZipFile

import openpyxl
import pytest
from flask import Flask
from sqlmodel import select
from werkzeug.test import TestResponse

from casereader import audit
from casereader.db import snapshot, transaction
from casereader.models import AnswerRow, AuditEvent, Case, ConflictOfInterest, Reading, SampleCase
from casereader.vocabulary import CaseStatus
from tests import worked
from tests.cast import Cast, SignIn
from tests.trail import said
from tests.web.client import PageClient, page_of
from tests.worked import People

pytestmark = pytest.mark.usefixtures("made_here")


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, their inspection worked through as `tests/worked.py` says."""
    with transaction(app.extensions["casereader_engine"]) as session:
        people = People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)
        worked.build(session, cast.place, people)
        note = session.exec(select(AnswerRow).where(AnswerRow.key == "C9", AnswerRow.value == "6")).first()
        assert note is not None
        note.note = "=1+1 is what the chronology says"
    return cast


@pytest.fixture
def over(app: Flask, read: Cast) -> Cast:
    """The same after the local reviewer's reading was countersigned: reading is over."""
    with transaction(app.extensions["casereader_engine"]) as session:
        for reading in session.exec(select(Reading).where(Reading.needs_countersigning)):
            reading.countersigned_at, reading.countersigned_by_id = worked.READ, read.reviewer.id
            session.get_one(SampleCase, reading.sample_case_id).status = CaseStatus.READ
    return read


def at(cast: Cast, page: str) -> str:
    return f"/inspections/{cast.place.inspection.public_id}/{page}"


def save(client: PageClient, cast: Cast, readings: str = "counting", texts: str = "with") -> TestResponse:
    token = client.csrf_token(at(cast, "take-away"))
    given = {"readings": readings, "texts": texts, "csrf_token": token}
    return client.saved(client.post(at(cast, "take-away/answers"), data=given))


def rows(response: TestResponse, name: str) -> list[dict[str, str]]:
    with ZipFile(io.BytesIO(response.data)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))


@pytest.mark.parametrize("who", ["moderator", "reviewer", "local_reviewer", "administrator", "outsider"])
def test_nobody_but_coordinator_and_lead_takes_anything_away(read: Cast, sign_in: SignIn, who: str) -> None:
    assert sign_in(getattr(read, who)).get(at(read, "take-away")).status_code == 403


@pytest.mark.parametrize("who", ["coordinator", "lead"])
def test_the_answers_that_count_are_those_under_the_page_s_figures(read: Cast, sign_in: SignIn, who: str) -> None:
    client = sign_in(getattr(read, who))

    response = save(client, read)

    answered = [row for row in rows(response, "long.csv") if row["question"] == "C9" and row["y"]]
    page = client.page(at(read, "roll-up")).rows(0)
    assert page[1][2] == "6 of 11"
    assert (sum(row["y"] == "1" for row in answered), len(answered)) == (6, 11)
    (settled,) = [row for row in answered if row["case_ref"] == "a01"]
    assert (settled["reading"], settled["value"], settled["label"]) == ("consensus", "4", "Good")
    closed = [row for row in rows(response, "long.csv") if row["case_ref"] == "a03" and row["question"] == "I8"]
    assert [(row["value"], row["counts"], row["y"]) for row in closed] == [("5", "0", "")]


def test_no_reader_is_named_in_any_file_and_each_keeps_one_code(read: Cast, sign_in: SignIn) -> None:
    response = save(sign_in(read.lead), read)

    with ZipFile(io.BytesIO(response.data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for name in ("answers.xlsx", "codebook.docx"):
        with ZipFile(io.BytesIO(files[name])) as parts:
            files |= {f"{name}/{part}": parts.read(part) for part in parts.namelist()}
    for account in (read.reviewer, read.second_reviewer, read.local_reviewer, read.lead):
        for name, content in files.items():
            assert account.name.encode() not in content, name
            assert account.public_id.encode() not in content, name
    assert len({row["reader"] for row in rows(response, "wide.csv") if row["reading"] == "first"}) == 1


def test_two_files_of_the_same_answers_are_the_same_and_carry_the_head_of_the_inspection(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    client = sign_in(read.lead)

    first = save(client, read).data
    assert save(client, read).data == first
    with ZipFile(io.BytesIO(first)) as archive, snapshot(app.extensions["casereader_engine"]) as session:
        head = audit.head_of(session, read.place.inspection.id or 0)
        assert f"Head of the audit trail: {head}." in archive.read("README.txt").decode()


def test_that_answers_were_taken_stands_in_the_trail(app: Flask, read: Cast, sign_in: SignIn) -> None:
    save(sign_in(read.coordinator), read, texts="without")

    with snapshot(app.extensions["casereader_engine"]) as session:
        (event,) = session.exec(select(AuditEvent).where(AuditEvent.action == "answers exported")).all()
    assert event.actor_id == read.coordinator.id
    assert said(event) == {"readings": 12, "apart": False, "texts": False}


def test_notes_go_along_only_when_asked_for(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.lead)

    (noted,) = [row for row in rows(save(client, read), "long.csv") if row["note"]]
    without = save(client, read, texts="without")

    assert noted["note"] == "'=1+1 is what the chronology says"
    assert not any(row["note"] for row in rows(without, "long.csv"))


def test_readings_are_apart_for_the_lead_alone_and_once_reading_is_over(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.lead)

    page = client.get(at(read, "take-away"))
    refused = save(client, read, readings="apart")

    assert "consensus apart" not in page_of(page).text
    assert refused.status_code == 422


def test_once_reading_is_over_each_reading_has_its_rows(over: Cast, sign_in: SignIn) -> None:
    response = save(sign_in(over.lead), over, readings="apart")

    c9 = {
        (row["case_ref"], row["reading"]): row["value"] for row in rows(response, "long.csv") if row["question"] == "C9"
    }
    assert (c9["a01", "first"], c9["a01", "second"], c9["a01", "consensus"]) == ("2", "5", "4")
    assert (c9["b01", "first"], c9["b01", "second"]) == ("5", "1")
    assert save(sign_in(over.coordinator), over, readings="apart").status_code == 422


def test_a_record_that_a_conflict_of_interest_covers_is_withheld(app: Flask, read: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        case = session.exec(select(Case).where(Case.case_ref == "b02")).one()
        session.add(
            ConflictOfInterest(
                account_id=read.lead.id or 0,
                case_id=case.id,
                reason="Knows the family",
                declared_at=worked.DRAWN,
                declared_by_id=read.lead.id or 0,
            )
        )

    response = save(sign_in(read.lead), read)

    (withheld,) = [row for row in rows(response, "wide.csv") if row["withheld"] == "1"]
    assert (withheld["case_ref"], withheld["reading"], withheld["C9"]) == ("b02", "", "")
    assert not any(row["case_ref"] == "b02" for row in rows(response, "long.csv"))
    with ZipFile(io.BytesIO(response.data)) as archive:
        assert "The readings of 1 of the records are withheld" in archive.read("README.txt").decode()
    assert not any(row["withheld"] == "1" for row in rows(save(sign_in(read.coordinator), read), "wide.csv"))


def test_the_workbook_holds_the_same_rows_as_the_files(read: Cast, sign_in: SignIn) -> None:
    response = save(sign_in(read.lead), read)

    with ZipFile(io.BytesIO(response.data)) as archive:
        book = openpyxl.load_workbook(io.BytesIO(archive.read("answers.xlsx")))
    for sheet, name in (("Long", "long.csv"), ("Wide", "wide.csv"), ("Values", "values.csv")):
        assert book[sheet].max_row == len(rows(response, name)) + 4, sheet
