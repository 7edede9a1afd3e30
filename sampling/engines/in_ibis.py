"""One expression of Ibis for PostgreSQL, Spark and DuckDB, and for other databases that Ibis reaches and SHA-256 is in.

Needs ibis-framework 12, which nothing else here does. References are sorted by their bytes and matched without regard
to the case of ASCII letters whatever collation a database has; values of strata are compared in its own way.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ibis
import pyarrow as pa  # type: ignore[import-untyped]

from sampling.engines.lines import line_bytes
from sampling.engines.port import CHANGED, Candidate, Values
from sampling.engines.references import SOUND, notable
from sampling.errors import FrameError
from sampling.frame.characters import LONGEST_CELL

_BATCH = 100_000
_POSTGRESQL, _SPARK = "postgres", "pyspark"
_DRIVERS = {"_duckdb", "duckdb", "ibis", "psycopg", "py4j", "pyspark"}


# PostgreSQL's own functions, for which Ibis has no word: text as bytes, their SHA-256, bytes as text.
_builtin = ibis.udf.scalar.builtin
convert_to = _builtin(lambda text, encoding: ..., name="convert_to", signature=((str, str), bytes))  # noqa: ARG005
sha256 = _builtin(lambda content: ..., name="sha256", signature=((bytes,), bytes))  # noqa: ARG005
encode = _builtin(lambda content, form: ..., name="encode", signature=((bytes, str), str))  # noqa: ARG005


class InIbis:
    """A list in a table of Ibis; `groups` are its within and strata columns in the label's order."""

    def __init__(self, table: Any, *, id: str, groups: Sequence[str]) -> None:
        self._table, self._header = table, id
        self._kind = table.get_backend().name
        self._names = [f"v{place}" for place in range(len(groups))]
        values = {name: table[column].cast("string") for name, column in zip(self._names, groups, strict=True)}
        self._listed = table.select(**values, case_ref=table[id])

    def close(self) -> None:
        """The connection is the caller's."""

    def distinct(self, columns: Sequence[str], most: int) -> Any | None:
        """The different values, as text, and their counts, as `Engine` says."""
        values = {f"v{place}": self._table[column].cast("string") for place, column in enumerate(columns)}
        found = self._got(self._table.group_by(**values).agg(cases=self._table.count()).limit(most + 1))
        return None if found.num_rows > most else found

    def is_plain(self, column: str) -> bool:
        """Whether the column is printable ASCII, as `Engine` says."""
        value = self._table[column]
        odd = ~value.re_search(self._form("^[ -~]*$")) | (value.length() > LONGEST_CELL)
        return self._number(self._table.filter(odd).count()) == 0

    def has_sound_references(self) -> bool:
        """Whether they are beyond doubt, as `Engine` says."""
        ref = self._listed.case_ref
        sound = ref.re_search(self._form(SOUND)) & ~ref.re_search(self._form(notable(self._header)))
        if self._number(self._listed.filter(ref.isnull() | ~sound).count()):
            return False
        folded = ref.translate(string.ascii_uppercase, string.ascii_lowercase)
        return self._number(self._listed.count() - folded.nunique()) == 0

    def below(self, seed: str, bounds: Mapping[Values, str]) -> list[Candidate]:
        """The cases below their bound, as `Engine` says."""
        ticketed = self._listed.mutate(ticket=self._ticket(seed)).join(
            self._given(bounds, [*bounds.values()]), self._names
        )
        kept = ticketed.filter(ticketed.ticket < ticketed.with_it)
        found = self._got(kept.select(*self._names, "ticket", "case_ref"))
        *columns, tickets, refs = (column.to_pylist() for column in found.columns)
        return list(map(Candidate, zip(*columns, strict=True), tickets, refs))

    def lines(self, labels: Mapping[Values, str]) -> Iterator[bytes]:
        """The lines of these cases in order, as `Engine` says."""
        heads = list(dict.fromkeys(labels.values()))
        place = {label: number for number, label in enumerate(heads)}
        listed = self._listed.join(self._given(labels, [place[label] for label in labels.values()]), self._names)
        in_order = listed.order_by("with_it", self._bytes(listed.case_ref)).select("with_it", "case_ref")
        head = pa.array([f"{label}\t" for label in heads], pa.string())
        # Ibis 12 has no batches of DuckDB 2 and makes those of Spark from a whole table, which the port keeps small.
        with _as_fault():
            if self._kind == _POSTGRESQL:
                batches = iter(in_order.to_pyarrow_batches(chunk_size=_BATCH))
            else:
                batches = iter(in_order.to_pyarrow().to_batches(_BATCH))
            for batch in batches:
                yield line_bytes(head.take(batch.column(0)), batch.column(1))

    def _ticket(self, seed: str) -> Any:
        text = ibis.literal(f"{seed}|") + self._listed.case_ref
        if self._kind == _POSTGRESQL:  # for which Ibis has no word of its own
            return encode(sha256(convert_to(text, "UTF8")), "hex")
        return text.hexdigest("sha256")

    def _bytes(self, ref: Any) -> Any:
        """What references are sorted by: a language's order in PostgreSQL, bytes elsewhere."""
        return convert_to(ref, "UTF8") if self._kind == _POSTGRESQL else ref

    def _form(self, expression: str) -> str:
        """A regular expression in the database's own words for the ends of a text and of a word."""
        if self._kind == _POSTGRESQL:
            return expression.replace(r"\b", r"\y")
        return expression.replace("$", r"\z") if self._kind == _SPARK else expression

    def _given(self, values: Mapping[Values, Any], with_it: Sequence[Any]) -> Any:
        """A table of values, each with one thing beside it."""
        columns = dict(zip(self._names, zip(*values, strict=True), strict=True))
        return ibis.memtable(pa.table({**columns, "with_it": list(with_it)}))

    def _number(self, asked: Any) -> int:
        with _as_fault():
            return int(asked.to_pyarrow().as_py())

    def _got(self, asked: Any) -> Any:
        with _as_fault():
            return asked.to_pyarrow()


@contextmanager
def _as_fault() -> Iterator[None]:
    """Nothing of the message of a database is told, of Ibis or its driver: it may quote the list."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.split(".")[0] not in _DRIVERS:
            raise
        raise FrameError(CHANGED) from None
