"""The ways to draw from a table of PostgreSQL or Spark: each engine's own words, and the one expression of Ibis.

PostgreSQL is a throw-away server which the list is loaded into before anything is timed. Spark is started inside the
process, with two workers on the same Parquet file, and is not timed while it starts. What they use of memory and
processors is counted with ours.
"""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from psycopg import sql

from bench.elsewhere import parent_of
from tests.postgres import PostgresCluster
from tests.programs import find_postgresql

TABLE = "listed"
ADDRESS = "CASEREADER_BENCH_POSTGRESQL"  # how a method's own process is told where the table is
SPARK_MEMORY = "2g"
_BATCH = 500_000


@contextmanager
def loaded(path: Path) -> Iterator[str]:
    """The address of a throw-away PostgreSQL that holds this list as a table, counted over as autovacuum would."""
    programs = find_postgresql()
    if programs is None:
        raise RuntimeError("PostgreSQL's server is missing: apt-get install postgresql")
    cluster = PostgresCluster(programs)
    try:
        cluster.start()
        address = cluster.create("frames").replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            _load(connection, path)
        yield address
    finally:
        cluster.stop()


def _load(connection: psycopg.Connection[Any], path: Path) -> None:
    with pq.ParquetFile(path) as file:
        columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in file.schema.names)
        connection.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(TABLE), columns))
        command = sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(sql.Identifier(TABLE))
        with connection.cursor().copy(command) as copy:
            for batch in file.iter_batches(_BATCH):
                written = io.BytesIO()
                pc.write_csv(pa.Table.from_batches([batch]), written, pc.WriteOptions(include_header=False))
                copy.write(written.getvalue())
    connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(TABLE)))


class Prepared(NamedTuple):
    """How a list is opened as an engine, or read by a floor, and the first process of the engine where it has one."""

    opened: Callable[[Path], Any]
    root: int | None


def prepared(name: str, folder: Path, groups: Sequence[str]) -> Prepared:
    """A way that `bench.frame_methods` names, started; raises ModuleNotFoundError where it is not installed."""
    if name == "floor in PostgreSQL":
        connection, root = _server()
        return Prepared(lambda _: _counted(connection, groups), root)
    if name.startswith("PostgreSQL"):
        return _postgresql(groups, through_ibis=name.endswith("Ibis"))
    if name.startswith("Spark"):
        return _spark(folder, groups, through_ibis=name.endswith("Ibis"))
    from sampling.engines.in_duckdb import MEMORY

    duckdb = importlib.import_module("ibis").duckdb.connect(memory_limit=MEMORY)
    return Prepared(lambda path: _in_ibis(duckdb.read_parquet(str(path)), groups), None)


def _server() -> tuple[psycopg.Connection[Any], int]:
    """A connection to the server that holds the table, and its first process, whose child answers us."""
    connection: psycopg.Connection[Any] = psycopg.connect(os.environ[ADDRESS], autocommit=True)
    return connection, parent_of(connection.info.backend_pid)


def _counted(connection: psycopg.Connection[Any], groups: Sequence[str]) -> list[Any]:
    names = sql.SQL(", ").join(map(sql.Identifier, groups))
    query = sql.SQL("SELECT {names}, count(*), sum(length(case_ref)) FROM {table} GROUP BY {names}")
    return connection.execute(query.format(names=names, table=sql.Identifier(TABLE))).fetchall()


def _postgresql(groups: Sequence[str], *, through_ibis: bool) -> Prepared:
    connection, root = _server()
    if through_ibis:
        table = importlib.import_module("ibis").postgres.from_connection(connection).table(TABLE)
        return Prepared(lambda _: _in_ibis(table, groups), root)
    from sampling.engines.in_postgresql import InPostgreSQL

    name = sql.Identifier(TABLE)
    return Prepared(lambda _: InPostgreSQL(connection, name, id="case_ref", groups=groups), root)


def _spark(folder: Path, groups: Sequence[str], *, through_ibis: bool) -> Prepared:
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(folder / "spark"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.shuffle.partitions": "4",
        "spark.driver.memory": SPARK_MEMORY,
        "spark.driver.maxResultSize": "0",
    }
    sessions = importlib.import_module("pyspark.sql").SparkSession
    session = sessions.builder.master("local[2]").config(map=settings).getOrCreate()
    session.range(1000).selectExpr("sum(id)").collect()  # its first job is not timed either
    java = session.sparkContext._gateway.proc.pid
    if through_ibis:
        connection = importlib.import_module("ibis").pyspark.connect(session)
        return Prepared(lambda path: _in_ibis(connection.read_parquet(str(path)), groups), java)
    from sampling.engines.in_spark import InSpark

    return Prepared(lambda path: InSpark(session.read.parquet(str(path)), id="case_ref", groups=groups), java)


def _in_ibis(table: Any, groups: Sequence[str]) -> Any:
    from sampling.engines.in_ibis import InIbis

    return InIbis(table, id="case_ref", groups=groups)
