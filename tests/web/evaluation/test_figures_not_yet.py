"""Figures stay shut to whoever runs an inspection and still has readings of their own to hand in there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlmodel import select

from casereader.db import transaction
from casereader.models import Account, Reading
from casereader.programmes import adding, inspections
from casereader.vocabulary import ReadingState, Role
from tests import worked
from tests.cast import BEGAN, Cast, SignIn
from tests.second_steps import give_sheets
from tests.web.client import page_of
from tests.worked import People

SHUT = "The figures are not open to you yet"
UNKNOWN = "A" * 22
RUNS = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, their inspection worked through, of which one reading of the reviewer's is not in yet."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead))
        mine = session.exec(select(Reading).where(Reading.reviewer_id == cast.reviewer.id)).all()
        mine[0].state, mine[0].submitted_at = ReadingState.IN_PROGRESS, None
    return cast


def give(app: Flask, cast: Cast, account: Account, *roles: Role) -> None:
    """Give somebody these roles in the cast's inspection."""
    with transaction(app.extensions["casereader_engine"]) as session:
        give_sheets(session, account, at=BEGAN)
        for role in roles:
            inspections.give_role(
                session, inspection=cast.place.inspection, account=account, role=role, by=cast.coordinator, at=BEGAN
            )


def hand_in(app: Flask) -> None:
    """Hand in what was left."""
    with transaction(app.extensions["casereader_engine"]) as session:
        left = session.exec(select(Reading).where(Reading.state == ReadingState.IN_PROGRESS)).one()
        left.state, left.submitted_at = ReadingState.SUBMITTED, worked.READ


def addresses(app: Flask, cast: Cast) -> Iterator[str]:
    """Every page and file of figures, of the inspection and of its programme."""
    adapter = app.url_map.bind("127.0.0.1")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("evaluation.") and "GET" in (rule.methods or ()):
            of = cast.place.programme if rule.rule.startswith("/programmes/") else cast.place.inspection
            known = {"public_id": of.public_id, "section": "C", "qi": "5.2"}
            yield adapter.build(rule.endpoint, {name: known.get(name, UNKNOWN) for name in rule.arguments})


def test_no_figure_is_shown_to_whoever_runs_it_and_still_reads_until_theirs_are_in(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    give(app, read, read.reviewer, *RUNS)
    browser = sign_in(read.reviewer)
    every = list(addresses(app, read))

    before = {path: browser.get(path) for path in every}
    hand_in(app)
    after = {path: browser.get(path).status_code for path in every}

    assert len(every) > 12
    assert {response.status_code for response in before.values()} == {403}
    for response in before.values():
        page = page_of(response)
        assert page.heading == SHUT
        assert "You still have 1 reading to hand in in Glen Test" in page.text
    assert 403 not in after.values()
    assert {status for path, status in after.items() if UNKNOWN not in path} == {200}


def test_nothing_is_written_before_theirs_are_in(app: Flask, read: Cast, sign_in: SignIn) -> None:
    give(app, read, read.reviewer, Role.LEAD)
    browser = sign_in(read.reviewer)

    response = browser.post(
        f"/inspections/{read.place.inspection.public_id}/evaluation/5.2",
        data={"csrf_token": browser.csrf_token("/"), "stage": "proposed", "rating": "4", "reason": "Why."},
    )

    assert response.status_code == 403
    assert page_of(response).heading == SHUT


def test_whoever_runs_it_and_does_not_read_sees_the_figures_meanwhile(app: Flask, read: Cast, sign_in: SignIn) -> None:
    give(app, read, read.second_reviewer, Role.MODERATOR)

    for account in (read.moderator, read.second_reviewer):  # all readings of the second are in
        assert sign_in(account).get(f"/inspections/{read.place.inspection.public_id}/roll-up").status_code == 200


def test_a_reader_who_runs_another_inspection_learns_nothing_of_this_one(
    app: Flask, read: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        other = adding.add_partnership(
            session,
            programme=read.place.programme,
            name="Strath Test",
            period_from=read.place.inspection.period_from,
            period_to=read.place.inspection.period_to,
            lead=read.lead,
            by=read.coordinator,
            at=BEGAN,
        )
        inspections.give_role(
            session, inspection=other, account=read.reviewer, role=Role.MODERATOR, by=read.coordinator, at=BEGAN
        )
        give_sheets(session, read.reviewer, at=BEGAN)
        name = other.public_id
    browser = sign_in(read.reviewer)

    assert browser.get(f"/inspections/{name}/roll-up").status_code == 200
    assert browser.get(f"/programmes/{read.place.programme.public_id}/overview").status_code == 200
    assert browser.get(f"/inspections/{read.place.inspection.public_id}/roll-up").status_code == 404
