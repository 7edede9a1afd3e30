"""The rows of an inspection in every table: found by their keys, taken out or blanked, in one transaction.

It speaks to the database below the session, since the trail is not to tell what is erased.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Connection, Table, case, delete, func, or_, select, update

from casereader.append_only import erasing
from casereader.erasing.fates import FATES, Blanked, Kept
from casereader.models import metadata

ERASED = "Erased"
OBJECTS = frozenset({"plan", "independent_counts", "held", "also_named"})  # the other JSON that is blanked is a list
OF_CERTIFICATE = (
    "schema",
    "version",
    "frame_digest",
    "file_sha256",
    "seed",
    "strata_counts",
    "software",
    "created_at",
    "digest",
)


def of(table: Table, inspection_id: int) -> ColumnElement[bool]:
    """What is true of the rows of a table that belong to the inspection."""
    fate = FATES[table.name]
    if isinstance(fate, Kept):
        raise LookupError(f"{table.name} holds nothing of an inspection")
    return or_(*(_leads_there(table.c[name], inspection_id) for name in fate.by))


def _leads_there(column: Column[Any], inspection_id: int) -> ColumnElement[bool]:
    inspections = metadata.tables["inspection"]
    if column is inspections.c.id:
        return column == inspection_id
    (key,) = column.foreign_keys
    target = key.column.table
    if target is inspections:
        return column == inspection_id
    if target.name == "partnership":
        return column.in_(select(inspections.c.partnership_id).where(inspections.c.id == inspection_id))
    return column.in_(select(key.column).where(of(target, inspection_id)))


def references(connection: Connection, inspection_id: int) -> list[str]:
    """Every reference of the inspection's lists, in order."""
    cases = metadata.tables["frame_case"]
    query = select(cases.c.case_ref).where(of(cases, inspection_id)).distinct().order_by(cases.c.case_ref)
    return list(connection.execute(query).scalars())


def erase(connection: Connection, inspection_id: int) -> dict[str, int]:
    """Take out and blank; how many rows of each table went, and how many stay without their words."""
    counts: dict[str, int] = {}
    for table in reversed(metadata.sorted_tables):  # what leads to a row goes before the row
        fate = FATES[table.name]
        if isinstance(fate, Kept):
            continue
        belongs = of(table, inspection_id)
        if not isinstance(fate, Blanked):
            counts[table.name] = connection.execute(delete(table).where(belongs)).rowcount
            continue
        if fate.removes is not None:
            counts[table.name] = connection.execute(delete(table).where(belongs, fate.removes(table))).rowcount
        _blank(connection, table, fate, belongs)
    return {name: n for name, n in sorted(counts.items()) if n}


def _blank(connection: Connection, table: Table, fate: Blanked, belongs: ColumnElement[bool]) -> None:
    values = {name: _blanked(table.c[name]) for name in fate.blanks if name != "certificate"}
    if values:
        connection.execute(update(table).where(belongs).values(values))
    if "certificate" in fate.blanks:
        held: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            with erasing(held):
                _shorten(connection, table, belongs)
        else:
            _shorten(connection, table, belongs)


def _shorten(connection: Connection, table: Table, belongs: ColumnElement[bool]) -> None:
    """Leave of each certificate what names no case."""
    query = select(table.c.id, table.c.certificate).where(belongs, table.c.certificate.is_not(None))
    for key, text in connection.execute(query).all():
        whole = json.loads(text)
        rest = {name: whole[name] for name in OF_CERTIFICATE if name in whole} | {"erased": True}
        short = json.dumps(rest, ensure_ascii=False, indent=2, sort_keys=True)
        connection.execute(update(table).where(table.c.id == key).values(certificate=short))


def _blanked(column: Column[Any]) -> Any:
    """What stands in a column afterwards: nothing where nothing stood, so that what depends on it stays true."""
    if column.name == "digest_key":
        return None
    if isinstance(column.type, JSON):
        return {} if column.name in OBJECTS else []
    return case((column.is_(None), None), (func.length(column) == 0, ""), else_=ERASED)
