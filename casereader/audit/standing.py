"""The rows that stand now, as the trail would tell them: each with whose it is and what it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, func, literal, select

from casereader.audit.changes import row_name
from casereader.audit.telling import TABLES, Told
from casereader.audit.texts import digest_of, key_of_installation, seal_of, told_length
from casereader.audit.values import defaults, is_something, sealed, told_value
from casereader.models import metadata
from casereader.models.columns import canonical

AT_A_TIME = 2_000
SEAL = "seal"  # the one field of a sealed row, which is called by it

Fields = dict[str, str]


class Keys:
    """The keys of all inspections and of the installation: what is erased has none."""

    def __init__(self, connection: Connection) -> None:
        table = metadata.tables["inspection"]
        rows = connection.execute(select(table.c.id, table.c.digest_key)).all()
        self._keys: dict[int | None, str | None] = {row.id: row.digest_key for row in rows}
        self._keys[None] = key_of_installation(connection)

    def are_there(self, owner: int | None) -> bool:
        """Whether what belongs to this inspection, or to none, can be compared."""
        return owner is None or self._keys.get(owner) is not None

    def key(self, owner: int | None) -> str:
        """The key under which it is digested."""
        return self._keys.get(owner) or ""

    def name(self, text: str, *, inspection_id: int | None, is_kept: bool) -> Mapping[str, Any]:  # noqa: ARG002
        """What stands in the trail in place of a text."""
        return {"digest": digest_of(self.key(inspection_id), text), "length": told_length(text)}


@dataclass(frozen=True, slots=True)
class Standing:
    """One row: by which name the trail tells it, by which a person finds it, and what it holds."""

    table: str
    row: str
    called: str
    fields: Fields


def standing(connection: Connection, keys: Keys) -> Iterator[Standing]:
    """Every row of every table that is told, but of those whose words were erased."""
    for name, told in TABLES.items():
        if isinstance(told, Told):
            yield from _rows(connection, keys, metadata.tables[name], told)


@cache
def compared(table: str) -> frozenset[str]:
    """The columns of a table whose values the trail tells one by one."""
    told = TABLES[table]
    if not isinstance(told, Told):
        return frozenset()
    if told.in_bulk:
        return told.later
    columns = frozenset(metadata.tables[table].columns.keys()) - told.passing
    return columns if "id" in told.named_by or table in _referred_to() else columns - {"id"}


@cache
def _referred_to() -> frozenset[str]:
    """The tables whose keys stand in rows of others: whose two rows exchange keys exchange all that hangs on them."""
    return frozenset(link.column.table.name for table in metadata.tables.values() for link in table.foreign_keys)


def as_text(value: Any, usual: Any) -> str | None:
    """A told value to compare by; None where it is nothing, or what stands there anyhow."""
    if value is None or value == "" or value == [] or value == {} or value == usual:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value.keys() == {"digest", "length"}:
        return str(value["digest"])
    return canonical(value)


def _rows(connection: Connection, keys: Keys, table: Table, told: Told) -> Iterator[Standing]:
    query = _with_owner(table, told)
    columns, usual = sorted(compared(table.name)), defaults(table.name)
    for row in _readable(connection, query, table):
        if isinstance(row, str):
            yield Standing(table.name, row, row, {UNREADABLE: row})
            continue
        owner = row.pop(OWNER)
        if not keys.are_there(owner):
            continue
        fields = {}
        for name in columns:
            if is_something(row[name]):
                text = as_text(told_value(name, row[name], told, keys, owner), usual.get(name))
                if text is not None:
                    fields[name] = text
        called = row_name(told, row) or ""
        if told.in_bulk:
            seal = seal_of(keys.key(owner), sealed(row, told, table.name))
            yield Standing(table.name, seal, called, {SEAL: seal})
        if fields or not told.in_bulk:
            yield Standing(table.name, called, called, fields)


def _readable(connection: Connection, query: Any, table: Table) -> Iterator[dict[str, Any] | str]:
    """The rows; of one that holds what no program of ours wrote there, as a word in place of a date, its key."""
    n = 0
    try:
        for found in connection.execute(query, execution_options={"yield_per": AT_A_TIME}):
            yield dict(found._mapping)
            n += 1
        return
    except (ValueError, TypeError, LookupError):
        keys = connection.execute(select(*table.primary_key).order_by(*table.primary_key)).all()
    for key in keys[n:]:
        one = query.where(*(column == value for column, value in zip(table.primary_key, key, strict=True)))
        try:
            yield dict(connection.execute(one).one()._mapping)
        except (ValueError, TypeError, LookupError):
            yield "/".join(map(str, key))


OWNER, UNREADABLE = "inspection that it belongs to", "unreadable"


@cache
def _with_owner(table: Table, told: Told) -> Any:
    """All columns, and the inspection that the row belongs to, from table to table."""
    if not told.owner:
        return select(*table.c, literal(None).label(OWNER)).order_by(*table.primary_key)
    joined, found = _upwards(table, table, told)
    return select(*table.c, func.coalesce(*found, None).label(OWNER)).select_from(joined).order_by(*table.primary_key)


def _upwards(joined: FromClause, table: FromClause, told: Told) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """What leads to the inspection: the owner's column, and where that is blank another that leads to one."""
    if told.owner in ("inspection_id", "id"):
        return joined, [table.c[told.owner]]
    found: list[ColumnElement[Any]] = []
    leads = [told.owner, *sorted(set(told.or_owner))]
    for name in leads:
        (link,) = table.c[name].foreign_keys
        parent, further = link.column.table.alias(), TABLES[link.column.table.name]
        assert isinstance(further, Told)
        joined, above = _upwards(joined.outerjoin(parent, table.c[name] == parent.c.id), parent, further)
        found += above
    return joined, found
