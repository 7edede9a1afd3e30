"""Rights as they stand at each request: whoever loses theirs has a browser open, and it opens nothing from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, delete, select

from casereader.db import transaction
from casereader.models import Account, Membership, SignIn
from casereader.people import accounts
from tests.security.access_table import Row, table
from tests.security.world import World
from tests.web.client import PageClient

Loss = Callable[[Session, Account], None]


def _is_disabled(_session: Session, account: Account) -> None:
    account.disabled_at = datetime.now(UTC)


def _is_ended(_session: Session, account: Account) -> None:
    account.ends_on = datetime.now(UTC).date() - timedelta(days=1)


def _is_covered(session: Session, account: Account) -> None:
    for entry in session.exec(select(SignIn).where(SignIn.account_id == account.id)):
        entry.locked_at = datetime.now(UTC)


def _has_no_role(session: Session, account: Account) -> None:
    session.exec(delete(Membership).where(col(Membership.account_id) == account.id))


def _has_no_right(_session: Session, account: Account) -> None:
    account.may_begin_programmes = account.is_administrator = False


@pytest.fixture
def changed(world: World) -> Iterator[Callable[[str, Loss], tuple[PageClient, str]]]:
    """Sign somebody in, and then let something be changed."""
    kept = False

    def change(who: str, loss: Loss) -> tuple[PageClient, str]:
        nonlocal kept
        client = world.browser_of(who)
        assert isinstance(client, PageClient)
        token = client.csrf_token("/settings")
        world.keep()
        kept = True
        with transaction(world.app.extensions["casereader_engine"]) as session:
            account = accounts.by_email(session, email=f"{who}@demo.example")
            loss(session, account)
            session.add(account)
        return client, token

    yield change
    if kept:
        world.put_back()


def _answers(world: World, client: PageClient, token: str, rows: Iterator[Row]) -> Iterator[tuple[str, int, str]]:
    for row in rows:
        for address in world.addresses[row.key][:1]:
            sent = {"csrf_token": token} if row.method == "POST" else None
            response = FlaskClient.open(client, address.path, method=row.method, data=sent)
            yield f"{row.method} {address.path}", response.status_code, response.location or ""


@pytest.mark.parametrize(
    ("loss", "page", "form"), [(_is_disabled, 303, 401), (_is_ended, 303, 401), (_is_covered, 423, 423)]
)
def test_an_account_that_works_no_longer_and_a_covered_browser_open_nothing(
    world: World,
    changed: Callable[[str, Loss], tuple[PageClient, str]],
    loss: Loss,
    page: int,
    form: int,
) -> None:
    client, token = changed("coordinator", loss)
    open_to = {"anyone", "covered"} if loss is _is_covered else {"anyone"}  # who locked a page may sign out
    closed = (row for row in table() if not row.who & open_to)
    wrong = [
        (what, status)
        for what, status, location in _answers(world, client, token, closed)
        if status != (page if what.startswith("GET") else form) or (status == 303 and "/sign-in" not in location)
    ]

    assert not wrong


@pytest.mark.parametrize("who", ["lead", "moderator", "reviewer-1", "local-reviewer"])
def test_whoever_has_no_role_any_more_is_refused_what_needs_one_at_the_next_request(
    world: World, changed: Callable[[str, Loss], tuple[PageClient, str]], who: str
) -> None:
    before = world.holdings(who)
    client, token = changed(who, _has_no_role)
    was_open = (row for row in table() if row.who & before.words and not row.who & before.doors)
    wrong = [(what, status) for what, status, _ in _answers(world, client, token, was_open) if status != 403]

    assert not wrong


@pytest.mark.parametrize(("who", "door"), [("beginner", "beginner"), ("administrator", "administrator")])
def test_a_right_over_programmes_or_accounts_is_gone_at_the_next_request(
    world: World, changed: Callable[[str, Loss], tuple[PageClient, str]], who: str, door: str
) -> None:
    client, token = changed(who, _has_no_right)
    wrong = [
        (what, status)
        for what, status, _ in _answers(world, client, token, (row for row in table() if door in row.who))
        if status != 403
    ]

    assert not wrong


def test_t31_an_account_ends_with_its_last_day_by_the_calendar_in_utc() -> None:
    """In summer that is one in the morning in Scotland: nobody is sent home before their day is over."""
    account = Account(email="local@example.org", name="Lachlan Local", ends_on=date(2026, 6, 30))

    assert accounts.works(account, at=datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC))
    assert not accounts.works(account, at=datetime(2026, 7, 1, tzinfo=UTC))
