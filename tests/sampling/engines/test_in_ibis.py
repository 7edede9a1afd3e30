"""Through Ibis, PostgreSQL, Spark and DuckDB draw the sample that `sampling.draw` draws.

Run by `make test-all`, which puts Ibis and pyspark where these tests find them; Java must be on the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from sampling.engines import LargeList, check_table
from sampling.errors import FrameError
from tests.sampling.engines.lists import COLUMNS, ONE_ROW_IN_DOUBT, SEED, assert_same, long_list, plan_of, write
from tests.sampling.engines.test_same_sample import load

pytestmark = [
    pytest.mark.slow,
    # Of pyspark, for every result that it hands over; and of Ibis and what it is built on.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

KINDS = ("duckdb", "postgres", "pyspark")
Opened = Callable[[pd.DataFrame], LargeList | None]


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """A list as a table of Ibis, looked through; once in each database."""

    def open_table(table: pd.DataFrame) -> LargeList | None:
        from sampling.engines.in_ibis import InIbis

        found = _table(request, table, tmp_path)
        engine = InIbis(found, id="case_ref", groups=["partnership", "reason", "age_band"])
        return check_table(engine, list(found.columns), len(table), **COLUMNS)

    return open_table


def _table(request: pytest.FixtureRequest, table: pd.DataFrame, folder: Path) -> Any:
    import ibis

    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        connection = psycopg.connect(url.replace("+psycopg", ""))
        request.addfinalizer(connection.close)
        load(connection, table.astype(object).where(table.notna(), None))
        connection.commit()
        return ibis.postgres.from_connection(connection).table("The list")
    path = str(write(table, folder / "table.parquet"))
    if request.param == "duckdb":
        embedded = ibis.duckdb.connect()
        request.addfinalizer(embedded.disconnect)
        return embedded.read_parquet(path)
    return ibis.pyspark.connect(request.getfixturevalue("spark")).read_parquet(path)


def test_ibis_draws_the_same_sample_from_twenty_thousand_cases(opened: Opened, tmp_path: Path) -> None:
    table = long_list(20_000).assign(note="plain `words`")
    plan, in_memory = plan_of(write(table, tmp_path / "list.parquet"), size=200)

    large = opened(table)

    assert large is not None
    assert_same(large.draw(plan, seed=SEED), in_memory)


@ONE_ROW_IN_DOUBT
def test_one_row_in_doubt_sends_the_list_to_the_reader(column: str, value: str | None, opened: Opened) -> None:
    table = long_list(500).assign(age="5")
    table.loc[7, column] = value

    assert opened(table) is None


def test_a_table_that_goes_away_is_refused_without_a_word_of_the_databases(opened: Opened, tmp_path: Path) -> None:
    table = long_list(500)
    plan, _ = plan_of(write(table, tmp_path / "list.parquet"))
    large = opened(table)
    assert large is not None
    engine: Any = large.engine
    if (tmp_path / "table.parquet").exists():
        (tmp_path / "table.parquet").unlink()
    else:
        engine._table.get_backend().con.execute('DROP TABLE "The list"')

    with pytest.raises(FrameError, match="was changed while it was read"):
        large.draw(plan, seed=SEED)
