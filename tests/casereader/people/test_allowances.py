"""Tries: how many there are, that they come back with time, and that no two people take the same one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from casereader.config import ConfigError, load_settings
from casereader.db import make_engine, transaction
from casereader.models import Allowance
from casereader.people import accounts, allowances, sessions
from casereader.people.allowances import Bucket, Keys, Whose
from tests.databases import ON_BOTH, not_waiting

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
KEYS = Keys("a key for tests, of which nobody knows", (ip_network("10.20.0.0/16"),))


def of_a_try(name: str | None = "rona@cast.example", address: str = "192.0.2.7", **more: bool) -> list[Bucket]:
    network = f"{address.rpartition('.')[0]}.0/24"
    return KEYS.of_a_try(name=name, address=address, network=network, is_known=more.get("is_known", False))


def taken(session: Session, buckets: list[Bucket], *, at: datetime = AT) -> int:
    """How many tries there are at one moment."""
    found = 0
    while allowances.take(session, buckets, at=at) is None:
        found += 1
    return found


def test_a_name_has_ten_an_hour_and_one_more_every_six_minutes(session: Session) -> None:
    assert taken(session, of_a_try()) == 10
    assert allowances.take(session, of_a_try(), at=AT) == timedelta(minutes=6)
    shouted = of_a_try("RONA@cast.example ")
    assert allowances.take(session, shouted, at=AT + timedelta(minutes=5)) == timedelta(minutes=1)

    assert taken(session, of_a_try(), at=AT + timedelta(minutes=6)) == 1
    assert taken(session, of_a_try(), at=AT + timedelta(hours=2)) == 10


def test_a_network_has_twenty_an_office_a_thousand_and_everybody_six_hundred(session: Session) -> None:
    def wrong(n: int, of: str) -> int:
        return sum(allowances.take(session, of_a_try(f"{of}{k}@x.example", at_home), at=AT) is None for k in range(n))

    at_home = "192.0.2.7"
    assert wrong(25, "a") == 20
    assert allowances.take(session, of_a_try("other@x.example", "192.0.2.99"), at=AT) == timedelta(minutes=3)

    by_whose = {bucket.whose: bucket.most for bucket in of_a_try(address="10.20.3.4")}
    assert by_whose == {Whose.NAME: 10, Whose.NETWORK: 1000}
    assert of_a_try(address="10.20.3.4")[0] == of_a_try(address="10.20.200.4")[0]
    assert of_a_try(address="10.20.3.4")[0] == of_a_try(address="::ffff:10.20.3.4")[0]
    assert {bucket.whose for bucket in of_a_try(None)} == {Whose.NETWORK, Whose.EVERYBODY}
    assert {bucket.whose for bucket in of_a_try(None, "10.20.3.4")} == {Whose.NETWORK}, "nobody outside uses it up"


def test_what_was_right_is_given_back_and_never_more_than_there_was(session: Session) -> None:
    buckets = of_a_try()
    for _ in range(30):
        assert allowances.take(session, buckets, at=AT) is None
        allowances.give_back(session, buckets, at=AT)
    allowances.give_back(session, buckets, at=AT)

    assert taken(session, buckets) == 10


def test_strangers_who_use_up_a_name_keep_nobody_out_where_it_is_used(session: Session) -> None:
    account = accounts.create(session, email="rona@cast.example", name="Rona Reader", by=None, at=AT)
    for address in ("198.51.100.1", "203.0.113.1"):
        taken(session, of_a_try(address=address))

    sessions.begin(session, account=account, at=AT, network="192.0.2.0/24")
    session.flush()

    def knows(network: str, at: datetime = AT) -> bool:
        return allowances.is_known_place(session, account=account, network=network, at=at)

    assert knows("192.0.2.0/24") and not knows("198.51.100.0/24")
    assert not knows("192.0.2.0/24", AT + timedelta(days=31))
    assert not allowances.is_known_place(session, account=None, network="192.0.2.0/24", at=AT)
    assert taken(session, of_a_try(is_known=True)) == 10


def test_neither_a_name_nor_an_address_can_be_read_from_what_is_kept_and_full_ones_are_forgotten(
    session: Session,
) -> None:
    taken(session, of_a_try())
    assert all(len(row.key_hash) == 64 for row in session.exec(select(Allowance)))
    another = Keys("another key", ()).of_a_try(name="rona@cast.example", address="", network="", is_known=False)
    assert not {one.key_hash for one in another} & {one.key_hash for one in of_a_try()}

    allowances.take(session, of_a_try(None, "198.51.100.1"), at=AT + timedelta(hours=2))

    assert len(session.exec(select(Allowance)).all()) == 2


def test_a_clock_that_is_set_back_gives_nothing_and_stops_nothing(session: Session) -> None:
    taken(session, of_a_try(), at=AT + timedelta(days=1))

    assert allowances.take(session, of_a_try(), at=AT) == timedelta(minutes=6)
    assert taken(session, of_a_try(), at=AT + timedelta(minutes=6)) == 1


@pytest.mark.parametrize("wrong", ["10.20.0.1/16", "the office", "0.0.0.0/0", "10.0.0.0/8, 2001::/3"])
def test_only_networks_of_one_organisation_are_trusted(tmp_path: Path, wrong: str) -> None:
    given = {"CASEREADER_DATA": tmp_path, "TRUSTED_NETWORKS": "10.20.0.0/16, 2001:db8::/32"}
    assert [str(one) for one in load_settings(given).trusted_networks] == ["10.20.0.0/16", "2001:db8::/32"]

    with pytest.raises(ConfigError, match="TRUSTED_NETWORKS names"):
        load_settings(given | {"TRUSTED_NETWORKS": wrong})


@ON_BOTH
def test_of_many_at_once_no_two_take_the_same_try(engine: Engine) -> None:
    other = not_waiting(make_engine(engine.url.render_as_string(hide_password=False)))  # as another process has it

    def one(number: int) -> bool:
        with transaction((engine, other)[number % 2]) as session:
            return allowances.take(session, of_a_try(), at=AT) is None

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(one, range(40)))
    other.dispose()

    assert sum(found) == 10
