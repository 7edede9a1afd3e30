"""What the pages say before the draw: how often a seed was looked at, and what the plan gives of each group."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from casereader import audit
from casereader.db import snapshot, transaction
from casereader.drawing import draws, plans
from casereader.models import AuditEvent
from tests import sampled
from tests.cast import Cast, SignIn

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def home(app: Flask, cast: Cast) -> str:
    """The inspection, its list and plan fixed and confirmed."""
    with transaction(app.extensions["casereader_engine"]) as session:
        listed = sampled.receive(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        sampled.fix(session, cast, listed)
        plans.confirm(session, inspection=cast.place.inspection, by=cast.lead, at=sampled.AT + timedelta(hours=2))
    return f"/inspections/{cast.place.inspection.public_id}"


def test_every_seed_that_was_looked_at_is_counted_on_the_page_and_on_the_certificate(
    app: Flask, home: str, cast: Cast, sign_in: SignIn
) -> None:
    client, other = sign_in(cast.coordinator), sign_in(cast.lead)
    for person, value in ((client, "4 8 15"), (other, "2 3"), (client, "")):
        person.submit(f"{home}/draw", {"public_value": value}, action=f"{home}/draw/value")
    assert "Seeds looked at so far: 2." in client.page(f"{home}/draw").text

    token = client.csrf_token(f"{home}/draw")
    assert client.post(f"{home}/draw", data={"csrf_token": token, "public_value": "4 8 15"}).status_code == 303
    certificate = client.page(f"{home}/draw/certificate").text
    assert "Seeds looked at before the draw 2" in certificate
    with snapshot(app.extensions["casereader_engine"]) as session:
        drawn = session.exec(select(AuditEvent.hash).where(AuditEvent.action == draws.DRAWN)).one()
        head = audit.head_of(session, cast.place.inspection.id or 0)
    assert f"Audit trail when it was drawn {drawn}" in certificate
    assert f"Head of the audit trail when this was printed {head}" in certificate
    assert f"Head of the audit trail {head}" in client.page(f"{home}/plan").text
    assert "Counts by other sources" in certificate and "on the list, " in certificate
    assert "Public value due In front of both sides" in certificate


def test_the_row_of_all_strata_and_the_groups_say_what_each_record_stands_for(
    home: str, cast: Cast, sign_in: SignIn
) -> None:
    page = sign_in(cast.lead).page(f"{home}/plan")
    assert "All 100 20 10 5.00" in page.text
