"""No page of a programme gives away what the records of an inspection say whose figures are held back."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlmodel import col, select

from casereader.db import transaction
from casereader.models import AnswerRow, Case, SamplingPlan
from tests import watched
from tests.cast import Cast, SignIn

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TOKEN = re.compile(r'name="csrf_token"[^>]*')  # another on each page
OF_THE_PROGRAMME = "/programmes/<public_id>/"


@pytest.fixture
def nearly_read(app: Flask, cast: Cast) -> None:
    """The cast's inspection, whose plan names a group, all but one record of its waves read."""
    with transaction(app.extensions["casereader_engine"]) as session:
        watched.draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        watched.read(session, cast, watched.of_wave(session, cast, 1, 2, 3)[:-1])
        for number, case in enumerate(session.exec(select(Case).order_by(col(Case.id))).all()):
            case.age_band = "12-15" if number % 2 else "5-11"
            session.add(case)
        plan = session.exec(select(SamplingPlan).where(SamplingPlan.inspection_id == cast.place.inspection.id)).one()
        group = {"comparison_column": "age_band", "comparison_values": ["12-15"]}
        plan.plan = {**plan.plan, "choices": {**plan.plan["choices"], **group}}
        session.add(plan)


def pages_of(app: Flask, cast: Cast) -> list[str]:
    """The address of every page and file of the programme that needs no more than the programme, or a question."""
    programme = cast.place.programme.public_id
    with app.test_request_context():
        adapter = app.url_map.bind("")
        return [
            adapter.build(
                rule.endpoint, {name: {"public_id": programme, "question": "C9"}[name] for name in rule.arguments}
            )
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith(OF_THE_PROGRAMME)
            and "GET" in (rule.methods or ())
            and rule.arguments <= {"public_id", "question"}
        ]


@pytest.mark.parametrize("who", ["moderator", "lead"])
@pytest.mark.usefixtures("nearly_read")
def test_no_page_of_a_programme_is_another_when_the_records_of_one_held_back_say_the_contrary(
    app: Flask, cast: Cast, sign_in: SignIn, who: str
) -> None:
    client = sign_in(getattr(cast, who))
    addresses = pages_of(app, cast)

    def seen() -> dict[str, tuple[int, str]]:
        answers = {address: client.get(address) for address in addresses}
        return {address: (answer.status_code, TOKEN.sub("", answer.text)) for address, answer in answers.items()}

    before = seen()
    with transaction(app.extensions["casereader_engine"]) as session:
        for row in session.exec(select(AnswerRow)).all():
            row.value = "1" if row.value == "5" else "5"
            session.add(row)
    after = seen()

    opened = [address for address, (status, _) in before.items() if status == 200]
    assert [
        one for one in ("peers", "overview", "across", "variation") if not any(a.endswith(one) for a in opened)
    ] == []
    assert {address for address in opened if before[address] != after[address]} == set()
    peers = next(text for address, (_, text) in before.items() if address.endswith("/peers"))
    assert "read in waves" in peers and "No inspection can be compared yet" in peers
