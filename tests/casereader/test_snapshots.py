"""What one look at the database sees: one state of all of it, whatever is saved meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from casereader.db import at_once, open_session, snapshot, transaction
from casereader.models import Account
from casereader.people import accounts

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def test_e15_an_export_sees_nothing_of_what_is_saved_while_it_is_made(engine: Engine) -> None:
    with snapshot(engine) as looking:
        first = looking.exec(select(Account.email)).all()
        with transaction(engine) as session:
            accounts.create(session, email="new@cast.example", name="New Person", by=None, at=AT)

        assert looking.exec(select(Account.email)).all() == first

    with snapshot(engine) as looking:
        assert len(looking.exec(select(Account.email)).all()) == len(first) + 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_need_not_be_written_does_not_wait_for_another_writer_and_leaves_others_their_patience(
    engine: Engine,
) -> None:
    with open_session(engine, write=True) as session:
        session.connection()
        with pytest.raises(OperationalError, match="locked"), at_once(engine) as writing:
            accounts.create(writing, email="late@cast.example", name="Late Person", by=None, at=AT)

    with at_once(engine) as writing:
        accounts.create(writing, email="new@cast.example", name="New Person", by=None, at=AT)
    with snapshot(engine) as looking:
        assert [one.email for one in looking.exec(select(Account))] == ["new@cast.example"]
        assert looking.connection().exec_driver_sql("PRAGMA busy_timeout").scalar() == 6000
