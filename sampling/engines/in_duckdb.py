"""DuckDB on a CSV or Parquet file: reads only the columns it needs, on every core, in little memory.

DuckDB's `hash` only looks for references that are there twice, within one run; no sample depends on it.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import NDArray

from sampling.engines.lines import line_bytes
from sampling.engines.port import CHANGED, Candidate, Values
from sampling.engines.references import SOUND, all_differ, notable
from sampling.errors import FrameError
from sampling.frame.characters import LONGEST_CELL

MEMORY = "1GB"  # beyond it DuckDB uses the disk
_HASHES_AT_ONCE = 1 << 24
_BATCH = 200_000


class InDuckDB:
    """A list in a file; `headers` are those of a CSV file parted by commas and without quotes, None for Parquet."""

    def __init__(self, path: Path, headers: Sequence[str] | None, *, id: str, groups: Sequence[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="casereader-")
        # DuckDB takes some signs in a path for patterns, so it is given one without any.
        link, self._copy = (Path(self._folder.name) / name for name in ("list", "copy"))
        link.symlink_to(path.resolve())
        self._connection = duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "temp_directory": str(link.with_name("spilled")),
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        self._csv = None if headers is None else _csv(link, headers)
        self._parquet = _parquet(link if headers is None else self._copy)
        self._id, self._header = _name(id), id
        self._groups = [_name(column) for column in groups]

    def close(self) -> None:
        """Give back memory and disk."""
        self._connection.close()
        self._folder.cleanup()

    @property
    def _list(self) -> str:
        """The list to read from; a CSV file is copied to Parquet first, so that it is parsed but once."""
        if self._csv is not None and not self._copy.exists():
            with _as_fault():
                self._connection.execute(
                    f"COPY (SELECT * FROM {self._csv}) TO {_text(str(self._copy))} (FORMAT parquet)"
                )
        return self._parquet

    def distinct(self, columns: Sequence[str], most: int) -> Any | None:
        """The different values and their counts, as `Engine` says."""
        names = ", ".join(_name(column) for column in columns)
        query = f"SELECT {names}, count(*) FROM {self._list} GROUP BY {names} LIMIT {most + 1}"
        with _as_fault():
            found = self._connection.sql(query).to_arrow_table()
        return None if found.num_rows > most else found

    def is_plain(self, column: str) -> bool:
        """Whether the column is printable ASCII, as `Engine` says."""
        name = _name(column)
        odd = f"NOT regexp_full_match({name}, '[ -~]*') OR strlen({name}) > {LONGEST_CELL}"
        return self._number(f"SELECT count(*) FROM {self._list} WHERE {odd}") == 0

    def has_sound_references(self) -> bool:
        """Whether they are beyond doubt, as `Engine` says; hashes are sorted some millions at a time, 8 bytes each."""
        rows = self._number(f"SELECT count(*) FROM {self._list}")
        parts = rows // _HASHES_AT_ONCE + 1
        room = np.empty(rows // parts + 10 * math.isqrt(rows) + 10, np.uint64)
        return rows == sum(self._different(part, parts, room) for part in range(parts))

    def _different(self, part: int, parts: int, room: NDArray[np.uint64]) -> int:
        """How many sound references are in one of so many parts of the list, by hash; 0 where two are the same."""
        sound = (
            f"regexp_matches({self._id}, {_text(SOUND)}) "
            f"AND NOT regexp_matches({self._id}, {_text(notable(self._header))})"
        )
        folded = f"hash(lower({self._id}))"
        wanted = f" WHERE {folded} % {parts} = {part}" if parts > 1 else ""
        query = f"SELECT CASE WHEN {sound} THEN {folded} END FROM {self._list}{wanted}"
        filled = 0
        with _as_fault():
            for batch in self._connection.sql(query).to_arrow_reader(_BATCH):
                found = batch.column(0)
                if found.null_count or filled + len(found) > len(room):
                    return 0
                room[filled : filled + len(found)] = found.to_numpy()
                filled += len(found)
        return filled if all_differ(room[:filled]) else 0

    def below(self, seed: str, bounds: Mapping[Values, str]) -> list[Candidate]:
        """The cases below their bound, as `Engine` says."""
        values = self._register(bounds, [*bounds.values()])
        query = (
            f"SELECT {values}, ticket, case_ref FROM {self._listed(', sha256($start || case_ref) AS ticket')} "
            f"JOIN given USING ({values}) WHERE ticket < with_it"
        )
        with _as_fault():
            found = self._connection.sql(query, params={"start": f"{seed}|"}).to_arrow_table()
        *columns, tickets, refs = (column.to_pylist() for column in found.columns)
        return list(map(Candidate, zip(*columns, strict=True), tickets, refs))

    def lines(self, labels: Mapping[Values, str]) -> Iterator[bytes]:
        """The lines of these cases in order, as `Engine` says."""
        heads = list(dict.fromkeys(labels.values()))
        place = {label: number for number, label in enumerate(heads)}
        values = self._register(labels, [place[label] for label in labels.values()])
        query = f"SELECT with_it, case_ref FROM {self._listed()} JOIN given USING ({values}) ORDER BY with_it, case_ref"
        head = pa.array([f"{label}\t" for label in heads], pa.string())
        with _as_fault():
            # Without it a sorted result may come out of order.
            self._connection.execute("SET preserve_insertion_order = true")
            for batch in self._connection.sql(query).to_arrow_reader(_BATCH):
                yield line_bytes(head.take(batch.column(0)), batch.column(1))

    def _register(self, values: Mapping[Values, Any], with_it: Sequence[Any]) -> str:
        """Hand over a table of values, each with one thing beside it; gives the names of its columns of values."""
        names = [f"v{place}" for place in range(len(self._groups))]
        columns = dict(zip(names, zip(*values, strict=True), strict=True))
        self._connection.register("given", pa.table({**columns, "with_it": list(with_it)}))
        return ", ".join(names)

    def _listed(self, more: str = "") -> str:
        """The list under names of our own: v0, v1, …, case_ref."""
        values = ", ".join(f"CAST({column} AS VARCHAR) AS v{place}" for place, column in enumerate(self._groups))
        return f"(SELECT *{more} FROM (SELECT {values}, {self._id} AS case_ref FROM {self._list}))"

    def _number(self, query: str) -> int:
        with _as_fault():
            return int(self._connection.sql(query).fetchall()[0][0])


@contextmanager
def _as_fault() -> Iterator[None]:
    """Nothing of DuckDB's message is told: it may quote the file."""
    try:
        yield
    except duckdb.Error:
        raise FrameError(CHANGED) from None


def _parquet(path: Path) -> str:
    return f"read_parquet({_text(str(path))}, hive_partitioning = false)"


def _csv(path: Path, headers: Sequence[str]) -> str:
    columns = ", ".join(f"{_text(header)}: 'VARCHAR'" for header in headers)
    return (
        f"read_csv({_text(str(path))}, header = false, skip = 1, auto_detect = false, columns = {{{columns}}}, "
        f"delim = ',', quote = '', escape = '', comment = '', max_line_size = {LONGEST_CELL})"
    )


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
