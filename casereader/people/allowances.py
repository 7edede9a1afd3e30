"""How many tries there are: every wrong password, code or link is counted, against guessing by one or by many.

Tries are kept in buckets that fill up again evenly within an hour: one for a name, one for a network, one for all. A
try is taken from each before anything is checked and given back when it was right, so people who know their password
never run out. Where a bucket is empty nothing is checked, and some minutes later there is a try again: nobody is locked
out for good. Whoever comes from a network from which the account was signed in to lately has a bucket of their own
instead of the name's and everybody's, and a trusted network has its own in place of everybody's, so that strangers who
use those up keep no reader from the reading room.

The table holds hashes under the secret key: neither names nor addresses can be read from it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from sqlalchemy import bindparam, delete
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from casereader.errors import RefusedError
from casereader.models import Account, Allowance, AuditEvent, SignIn
from casereader.people.accounts import canonical_email

HOUR = timedelta(hours=1)
KNOWN_FOR = timedelta(days=30)  # after a sign-in, its network is one from which the account is used
A_NAME, A_NETWORK, A_TRUSTED_NETWORK, EVERYBODY = 10, 20, 1000, 600  # wrong tries an hour
ONCE = 1  # an hour: how often it is noted that a bucket ran out
A_TRY = 1 - 1e-6  # what ten times a tenth comes to in a computer's fractions
WORK = 120  # an hour, of one account: files in bulk, and what else takes the machine long

REFUSALS = 30  # an hour, of one account: refused rights that are written into the trail
RAN_OUT, FAILED = "tries ran out", "failed try"  # as the trail calls them

Network = IPv4Network | IPv6Network


class Whose(StrEnum):
    """Whose tries a bucket holds."""

    NAME = "one name"
    NAME_AT_A_KNOWN_PLACE = "one name, from a network where it is used"
    NETWORK = "one network"
    EVERYBODY = "everybody"
    WORK = "files and long work of one account"
    REFUSALS = "refused rights of one account"


@dataclass(frozen=True)
class Bucket:
    """A number of tries that fills up within an hour."""

    whose: Whose
    key_hash: str
    most: int


@dataclass(frozen=True)
class Keys:
    """What buckets are named under, and the networks in which many people sit behind one address."""

    secret_key: str
    trusted_networks: tuple[Network, ...] = ()

    def of_a_try(self, *, name: str | None, address: str, network: str, is_known: bool) -> list[Bucket]:
        """The buckets from which one try is taken; `name` is None where none is given, as with a one-time link."""
        trusted = next((one for one in self.trusted_networks if _is_in(address, one)), None)
        of_network = self._bucket(Whose.NETWORK, str(trusted or network), A_TRUSTED_NETWORK if trusted else A_NETWORK)
        of_place = [of_network] if trusted else [of_network, self._bucket(Whose.EVERYBODY, "", EVERYBODY)]
        if name is None:
            return of_place
        name = _canonical(name)
        if is_known:
            return [of_network, self._bucket(Whose.NAME_AT_A_KNOWN_PLACE, f"{name}\n{network}", A_NAME)]
        return [*of_place, self._bucket(Whose.NAME, name, A_NAME)]

    def of_work(self, account: Account) -> list[Bucket]:
        """The bucket of what an account may take away, or have made, in an hour."""
        return [self._bucket(Whose.WORK, account.public_id, WORK)]

    def of_refusals(self, account: Account) -> list[Bucket]:
        """The bucket of how many refused rights of an account are written down in an hour."""
        return [self._bucket(Whose.REFUSALS, account.public_id, REFUSALS)]

    def noting(self, bucket: Bucket) -> Bucket:
        """The bucket that lets it be noted but once an hour that another ran out."""
        return self._bucket(bucket.whose, f"noted\n{bucket.key_hash}", ONCE)

    def _bucket(self, whose: Whose, of: str, most: int) -> Bucket:
        said = f"casereader allowance/1\n{whose}\n{of}".encode()
        return Bucket(whose, hmac.digest(self.secret_key.encode(), said, "sha256").hex(), most)


def take(session: Session, buckets: Sequence[Bucket], *, at: datetime) -> timedelta | None:
    """Take a try from each bucket, or from none: then how long until there is one again. To be committed at once."""
    session.execute(_FORGET_FULL, {"before": at - HOUR})
    held = _locked(session, buckets, at=at)
    longest = max(
        ((1 - held[bucket.key_hash]) / bucket.most * HOUR for bucket in buckets if held[bucket.key_hash] < A_TRY),
        default=None,
    )
    for bucket in buckets:  # where there is none, too: a clock that was set back stops no bucket from filling up
        _keep(session, bucket, max(held[bucket.key_hash] - (longest is None), 0.0), at=at)
    return longest


def give_back(session: Session, buckets: Sequence[Bucket], *, at: datetime) -> None:
    """Put back the try that was taken from each: it was right. To be committed at once."""
    held = _locked(session, buckets, at=at)
    for bucket in buckets:
        _keep(session, bucket, min(held[bucket.key_hash] + 1, bucket.most), at=at)


def has_run_out(session: Session, bucket: Bucket, *, at: datetime) -> bool:
    """Whether the bucket holds no whole try at that moment."""
    found = session.execute(_HELD_NOW, {"key_hash": bucket.key_hash}).first()
    return found is not None and _filled(*found, most=bucket.most, at=at) < A_TRY


def is_known_place(session: Session, *, account: Account | None, network: str, at: datetime) -> bool:
    """Whether somebody has wholly signed in to the account from that network lately; as long for no account."""
    query = select(SignIn.id).where(
        SignIn.account_id == (account.id if account else 0),
        SignIn.network == network,
        col(SignIn.is_waiting).is_(False),
        SignIn.created_at >= at - KNOWN_FOR,
    )
    return session.exec(query.limit(1)).first() is not None


@dataclass(frozen=True)
class Event:
    """A time at which tries ran out, or failed; `account` is None where nobody's name was given."""

    at: datetime
    account: Account | None
    body: Mapping[str, Any]


def noted(session: Session, action: str, *, since: datetime, most: int) -> list[Event]:
    """What the trail holds of it, newest first."""
    query = (
        select(AuditEvent.at, Account, AuditEvent.body)
        .join(Account, col(Account.public_id) == AuditEvent.object_id, isouter=True)
        .where(AuditEvent.action == action, AuditEvent.at >= since)
        .order_by(col(AuditEvent.n).desc())
        .limit(most)
    )
    return [Event(*row) for row in session.exec(query)]


def _locked(session: Session, buckets: Sequence[Bucket], *, at: datetime) -> dict[str, float]:
    """What each bucket holds now. Nobody else takes from them until the transaction ends."""
    ordered = sorted(buckets, key=lambda one: one.key_hash)  # everywhere alike, so that no two wait for each other
    full = [{"key_hash": one.key_hash, "tries": float(one.most), "counted_at": at} for one in ordered]
    session.execute(_insert(session.get_bind().dialect.name).on_conflict_do_nothing(), full)
    rows = session.execute(_HELD, {"key_hashes": [one.key_hash for one in ordered]})
    found = {key: (tries, since) for key, tries, since in rows}
    return {
        one.key_hash: _filled(*found.get(one.key_hash, (float(one.most), at)), most=one.most, at=at) for one in ordered
    }


def _keep(session: Session, bucket: Bucket, tries: float, *, at: datetime) -> None:
    row = {"key_hash": bucket.key_hash, "tries": tries, "counted_at": at}
    session.execute(_keeping(session.get_bind().dialect.name), row)


# Built once, as all that is asked of them: every wrong try and every refused right comes here.
_TABLE: Any = Allowance.__table__  # type: ignore[attr-defined]
_HELD = (
    select_columns(_TABLE.c.key_hash, _TABLE.c.tries, _TABLE.c.counted_at)
    .where(_TABLE.c.key_hash.in_(bindparam("key_hashes", expanding=True)))
    .order_by(_TABLE.c.key_hash)
    .with_for_update()
)
_HELD_NOW = select_columns(_TABLE.c.tries, _TABLE.c.counted_at).where(_TABLE.c.key_hash == bindparam("key_hash"))
# A bucket that nobody took from for an hour is full: its row says no more than none would.
_FULL = select_columns(_TABLE.c.key_hash).where(_TABLE.c.counted_at < bindparam("before"))
_FORGET_FULL = delete(_TABLE).where(_TABLE.c.key_hash.in_(_FULL.with_for_update(skip_locked=True)))


@cache
def _keeping(kind: str) -> Any:
    statement = _insert(kind)
    kept = {name: statement.excluded[name] for name in ("tries", "counted_at")}
    return statement.on_conflict_do_update(index_elements=["key_hash"], set_=kept)


def _filled(tries: float, since: datetime, *, most: int, at: datetime) -> float:
    """What a bucket holds now that held `tries` then; of a clock set back it loses nothing."""
    return min(tries + most * (max(at - since, timedelta(0)) / HOUR), float(most))


def _insert(kind: str) -> sqlite.Insert | postgresql.Insert:
    make = postgresql.insert if kind == "postgresql" else sqlite.insert
    return make(_TABLE)


def _canonical(name: str) -> str:
    """One form for all that sign in alike; what is no address counts as it stands."""
    try:
        return canonical_email(name)
    except RefusedError:
        return name.strip().casefold()[:254]


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address in its own version: an IPv4 one comes as one of IPv6 where the server listens to both."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped if address.version == 6 else None) or address


def _is_in(address: str, network: Network) -> bool:
    found = address_of(address)
    return found is not None and found in network
