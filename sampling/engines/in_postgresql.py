"""PostgreSQL on a table or view, for a list that is a database's already: plain SQL, sorted by bytes throughout.

The ticket is `encode(sha256(convert_to(seed || '|' || case_ref, 'UTF8')), 'hex')`, of PostgreSQL 11 or newer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pyarrow as pa  # type: ignore[import-untyped]
from psycopg import sql

from sampling.engines.lines import line_bytes
from sampling.engines.port import CHANGED, Candidate, Values
from sampling.engines.references import SOUND, notable
from sampling.errors import FrameError
from sampling.frame.characters import LONGEST_CELL

_BATCH = 100_000


class InPostgreSQL:
    """A list in a table whose encoding is UTF-8; `groups` are its within and strata columns in the label's order."""

    def __init__(
        self, connection: psycopg.Connection[Any], table: sql.Identifier, *, id: str, groups: Sequence[str]
    ) -> None:
        self._connection, self._table = connection, table
        self._header, self._id = id, sql.Identifier(id)
        self._groups = [sql.Identifier(column) for column in groups]

    def close(self) -> None:
        """The connection is the caller's."""

    def distinct(self, columns: Sequence[str], most: int) -> Any | None:
        """The different values, as text, and their counts, as `Engine` says."""
        names = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in columns)
        places = sql.SQL(", ").join(sql.Literal(place + 1) for place in range(len(columns)))
        found = self._rows(
            sql.SQL("SELECT {}, count(*) FROM {} GROUP BY {} LIMIT {}").format(
                names, self._table, places, sql.Literal(most + 1)
            )
        )
        if len(found) > most:
            return None
        *values, counts = zip(*found, strict=True) if found else [()] * (len(columns) + 1)
        names_out = [f"v{place}" for place in range(len(columns) + 1)]
        return pa.table([*(pa.array(each, pa.string()) for each in values), pa.array(counts, pa.int64())], names_out)

    def is_plain(self, column: str) -> bool:
        """Whether the column is printable ASCII, as `Engine` says."""
        name = sql.Identifier(column)
        query = sql.SQL("SELECT count(*) FROM {} WHERE {} COLLATE \"C\" !~ '^[ -~]*$' OR length({}) > {}")
        return self._number(query.format(self._table, name, name, sql.Literal(LONGEST_CELL))) == 0

    def has_sound_references(self) -> bool:
        """Whether they are beyond doubt, as `Engine` says."""
        # PostgreSQL writes a word's end as \y.
        forms = sql.Literal(SOUND), sql.Literal(notable(self._header).replace(r"\b", r"\y"))
        odd = sql.SQL('{ref} IS NULL OR {ref} COLLATE "C" !~ {} OR {ref} COLLATE "C" ~ {}').format(*forms, ref=self._id)
        if self._number(sql.SQL("SELECT count(*) FROM {} WHERE {}").format(self._table, odd)):
            return False
        query = sql.SQL('SELECT count(*) - count(DISTINCT lower({}) COLLATE "C") FROM {}')
        return self._number(query.format(self._id, self._table)) == 0

    def below(self, seed: str, bounds: Mapping[Values, str]) -> list[Candidate]:
        """The cases below their bound, as `Engine` says."""
        found = self._rows(
            sql.SQL(
                "SELECT {values}, ticket, case_ref FROM (SELECT *, encode(sha256(convert_to({start} || case_ref, "
                "'UTF8')), 'hex') COLLATE \"C\" AS ticket FROM {listed} AS cases) AS ticketed JOIN {given} "
                "USING ({values}) WHERE ticket < with_it"
            ).format(
                values=self._values,
                start=sql.Literal(f"{seed}|"),
                listed=self._listed,
                given=self._given(bounds, list(bounds.values())),
            )
        )
        return [Candidate(tuple(values), ticket, ref) for *values, ticket, ref in found]

    def lines(self, labels: Mapping[Values, str]) -> Iterator[bytes]:
        """The lines of these cases in order, as `Engine` says."""
        heads = list(dict.fromkeys(labels.values()))
        place = {label: f"{number:09d}" for number, label in enumerate(heads)}
        query = sql.SQL(
            "SELECT with_it, case_ref FROM {listed} AS cases JOIN {given} USING ({values}) "
            'ORDER BY with_it COLLATE "C", case_ref COLLATE "C"'
        ).format(
            listed=self._listed,
            values=self._values,
            given=self._given(labels, [place[label] for label in labels.values()]),
        )
        with _as_fault(), self._connection.transaction(), self._connection.cursor("lines") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(query)
            while rows := cursor.fetchmany(_BATCH):
                found = pa.array([f"{heads[int(number)]}\t" for number, _ in rows], pa.string())
                yield line_bytes(found, pa.array([ref for _, ref in rows], pa.string()))

    @property
    def _values(self) -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier(f"v{place}") for place in range(len(self._groups)))

    @property
    def _listed(self) -> sql.Composed:
        """The list under names of our own: v0, v1, …, case_ref."""
        values = [
            sql.SQL('{}::text COLLATE "C" AS {}').format(column, sql.Identifier(f"v{place}"))
            for place, column in enumerate(self._groups)
        ]
        return sql.SQL("(SELECT {}, {} AS case_ref FROM {})").format(sql.SQL(", ").join(values), self._id, self._table)

    def _given(self, values: Mapping[Values, Any], with_it: Sequence[str]) -> sql.Composed:
        """A table of values, each with one text beside it."""
        columns = [sql.Literal(list(column)) for column in zip(*values, strict=True)] + [sql.Literal(list(with_it))]
        arrays = sql.SQL(", ").join(sql.SQL("{}::text[]").format(column) for column in columns)
        return sql.SQL("unnest({}) AS given({}, with_it)").format(arrays, self._values)

    def _number(self, query: sql.Composed) -> int:
        return int(self._rows(query)[0][0])

    def _rows(self, query: sql.Composed) -> list[tuple[Any, ...]]:
        with _as_fault():
            return self._connection.execute(query).fetchall()


@contextmanager
def _as_fault() -> Iterator[None]:
    """Nothing of the database's message is told: it may quote the list."""
    try:
        yield
    except psycopg.Error:
        raise FrameError(CHANGED) from None
