"""How a Parquet list is read: its footer first, its types as they are, its rows counted from 1."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.errors import FrameError
from sampling.frame import read_frame
from tests.sampling.frame.reading import RULES, TODAY, faults, read, warnings


def write(folder: Path, names: list[str] | None = None, **columns: Any) -> Path:
    """A list of three cases, with these columns in place of the usual ones."""
    usual: dict[str, Any] = {"case_ref": ["01", "02", "03"], "stratum": ["CPR", "CPI", "CPR"]}
    given_columns = usual | columns
    arrays = [value if isinstance(value, pa.Array) else pa.array(value) for value in given_columns.values()]
    pq.write_table(pa.table(arrays, names=names or list(given_columns)), folder / "list.parquet")
    return folder / "list.parquet"


@pytest.mark.parametrize(
    "ids",
    [
        pa.array([1, 2, 3]),
        pa.array([1.0, 2.0, 3.0]),
        pa.array([Decimal("1"), Decimal("2"), Decimal("3")]),
        pa.array([b"1", b"2", b"3"]),
        pa.array([b"1", b"2", b"3"], pa.binary(1)),
        pa.array([True, False, None]),
        pa.array([["1"], ["2"], ["3"]]),
        pa.array([{"a": 1}, {"a": 2}, {"a": 3}]),
        pa.array([datetime.date(2024, 1, 1)] * 3),
        pa.array([1, 2, 3]).dictionary_encode(),
        pa.nulls(3),
    ],
)
def test_references_of_any_type_but_text_are_refused(tmp_path: Path, ids: pa.Array) -> None:
    assert "must be text" in faults(write(tmp_path, case_ref=ids))


@pytest.mark.parametrize(
    "type_", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_references_of_any_type_of_text_are_read(tmp_path: Path, type_: pa.DataType) -> None:
    path = write(tmp_path, case_ref=pa.array(["01", "02", "03"]).cast(type_), stratum=pa.array(["CPR"] * 3).cast(type_))

    assert read(path).table["case_ref"].tolist() == ["01", "02", "03"]


def test_blanks_are_told_by_the_number_of_the_row_from_one(tmp_path: Path) -> None:
    said = faults(write(tmp_path, case_ref=["01", None, "03"], stratum=["CPR", "CPR", None]))

    assert "row 2, column case_ref" in said
    assert "row 3, column stratum" in said


@pytest.mark.parametrize(
    ("ages", "kept"),
    [
        (pa.array([3, None, 5], pa.int8()), [3, None, 5]),
        (pa.array([3, 4, 5], pa.uint64()), [3, 4, 5]),
        (pa.array([3.0, float("nan"), None]), [3, None, None]),
        (pa.array([Decimal("3.00"), None, Decimal("5.00")]), [3, None, 5]),
        (pa.array(["3", "", None]), [3, None, None]),
    ],
)
def test_ages_may_be_of_any_type_of_whole_number(tmp_path: Path, ages: pa.Array, kept: list[int | None]) -> None:
    table = read(write(tmp_path, age=ages)).table

    assert [None if pd.isna(age) else age for age in table["age"]] == kept


@pytest.mark.parametrize(
    "ages",
    [
        [3, -1, 5],
        [3, 2**63 - 1, 5],
        [3, 4.5, 5],
        [3, float("inf"), 5],
        [True, False, True],
        [datetime.date(2024, 1, 1)] * 3,
    ],
)
def test_what_is_no_age_is_refused(tmp_path: Path, ages: list[Any]) -> None:
    assert "column age" in faults(write(tmp_path, age=ages))


@pytest.mark.parametrize(
    "starts",
    [
        pa.array([datetime.date(2024, 1, 5), None, None]),
        pa.array([datetime.date(2024, 1, 5), None, None], pa.date64()),
        *[
            pa.array([datetime.date(2024, 1, 5), None, None]).cast(pa.timestamp(unit))
            for unit in ("s", "ms", "us", "ns")
        ],
        pa.array([datetime.date(2024, 1, 5), None, None]).cast(pa.timestamp("ns")).dictionary_encode(),
        pa.array(["2024-01-05", None, ""]),
    ],
)
def test_dates_of_every_type_become_iso_text(tmp_path: Path, starts: pa.Array) -> None:
    frame = read(write(tmp_path, start=starts))

    assert frame.table["start"][0] == "2024-01-05"
    assert frame.table["start"].isna().tolist() == [False, True, True]
    assert not any(warning.column == "start" for warning in frame.warnings)


def test_a_zone_gives_the_day_on_its_own_clocks_and_a_time_is_told(tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 6, 30, 23, 30, tzinfo=datetime.UTC)
    path = write(tmp_path, start=pa.array([moment] * 3, pa.timestamp("us", "Europe/London")))

    assert read(path).table["start"][0] == "2024-07-01"
    assert "time" in warnings(path)


@pytest.mark.parametrize(
    "starts",
    [
        pa.array([2**40, 0, 0], pa.timestamp("s")),
        pa.array([-(2**40), 0, 0], pa.timestamp("s")),
        pa.array([2**62, 0, 0], pa.timestamp("us", "Europe/London")),
        pa.array([2**31 - 1, 0, 0], pa.date32()),
        pa.array([-(2**31), 0, 0], pa.int32()).cast(pa.date32()),
        pa.array([20240105] * 3),
        pa.array([1.5] * 3),
        pa.array([1] * 3, pa.duration("s")),
        pa.array([1] * 3, pa.time32("s")),
        pa.array([datetime.date(2035, 1, 1)] * 3),
    ],
)
def test_what_is_no_day_is_refused(tmp_path: Path, starts: pa.Array) -> None:
    assert "column start" in faults(write(tmp_path, start=starts))


@pytest.mark.parametrize(
    "other",
    [
        pa.array([{"a": 1}] * 3),
        pa.array([[1]] * 3),
        pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int64())),
        pa.array([b"x"] * 3),
    ],
)
def test_nested_columns_and_bytes_are_refused_by_name(tmp_path: Path, other: pa.Array) -> None:
    assert "locality" in faults(write(tmp_path, locality=other))


def test_further_columns_are_kept_as_text(tmp_path: Path) -> None:
    table = read_frame(
        write(
            tmp_path,
            whole=[1, None, 3],
            real=[0.1, float("nan"), 2.0],
            yes=[True, False, None],
            money=[Decimal("1.50"), None, Decimal("2.00")],
            day=[datetime.date(1890, 1, 2), None, None],
            none=pa.nulls(3),
            group=pa.array(["a", None, "a"]).dictionary_encode(),
        )
    ).table

    assert table["whole"].tolist() == ["1", "", "3"]
    assert table["real"].tolist() == ["0.1", "", "2"]
    assert table["yes"].tolist() == ["TRUE", "FALSE", ""]
    assert table["money"].tolist() == ["1.50", "", "2.00"]
    assert table["day"].tolist() == ["1890-01-02", "", ""]
    assert table["none"].tolist() == ["", "", ""]
    assert table["group"].tolist() == ["a", "", "a"]


def test_columns_of_one_name_and_of_personal_details_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, ["case_ref", "stratum", "stratum"], other=["a", "b", "c"])
    assert "stratum is there twice" in faults(path)
    assert "personal details" in faults(write(tmp_path, child_name=["a", "b", "c"]))
    assert "no column stratum" in faults(write(tmp_path, ["case_ref", "group"]))


def test_strata_may_be_numbers_but_not_flags(tmp_path: Path) -> None:
    assert read_frame(write(tmp_path, stratum=[1, 2, 1])).table["stratum"].tolist() == ["1", "2", "1"]
    assert "stratum" in faults(write(tmp_path, stratum=[True, False, True]), rules=None)


def test_a_footer_that_promises_too_much_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int8()), pa.array(["K"])).cast(pa.string())
    pq.write_table(pa.table({"case_ref": same, "stratum": same}), tmp_path / "list.parquet", compression="zstd")
    assert "too large" in faults(tmp_path / "list.parquet")

    pq.write_table(pa.table({f"c{i}": ["x"] for i in range(1200)}), tmp_path / "list.parquet")
    assert "too large" in faults(tmp_path / "list.parquet")


def test_damage_after_the_footer_was_looked_at_is_damage(tmp_path: Path) -> None:
    whole = write(tmp_path).read_bytes()

    for cut in (b"PAR1" + whole[-300:], whole[:-20] + b"PAR1", whole[: len(whole) // 2], whole[:8] + whole[-8:]):
        (tmp_path / "list.parquet").write_bytes(cut)
        assert "damaged" in faults(tmp_path / "list.parquet")


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_file_with_bytes_changed_is_read_or_refused_and_nothing_else(tmp_path: Path, data: st.DataObject) -> None:
    changed = bytearray(write(tmp_path, age=[1, 2, 3], start=[datetime.date(2024, 1, 5)] * 3).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(4, len(changed) - 5))] = data.draw(st.integers(0, 255))
    (tmp_path / "bad.parquet").write_bytes(changed)

    try:
        read_frame(tmp_path / "bad.parquet", rules=RULES, today=TODAY)
    except FrameError as error:
        assert error.faults


def test_the_same_list_gives_the_same_table_from_every_kind_of_file() -> None:
    frames = Path(__file__).parents[2] / "frames"

    tables = [read(frames / name).table for name in ("c001.csv", "x016.xlsx", "p001.parquet")]

    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])
