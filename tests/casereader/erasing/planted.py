"""Rows of an inspection in every table that holds any, with a word in every column that can hold words.

Made from the tables themselves, so that a table or a column that is new is planted too. What the tables forbid by a
check is let be: not what may stand in a row is tried here, but what becomes of whatever stands there.
"""

import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, DateTime, Enum, Float, Integer, String, Table, insert

from casereader.erasing import FATES, Blanked, Kept
from casereader.models import metadata
from casereader.models.columns import UtcTime

WORD = "Zq7x9"
AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CERTIFICATE = {
    "seed": "kept",
    "strata_counts": [],
    "digest": "kept",
    "cases": [{"case_ref": WORD}],
    "list_changes": [{"before": WORD}],
    "plan": {"note": WORD},
}

Keys = dict[str, Any]


def plant(connection: Connection, *, inspection_id: int, partnership_id: int, accounts: tuple[int, int]) -> set[str]:
    """Two rows of each table, the second with nothing in what may be empty; the tables that hold the word then."""
    planted: set[str] = set()
    for number, account_id in enumerate(accounts):
        keys: Keys = {"inspection": inspection_id, "partnership": partnership_id, "account": account_id}
        for table in metadata.sorted_tables:
            if isinstance(FATES[table.name], Kept) or table.name == "inspection":
                continue
            row = {column.name: _value(table, column, keys, number) for column in table.columns}
            row = {name: value for name, value in row.items() if name != "id"}
            if table.name == "return_mapping" and number:
                continue  # a partnership has one
            done = connection.execute(insert(table).values(row))
            keys[table.name] = done.inserted_primary_key[0] if done.inserted_primary_key else None
            planted.add(table.name)
    return planted


def _value(table: Table, column: Column[Any], keys: Keys, number: int) -> Any:
    fate = FATES[table.name]
    by = fate.by if not isinstance(fate, Kept) else ()
    if column.foreign_keys:
        (key,) = column.foreign_keys
        target = key.column.table
        needed = column.name in by or not column.nullable
        return keys.get(target.name) if target is not table and (needed or number == 0) else None
    holds_words = isinstance(column.type, JSON) or (
        isinstance(column.type, String) and not isinstance(column.type, Enum)
    )
    if holds_words:
        goes = isinstance(fate, Blanked) and fate.removes is not None and number == 1  # a draft, a proposal
        is_kept = isinstance(fate, Blanked) and column.name in fate.keeps and not goes
        if column.name == "certificate":
            return json.dumps(CERTIFICATE)
        word = f"kept{number}" if is_kept else f"{WORD}{number}"
        return {"in": [word]} if isinstance(column.type, JSON) else word
    if column.nullable and number and (table.name, column.name) != ("offline_week", "ended_at"):
        return None
    return _plain(column, number)


def _plain(column: Column[Any], number: int) -> Any:
    kind = column.type
    if isinstance(kind, Enum):
        return list(kind.enum_class or ())[-1 - number]
    if isinstance(kind, Boolean):
        return bool(number)
    if isinstance(kind, Integer | Float):
        return number + 1
    if isinstance(kind, UtcTime | DateTime):
        return AT
    if isinstance(kind, Date):
        return date(2026, 6, 1)
    raise LookupError(f"{column} is of a kind that nobody plants: {kind!r}")


def where_it_stands(connection: Connection) -> set[str]:
    """The tables in which the word stands, in any column of any row."""
    return {
        table.name
        for table in metadata.sorted_tables
        if any(WORD in repr(tuple(row)) for row in connection.execute(table.select()))
    }
