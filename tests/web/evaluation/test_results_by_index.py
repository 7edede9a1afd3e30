"""Pages of figures cost the same however many other inspections there are: what they read, they find by an index."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from casereader.db import transaction
from tests import read_twice
from tests.cast import Cast, SignIn
from tests.web.evaluation.test_roll_up_pages import PAGES, at, people_of

GROWING = {"frame_case", "sample_case", "reading", "answer", "answer_revision", "audit_event"}
SCAN = re.compile(r"SCAN (\w+?)(_\d+)?\b")  # the number is of a table that stands twice in one query
PROGRAMME_PAGES = ("overview", "across", "variation", "peers", "issues")


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, every record of their inspection read by two people."""
    with transaction(app.extensions["casereader_engine"]) as session:
        read_twice.build(session, cast.place, people_of(cast))
    return cast


def test_no_page_of_figures_goes_through_a_table_that_every_inspection_adds_to(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    engine, client = app.extensions["casereader_engine"], sign_in(read.lead)
    asked: dict[str, Any] = {}
    event.listen(engine, "before_cursor_execute", lambda _c, _u, said, given, *_: asked.setdefault(said, given))
    programme = f"/programmes/{read.place.programme.public_id}"

    pages = [*(at(read, page) for page in (*PAGES, "roll-up/rounds", "roll-up/readings", "roll-up/report"))]
    pages += [f"{programme}/{page}" for page in PROGRAMME_PAGES]
    assert {client.get(page).status_code for page in pages} == {200}

    with engine.connect() as connection:
        known = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
        steps = {
            row[3]
            for said, given in list(asked.items())
            if said.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)
        }
    assert known >= GROWING
    assert any(step.startswith("SEARCH answer USING") for step in steps)
    gone_through = [step for step in steps if (named := SCAN.match(step)) and named[1] in GROWING]
    assert gone_through == []
