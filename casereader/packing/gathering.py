"""The rows of an inspection as they travel: known by names that hold on any installation, never by keys of this one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Table, or_, select
from sqlmodel import Session

from casereader.audit.values import plain
from casereader.models import metadata
from casereader.models.columns import canonical
from casereader.packing.parts import OF_A_READING, PARTS, Packed, Rule
from casereader.programmes.inspections import Place

AT_ONCE = 500  # keys in one query: well under what SQLite takes
WHOLE = "row"  # the one part of a row that is compared as a whole
ACCOUNTS_IN = {("settlement", "earlier"): ("proposed_by_id", "agreed_by_id")}  # JSON that holds keys of accounts


@dataclass(frozen=True)
class Row:
    """One row that travels; `values` name other rows by what they are known by. `id` is its key here, if it is here."""

    table: str
    name: str
    values: Mapping[str, Any]
    id: int | None = None
    reading: str | None = None  # the public name of the reading that it belongs to
    passing: Mapping[str, Any] = field(default_factory=dict)  # moments that change with every save


Rows = dict[str, dict[str, Row]]
PASSING = {"reading": ("started_at", "saved_at"), "answer": ("saved_at",), "running_notes": ("saved_at",)}


def packed(table: str) -> Packed | None:
    """How a table travels, if it does."""
    found = PARTS[table]
    return found if isinstance(found, Packed) else None


def tables() -> list[str]:
    """The tables that travel, each after those that its rows name."""
    return [table.name for table in metadata.sorted_tables if packed(table.name)]


@cache
def travelling(table: str) -> frozenset[str]:
    """The columns of a table that travel: a file with any other, such as a password, is none of ours."""
    part = packed(table)
    assert part is not None
    return frozenset(metadata.tables[table].columns.keys()) - part.leaves


@cache
def leads_to(table: str) -> Mapping[str, str]:
    """The columns of a table that name rows of others, and which table's."""
    return {link.parent.name: link.column.table.name for link in metadata.tables[table].foreign_keys}


def gather(session: Session, place: Place, *, also: Collection[str] = ()) -> Rows:
    """Every row of the inspection that travels, by table and by name; `also` draws, lists and plans that are over."""
    return _Gathering(session, place, also).rows()


class _Gathering:
    def __init__(self, session: Session, place: Place, also: Collection[str]) -> None:
        self._session, self._place, self._also = session, place, also
        self._found: dict[str, list[Mapping[str, Any]]] = {}
        self._names: dict[str, dict[int, str]] = {}
        self._reading: dict[tuple[str, str], str] = {}

    def rows(self) -> Rows:
        self._read_all()
        return {table: {row.name: row for row in self._named(table)} for table in tables()}

    def _read_all(self) -> None:
        place = self._place
        roots = {
            "programme": place.programme.id,
            "partnership": place.partnership.id,
            "inspection": place.inspection.id,
        }
        for name, key in roots.items():
            table = metadata.tables[name]
            self._found[name] = self._all(select(*table.c).where(table.c.id == key))
        published = metadata.tables["published_instrument"]
        query = select(*published.c).where(
            published.c.instrument_id == place.programme.instrument_id,
            published.c.version == place.programme.instrument_version,
        )
        self._found["published_instrument"] = self._all(query)
        late = {"account", "practice_reading"}
        for name in tables():
            if name not in self._found and name not in late:
                self._found[name] = list(self._within(metadata.tables[name]))
        members = {row["account_id"] for row in self._found["membership"]}
        self._found["conflict_of_interest"] = [
            row for row in self._found["conflict_of_interest"] if row["account_id"] in members
        ]
        self._found["account"] = list(self._by_keys("account", "id", self._accounts()))
        self._found["practice_reading"] = list(self._by_keys("practice_reading", "account_id", members))

    def _within(self, table: Table) -> Iterator[Mapping[str, Any]]:
        """The rows that belong to rows found before."""
        part = packed(table.name)
        assert part is not None
        seen = set()
        for column in part.within:
            above = {row["id"] for row in self._found[leads_to(table.name)[column]]}
            for row in self._by_keys(table.name, column, above):
                key = row["id"] if "id" in row else row[column]
                if key not in seen:
                    seen.add(key)
                    yield row

    def _by_keys(self, name: str, column: str, keys: Iterable[int]) -> Iterator[Mapping[str, Any]]:
        table, part = metadata.tables[name], packed(name)
        wanted = sorted(keys)
        for start in range(0, len(wanted), AT_ONCE):
            query = select(*table.c).where(table.c[column].in_(wanted[start : start + AT_ONCE]))
            if part and part.only:
                query = query.where(or_(part.only(table), table.c.public_id.in_(self._also)))
            yield from self._all(query.order_by(*table.primary_key))

    def _all(self, query: Any) -> list[Mapping[str, Any]]:
        return [dict(row._mapping) for row in self._session.execute(query)]

    def _accounts(self) -> set[int]:
        """Everybody whom a row names."""
        found = set()
        for name, rows in self._found.items():
            columns = [column for column, target in leads_to(name).items() if target == "account"]
            found |= {row[column] for row in rows for column in columns}
            for (table, column), inside in ACCOUNTS_IN.items():
                if table == name:
                    found |= {one.get(key) for row in rows for one in row[column] or [] for key in inside}
        return {key for key in found if key is not None}

    def _named(self, table: str) -> Iterator[Row]:
        part = packed(table)
        assert part is not None
        names: dict[int, str] = {}
        times: dict[str, int] = {}
        for row in self._found[table]:
            values = {name: self._value(table, name, value) for name, value in row.items() if name not in part.leaves}
            called = "/".join(str(self._value(table, name, row[name])) for name in part.by)
            times[called] = times.get(called, 0) + 1
            if times[called] > 1:  # several in one moment: told apart by their order
                called = f"{called}#{times[called]}"
            key = row.get("id", row.get("reading_id"))
            names[key] = called
            reading = self._reading_of(table, called, values)
            passing = {name: plain(row[name]) for name in PASSING.get(table, ())}
            yield Row(table, called, values, row.get("id", key), reading, passing)
        self._names[table] = names

    def _value(self, table: str, column: str, value: Any) -> Any:
        """A value as it travels: a key of another row as that row's name."""
        target = leads_to(table).get(column)
        if target is not None and value is not None:
            return self._names[target].get(value)
        if (inside := ACCOUNTS_IN.get((table, column))) and value:
            accounts = self._names["account"]
            return [one | {key: accounts.get(one[key]) for key in inside if one.get(key)} for one in value]
        return plain(value)

    def _reading_of(self, table: str, name: str, values: Mapping[str, Any]) -> str | None:
        found: str | None = name if table == "reading" else None
        for column in OF_A_READING:
            if found is None and values.get(column) is not None and column in leads_to(table):
                found = self._reading.get((leads_to(table)[column], values[column]))
        if found is not None:
            self._reading[table, name] = found
        return found


def parts_of(row: Row) -> dict[str, str]:
    """What is compared of a row, each part by a digest of it."""
    part = packed(row.table)
    assert part is not None
    if not part.parts:
        return {WHOLE: digest(row.values)}
    return {
        name: digest({column: row.values.get(column) for column in columns}) for name, columns in part.parts.items()
    }


def digest(values: Any) -> str:
    """A short digest of values as they travel."""
    return hashlib.sha256(canonical(values).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def held(rows: Rows) -> dict[str, dict[str, dict[str, str]]]:
    """Digests of all that either side may change, to see later what was changed since."""
    found = {}
    for table, named in rows.items():
        part = packed(table)
        if part is not None and part.rule in (Rule.ROOM, Rule.BOTH):
            found[table] = {name: parts_of(row) for name, row in named.items()}
    return found
