"""The programs of docs/verify, which import nothing of ours, agree with our draw and find what was changed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psycopg
import pytest

from sampling.certificate import canonical_json, certificate
from sampling.draw import draw, start_after
from sampling.frame import FrameRules
from sampling.plan import plan_for

PROGRAMS = Path(__file__).parents[2] / "docs" / "verify"
SEED = 'a"b\\c 1%s $(x) &'


@pytest.fixture
def four_hundred(tmp_path: Path) -> tuple[Path, Path, pd.DataFrame]:
    """A certificate of a draw from a list of 400 cases in six strata, and the list."""
    table = pd.DataFrame(
        {
            "case_ref": [f"É{i * 37 % 400:05d}" for i in range(400)],
            "partnership": ["Brigg" if i % 3 else "Dùn mòr" for i in range(400)],
            "reason": [("CPR", "CPI", "VYP")[i * i % 7 % 3] for i in range(400)],
        }
    )
    plan, _ = plan_for(table, strata=("reason",), within="partnership", size=30, reserve="50%")
    paper = certificate(draw(table, plan, seed=SEED), at=datetime(2026, 6, 1, tzinfo=UTC))
    (tmp_path / "certificate.json").write_bytes(canonical_json(paper))
    table.to_csv(tmp_path / "list.csv", index=False, lineterminator="\n")
    return tmp_path / "certificate.json", tmp_path / "list.csv", table


def run(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


COMMANDS = {"python": (sys.executable, PROGRAMS / "verify.py"), "shell": ("sh", PROGRAMS / "verify.sh")}


@pytest.mark.parametrize("program", COMMANDS)
def test_the_program_verifies_four_hundred_cases(program: str, four_hundred: tuple[Path, Path, Any]) -> None:
    assert run(*COMMANDS[program], *four_hundred[:2]) == (0, "verified\n")


@pytest.mark.parametrize("program", COMMANDS)
def test_the_example_that_the_readme_names_is_verified(program: str) -> None:
    example = PROGRAMS / "example"

    assert run(*COMMANDS[program], example / "certificate.json", example / "list.csv") == (0, "verified\n")


@pytest.mark.parametrize("program", COMMANDS)
def test_the_program_verifies_a_certificate_written_over_many_lines(
    program: str, four_hundred: tuple[Path, Path, Any]
) -> None:
    paper, listed, _ = four_hundred
    stated = json.loads(paper.read_text(encoding="utf-8"))
    paper.write_text(json.dumps(stated, ensure_ascii=False, sort_keys=True, indent=2), encoding="utf-8")

    assert run(*COMMANDS[program], paper, listed) == (0, "verified\n")


@pytest.mark.parametrize("program", COMMANDS)
def test_the_program_finds_a_case_taken_off_the_list(program: str, four_hundred: tuple[Path, Path, Any]) -> None:
    paper, listed, _ = four_hundred
    gone = json.loads(paper.read_text(encoding="utf-8"))["cases"][0]["case_ref"]
    rows = listed.read_text(encoding="utf-8").splitlines(keepends=True)
    listed.write_text("".join(row for row in rows if not row.startswith(gone)), encoding="utf-8")

    code, said = run(*COMMANDS[program], paper, listed)

    assert code == 1
    assert "list is not the one" in said
    assert gone in said


@pytest.mark.parametrize("program", COMMANDS)
@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        ("stratum", "Reason", "no column stratum"),
        ("case_ref", "Case no", "no column case_ref"),
        (",", ",group ", "none of the groups"),
    ],
)
def test_the_program_asks_for_the_list_as_it_was_fixed_when_given_the_file_that_was_sent(
    program: str, ours: str, theirs: str, told: str, tmp_path: Path
) -> None:
    example = PROGRAMS / "example"
    head, rest = (example / "list.csv").read_text(encoding="utf-8").split("\n", 1)
    sent = f"{head}\n{rest.replace(ours, theirs)}" if ours == "," else f"{head.replace(ours, theirs)}\n{rest}"
    (tmp_path / "sent.csv").write_text(sent, encoding="utf-8")

    code, said = run(*COMMANDS[program], example / "certificate.json", tmp_path / "sent.csv")

    assert code != 0
    assert told in said
    assert "Bring the list as it was fixed (CSV)" in said
    assert "Traceback" not in said
    assert "EX-" not in said


@pytest.mark.parametrize("program", COMMANDS)
def test_the_program_finds_a_change_in_the_certificate(program: str, four_hundred: tuple[Path, Path, Any]) -> None:
    paper, listed, _ = four_hundred
    text = paper.read_text(encoding="utf-8")
    paper.write_text(text.replace('"order":1,"role":"main"', '"order":1,"role":"reserve"', 1), encoding="utf-8")

    code, said = run(*COMMANDS[program], paper, listed)

    assert code == 1
    assert "certificate was changed" in said
    assert "reserve" in said


def test_the_python_program_reads_lists_as_they_come(tmp_path: Path) -> None:
    rules = FrameRules(strata=["CPR", "at risk"])
    table = pd.DataFrame({"case_ref": ["1", "2", "3", "4"], "stratum": ["CPR", "CPR", "at risk", "at risk"]})
    first = draw(table, plan_for(table, size=2)[0], seed="s").sample
    plan, _ = plan_for(table, size=2, reserve=1, start=start_after(first), rules=rules)
    paper = certificate(draw(table, plan, seed="s"), at=datetime(2026, 6, 1, tzinfo=UTC))
    (tmp_path / "c.json").write_text(json.dumps(paper, indent=2), encoding="utf-8")
    rows = ["STRATUM,Case Ref", "cpr,1", '" CPR ", 2 ', "At  Risk,3", "", '"at risk",4', ""]
    (tmp_path / "l.csv").write_text("\ufeff" + "\r\n".join(rows), encoding="utf-8", newline="")

    assert run(*COMMANDS["python"], tmp_path / "c.json", tmp_path / "l.csv") == (0, "verified\n")


@pytest.mark.parametrize("program", COMMANDS)
def test_a_systematic_selection_is_left_to_our_own_program(program: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"case_ref": ["1", "2"], "stratum": ["CPR", "CPR"]})
    plan, _ = plan_for(table, size=1, selection="systematic")
    paper = certificate(draw(table, plan, seed="s"), at=datetime(2026, 6, 1, tzinfo=UTC))
    (tmp_path / "c.json").write_bytes(canonical_json(paper))
    table.to_csv(tmp_path / "l.csv", index=False)

    code, said = run(*COMMANDS[program], tmp_path / "c.json", tmp_path / "l.csv")

    assert code != 0
    assert "by tickets only" in said


def test_the_python_program_is_short_and_imports_only_the_standard_library() -> None:
    text = (PROGRAMS / "verify.py").read_text(encoding="utf-8")
    imported = {
        name.name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for name in node.names
    }

    assert len(text.splitlines()) < 100
    assert imported <= set(sys.stdlib_module_names)
    assert "import from" not in text


def swapped(table: pd.DataFrame) -> pd.DataFrame:
    """The list with the strata of two cases changed over: as long as before, but another."""
    changed = table.copy()
    strata = changed.loc[[0, 1], "reason"].tolist()
    changed.loc[[0, 1], "reason"] = strata[::-1]
    return changed


def labelled(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["partnership"] + " / " + table["reason"], table["case_ref"], strict=True))


def test_duckdb_verifies_four_hundred_cases_and_finds_a_change(four_hundred: tuple[Path, Path, pd.DataFrame]) -> None:
    paper, _, table = four_hundred
    statement = (PROGRAMS / "verify-duckdb.sql").read_text(encoding="utf-8")

    def differences(listed: pd.DataFrame) -> list[tuple[str, ...]]:
        with duckdb.connect() as database:
            database.execute("CREATE TABLE listed (stratum VARCHAR, case_ref VARCHAR)")
            rows = pd.DataFrame(labelled(listed), columns=["stratum", "case_ref"])
            database.register("rows", rows).execute("INSERT INTO listed SELECT * FROM rows")
            database.execute("CREATE TABLE certificate AS SELECT content::JSON AS body FROM read_text(?)", [str(paper)])
            return database.execute(statement).fetchall()

    assert table.loc[0, "reason"] != table.loc[1, "reason"]
    assert differences(table) == []
    assert {row[0] for row in differences(swapped(table))} >= {"digest of the list"}
    assert {row[0] for row in differences(table[table["reason"] != "CPR"])} == {
        "digest of the list",
        "only in the certificate",
    }


def test_postgresql_verifies_four_hundred_cases_and_finds_a_change(
    four_hundred: tuple[Path, Path, pd.DataFrame], postgres_url: str
) -> None:
    paper, _, table = four_hundred
    statement = (PROGRAMS / "verify-postgresql.sql").read_text(encoding="utf-8")
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as database:

        def differences(listed: pd.DataFrame) -> list[tuple[str, ...]]:
            database.execute("CREATE TABLE listed (stratum text, case_ref text)")
            with database.cursor().copy("COPY listed FROM STDIN") as rows:
                for row in labelled(listed):
                    rows.write_row(row)
            database.execute("CREATE TABLE certificate (body jsonb)")
            database.execute("INSERT INTO certificate VALUES (%s)", (paper.read_text(encoding="utf-8"),))
            found = database.execute(statement.encode()).fetchall()
            database.rollback()
            return found

        assert differences(table) == []
        assert {row[0] for row in differences(swapped(table))} >= {"digest of the list"}
        assert {row[0] for row in differences(table[table["reason"] != "CPR"])} == {
            "digest of the list",
            "only in the certificate",
        }
