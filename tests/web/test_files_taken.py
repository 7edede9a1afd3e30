"""Every file that somebody takes is named in the trail, and taking one moves no head of an inspection."""

import pytest
from flask import Flask
from sqlmodel import select

from casereader import audit
from casereader.db import snapshot, transaction
from casereader.models import AuditEvent
from casereader.web.every_request.files_taken import TELL_THEMSELVES
from tests import published
from tests.cast import Cast, SignIn
from tests.web.signing.test_confirming import hands_out_a_file

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_each_file_of_an_inspection_is_told_once_with_who_took_it_and_moves_no_head(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    engine, inspection = app.extensions["casereader_engine"], cast.place.inspection
    with transaction(engine) as session:
        published.build(session, cast)
    files = {name for name, view in app.view_functions.items() if hands_out_a_file(view, set())} - {"static"}
    assert files >= TELL_THEMSELVES
    with snapshot(engine) as session:
        before = audit.head_of(session, inspection.id or 0)
    lead, taken = sign_in(cast.lead), []

    for rule in app.url_map.iter_rules():
        if rule.endpoint in files - TELL_THEMSELVES and rule.arguments == {"public_id"} and "GET" in rule.methods:
            response = lead.get(rule.rule.replace("<public_id>", inspection.public_id))
            if response.status_code == 200 and "Content-Disposition" in response.headers:
                taken.append(rule.endpoint)
    lead.page(f"/inspections/{inspection.public_id}")

    assert len(taken) >= 10
    with snapshot(engine) as session:
        told = session.exec(select(AuditEvent).where(AuditEvent.action == audit.FILE_TAKEN)).all()
        assert sorted(one.object_id for one in told) == sorted(taken)
        assert {(one.actor_id, one.inspection_id) for one in told} == {(cast.lead.id, inspection.id)}
        assert audit.head_of(session, inspection.id or 0) == before
