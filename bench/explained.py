"""How a database goes about a statement: which of the tables that every inspection adds to it reads from end to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, inspect
from sqlmodel import SQLModel

import casereader.models  # noqa: F401 - every table is known once they are

FEW = frozenset(
    {
        *("account", "inspection", "membership", "partnership", "programme", "published_instrument"),
        *("action", "allowance", "concern", "conflict_of_interest", "draw", "offline_week", "replacement", "unlock"),
    }
)
"""Tables of which a country has some hundred or thousand rows, however much is read: these may be read whole.

Of `allowance` a row lives for an hour.
"""
GROWING = frozenset(SQLModel.metadata.tables) - FEW
NEWEST = re.compile(r"FROM audit_event ORDER BY audit_event\.n DESC\s+LIMIT")  # which stops after a few
FIRST_OF_SOME = re.compile(r"FROM (\w+) \nWHERE (.*) ORDER BY \1\.(\w+)(?: DESC)?\s+LIMIT", re.DOTALL)
SCAN = re.compile(r"SCAN (\w+?)(_\d+)?\b")  # the number is of a table that stands twice in one query
_EVERY_OTHER_WAY = ("seqscan", "hashjoin", "mergejoin", "material", "memoize")


def must_be_read_whole(connection: Connection, said: str, given: Any) -> set[str]:
    """The growing tables that a statement cannot but go through from end to end: there is no index for it.

    SQLite goes by its indexes whatever the tables hold. PostgreSQL reads short tables whole, and is told not to.
    """
    if NEWEST.search(said):
        return set()
    if connection.dialect.name == "sqlite":
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)]
        return {named[1] for step in steps if (named := SCAN.match(step))} & GROWING
    for way in _EVERY_OTHER_WAY:
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    found = set(GROWING)
    for bitmaps in ("off", "on"):  # by which alone it can look for one thing or another
        connection.exec_driver_sql(f"SET LOCAL enable_bitmapscan = {bitmaps}")
        found &= {step["Relation Name"] for step in plan_of(connection, said, given) if _is_whole(step)}
    return found | _searched_in_order(connection, said)


def _searched_in_order(connection: Connection, said: str) -> set[str]:
    """The growing table of which the first of some rows is asked, where no index has these rows in their order.

    PostgreSQL may hope to meet one soon then, and go through all rows in their order until it does.
    """
    if (asked := FIRST_OF_SOME.search(said)) is None or asked[1] not in GROWING:
        return set()
    table, where, order = asked.groups()
    known = set(re.findall(rf"\b{table}\.(\w+) (?:=|IN) ", where))
    of_table = inspect(connection)
    unique = [one["column_names"] for one in of_table.get_unique_constraints(table)]
    indexes = [[str(name) for name in one["column_names"]] for one in of_table.get_indexes(table)]
    is_one = any(set(names) <= known for names in unique) or order in known
    is_in_order = any(names[0] in known and names[1:2] == [order] for names in indexes)
    return set() if not known or is_one or is_in_order else {table}


def is_read_whole(connection: Connection, said: str, given: Any) -> set[str]:
    """The growing tables that PostgreSQL does go through from end to end, as it plans for what they hold now."""
    steps = plan_of(connection, said, given)
    return {step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan"} & GROWING


def plan_of(connection: Connection, said: str, given: Any) -> list[dict[str, Any]]:
    """Every step that PostgreSQL plans for a query."""
    told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {said}", given).scalar_one()
    return list(_steps(told[0]["Plan"]))


def _is_whole(step: dict[str, Any]) -> bool:
    is_scan = "Scan" in step["Node Type"] and "Relation Name" in step
    return is_scan and "Index Cond" not in step and "Recheck Cond" not in step


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for one in plan.get("Plans", ()):
        yield from _steps(one)
