"""A long list as a file: whether it is one, and what its header or footer says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from sampling.engines.simple_csv import look_through
from sampling.frame.findings import Findings
from sampling.frame.headers import MOST_COLUMNS, Asked, header_key
from sampling.frame.parquet import check_schema
from sampling.frame.source import check_content, file_type, fingerprint

_BYTES_A_ROW = 4  # no line of a list is shorter: a reference, a comma, a stratum, its end
_ROWS_PER_BYTE = 20  # of Parquet, beyond which `read_frame` refuses a file


@dataclass(frozen=True, slots=True)
class LargeFile:
    """The columns of a long list, and its fingerprint."""

    asked: Asked
    headers: Sequence[str]
    rows: int
    sha256: str | None
    plain: frozenset[str]  # columns that can hold nothing but printable ASCII
    csv_headers: Sequence[str] | None

    @property
    def id(self) -> str:
        """The header of the references as it is written."""
        return self._written(self.asked.id)

    @property
    def groups(self) -> list[str]:
        """The headers of within and strata as they are written, in the order of the label."""
        return [self._written(name) for name in self.asked.names[1:]]

    def _written(self, name: str) -> str:
        return next(header for header in self.headers if header_key(header) == header_key(name))


def look_at_file(path: Path, asked: Asked, least: int) -> LargeFile | None:
    """What there is to know before a row is read; None where the list is short, or is to be read by `read_frame`.

    Raises FrameError or OSError where that would, too.
    """
    ending = file_type(path.name)
    findings = Findings()
    check_content(path, ending, findings)
    file = None
    if ending == "parquet":
        file = _parquet(path, asked, least, findings)
    elif ending == "csv" and path.stat().st_size >= least * _BYTES_A_ROW:
        simple = look_through(path)
        if simple is not None and simple.rows >= least:
            file = LargeFile(asked, simple.headers, simple.rows, simple.sha256, frozenset(simple.plain), simple.headers)
    findings.stop()
    keys = [] if file is None else [header_key(header) for header in file.headers]
    if len(keys) > MOST_COLUMNS or not all(keys) or len(set(keys)) < len(keys) or not asked.are_in(keys):
        return None
    return file


def _parquet(path: Path, asked: Asked, least: int, findings: Findings) -> LargeFile | None:
    try:
        with pq.ParquetFile(path) as file:
            rows, schema = file.metadata.num_rows, file.schema_arrow
    except pa.ArrowException:
        return None
    if rows < least or rows > _ROWS_PER_BYTE * path.stat().st_size:
        return None
    check_schema(schema, asked, findings)
    keys = {header_key(name) for name in asked.names}
    text = [column.name for column in schema if _is_text(column.type)]
    if not all(
        _is_whole(column.type) or (header_key(column.name) not in keys and _is_simple(column.type))
        for column in schema
        if column.name not in text
    ):
        return None
    return LargeFile(asked, schema.names, rows, fingerprint(path), frozenset({*schema.names} - {*text}), None)


def _is_text(type_: Any) -> bool:
    value = type_.value_type if pa.types.is_dictionary(type_) else type_
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value))


def _is_whole(type_: Any) -> bool:
    """Whether every engine writes the values as text in the way that `read_frame` does."""
    return bool(pa.types.is_signed_integer(type_))


def _is_simple(type_: Any) -> bool:
    """Whether every engine hands over the values in the type that `read_frame` meets."""
    return bool(
        pa.types.is_boolean(type_)
        or pa.types.is_date32(type_)
        or pa.types.is_float64(type_)
        or (pa.types.is_timestamp(type_) and type_.tz is None)
    )
