"""No page or file gives away what the records of an inspection say whose figures are held back, but the lead's own."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from io import BytesIO
from itertools import zip_longest
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select

from casereader.after_the_draw import stopping
from casereader.db import transaction
from casereader.models import AnswerRow, Case, SamplingPlan
from casereader.programmes import adding
from tests import watched
from tests.cast import Cast, SignIn
from tests.web.looking import look

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OF_THE_MOMENT = re.compile(rb'name="csrf_token"[^>]*|\d\d:\d\d(:\d\d)? UTC')  # another whenever a page is looked at
WAITS, STOPPED = "one record waits", "somebody stopped what was left"
KNOWN = {"question": "C9", "section": "C", "qi": "5.1"}
TELLS_THE_LEAD = "/waves"
FEW_SAY_MORE = {"question": "C9", "left": "C9", "right": "D11", "key": "C9"}  # what pages behind a figure ask for


@pytest.fixture
def nearly_read(app: Flask, cast: Cast, request: pytest.FixtureRequest) -> None:
    """The cast's inspection, whose plan names a group, read in waves but for one record; the outsider leads another."""
    with transaction(app.extensions["casereader_engine"]) as session:
        watched.draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        *read, last = watched.of_wave(session, cast, 1, 2, 3)
        watched.read(session, cast, read)
        for number, case in enumerate(session.exec(select(Case).order_by(col(Case.id))).all()):
            case.age_band = "12-15" if number % 2 else "5-11"
            session.add(case)
        plan = session.exec(select(SamplingPlan).where(SamplingPlan.inspection_id == cast.place.inspection.id)).one()
        group = {"comparison_column": "age_band", "comparison_values": ["12-15"]}
        plan.plan = {**plan.plan, "choices": {**plan.plan["choices"], **group}}
        session.add(plan)
        adding.add_partnership(
            session,
            programme=cast.place.programme,
            name="Strath Peer",
            period_from=date(2025, 1, 1),
            period_to=date(2026, 3, 31),
            lead=cast.outsider,
            by=cast.coordinator,
            at=watched.AT,
        )
        if request.param == STOPPED:
            stopping.stop(
                session,
                inspection=cast.place.inspection,
                public_ids=[last.public_id],
                reason="",
                by=cast.coordinator,
                at=watched.AT,
            )


def pages_of(app: Flask, cast: Cast) -> list[str]:
    """The address of every page and file of the inspection and its programme that is about no one thing in them."""
    found = {"/inspections/<public_id>": cast.place.inspection, "/programmes/<public_id>": cast.place.programme}
    with app.test_request_context():
        adapter = app.url_map.bind("")
        return ["/", "/board", "/programmes", "/readings"] + [
            adapter.build(rule.endpoint, {name: (KNOWN | {"public_id": of.public_id})[name] for name in rule.arguments})
            + (
                ""
                if "section" in rule.arguments
                else "?" + "&".join(f"{key}={one}" for key, one in FEW_SAY_MORE.items())
            )
            for rule in app.url_map.iter_rules()
            for start, of in found.items()
            if rule.rule.startswith(start) and "GET" in (rule.methods or ()) and rule.arguments <= {"public_id", *KNOWN}
        ]


@pytest.mark.parametrize(
    ("nearly_read", "who"),
    [
        *((WAITS, who) for who in ("moderator", "reviewer")),
        *((STOPPED, who) for who in ("lead", "coordinator", "outsider")),
    ],
    indirect=["nearly_read"],
)
@pytest.mark.usefixtures("nearly_read")
def test_no_page_or_file_is_another_when_the_records_of_one_held_back_say_the_contrary(
    app: Flask, cast: Cast, sign_in: SignIn, who: str
) -> None:
    client = sign_in(getattr(cast, who))
    addresses = pages_of(app, cast)

    def seen(some: Collection[str]) -> dict[str, bytes]:
        answers = {address: FlaskClient.open(client, address) for address in some}
        return {one: said_in(answer.data) for one, answer in answers.items() if answer.status_code == 200}

    if who == "lead":
        look(client, f"/inspections/{cast.place.inspection.public_id}")
    before = seen(addresses)
    with transaction(app.extensions["casereader_engine"]) as session:
        for row in session.exec(select(AnswerRow)).all():
            row.value = "1" if row.value == "5" else "5"
            session.add(row)
    after = seen(before)

    opened = {address.split("?")[0] for address in before}
    names = {"peers", "overview", "across", "variation"} if who != "reviewer" else {"readings"}
    assert names <= {address.rsplit("/", 1)[-1] for address in opened}
    told = {one.split("?")[0]: first_difference(text, after[one]) for one, text in before.items() if text != after[one]}
    tells = {f"/inspections/{cast.place.inspection.public_id}{TELLS_THE_LEAD}"} if who == "lead" else set()
    assert {one: lines for one, lines in told.items() if one not in tells} == {}
    assert tells <= set(told), "the test sees what is told where something is"
    if who in ("moderator", "lead"):
        peers = next(text for address, text in before.items() if "/peers" in address)
        assert b"read in waves" in peers and b"No inspection can be compared yet" in peers


def said_in(data: bytes) -> bytes:
    """What a page or a file says; of a workbook its sheets."""
    if data.startswith(b"PK"):
        with ZipFile(BytesIO(data)) as book:
            data = b"\n".join(book.read(name) for name in sorted(book.namelist()) if not name.startswith("docProps"))
    return OF_THE_MOMENT.sub(b"", data)


def first_difference(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    """The first line in which two texts differ."""
    pairs = zip_longest(one.splitlines(), other.splitlines(), fillvalue=b"")
    return next((here[:200], there[:200]) for here, there in pairs if here != there)
