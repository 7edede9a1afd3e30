"""Spark on a table of a cluster, for lists beyond one machine: the same ticket, sorted by bytes throughout.

Needs pyspark 4 and Java, which nothing else here does: install them where they are wanted. Values are compared in
Spark's own order of strings, which is that of their UTF-8 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import functions as f

from sampling.engines.port import CHANGED, Candidate, Values
from sampling.engines.references import SOUND, notable
from sampling.errors import FrameError
from sampling.frame.characters import LONGEST_CELL

_BATCH = 100_000


class InSpark:
    """A list in a DataFrame of Spark; `groups` are its within and strata columns in the label's order."""

    def __init__(self, table: Any, *, id: str, groups: Sequence[str]) -> None:
        self._table, self._header, self._id = table, id, _column(id)
        self._names = [f"v{place}" for place in range(len(groups))]
        values = [_column(column).cast("string").alias(name) for column, name in zip(groups, self._names, strict=True)]
        self._listed = table.select(*values, self._id.alias("case_ref"))

    def close(self) -> None:
        """The session is the caller's."""

    def distinct(self, columns: Sequence[str], most: int) -> Any | None:
        """The different values, as text, and their counts, as `Engine` says."""
        names = [f"v{place}" for place in range(len(columns))]
        values = [_column(column).cast("string").alias(name) for column, name in zip(columns, names, strict=True)]
        with _as_fault():
            found = self._table.select(*values).groupBy(*names).count().limit(most + 1).collect()
        if len(found) > most:
            return None
        *texts, counts = zip(*found, strict=True) if found else [()] * (len(columns) + 1)
        arrays = [*(pa.array(each, pa.string()) for each in texts), pa.array(counts, pa.int64())]
        return pa.table(arrays, [*names, "cases"])

    def is_plain(self, column: str) -> bool:
        """Whether the column is printable ASCII, as `Engine` says."""
        value = _column(column)
        # In Java $ stands before a last line break as well, and \z at the very end only.
        return self._is_empty(self._table.where(~value.rlike(r"^[ -~]*\z") | (f.length(value) > LONGEST_CELL)))

    def has_sound_references(self) -> bool:
        """Whether they are beyond doubt, as `Engine` says."""
        sound = self._id.rlike(SOUND.replace("$", r"\z")) & ~self._id.rlike(notable(self._header))
        if not self._is_empty(self._table.where(self._id.isNull() | ~sound)):
            return False
        return self._is_empty(self._table.groupBy(f.lower(self._id)).count().where("count > 1"))

    def below(self, seed: str, bounds: Mapping[Values, str]) -> list[Candidate]:
        """The cases below their bound, as `Engine` says."""
        ticket = f.sha2(f.concat(f.lit(f"{seed}|"), "case_ref"), 256)
        with _as_fault():
            given = self._given(bounds, list(bounds.values()), "string")
            ticketed = self._listed.join(given, self._names).withColumn("ticket", ticket)
            kept = ticketed.where("ticket < with_it").select(*self._names, "ticket", "case_ref")
            return [Candidate(tuple(values), ticket, ref) for *values, ticket, ref in kept.collect()]

    def lines(self, labels: Mapping[Values, str]) -> Iterator[bytes]:
        """The lines of these cases in order, as `Engine` says."""
        heads = list(dict.fromkeys(labels.values()))
        place = {label: number for number, label in enumerate(heads)}
        with _as_fault():
            given = self._given(labels, [place[label] for label in labels.values()], "int")
            listed = self._listed.join(given, self._names).select("with_it", "case_ref")
            rows = listed.orderBy("with_it", "case_ref").toLocalIterator()
            while some := list(islice(rows, _BATCH)):
                yield "".join([f"{heads[number]}\t{ref}\n" for number, ref in some]).encode()

    def _given(self, values: Mapping[Values, Any], with_it: Sequence[Any], type_: str) -> Any:
        """A table of values, each with one thing beside it, that every machine gets whole."""
        rows = [(*each, beside) for each, beside in zip(values, with_it, strict=True)]
        schema = ", ".join([*(f"{name} string" for name in self._names), f"with_it {type_}"])
        return f.broadcast(self._table.sparkSession.createDataFrame(rows, schema))

    def _is_empty(self, rows: Any) -> bool:
        with _as_fault():
            return bool(rows.isEmpty())


def _column(name: str) -> Any:
    """A column by its name, whatever signs that holds."""
    return f.col("`" + name.replace("`", "``") + "`")


@contextmanager
def _as_fault() -> Iterator[None]:
    """Nothing of Spark's message is told: it may quote the list."""
    try:
        yield
    except (PySparkException, Py4JError):
        raise FrameError(CHANGED) from None
