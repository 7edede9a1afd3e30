"""The kinds of column our tables are made of."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, String, TypeDecorator
from sqlmodel import Field


class UtcTime(TypeDecorator[datetime]):
    """A moment with its zone: SQLite forgets zones, PostgreSQL keeps them, we hand back UTC from both."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The moment in UTC, as it is stored; ValueError for one without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The stored moment, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CanonicalJson(TypeDecorator[Any]):
    """JSON that is stored in the one form in which it is hashed, so that it need not be parsed to be checked."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, _dialect: Dialect) -> Callable[[Any], str]:
        """Write it ourselves: the database's own writer chooses its own blanks and order."""
        return canonical


def canonical(value: Any) -> str:
    """JSON in the one form in which it is digested and hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def word(kind: type[StrEnum], name: str) -> Enum:
    """A column that holds one of the words of `kind`, with a CHECK called `name`."""
    return Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=30,
        name=name,
    )


def new_public_id() -> str:
    """A random 128-bit name for an address: says nothing and cannot be guessed."""
    return secrets.token_urlsafe(16)


def new_digest_key() -> str:
    """A random 256-bit key in hexadecimal."""
    return secrets.token_hex(32)


def public_id() -> Any:
    """The column of an object's name in addresses."""
    return Field(default_factory=new_public_id, sa_type=String(22), unique=True, nullable=False)


def moment(*, nullable: bool = False) -> Any:
    """A column of a moment in UTC."""
    if nullable:
        return Field(default=None, sa_type=UtcTime, nullable=True)
    return Field(sa_type=UtcTime, nullable=False)
