"""`python -m sampling`: what its commands print and write."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sampling.version import VERSION
from tests.sampling.commands import run, written
from tests.sampling.lists import GOLDEN

SEED = "2026-06-01-4-8-15-16-23-42"


@pytest.mark.parametrize("command", [(), ("size",), ("allocate",), ("draw",), ("verify",)])
def test_help_has_examples(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")

    assert result.exit_code == 0
    assert not command or f"python -m sampling {command[0]} " in result.stdout


def test_size_prints_the_figures_of_the_contract_as_json() -> None:
    result = run("size", "--population", 240, "--margin", "7.5", "--confidence", 95, "--ineligible", 10, "--json")

    assert json.loads(result.stdout) == {
        "population": 240,
        "sample_size": 113,  # 100.0059 → 101; 101 / 0.9 = 112.2 → 113
        "exact": pytest.approx(100.00588297423084),
        "confidence": 95,
        "margin": 7.5,
        "expected_share": 50,
        "ineligible": 10,
        "formula": "cochran",
    }
    assert (result.exit_code, result.stderr) == (0, "")


def test_size_says_in_words_what_the_sample_is_worth() -> None:
    result = run("size", "--population", 200, "--ineligible", "10%")

    assert result.stdout.splitlines() == [
        "Draw 30 of 200 cases.",
        "In 90 of 100 such samples, a share near 50% comes within 15 percentage points of the share in all 200 "
        "(cochran; 26.25 before rounding).",
        "That allows for 10% of the cases being ineligible.",
    ]


def test_a_share_that_looks_like_a_fraction_is_warned_of() -> None:
    result = run("size", "--population", 200, "--margin", "0.15")

    assert result.exit_code == 0
    assert "Warning: --margin, '0.15': is read per cent" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        ((), ["--population: say how many"]),
        (("--population", "1.5"), ["--population, '1.5': must be a whole number"]),
        (
            ("--population", "-1", "--margin", "0", "--confidence", "abc", "--formula", "x"),
            ["--population, '-1'", "--confidence, 'abc'", "--formula, 'x'", "--margin, '0'"],
        ),
        (("--population", "9", "--margin", "150", "--ineligible", "100"), ["--margin, '150'", "--ineligible, '100'"]),
        (("--population", "9", "--confidence", "nan"), ["--confidence, 'nan'"]),
        (("--population", "9", "--expected-share", "0"), ["--expected-share, '0': Cochran's formula"]),
    ],
)
def test_every_fault_of_size_is_told_and_nothing_else(arguments: tuple[str, ...], faults: list[str]) -> None:
    result = run("size", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == len(faults)
    assert all(fault in result.stderr for fault in faults)


def test_allocate_prints_strata_by_their_labels(listed: Path) -> None:
    result = run("allocate", listed, "--strata", "stratum", "--size", 10, "--minimum", 2, "--json")

    assert json.loads(result.stdout) == [
        {"stratum": "CARM", "population": 4, "sample_size": 2},
        {"stratum": "CPI", "population": 20, "sample_size": 3},
        {"stratum": "CPR", "population": 36, "sample_size": 5},
    ]


def test_allocate_shows_the_margin_of_each_stratum_and_of_all(listed: Path) -> None:
    result = run("allocate", listed, "--strata", "stratum", "--size", 10)

    assert result.stdout.splitlines()[:5] == [
        "stratum  population  sample  margin",
        "CARM              4       1   ±82.2",
        "CPI              20       3   ±44.9",
        "CPR              36       6   ±31.1",
        "all              60      10   ±24.5",
    ]


def test_neyman_and_power_take_their_figures_from_a_file(listed: Path, tmp_path: Path) -> None:
    (tmp_path / "sd.csv").write_text("\ufeffStratum,SD,mean\nCPR,0.1,1\nCPI,0.3,1\n\nCARM,0.5,2\n", encoding="utf-8")
    common = ("allocate", listed, "--strata", "stratum", "--size", 9, "--sd", tmp_path / "sd.csv", "--json")

    neyman = json.loads(run(*common, "--method", "neyman").stdout)
    power = json.loads(run(*common, "--method", "power", "--power", "0.5").stdout)
    unused = run(*common)

    # N·S: 2, 6, 3.6 → 11.6; √N·CV: .5, 1.342, .6 → 2.442, of 9 cases 1.84, 4.95, 2.21
    assert [row["sample_size"] for row in neyman] == [2, 4, 3]
    assert [row["sample_size"] for row in power] == [2, 5, 2]
    assert "is not used by the method proportional" in unused.stderr


def test_sizes_for_each_stratum_come_from_a_file(listed: Path, tmp_path: Path) -> None:
    (tmp_path / "sizes.csv").write_text("stratum,size,note\nCPR,5,x\n CPI ,0,\nCARM,4,\n", encoding="utf-8")

    result = run("allocate", listed, "--strata", "stratum", "--sizes", tmp_path / "sizes.csv", "--json")

    assert [row["sample_size"] for row in json.loads(result.stdout)] == [4, 0, 5]
    assert "stratum 'CPI' has 20 cases and none is drawn" in result.stderr


def test_draw_writes_the_golden_sample_and_a_certificate_that_verifies(tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"

    result = run(
        *("draw", GOLDEN / "list.csv", "--strata", "reason", "--within", "partnership", "--size", 6),
        *("--reserve", "50%", "--seed", SEED, "--out", out),
    )

    assert (result.exit_code, result.stderr) == (0, "")
    assert "Drew 12 of 24 cases and 8 in reserve, in 5 strata." in result.stdout
    files = written(out)
    assert files.keys() == {"sample.csv", "certificate.json"}
    assert files["sample.csv"] == (GOLDEN / "sample.csv").read_bytes()
    golden = json.loads((GOLDEN / "certificate.json").read_bytes())
    made = json.loads(files["certificate.json"])
    assert {key for key in golden if golden[key] != made[key]} == {"created_at", "software", "digest"}
    assert made["digest"] in result.stdout
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    verified = run("verify", out / "certificate.json", GOLDEN / "list.csv")
    assert (verified.exit_code, verified.stdout, verified.stderr) == (0, "verified\n", "")


def test_the_golden_certificate_is_verified() -> None:
    result = run("verify", GOLDEN / "certificate.json", GOLDEN / "list.csv")

    assert (result.exit_code, result.stdout) == (0, "verified\n")


@pytest.mark.parametrize(
    "options",
    [
        ("--confidence", 90, "--margin", 15),
        ("--margin", 20),
        ("--size", 12, "--selection", "systematic", "--order-by", "AGE"),
        ("--size", 12, "--selection", "pps", "--measure", "sibling count"),
        ("--size", 12, "--method", "equal", "--maximum", 5, "--take-all", "CARM"),
    ],
)
def test_every_kind_of_draw_verifies_from_the_command_line(
    options: tuple[object, ...], listed: Path, tmp_path: Path
) -> None:
    drawn = run(
        "draw", listed, "--strata", "stratum", *options, "--reserve", 2, "--seed", SEED, "--out", tmp_path / "out"
    )

    assert drawn.exit_code == 0, drawn.stderr
    assert run("verify", tmp_path / "out" / "certificate.json", listed).stdout == "verified\n"


def test_a_workbook_drawn_by_rules_is_read_again_by_them(listed: Path, tmp_path: Path) -> None:
    table = pd.read_csv(listed, dtype=str)
    table["stratum"] = table["stratum"].str.lower()
    table.to_excel(tmp_path / "list.xlsx", index=False)
    (tmp_path / "rules.toml").write_text('strata = ["CARM", "CPI", "CPR"]\ncolumns = []\n', encoding="utf-8")
    out = tmp_path / "out"

    drawn = run(
        *("draw", tmp_path / "list.xlsx", "--strata", "stratum", "--size", 9, "--rules", tmp_path / "rules.toml"),
        *("--seed", SEED, "--out", out),
    )

    assert drawn.exit_code == 0, drawn.stderr
    assert "Sibling_Count" in drawn.stderr
    assert set(pd.read_csv(out / "sample.csv")["stratum"]) == {"CARM", "CPI", "CPR"}
    verified = run("verify", out / "certificate.json", tmp_path / "list.xlsx")
    assert (verified.exit_code, verified.stdout) == (0, "verified\n")
    csv = run("verify", out / "certificate.json", listed)
    assert (csv.exit_code, csv.stdout) == (0, "verified\n")
    assert csv.stderr == "Note: this is not byte for byte the file that was drawn from.\n"


def test_one_of_several_lists_in_a_workbook_is_drawn_and_verified_by_the_name_of_its_sheet(
    listed: Path, tmp_path: Path
) -> None:
    table = pd.read_csv(listed, dtype=str)
    book = tmp_path / "lists.xlsx"
    with pd.ExcelWriter(book) as writer:
        table.to_excel(writer, sheet_name="June", index=False)
        table.iloc[:30].to_excel(writer, sheet_name="May", index=False)
    paper = tmp_path / "out" / "certificate.json"
    common = ("draw", book, "--strata", "stratum", "--size", 9, "--seed", SEED, "--out", paper.parent)

    unnamed = run(*common)
    drawn = run(*common, "--sheet", "May")

    assert (unnamed.exit_code, unnamed.stdout) == (2, "")
    assert "The sheets 'June' and 'May' all look like a list" in unnamed.stderr
    assert drawn.exit_code == 0, drawn.stderr
    assert "Drew 9 of 30 cases" in drawn.stdout
    assert run("allocate", book, "--strata", "stratum", "--size", 9, "--sheet", "May").exit_code == 0
    assert run("verify", paper, book, "--sheet", "May").stdout == "verified\n"
    assert run("verify", paper, book, "--sheet", "June").exit_code == 1
    assert "all look like a list" in run("verify", paper, book).stderr
    assert "no sheet 'July'" in run("verify", paper, book, "--sheet", "July").stderr
    assert "Only a workbook has sheets" in run("verify", paper, listed, "--sheet", "May").stderr


def test_the_program_and_its_certificates_state_the_version_of_the_project(listed: Path, tmp_path: Path) -> None:
    run("draw", listed, "--strata", "stratum", "--size", 9, "--seed", SEED, "--out", tmp_path / "out")

    assert run("--version").stdout == f"casereader, version {VERSION}\n"
    assert json.loads((tmp_path / "out" / "certificate.json").read_bytes())["software"] == f"casereader {VERSION}"


def test_a_second_programme_avoids_the_cases_of_the_first(listed: Path, tmp_path: Path) -> None:
    common = ("draw", listed, "--strata", "stratum", "--size", 15, "--seed", SEED)
    run(*common, "--out", tmp_path / "first")

    second = run(*common, "--out", tmp_path / "second", "--avoid", tmp_path / "first" / "certificate.json")

    first = pd.read_csv(tmp_path / "first" / "sample.csv")
    assert second.exit_code == 0, second.stderr
    assert not set(first["case_ref"]) & set(pd.read_csv(tmp_path / "second" / "sample.csv")["case_ref"])
    assert run("verify", tmp_path / "second" / "certificate.json", listed).stdout == "verified\n"


def test_cases_that_cannot_be_avoided_are_counted_and_another_seed_is_refused(listed: Path, tmp_path: Path) -> None:
    common = ("draw", listed, "--strata", "stratum", "--size", 50)
    earlier = tmp_path / "first" / "certificate.json"
    run(*common, "--seed", SEED, "--out", earlier.parent)

    again = run(*common, "--seed", SEED, "--out", tmp_path / "second", "--avoid", earlier)
    other = run(*common, "--seed", "other", "--out", tmp_path / "third", "--avoid", earlier)
    none = run(*common, "--seed", SEED, "--out", tmp_path / "third", "--avoid", listed)

    assert "of its cases are drawn again" in again.stderr
    assert "was drawn with another seed" in other.stderr
    assert "cannot be read as a certificate" in none.stderr
    assert (other.exit_code, none.exit_code) == (2, 2)


def test_verify_tells_the_first_differences_and_ends_with_one(listed: Path, tmp_path: Path) -> None:
    run("draw", listed, "--strata", "stratum", "--size", 40, "--seed", "s", "--out", tmp_path / "out")
    rows = listed.read_text(encoding="utf-8").splitlines()
    listed.write_text("\n".join([rows[0], *(row.replace("CPI", "CPR") for row in rows[1:])]), encoding="utf-8")

    result = run("verify", tmp_path / "out" / "certificate.json", listed)

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0] == "not verified"
    assert lines[1].startswith("digest of the list: ")
    assert "stratum CPI: is in the certificate and not in this list" in lines
    assert any(line.startswith("case CASE-") for line in lines)
    assert lines[-1].endswith("differences more")
    assert len(lines) == 22


@pytest.mark.parametrize("odd", ["certificate", "list", "time"])
def test_what_cannot_be_read_ends_verification_with_two(odd: str, listed: Path, tmp_path: Path) -> None:
    run("draw", listed, "--strata", "stratum", "--size", 9, "--seed", "s", "--out", tmp_path / "out")
    paper = tmp_path / "out" / "certificate.json"
    if odd == "certificate":
        paper.write_text("{}", encoding="utf-8")
    elif odd == "time":
        stated = json.loads(paper.read_bytes()) | {"created_at": "some day"}
        paper.write_text(json.dumps(stated), encoding="utf-8")
    else:
        listed.write_text("case_ref,stratum\nx,CPR\nx,CPR\n", encoding="utf-8")

    result = run("verify", paper, listed)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_the_module_runs_by_its_name(listed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sampling", "draw", str(listed), "--strata", "stratum", "--size", "15"]
    done = subprocess.run(
        [*command, "--seed", "s", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert written(tmp_path / "out").keys() == {"sample.csv", "certificate.json"}


def test_whoever_watches_is_told_each_step_of_long_work(listed: Path, tmp_path: Path) -> None:
    watching, terminal = os.openpty()
    command = [sys.executable, "-m", "sampling", "draw", str(listed), "--strata", "stratum", "--size", "15"]
    try:
        subprocess.run(
            [*command, "--seed", "s", "--out", str(tmp_path / "out")], stderr=terminal, check=True, timeout=60
        )
        steps = os.read(watching, 1000).decode().splitlines()
    finally:
        os.close(terminal)
        os.close(watching)

    assert steps == ["Reading the list …", "Drawing …", "Writing …"]


def test_the_package_does_not_import_scipy_stats() -> None:
    code = "import sampling, sampling.__main__, sys; sys.exit('scipy.stats' in sys.modules or 'flask' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
