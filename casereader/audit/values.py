"""How a value stands in the trail, and what of a row is sealed: the same when it is written and when it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol

from sqlalchemy.sql.schema import ScalarElementColumnDefault

from casereader.audit.telling import Told
from casereader.models import metadata
from casereader.models.columns import canonical

CHANGED = "changed"  # stands for a secret, whatever it was and is


class NamesTexts(Protocol):
    """Whoever gives a text the digest that stands for it."""

    def name(self, text: str, *, inspection_id: int | None, is_kept: bool) -> Mapping[str, Any]:
        """What stands in place of the text."""
        ...


def is_something(value: Any) -> bool:
    """Whether a column holds anything."""
    return value is not None and value != "" and value != [] and value != {}


def told_value(name: str, value: Any, told: Told, texts: NamesTexts, owner: int | None) -> Any:
    """The value of a column as the trail tells it."""
    if not is_something(value):
        return value
    if name in told.secrets:
        return CHANGED
    if name in told.texts or name in told.bulky:
        words = value if isinstance(value, str) else canonical(plain(value))
        return texts.name(words, inspection_id=owner, is_kept=name in told.texts)
    return plain(value)


def sealed(row: Mapping[str, Any], told: Told, table: str) -> str:
    """What a seal is over: all that a row holds, but what changes later or is no content."""
    unsealed, usual = told.passing | told.later, defaults(table)
    held = {name: plain(value) for name, value in row.items() if name not in unsealed and is_something(value)}
    return canonical({name: value for name, value in held.items() if value != usual.get(name)})


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


@cache
def defaults(table: str) -> Mapping[str, Any]:
    """What the columns of a table hold where nobody gave anything: telling it and not telling it are the same."""
    columns = metadata.tables[table].columns
    return MappingProxyType(
        {one.name: plain(one.default.arg) for one in columns if isinstance(one.default, ScalarElementColumnDefault)}
    )
