"""The programs that strangers verify a draw with agree with ours on a million cases."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import psycopg
import pytest

from sampling import canonical_json, certificate
from tests.sampling.engines.lists import long_list, plan_of, write

PROGRAMS = Path(__file__).parents[3] / "docs" / "verify"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, pd.DataFrame]:
    """A certificate of a draw from a million cases, the list as CSV, and its labels and references."""
    folder = tmp_path_factory.mktemp("million")
    table = long_list(1_000_000)
    path = write(table, folder / "list.csv")
    _, drawn = plan_of(path, size=400)
    paper = folder / "certificate.json"
    paper.write_bytes(canonical_json(certificate(drawn, at=datetime(2026, 6, 1, tzinfo=UTC))))
    labels = table["partnership"] + " / " + table["reason"] + " / " + table["age_band"]
    return paper, path, pd.DataFrame({"stratum": labels, "case_ref": table["case_ref"]})


def test_the_python_program_verifies_a_million_cases(million: tuple[Path, Path, pd.DataFrame]) -> None:
    paper, path, _ = million
    done = subprocess.run(
        [sys.executable, PROGRAMS / "verify.py", paper, path], capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stdout) == (0, "verified\n")


def test_duckdb_verifies_a_million_cases_and_finds_one_that_is_missing(
    million: tuple[Path, Path, pd.DataFrame],
) -> None:
    paper, _, listed = million
    statement = (PROGRAMS / "verify-duckdb.sql").read_text(encoding="utf-8")
    with duckdb.connect() as database:
        database.register("rows", listed).execute("CREATE TABLE listed AS SELECT * FROM rows")
        database.execute("CREATE TABLE certificate AS SELECT content::JSON AS body FROM read_text(?)", [str(paper)])
        assert database.execute(statement).fetchall() == []
        database.execute("DELETE FROM listed WHERE case_ref = ?", [listed["case_ref"][0]])
        assert "digest of the list" in {row[0] for row in database.execute(statement).fetchall()}


def test_postgresql_verifies_a_million_cases_and_finds_one_that_is_missing(
    million: tuple[Path, Path, pd.DataFrame], postgres_url: str
) -> None:
    paper, _, listed = million
    statement = (PROGRAMS / "verify-postgresql.sql").read_text(encoding="utf-8").encode()
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as database:
        database.execute("CREATE TABLE listed (stratum text, case_ref text)")
        with database.cursor().copy("COPY listed FROM STDIN") as rows:
            for row in listed.itertuples(index=False):
                rows.write_row(row)
        database.execute("CREATE TABLE certificate (body jsonb)")
        database.execute("INSERT INTO certificate VALUES (%s)", (paper.read_text(encoding="utf-8"),))
        assert database.execute(statement).fetchall() == []
        database.execute("DELETE FROM listed WHERE case_ref = %s", (listed["case_ref"][0],))
        assert "digest of the list" in {row[0] for row in database.execute(statement).fetchall()}
