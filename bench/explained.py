"""How a database goes about a statement: which of the tables that every inspection adds to it reads from end to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection
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
FIRST_OF_SOME = re.compile(r"WHERE .* = .*ORDER BY .*LIMIT", re.DOTALL)
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
    if FIRST_OF_SOME.search(said):  # it may hope to meet one soon, and go through all in their order until it does
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        connection.exec_driver_sql("SET LOCAL enable_sort = off")
        found |= {step["Relation Name"] for step in plan_of(connection, said, given) if _is_whole(step)} & GROWING
        connection.exec_driver_sql("SET LOCAL enable_sort = on")
    return found


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
