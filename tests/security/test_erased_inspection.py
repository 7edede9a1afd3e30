"""An inspection whose content was erased: each of its addresses says so to whoever had a role there, and shows nothing.

What is left is what the table says of it (`erased`); its readings are gone, and are the 404 of what never was.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from casereader import erasing
from casereader.db import transaction
from casereader.models import Inspection
from casereader.people import accounts
from casereader.programmes import inspections
from casereader.vocabulary import Stage
from tests.addresses import Address
from tests.security.access_table import Row, table
from tests.security.world import World
from tests.web.client import PageClient

ERASED = (Stage.READING, Stage.PUBLISHED)
IN_ROLES = ("lead", "coordinator", "moderator", "deputy", "reviewer-1")


def _erase(session: Session, key: int) -> None:
    at = datetime.now(UTC)
    lead = accounts.by_email(session, email="lead@demo.example")
    administrator = accounts.by_email(session, email="administrator@demo.example")
    inspection = session.get_one(Inspection, key)
    inspection.retain_until = at.date()
    session.add(inspection)
    session.flush()
    erasing.ask(session, inspection=inspection, is_sooner=True, by=lead, at=at)
    place = inspections.place_of(session, inspection_id=key)
    erasing.erase(session, place=place, by=administrator, at=at)


@pytest.fixture
def erased(world: World) -> Iterator[World]:
    """The world, with one inspection in the middle of its reading erased, and one that is published."""
    assert world.addresses
    world.keep()
    asked_for = [one.inspection_id or 0 for one in world.addresses[("GET", "/inspections/<public_id>")]]
    world.erased = {key for key in asked_for if world.stages.get(key) in ERASED and key != world.left}
    with transaction(world.app.extensions["casereader_engine"]) as session:
        for key in world.erased:
            _erase(session, key)
    yield world
    world.put_back()
    world.erased = set()


def _of_one(world: World, row: Row) -> Address | None:
    """An address of the row about one of them."""
    return next((one for one in world.addresses[row.key] if one.inspection_id in world.erased), None)


@pytest.mark.parametrize("who", IN_ROLES)
def test_of_an_erased_inspection_nobody_finds_more_than_what_is_left(erased: World, who: str) -> None:
    held, client = erased.holdings(who), erased.browser_of(who)
    assert isinstance(client, PageClient)
    sent = {"csrf_token": client.csrf_token("/settings")}
    wrong = []
    asked = [(row, one) for row in table() if row.who & held.words and (one := _of_one(erased, row))]
    for row, address in asked:
        is_theirs = bool(row.who & held.roles.get(address.inspection_id or 0, frozenset()))
        gone = 404 if row.of.startswith("own reading") or not is_theirs else 410
        expected = next((reply.status for condition, reply in row.when if condition == "erased"), gone)
        data = sent if row.method == "POST" else None
        status = FlaskClient.open(client, address.path, method=row.method, data=data).status_code
        if status != (expected if is_theirs else 404):
            wrong.append(f"{row.method} {address.path}: {status}, expected {expected}")

    assert not wrong, "\n".join(wrong)
    assert asked
