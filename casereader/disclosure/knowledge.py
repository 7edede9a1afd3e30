"""What an attacker knows: whole numbers that are hidden, and linear statements about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Terms = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One statement: the sum of the terms lies from `low` to `high`; None is no limit."""

    terms: Terms
    low: float | None
    high: float | None

    def holds(self, values: Mapping[str, int], *, within: float = 1e-6) -> bool:
        """Whether the statement is true of these numbers."""
        total = sum(factor * values[name] for name, factor in self.terms)
        return (self.low is None or total >= self.low - within) and (self.high is None or total <= self.high + within)


def adds_up(total: str, parts: Iterable[str]) -> Row:
    """The statement that a number is the sum of others."""
    return Row(((total, 1.0), *((part, -1.0) for part in parts)), 0.0, 0.0)


def lies(name: str, low: float | None, high: float | None) -> Row:
    """The statement that one number lies within limits."""
    return Row(((name, 1.0),), low, high)


def at_most(one: str, other: str) -> Row:
    """The statement that a number is no greater than another."""
    return Row(((other, 1.0), (one, -1.0)), 0.0, None)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that is known: the statements, and which numbers may be below zero (differences between issues)."""

    rows: tuple[Row, ...]
    signed: frozenset[str] = frozenset()

    def with_rows(self, rows: Iterable[Row]) -> Knowledge:
        """The same and more."""
        return Knowledge((*self.rows, *rows), self.signed)

    def record(self) -> dict[str, Any]:
        """As canonical JSON holds it: fractions as decimal strings."""
        return {"rows": [row_record(row) for row in self.rows], "signed": sorted(self.signed)}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Knowledge:
        """Read what `record` wrote."""
        return cls(tuple(row_of(one) for one in record["rows"]), frozenset(record["signed"]))


def row_record(row: Row) -> list[Any]:
    """One statement as canonical JSON holds it."""
    return [[[name, repr(factor)] for name, factor in row.terms], _text(row.low), _text(row.high)]


def row_of(record: Any) -> Row:
    """Read what `row_record` wrote."""
    terms, low, high = record
    return Row(tuple((str(name), float(factor)) for name, factor in terms), _number(low), _number(high))


def _text(limit: float | None) -> str | None:
    return None if limit is None else repr(float(limit))


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def components(rows: Iterable[Row], names: Iterable[str] = ()) -> list[tuple[list[str], list[Row]]]:
    """Numbers and statements divided so that no statement joins two parts; in the order of the first names."""
    parent: dict[str, str] = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    kept = list(rows)
    for row in kept:
        first = row.terms[0][0]
        for name, _ in row.terms:
            parent.setdefault(name, name)
            parent[root(name)] = root(first)
    members: dict[str, list[str]] = {}
    for name in parent:
        members.setdefault(root(name), []).append(name)
    stated: dict[str, list[Row]] = {one: [] for one in members}
    for row in kept:
        stated[root(row.terms[0][0])].append(row)
    return [(names_here, stated[one]) for one, names_here in members.items()]
