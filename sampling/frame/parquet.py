"""Reads a Parquet file whose footer has been looked at first: rows, columns, types and unpacked sizes."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from numpy.typing import NDArray

from sampling.frame.cells import Cells, Column, Kind, as_text
from sampling.frame.findings import Findings, show
from sampling.frame.headers import MOST_COLUMNS, Asked, header_key

MOST_ROWS = 20_000_000
MOST_UNPACKED = 2 * 1024**3
_ROWS_ANY_FILE = 1_000_000
_ROWS_PER_BYTE = 20
_UNPACKED_ANY_FILE = 50 * 1024**2
_TIMES_PACKED = 200
_FIRST_BATCH = 100_000
_DAMAGED = "The Parquet file is damaged and cannot be read. Write it again."
_ONE_DAY = 86_400_000_000
_FIRST_DAY = (datetime.date(1, 1, 1) - datetime.date(1970, 1, 1)).days
_LAST_DAY = (datetime.date(9999, 12, 31) - datetime.date(1970, 1, 1)).days


def read_parquet(path: Path, asked: Asked, findings: Findings) -> Cells:
    """The cells of a Parquet file as text, with each column's type; a row's number counts from 1."""
    try:
        with pq.ParquetFile(path, memory_map=True, page_checksum_verification=True) as file:
            _check_footer(file.metadata, path.stat().st_size, findings)
            schema = file.schema_arrow
            check_schema(schema, asked, findings)
            findings.stop()
            if file.metadata.num_rows > _ROWS_ANY_FILE:
                _check_first_rows(file, schema, asked, findings)
            table = file.read()
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise findings.refuse(_DAMAGED) from None
    columns = [read_column(name, table.column(place), findings) for place, name in enumerate(table.column_names)]
    findings.stop()
    return Cells(columns, np.arange(1, table.num_rows + 1))


def _check_footer(footer: Any, size: int, findings: Findings) -> None:
    rows, columns = footer.num_rows, footer.num_columns
    groups = [footer.row_group(place) for place in range(footer.num_row_groups)]
    if rows < 0 or sum(group.num_rows for group in groups) != rows:
        raise findings.refuse(_DAMAGED)
    if rows > MOST_ROWS or (rows > _ROWS_ANY_FILE and rows > _ROWS_PER_BYTE * size):
        raise findings.refuse(
            f"The file is too large: it says that it holds {rows:,} rows in {size:,} bytes. Each case is one row with "
            "its own reference; check how the file was written."
        )
    if columns > MOST_COLUMNS:
        raise findings.refuse(
            f"The file is too large: it has {columns:,} columns, and at most {MOST_COLUMNS:,} can be read."
        )
    unpacked = sum(max(group.total_byte_size, 0) for group in groups)
    if unpacked > MOST_UNPACKED or (unpacked > _UNPACKED_ANY_FILE and unpacked > _TIMES_PACKED * size):
        raise findings.refuse(f"The file is too large: it unpacks to {unpacked / 1e6:,.0f} MB. Keep only the list.")


def check_schema(schema: Any, asked: Asked, findings: Findings) -> None:
    """Note columns that are there twice, or of a type that cannot be what they are to be."""
    labels = {header_key(name) for name in asked.names[1:]}
    for name in sorted({name for name in schema.names if schema.names.count(name) > 1}):
        findings.fault(f"The column {show(name)} is there twice. Rename or delete one.", column=show(name))
    for column in schema:
        type_, key = _plain_type(column.type), header_key(column.name)
        name = show(column.name)
        if key == header_key(asked.id) and not _is_text(type_):
            kind = "numbers" if _is_number(type_) else "bytes" if _is_bytes(type_) else "other values"
            findings.fault(
                f"The references must be text, and the column {name} holds {kind} ({column.type}). Write the column as "
                "text, from the record system's own references.",
                column=name,
            )
        elif key in labels and not (_is_text(type_) or _is_number(type_)):
            findings.fault(f"The column {name} must be text, and it holds {column.type}.", column=name)
        elif not _is_readable(type_):
            findings.fault(
                f"The column {name} holds {show(str(column.type))}, not single values of text, number or date. Leave "
                "it out.",
                column=name,
            )


def _check_first_rows(file: Any, schema: Any, asked: Asked, findings: Findings) -> None:
    """Where the first references are mostly one another's copies, refuse before millions of rows are unpacked."""
    name = next((name for name in schema.names if header_key(name) == header_key(asked.id)), None)
    if name is None:
        return
    batch = next(file.iter_batches(batch_size=_FIRST_BATCH, columns=[name]))
    found = _decoded(batch.column(0))
    if pc.count_distinct(found, mode="all").as_py() * 2 < len(found):
        raise findings.refuse(
            f"Most references in the column {show(name)} stand there many times. List each case once, then send it."
        )


def _plain_type(type_: Any) -> Any:
    if isinstance(type_, pa.BaseExtensionType):
        type_ = type_.storage_type
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _is_text(type_: Any) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))


def _is_bytes(type_: Any) -> bool:
    return bool(pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_))


def _is_number(type_: Any) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _is_readable(type_: Any) -> bool:
    return bool(
        _is_text(type_)
        or _is_number(type_)
        or pa.types.is_boolean(type_)
        or pa.types.is_null(type_)
        or pa.types.is_date(type_)
        or pa.types.is_timestamp(type_)
        or pa.types.is_time(type_)
        or pa.types.is_duration(type_)
    )


def _decoded(array: Any) -> Any:
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def read_column(name: str, chunks: Any, findings: Findings) -> Column:
    """One column as text, with the kind of each cell."""
    try:
        chunks.validate(full=True)
        array = pa.concat_arrays([_decoded(chunk) for chunk in chunks.chunks]) if chunks.num_chunks else as_text([])
        array.validate(full=True)
    except (pa.ArrowException, UnicodeDecodeError):
        findings.fault(
            f"The column {show(name)} holds bytes that are not UTF-8 text: their encoding is another. Write it again.",
            column=show(name),
        )
        return Column(name, as_text([]))
    if _is_text(array.type):
        return Column(name, _no_nulls(array.cast(pa.string())))
    return _typed(name, array)


def _typed(name: str, array: Any) -> Column:
    type_ = array.type
    if pa.types.is_date(type_):
        days = array.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
        return _dated(name, days, np.zeros(len(array), dtype=np.bool_), array)
    if pa.types.is_timestamp(type_):
        return _stamped(name, array)
    if pa.types.is_floating(type_):
        array = array.cast(pa.float64())
        text = as_text([_number(value) for value in array.to_pylist()])
        return Column(name, text, _kinds(Kind.NUMBER, text))
    if pa.types.is_boolean(type_):
        text = _no_nulls(pc.if_else(array, "TRUE", "FALSE").cast(pa.string()))
        return Column(name, text, _kinds(Kind.FLAG, text))
    if _is_number(type_):
        text = _no_nulls(array.cast(pa.string()))
        return Column(name, text, _kinds(Kind.NUMBER, text))
    text = as_text(["" if value is None else str(value) for value in array.to_pylist()])
    return Column(name, text, _kinds(Kind.TEXT, text))


def _stamped(name: str, array: Any) -> Column:
    """Days of time stamps, in the zone of the column where it has one."""
    per_day = {"s": 86_400, "ms": 86_400_000, "us": _ONE_DAY, "ns": _ONE_DAY * 1000}[array.type.unit]
    numbers = array.cast(pa.int64())
    plain = np.asarray(numbers.fill_null(0))
    in_range = (plain // per_day >= _FIRST_DAY + 1) & (plain // per_day <= _LAST_DAY - 1)
    if array.type.tz is not None and bool(in_range.all()):
        numbers = pc.local_timestamp(array).cast(pa.int64())
        plain = np.asarray(numbers.fill_null(0))
    days = pa.array(plain // per_day, mask=np.asarray(array.is_null()))
    return _dated(name, days, plain % per_day != 0, array)


def _dated(name: str, days: Any, with_time: NDArray[np.bool_], array: Any) -> Column:
    missing = np.asarray(array.is_null())
    numbers = np.asarray(days.fill_null(0))
    in_range = (numbers >= _FIRST_DAY) & (numbers <= _LAST_DAY)
    iso = pa.array(np.where(in_range, numbers, 0).astype(np.int32), mask=missing).cast(pa.date32()).cast(pa.string())
    text = pc.if_else(pa.array(in_range), _no_nulls(iso), pc.cast(pa.array(numbers), pa.string()))
    kinds = np.where(in_range, np.where(with_time, Kind.TIMED, Kind.DATE), Kind.NO_DATE)
    return Column(name, text, np.where(missing, Kind.TEXT, kinds).astype(np.uint8))


def _number(value: float | None) -> str:
    """A number as people write it; not-a-number is how some programs write a blank."""
    return "" if value is None or value != value else f"{value:.15g}"


def _kinds(kind: Kind, text: Any) -> NDArray[np.uint8]:
    filled = np.asarray(pc.binary_length(text)) > 0
    return np.where(filled, kind, Kind.TEXT).astype(np.uint8)


def _no_nulls(array: Any) -> Any:
    return array.fill_null("") if array.null_count else array
