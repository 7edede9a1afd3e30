"""The page of severity: leads and moderators alone, no row of one's own, no name that is not to be shown."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlmodel import col, select

from casereader.db import snapshot, transaction
from casereader.models import AuditEvent
from casereader.programmes import inspections
from casereader.vocabulary import Role
from tests import severe, worked
from tests.cast import Cast, SignIn
from tests.databases import ON_BOTH
from tests.worked import People

SEE = ("lead", "moderator")
OTHERS = ("coordinator", "reviewer", "second_reviewer", "local_reviewer", "deputy", "administrator", "outsider")


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, with two inspections read by readers of known severity."""
    with transaction(app.extensions["casereader_engine"]) as session:
        severe.build(session, cast)
    return cast


def address(cast: Cast) -> str:
    """The page of the cast's programme."""
    return f"/programmes/{cast.place.programme.public_id}/severity"


@pytest.mark.parametrize("who", [*SEE, *OTHERS])
def test_leads_and_moderators_see_it_and_nobody_else(read: Cast, sign_in: SignIn, who: str) -> None:
    client = sign_in(getattr(read, who))

    assert client.get(address(read)).status_code == (200 if who in SEE else 403)
    links = client.page("/programmes").links if who in (*SEE, "coordinator") else []
    assert (address(read) in links) == (who in SEE)


def test_whoever_leads_in_another_programme_finds_nothing(app: Flask, read: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        inspections.give_role(
            session, inspection=read.place.inspection, account=read.outsider, role=Role.LEAD, by=None, at=worked.READ
        )
    client = sign_in(read.outsider)

    assert client.get(address(read)).status_code == 200
    assert client.get("/programmes/AAAAAAAAAAAAAAAAAAAAAA/severity").status_code == 404


@ON_BOTH
def test_the_lead_reads_first_what_it_is_and_is_not_and_then_every_reader_with_an_interval(
    read: Cast, sign_in: SignIn
) -> None:
    page = sign_in(read.lead).page(address(read))

    assert page.text.index("no judgement of a person") < page.text.index(read.reviewer.name)
    head, first, second, third = page.rows(0)
    assert head[0] == "Reader"
    assert first[:2] == [read.reviewer.name, "40in 2 partnerships"]
    assert first[2].startswith("−0.50 (−0.")
    assert first[-1] == "Rates lower than colleagues: worth a talk"
    assert (second[0], second[-1]) == (read.moderator.name, "No more than chance may give")
    assert third[2].startswith("+0.50 (+0.")
    assert "2 of 3 readers stand apart" in page.text


def test_readers_who_are_not_to_be_shown_are_counted_and_never_named(read: Cast, sign_in: SignIn) -> None:
    text = sign_in(read.lead).page(address(read)).text

    assert "1 reader has fewer than 30 readings there and is not shown." in text
    assert "Local reviewers, 1 of them here, are never shown." in text
    assert read.local_reviewer.name not in text
    assert read.deputy.name not in text


def test_a_moderator_who_reads_has_no_row_and_is_told_so(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.moderator).page(address(read))

    assert [row[0] for row in page.rows(0)[1:]] == [read.reviewer.name, read.second_reviewer.name]
    assert "You read there yourself: nobody sees their own" in page.text


def test_each_partnership_s_share_stands_beside_what_it_would_be(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.lead).page(address(read))

    head, glen, strath = page.rows(1)
    assert head[1:3] == ["Weighted share now", "Without differences between readers"]
    assert (glen[0], glen[1], glen[4]) == ("Glen Test", "64%", "50 of 55")
    assert glen[3].startswith("+")
    assert (strath[0], strath[4]) == ("Strath Test", "60 of 90")
    assert strath[3].startswith("−")
    assert "No record has this answer yet." in page.text  # of the three other headline questions


def test_nothing_is_shown_while_reading_goes_on(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        people = People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)
        worked.build(session, cast.place, people)

    text = sign_in(cast.lead).page(address(cast)).text

    assert "reading is over in none of your 1 inspection of this programme" in text
    assert cast.reviewer.name not in text


@ON_BOTH
def test_each_look_at_readers_is_kept_in_the_trail(app: Flask, read: Cast, sign_in: SignIn) -> None:
    for who in (read.lead, read.moderator):
        sign_in(who).page(address(read))

    with snapshot(app.extensions["casereader_engine"]) as session:
        looked = session.exec(
            select(AuditEvent).where(AuditEvent.action == "severity looked at").order_by(col(AuditEvent.n))
        ).all()
    assert [one.actor_id for one in looked] == [read.lead.id, read.moderator.id]
