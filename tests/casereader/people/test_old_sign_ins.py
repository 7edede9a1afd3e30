"""Sign-ins that open nothing any more go, a few with each new one, however many there are."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, text
from sqlmodel import Session, select

from casereader.models import Account, SignIn
from casereader.people import accounts, sessions
from tests.cast import BEGAN

MANY = 1_000_000
LONGEST = 0.2  # seconds that signing in may take


def person(session: Session) -> Account:
    return accounts.create(session, email="ada@example.org", name="Ada Adair", by=None, at=BEGAN)


def plant(session: Session, account: Account, *, n: int, age: timedelta) -> None:
    made = BEGAN - age
    row = {"account_id": account.id, "created_at": made, "last_seen_at": made, "rights": "", "browser": ""}
    more = {"network": "", "is_waiting": False}
    digests = (sessions.digest(f"{age} {number}") for number in range(n))
    session.execute(
        insert(SignIn), [{**row, **more, "token_hash": digest, "public_id": digest[:22]} for digest in digests]
    )


def count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(SignIn)).one()


def test_a_new_sign_in_removes_some_that_ended_long_ago_and_none_that_may_be_looked_at(session: Session) -> None:
    account = person(session)
    plant(session, account, n=sessions.AT_A_TIME + 10, age=timedelta(hours=37))
    plant(session, account, n=5, age=timedelta(hours=35))

    sessions.begin(session, account=account, at=BEGAN)
    assert count(session) == 10 + 5 + 1
    token = sessions.begin(session, account=account, at=BEGAN)
    assert count(session) == 5 + 2
    sessions.begin(session, account=account, at=BEGAN)
    assert count(session) == 5 + 3
    assert sessions.find(session, token=token, at=BEGAN) is not None


@pytest.mark.slow
def test_d26_a_million_old_sign_ins_hold_nobody_up_and_go(session: Session) -> None:
    account = person(session)
    numbers = {
        "sqlite": f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY})",
        "postgresql": f"WITH numbers AS (SELECT generate_series(1, {MANY}) AS n)",
    }[session.get_bind().dialect.name]
    session.connection().execute(
        text(
            f"{numbers} INSERT INTO sign_in (public_id, token_hash, account_id, created_at, last_seen_at, rights,"
            " is_waiting, browser, network) SELECT 'p' || n, 't' || n, :account, :made, :made, '', false, '', ''"
            " FROM numbers"
        ),
        {"account": account.id, "made": str(BEGAN - timedelta(days=30))[:19] + ".000000"},
    )
    session.commit()
    before = count(session)
    took = []
    for _ in range(5):
        since = time.perf_counter()
        token = sessions.begin(session, account=account, at=BEGAN)
        assert sessions.find(session, token=token, at=BEGAN) is not None
        session.commit()
        took.append(time.perf_counter() - since)

    assert before == MANY
    assert count(session) == MANY - 5 * sessions.AT_A_TIME + 5
    assert sorted(took)[2] < LONGEST
