"""The report of an inspection: the page to print and the document say what the pages and the workbook say."""

import io

import openpyxl
import pytest
from docx import Document
from flask import Flask
from sqlmodel import select
from werkzeug.test import TestResponse

from casereader import audit
from casereader.db import transaction
from casereader.models import AuditEvent, Evaluation
from casereader.vocabulary import BANNERS, DataKind, EvaluationStage
from casereader.words import WORDING, printed
from tests import worked
from tests.cast import Cast, SignIn
from tests.web.client import PageClient
from tests.web.page import Page
from tests.worked import People

REASON = "The chronology\x0bsays so.\nAnd the plan does."

pytestmark = pytest.mark.usefixtures("made_here")


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, their inspection worked through, a demonstration with a proposal."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead))
        cast.place.programme.data_kind = DataKind.DEMO
        session.add(cast.place.programme)
        session.add(
            Evaluation(
                inspection_id=cast.place.inspection.id or 0,
                qi="5.2",
                stage=EvaluationStage.PROPOSED,
                rating=4,
                reason=REASON,
                figures=[],
                made_at=worked.READ,
                made_by_id=cast.lead.id or 0,
            )
        )
    return cast


def at(cast: Cast, page: str) -> str:
    return f"/inspections/{cast.place.inspection.public_id}/{page}"


def save(client: PageClient, cast: Cast) -> TestResponse:
    token = client.csrf_token(at(cast, "roll-up/report"))
    return client.saved(client.post(at(cast, "roll-up/report/document"), data={"csrf_token": token}))


def tables_of(page: Page) -> list[list[list[str]]]:
    """Every table's cells, without its header."""
    return [page.rows(place)[1:] for place in range(len(list(page.root.iter("table"))))]


def squeezed(rows: list[list[str]]) -> list[list[str]]:
    """Cells without blanks: a page and a document break a cell's lines at other places."""
    return [["".join(cell.split()) for cell in row] for row in rows]


@pytest.mark.parametrize("who", ["coordinator", "moderator", "lead", "reviewer", "administrator", "outsider"])
def test_the_report_is_open_to_whoever_sees_the_figures(read: Cast, sign_in: SignIn, who: str) -> None:
    sees = who in ("coordinator", "moderator", "lead")

    assert sign_in(getattr(read, who)).get(at(read, "roll-up/report")).status_code == (200 if sees else 403)


def test_a_moderator_prints_it_and_is_offered_no_document(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.moderator)

    assert at(read, "roll-up/report") in client.page(at(read, "roll-up")).links
    assert "DOCX" not in client.page(at(read, "roll-up/report")).text


def test_before_the_draw_there_is_no_report(cast: Cast, sign_in: SignIn) -> None:
    assert "not drawn yet" in sign_in(cast.lead).page(at(cast, "roll-up/report"), status=409).text


def test_the_cover_says_what_the_figures_are_and_what_they_rest_on(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.lead).page(at(read, "roll-up/report"))

    assert BANNERS[DataKind.DEMO] in page.text
    assert "Working figures, not published" in page.text
    for fact in (
        "Certificate of the draw (SHA-256)",
        "Data (SHA-256)",
        "CRR-1, version 1.0",
        "Head of the audit trail",
        "12 of 14 read",
    ):
        assert fact in page.text, fact
    assert "The majority, possibly less than half or most, of the records count as “good or better”" in page.text
    assert "Weighted share and its 90% interval: 57% (" in page.text


def test_every_figure_of_the_report_is_that_of_its_page_and_of_the_workbook(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.lead)

    report = tables_of(client.page(at(read, "roll-up/report")))
    document = Document(io.BytesIO(save(client, read).data))
    written = [[[cell.text for cell in row.cells] for row in table.rows[1:]] for table in document.tables]
    book = openpyxl.load_workbook(io.BytesIO(client.get(at(read, "roll-up/tables.xlsx")).data))

    assert [squeezed(rows) for rows in written] == [squeezed(rows) for rows in report]
    shown = {tuple(row) for rows in report for row in rows}
    for name in ("records", "difference", "peers", "topics"):
        for rows in tables_of(client.page(at(read, f"roll-up/{name}"))):
            assert {tuple(row) for row in rows} <= shown, name
    figures = {row[:4] for row in shown if len(row) > 4}
    for name in ("roll-up/C", "roll-up/B", "roll-up/quality-indicators"):
        for rows in tables_of(client.page(at(read, name))):
            assert {tuple(row[:4]) for row in rows if len(row) > 8} <= figures, name
    (sheet,) = [one for one in book if "Every question, all records" in str(one["A1"].value)]
    head, *rows = list(sheet.iter_rows(min_row=5, values_only=True))
    assert rows
    for values in rows:
        one = dict(zip(head, values, strict=True))
        k_of_n = f"{one['Of them counted as 1 (k)']} of {one['Records counted (n)']}"
        enough = int(str(one["Records counted (n)"])) >= WORDING.least_n
        begins = f"{printed(float(str(one['Weighted share'])))} (" if enough else "too few"
        mine = [row for row in figures if row[0].startswith(f"{one['Question']} ") and row[2] == k_of_n]
        assert any(row[1].startswith(begins) for row in mine), one


def test_reasons_stand_in_it_and_no_reader_does(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.lead)

    page, response = client.page(at(read, "roll-up/report")), save(client, read)

    document = Document(io.BytesIO(response.data))
    texts = [one.text for one in document.paragraphs]
    told = " ".join(texts + [cell.text for table in document.tables for row in table.rows for cell in row.cells])
    assert "The team’s proposal: 4 Good (15 June 2026)" in page.text
    assert {"The chronology� says so.".replace("� ", "�"), "And the plan does."} <= set(texts)
    for account in (read.reviewer, read.second_reviewer, read.local_reviewer, read.lead):
        assert account.name not in told
        assert account.name not in page.text.partition("Sign out")[2]
    assert "programme-2026-glen-test-report.docx" in response.headers["Content-Disposition"]
    assert len(document.inline_shapes) == page.html.count("<figcaption")
    assert document.core_properties.modified is not None
    assert document.core_properties.modified.isoformat().startswith("2026-06-15T15:30:00")


def test_that_it_was_taken_is_in_the_trail_once_it_was(app: Flask, read: Cast, sign_in: SignIn) -> None:
    assert save(sign_in(read.lead), read).status_code == 200

    with transaction(app.extensions["casereader_engine"]) as session:
        taken = session.exec(select(AuditEvent).where(AuditEvent.action == audit.FILE_TAKEN)).one()
    assert (taken.object_id, taken.inspection_id) == ("evaluation.report_docx", read.place.inspection.id)
