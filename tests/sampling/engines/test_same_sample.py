"""Every engine draws the sample that `sampling.draw` draws, from every file, at every size."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from sampling import canonical_json, certificate, read_frame
from sampling.__main__ import main
from sampling.draw import draw
from sampling.engines import MANY, check_table, open_large
from sampling.engines.in_duckdb import InDuckDB
from sampling.engines.in_postgresql import InPostgreSQL
from sampling.engines.large import EngineName
from sampling.engines.port import NO_BOUND, bound
from sampling.engines.select import digest_by, sample_by
from sampling.plan import Plan, plan_for
from sampling.tickets import ticket
from tests.sampling.engines.lists import COLUMNS, ENGINES, SEED, assert_same, drawn_by, long_list, plan_of, write

ENDINGS = ("csv", "parquet")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_draws_the_same_sample_from_a_hundred_thousand_cases(
    engine: EngineName, ending: str, tmp_path: Path
) -> None:
    path = write(long_list(100_000), tmp_path / f"list.{ending}")
    plan, in_memory = plan_of(path)
    assert_same(drawn_by(engine, path, plan), in_memory)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_draws_the_same_sample_from_a_million_cases(engine: EngineName, ending: str, tmp_path: Path) -> None:
    path = write(long_list(1_000_000), tmp_path / f"list.{ending}")
    plan, in_memory = plan_of(path, size=400)
    assert_same(drawn_by(engine, path, plan), in_memory)


LABELS = st.sampled_from(["CPR", "CPR 1", "Ò", "ò–4", "a", "A.b", "z"])
REFS = st.from_regex(r"C[0-9]{1,3}(?:[-/ ][0-9]{1,3}){0,2}", fullmatch=True)


@settings(max_examples=25)
@given(
    cases=st.dictionaries(REFS, st.tuples(LABELS, LABELS), min_size=1, max_size=60),
    reserve=st.sampled_from(["0", "2", "50%"]),
    data=st.data(),
)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_draws_the_same_sample_whatever_the_list(
    engine: EngineName,
    cases: dict[str, tuple[str, str]],
    reserve: str,
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    table = pd.DataFrame(
        [(ref, *strata, "x") for ref, strata in cases.items()],
        columns=["case_ref", "reason", "age_band", "partnership"],
    )
    path = write(table, tmp_path_factory.mktemp("any") / f"list.{data.draw(st.sampled_from(ENDINGS))}")
    size = data.draw(st.integers(1, len(cases)))
    plan, in_memory = plan_of(path, size=size, reserve=reserve)
    assert_same(drawn_by(engine, path, plan), in_memory)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_command_writes_the_same_bytes_for_a_long_list_as_from_memory(ending: str, tmp_path: Path) -> None:
    path = write(long_list(MANY), tmp_path / f"list.{ending}")
    arguments = ["--strata", "reason,age_band", "--within", "partnership", "--size", "60", "--reserve", "50%"]
    done = CliRunner().invoke(main, ["draw", str(path), *arguments, "--seed", SEED, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    paper = (tmp_path / "out" / "certificate.json").read_bytes()
    frame = read_frame(path, **COLUMNS)
    plan, _ = plan_for(frame.table, **COLUMNS, size=60, reserve="50%")
    drawn = draw(frame.table, plan, seed=SEED)
    at = datetime.fromisoformat(json.loads(paper)["created_at"])
    assert paper == canonical_json(certificate(drawn, at=at, file_sha256=frame.file_sha256))
    table = drawn.sample.to_csv(index=False, lineterminator="\n").encode()
    assert (tmp_path / "out" / "sample.csv").read_bytes() == table


def test_the_command_verifies_a_long_list_and_says_what_differs(tmp_path: Path) -> None:
    table = long_list(MANY)
    path = write(table, tmp_path / "list.parquet")
    _, drawn = plan_of(path)
    paper = tmp_path / "certificate.json"
    paper.write_bytes(canonical_json(certificate(drawn, at=datetime(2026, 6, 1, tzinfo=UTC))))
    done = CliRunner().invoke(main, ["verify", str(paper), str(path)])
    assert (done.exit_code, done.stdout) == (0, "verified\n")
    first = drawn.sample["case_ref"].iloc[0]
    other = write(table[table["case_ref"] != first], tmp_path / "other.parquet")
    done = CliRunner().invoke(main, ["verify", str(paper), str(other)])
    assert done.exit_code == 1
    assert f"case {first}: main 1 of stratum" in done.stdout


def test_a_stratum_that_comes_out_short_is_taken_again_without_a_bound(tmp_path: Path) -> None:
    refs = sorted((f"C{i}" for i in range(2000)), key=lambda ref: ticket(SEED, ref))
    unlucky = refs[500:]  # every small ticket is missing, as chance never has it
    path = write(pd.DataFrame({"case_ref": unlucky, "stratum": "CPR"}), tmp_path / "list.parquet")
    engine = InDuckDB(path, None, id="case_ref", groups=["stratum"])
    plan = Plan(sizes={"CPR": 5}, reserves={"CPR": 2})
    assert engine.below(SEED, {("CPR",): bound(7, 1500)}) == []
    sample = sample_by(engine, plan, SEED, {"CPR": 1500}, {("CPR",): "CPR"}, {("CPR",): ("CPR",)})
    engine.close()
    assert sample["case_ref"].tolist() == refs[500:507]


def test_a_bound_is_a_share_of_all_tickets() -> None:
    # (3 + 8·2 + 12)/62 = 1/2
    assert bound(3, 62) == "8" + "0" * 15
    assert bound(3, 31) == NO_BOUND
    assert max("0123456789abcdef") * 64 < NO_BOUND


def load(connection: psycopg.Connection[object], table: pd.DataFrame) -> sql.Identifier:
    """The list as a table of the database."""
    name = sql.Identifier("The list")
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in table)
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name, columns))
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
        for row in table.itertuples(index=False):
            copy.write_row(row)
    return name


def assert_postgresql_draws_the_same(url: str, table: pd.DataFrame, plan: Plan, in_memory: object) -> None:
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:")) as connection:
        groups = ["partnership", "reason", "age_band"]
        engine = InPostgreSQL(connection, load(connection, table), id="case_ref", groups=groups)
        large = check_table(engine, list(table), len(table), **COLUMNS)
        assert large is not None
        assert_same(large.draw(plan, seed=SEED), in_memory)  # type: ignore[arg-type]


def test_postgresql_draws_the_same_sample_from_ten_thousand_cases(postgres_url: str, tmp_path: Path) -> None:
    table = long_list(10_000)
    plan, in_memory = plan_of(write(table, tmp_path / "list.parquet"))
    assert_postgresql_draws_the_same(postgres_url, table, plan, in_memory)


@pytest.mark.slow
def test_postgresql_draws_the_same_sample_from_a_million_cases(postgres_url: str, tmp_path: Path) -> None:
    table = long_list(1_000_000)
    plan, in_memory = plan_of(write(table, tmp_path / "list.parquet"), size=400)
    assert_postgresql_draws_the_same(postgres_url, table, plan, in_memory)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_digest_is_the_same_in_however_many_parts_it_is_sorted(engine: EngineName, tmp_path: Path) -> None:
    path = write(long_list(5_000), tmp_path / "list.csv")
    _, in_memory = plan_of(path)
    with open_large(path, **COLUMNS, least=1, engine=engine) as large:
        assert large is not None
        known = large.known
        digests = {digest_by(large.engine, known.cases, known.labels, at_once=lines) for lines in (100, 900, 10_000)}
    assert digests == {in_memory.frame_digest}
