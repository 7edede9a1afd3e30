"""Odd input in setting up an inspection, item by item as the list of bad inputs numbers them."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from casereader.db import snapshot, transaction
from casereader.models import Account, Inspection, Partnership, SamplingFrame
from casereader.programmes.calendars import YEARS_AHEAD
from tests import sampled
from tests.cast import Cast, SignIn
from tests.lists import list_csv
from tests.web.client import PageClient, page_of
from tests.web.programmes.test_coordinator_pages import home_of, send_list

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def partnership(cast: Cast, **changed: str) -> dict[str, str]:
    return {
        "name": "Isle of Test",
        "period_from": "2025-01-01",
        "period_to": "2026-05-31",
        "lead": cast.lead.public_id,
        **changed,
    }


@pytest.fixture
def programme(cast: Cast, sign_in: SignIn) -> tuple[PageClient, str]:
    """The coordinator's browser, and the address at which they add partnerships."""
    client = sign_in(cast.coordinator)
    return client, client.submit("/programmes/new", {"name": "Orders", "instrument": "CRR-1"}).location


def test_b36_a_day_that_is_none_or_mistyped_is_refused_by_name_and_a_blank_one_where_none_is_needed_is_taken(
    cast: Cast, programme: tuple[PageClient, str]
) -> None:
    client, path = programme
    token = client.csrf_token(path)
    days = ("2026-02-31", "31/02/2026", "0001-01-01", "2099-01-01", "9999-12-31", "1 January", "0", "９９９９-01-01")
    for field in ("period_from", "notified_on"):
        for odd in days:
            refused = FlaskClient.open(
                client, path, method="POST", data={"csrf_token": token, **partnership(cast, **{field: odd})}
            )
            assert refused.status_code == 422, (field, odd)
            assert "Isle of Test" in refused.text
    assert page_of(client.submit(path, partnership(cast, period_to="2099-01-01"))).errors == [
        "1 January 2099 is not a day of an inspection: the year lies between 1990 and "
        f"{datetime.now(UTC).year + YEARS_AHEAD}."
    ]
    assert client.submit(path, partnership(cast, period_from="")).status_code == 422

    assert client.submit(path, partnership(cast, notified_on="")).status_code == 303
    assert client.submit(path, partnership(cast, name="Other", period_from="01/06/2025")).status_code == 303


def test_b33_a_name_is_bounded_shown_as_typed_and_never_the_name_of_a_file(
    app: Flask, cast: Cast, programme: tuple[PageClient, str]
) -> None:
    client, path = programme
    for odd in ("x" * 300, "../", "../../etc/passwd", "🙂", "a\u202eb", "a\u200bb", "a\0b", "   "):
        refused = client.submit(path, partnership(cast, name=odd))
        assert refused.status_code == 422, odd
    for name in ("CON", "Isle <b>of Test 🙂"):
        added = client.submit(path, partnership(cast, name=name))
        assert added.status_code == 303
        page = client.page(added.location)
        assert name in page.text and "<b>" not in page.html
    with snapshot(app.extensions["casereader_engine"]) as session:
        slugs = [one.slug for one in session.exec(select(Partnership)) if one.name != cast.place.partnership.name]
    assert sorted(slugs) == ["con", "isle-b-of-test"]


def test_b34_an_address_has_one_form_and_its_twins_are_refused(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.administrator)

    def add(email: str, name: str) -> int:
        sent = {"csrf_token": client.csrf_token("/accounts"), "email": email, "name": name}
        return client.post("/accounts", data=sent).status_code

    assert add(" New.Person@Cast.Example ", "  New \t Person ") < 400
    with snapshot(app.extensions["casereader_engine"]) as session:
        made = session.exec(select(Account).where(Account.email == "new.person@cast.example")).one()
        assert made.name == "New Person"
    twins = ("NEW.PERSON@cast.example", "ｎew.person@cast.example", "new.person@cast.example\u2003")
    for email in (
        *twins,
        "admin ",
        "a b@cast.example",
        "\u202ea@cast.example",
        "а@cast.example",
        "x" * 300 + "@a.example",
    ):
        assert add(email, "Another") == 422, email
    for name in ("", "x" * 101, "Moved\u202eRound", "Two\u200bNames"):
        assert add("b@cast.example", name) == 422, name


def test_b27_b28_a_size_that_the_list_cannot_give_is_refused_with_the_bounds(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.receive(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    client = sign_in(cast.coordinator)
    for field, odd in (
        *(("size", odd) for odd in ("0", "-1", "1.5", "1000000000", "9" * 5000, "", "1e1", "２０x")),
        ("minimum", "1000000000"),
        ("minimum", "30"),  # five groups of 30 are more than the list holds
        ("reserve", "-1"),
        ("margin", "NaN"),
        ("margin", "Infinity"),
        ("ineligible", "91"),
    ):
        asked = {**sampled.PLAN_TYPED, field: odd}
        page = client.page(f"{home_of(cast)}/plan?" + "&".join(f"{k}={v}" for k, v in asked.items()), status=422)
        assert page.errors, (field, odd)
    more = client.page(
        f"{home_of(cast)}/plan?" + "&".join(f"{k}={v}" for k, v in {**sampled.PLAN_TYPED, "size": "101"}.items())
    )
    assert "100 of 100 records" in more.text, "more than the list holds is all of it, and the table says so"


@pytest.mark.parametrize("where", ["list", "workbooks"])
def test_b37_a_file_that_is_missing_empty_or_there_twice_is_told_and_nothing_is_kept(
    app: Flask, cast: Cast, sign_in: SignIn, where: str
) -> None:
    client = sign_in(cast.coordinator)
    path = f"{home_of(cast)}/{where}"
    token = client.csrf_token(path)
    one, two = (io.BytesIO(b"case_ref,stratum\nA-1,b\n"), "list.csv"), (io.BytesIO(b"x"), "two.csv")
    for files, status in (
        ([], 422),
        ([(io.BytesIO(b""), "")], 422),
        ([(io.BytesIO(b""), "list.csv")], 422),
        ([(io.BytesIO(b"case_ref,stratum\nA-1,b\n"), "")], 422),
        ([(io.BytesIO(b"x"), "../../../etc/passwd")], 422),
        ([(io.BytesIO(b"x"), "a\0b.csv")], 422),
        ([one, two], 400),
    ):
        answer = client.post(path, data={"csrf_token": token, "file": files}, content_type="multipart/form-data")
        assert answer.status_code == status, files
        assert status == 400 or page_of(answer).errors
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(SamplingFrame)).all() == []
        assert session.exec(select(Inspection)).one()
    folder = app.extensions["casereader_settings"].data_folder
    assert not list(folder.glob("incoming-*"))


def test_b31_a_list_sent_after_list_and_plan_were_fixed_changes_nothing(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        instrument = app.extensions["casereader_instruments"]["CRR-1"]
        sampled.fix(session, cast, sampled.receive(session, cast, instrument))

    refused = send_list(sign_in(cast.coordinator), cast, list_csv({"b": 5}).encode(), "list.csv")

    assert refused.status_code == 409
    assert "fixed already" in page_of(refused).text
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert [frame.n_cases for frame in session.exec(select(SamplingFrame))] == [100]
