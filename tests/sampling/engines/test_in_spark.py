"""Spark draws the sample that `sampling.draw` draws, and sends what is in doubt to the reader.

Run by `make test-all`, which puts pyspark where these tests find it; Java must be on the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sampling.engines import LargeList, check_table
from sampling.errors import FrameError
from tests.sampling.engines.lists import COLUMNS, ONE_ROW_IN_DOUBT, SEED, assert_same, long_list, plan_of, write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore:unclosed <socket:ResourceWarning"
    ),  # pyspark's own, of every result it hands over
]

Opened = Callable[[pd.DataFrame], LargeList | None]


@pytest.fixture
def opened(spark: Any, tmp_path: Path) -> Opened:
    """A list as a table of Spark, looked through."""

    def open_table(table: pd.DataFrame, **asked: Any) -> LargeList | None:
        from sampling.engines.in_spark import InSpark

        frame = spark.read.parquet(str(write(table, tmp_path / "table.parquet")))
        engine = InSpark(frame, id="case_ref", groups=["partnership", "reason", "age_band"])
        return check_table(engine, frame.columns, len(table), **{**COLUMNS, **asked})

    return open_table


def test_spark_draws_the_same_sample_from_a_hundred_thousand_cases(opened: Opened, tmp_path: Path) -> None:
    table = long_list(100_000).assign(note="plain `words`")
    plan, in_memory = plan_of(write(table, tmp_path / "list.parquet"), size=200)

    large = opened(table)

    assert large is not None
    assert large.file_sha256 is None
    assert_same(large.draw(plan, seed=SEED), in_memory)


@ONE_ROW_IN_DOUBT
def test_one_row_in_doubt_sends_the_list_to_the_reader(column: str, value: str | None, opened: Opened) -> None:
    table = long_list(500).assign(age="5")
    table.loc[7, column] = value

    assert opened(table) is None


def test_a_table_that_goes_away_is_refused_without_a_word_of_sparks(opened: Opened, tmp_path: Path) -> None:
    table = long_list(500)
    plan, _ = plan_of(write(table, tmp_path / "list.parquet"))
    large = opened(table)
    assert large is not None
    (tmp_path / "table.parquet").unlink()

    with pytest.raises(FrameError, match="was changed while it was read"):
        large.draw(plan, seed=SEED)
