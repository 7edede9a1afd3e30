"""Local reviewers: their account has a last day before they get the role, and keeps one while they hold it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import Session

from casereader import audit
from casereader.errors import RefusedError
from casereader.people import accounts, local_reviewers
from casereader.programmes import inspections
from casereader.vocabulary import Role
from tests.cast import BEGAN, Cast, gather

LATER = BEGAN + timedelta(days=1)
TOMORROW = LATER.date() + timedelta(days=1)


@pytest.fixture
def people(session: Session, app: Flask) -> Cast:
    return gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"])


def give(session: Session, people: Cast) -> None:
    inspections.give_role(
        session,
        inspection=people.place.inspection,
        account=people.outsider,
        role=Role.LOCAL_REVIEWER,
        paired_with=people.reviewer,
        by=people.coordinator,
        at=LATER,
    )


def test_nobody_becomes_a_local_reviewer_with_an_account_that_does_not_end(session: Session, people: Cast) -> None:
    with pytest.raises(RefusedError, match="no last day, and a local reviewer's must end: ask an administrator"):
        give(session, people)

    local_reviewers.set_last_day(session, account=people.outsider, until=TOMORROW, by=people.administrator, at=LATER)
    give(session, people)

    assert accounts.works(people.outsider, at=datetime.combine(TOMORROW, LATER.time(), UTC))
    assert not accounts.works(people.outsider, at=LATER + timedelta(days=2))
    (deed,) = audit.deeds(session, "last day set", object_ids=[people.outsider.public_id])
    assert deed.by_id == people.administrator.id


@pytest.mark.parametrize(
    ("until", "says"),
    [
        (None, "whose account must end"),
        (LATER.date() + timedelta(days=367), "within a year"),
        (LATER.date() - timedelta(days=1), "today or a later day"),
    ],
)
def test_a_local_reviewer_keeps_a_last_day_within_a_year(
    session: Session, people: Cast, until: date | None, says: str
) -> None:
    before = people.local_reviewer.ends_on

    with pytest.raises(RefusedError, match=says):
        local_reviewers.set_last_day(
            session, account=people.local_reviewer, until=until, by=people.administrator, at=LATER
        )

    assert people.local_reviewer.ends_on == before


def test_who_is_no_local_reviewer_any_more_may_stay_and_nobody_sets_their_own_last_day(
    session: Session, people: Cast
) -> None:
    inspection = people.place.inspection
    (entry,) = inspections.members(session, inspection=inspection, account=people.local_reviewer)
    inspections.take_role(session, inspection=inspection, entry=entry, by=people.coordinator, at=LATER)

    local_reviewers.set_last_day(session, account=people.local_reviewer, until=None, by=people.administrator, at=LATER)
    assert people.local_reviewer.ends_on is None
    with pytest.raises(RefusedError, match="your own account"):
        local_reviewers.set_last_day(
            session, account=people.administrator, until=TOMORROW, by=people.administrator, at=LATER
        )
