"""Queries that both sides asked about one answer: they become one conversation, under the name it has here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from casereader.packing.gathering import Rows
from casereader.vocabulary import QueryState

Base = Mapping[str, Mapping[str, Mapping[str, str]]]  # by table, row and part: digests of how it was


def same_queries(mine: Rows, theirs: Rows, known: Mapping[str, str]) -> dict[str, str]:
    """Conversations that both sides began about one answer are one: theirs, and by which name it is known here."""
    found = {name: ours for name, ours in known.items() if ours in mine["query"]}
    open_here = {
        (row.values["reading_id"], row.values["key"]): name
        for name, row in mine["query"].items()
        if row.values["state"] != QueryState.RESOLVED.value
    }
    for name, row in theirs["query"].items():
        ours = open_here.get((row.values["reading_id"], row.values["key"]))
        is_open = row.values["state"] != QueryState.RESOLVED.value
        if name not in mine["query"] and name not in found and ours and ours not in theirs["query"] and is_open:
            found[name] = ours
    return found


def renamed(theirs: Rows, base: Base, names: Mapping[str, str]) -> tuple[Rows, Base]:
    """What the other side brings, and how it was, with its queries by the names they are known by here."""
    if not names:
        return theirs, base
    queries = {}
    for name, row in theirs["query"].items():
        ours = names.get(name, name)
        queries[ours] = replace(row, name=ours, values={**row.values, "public_id": ours})
    messages = {}
    for name, row in theirs["query_message"].items():
        query, _, rest = name.partition("/")
        ours = names.get(query, query)
        called = f"{ours}/{rest}"
        messages[called] = replace(row, name=called, values={**row.values, "query_id": ours})
    held = {names.get(name, name): parts for name, parts in base.get("query", {}).items()}
    return {**theirs, "query": queries, "query_message": messages}, {**base, "query": held}
