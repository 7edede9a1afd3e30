"""`rollup` and `inspection list`: what other programs rely on, to the byte."""

import csv
import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import Result
from flask import Flask
from sqlmodel import col, select

from casereader import issues
from casereader.db import transaction
from casereader.models import AnswerRow, Programme
from casereader.vocabulary import DataKind
from tests import published, worked
from tests.cast import Cast
from tests.worked import People

COLUMNS = (
    "inspection,section,question,domain,level,population,n,k,share,se,lower,upper,df,method,word,also,"
    "not_applicable,cannot_tell,cannot_be_evaluated,not_produced,not_reached,lowest,highest"
)
PATH = "programme-2026/glen-test"


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The worked inspection."""
    people = People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people)
    return cast


def run(app: Flask, *words: object) -> Result:
    """Run a command as people type it."""
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


@pytest.mark.usefixtures("read")
def test_rollup_writes_the_figures_worked_by_hand(app: Flask, tmp_path: Path) -> None:
    done = run(app, "rollup", "--inspection", PATH, "--out", tmp_path / "figures")

    assert (done.exit_code, done.stderr) == (0, "")
    assert "12 of 14 read, 1 not produced, 1 still to be read" in done.stdout
    written = (tmp_path / "figures" / "questions.csv").read_bytes().decode("utf-8")
    assert written.startswith(COLUMNS + "\n")
    assert "\r" not in written
    rows = list(csv.DictReader(written.splitlines()))
    assert [(row["question"], row["domain"], row["level"]) for row in rows] == [
        ("C9", "age_band", "12-15"),
        ("C9", "age_band", "5-11"),
        ("C9", "all", ""),
        ("C9", "deprivation", "1"),
        ("C9", "deprivation", "2"),
        ("C9", "legal_basis", "none"),
        ("C9", "stratum", "a"),
        ("C9", "stratum", "b"),
        ("D11", "age_band", "12-15"),
        ("D11", "age_band", "5-11"),
        ("D11", "all", ""),
        ("D11", "deprivation", "1"),
        ("D11", "stratum", "b"),
    ]
    whole = rows[2]
    exact = {name: whole[name] for name in ("inspection", "section", "population", "n", "k", "word", "not_reached")}
    assert exact == {
        "inspection": PATH,
        "section": "C",
        "population": "51",
        "n": "11",
        "k": "6",
        "word": "the majority",
        "not_reached": "1",
    }
    assert float(whole["share"]) == pytest.approx(21 / 37)
    assert float(whole["lowest"]) == pytest.approx(1 / 2)
    assert float(whole["highest"]) == pytest.approx(26 / 42)
    assert (rows[3]["population"], rows[3]["word"], rows[3]["also"]) == ("", "", "")


@pytest.mark.usefixtures("read")
def test_the_same_data_give_the_same_bytes_and_the_data_s_own_time(app: Flask, tmp_path: Path) -> None:
    for folder in ("first", "second", "second"):
        assert run(app, "rollup", "--inspection", PATH, "--out", tmp_path / folder).exit_code == 0

    names = sorted(path.name for path in (tmp_path / "second").iterdir())
    assert names == ["questions.csv", "tables.xlsx"]
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    with ZipFile(tmp_path / "first" / "tables.xlsx") as parts:
        assert "2026-06-15T15:30:00Z" in parts.read("docProps/core.xml").decode()


@pytest.mark.usefixtures("read")
def test_an_inspection_can_be_called_by_its_names(app: Flask, tmp_path: Path) -> None:
    done = run(app, "rollup", "--inspection", "Programme 2026/Glen Test", "--out", tmp_path / "figures")

    assert done.exit_code == 0


def test_a_sample_of_which_nothing_is_read_gives_files_without_figures(app: Flask, cast: Cast, tmp_path: Path) -> None:
    people = People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build_drawn(session, cast.place, people)

    done = run(app, "rollup", "--inspection", PATH, "--out", tmp_path / "figures")

    assert done.exit_code == 0
    assert "hold no figure" in done.stderr
    assert (tmp_path / "figures" / "questions.csv").read_text(encoding="utf-8") == COLUMNS + "\n"


@pytest.mark.parametrize(
    ("path", "says"),
    [(PATH, "is not drawn yet"), ("programme-2026/nowhere", "There is no inspection"), ("nowhere", "no inspection")],
)
@pytest.mark.usefixtures("cast")
def test_what_cannot_be_rolled_up_is_refused_and_nothing_is_written(
    app: Flask, tmp_path: Path, path: str, says: str
) -> None:
    done = run(app, "rollup", "--inspection", path, "--out", tmp_path / "figures")

    assert done.exit_code == 2
    assert says in done.stderr
    assert not (tmp_path / "figures").exists()


@pytest.mark.usefixtures("read")
def test_a_folder_that_is_a_file_is_refused_in_plain_words(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "figures").write_text("a file", encoding="utf-8")

    done = run(app, "rollup", "--inspection", PATH, "--out", tmp_path / "figures")

    assert done.exit_code == 2
    assert "Cannot write to" in done.stderr
    assert (tmp_path / "figures").read_text(encoding="utf-8") == "a file"


def test_help_shows_an_example(app: Flask) -> None:
    for words in (["rollup"], ["inspection", "list"]):
        assert "Example:" in run(app, *words, "--help").stdout


def test_inspections_are_listed_for_programs_and_for_people(app: Flask, read: Cast) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        session.get_one(Programme, read.place.programme.id).data_kind = DataKind.DEMO

    listed = json.loads(run(app, "inspection", "list", "--json").stdout)
    lines = run(app, "inspection", "list").stdout

    assert listed == [
        {
            "programme": "Programme 2026",
            "partnership": "Glen Test",
            "path": PATH,
            "instrument": "CRR-1",
            "instrument_version": "1.0",
            "data": "demo",
            "stage": listed[0]["stage"],
            "cases": 51,
            "readings": 13,
            "submitted": 13,
        }
    ]
    assert listed[0]["stage"] in ("reading", "moderating")
    assert lines == f"{PATH}  {listed[0]['stage']}, 51 cases, 13 of 13 readings submitted\n"


def test_an_empty_database_says_that_there_is_no_inspection_and_gives_programs_an_empty_list(app: Flask) -> None:
    assert run(app, "inspection", "list").stdout == "There are no inspections.\n"
    assert run(app, "inspection", "list", "--json").stdout == "[]\n"


@pytest.fixture
def out(app: Flask, cast: Cast) -> Cast:
    """The inspection with its first issue out."""
    instruments = app.extensions["casereader_instruments"]
    with transaction(app.extensions["casereader_engine"]) as session:
        scope = issues.of_place(published.build(session, cast))
        given = {"scope": scope, "instrument": instruments["CRR-1"], "at": published.OUT}
        row = issues.prepare(session, library=instruments, by=cast.coordinator, threshold=5, **given)
        issues.issue(session, public_id=row.public_id, by=cast.lead, **given)
    return cast


@pytest.mark.usefixtures("out")
@pytest.mark.parametrize("of", [("--inspection", PATH), ()])
def test_an_issue_is_rebuilt_from_the_data(app: Flask, of: tuple[str, ...]) -> None:
    done = run(app, "rollup", "--issue", 1, "--compare", *of)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "Issue 1 of Glen Test, Programme 2026 was rebuilt as it is, from the same data.\n"


@pytest.mark.usefixtures("out")
def test_an_issue_that_the_data_no_longer_give_exits_1_and_names_each_difference(app: Flask) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        good = col(AnswerRow.value).in_(["4", "5", "6"])
        for row in session.exec(select(AnswerRow).where(AnswerRow.key == "C9", good)):
            row.value = "1"
    done = run(app, "rollup", "--issue", 1, "--compare", "--inspection", PATH)

    assert done.exit_code == 1
    first, second = done.stdout.splitlines()
    assert first.startswith("The data are not what they were: SHA-256 ")
    assert second == (
        "C9: published as “from the majority to all” (records: at least 9), rebuilt as “from none to less than half” "
        "(records: at least 9)."
    )
    assert "is not what the data of today give" in done.stderr


@pytest.mark.usefixtures("out")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--issue", 2, "--compare"), "No issue has the number 2"),
        (("--issue", 2, "--compare", "--inspection", PATH), "No issue 2 of Glen Test, Programme 2026 was issued."),
        (("--issue", 1, "--compare", "--programme", "programme-2026"), "No issue 1 of Programme 2026 was issued."),
        (("--issue", 1, "--compare", "--programme", "nowhere"), "There is no programme nowhere"),
        (("--issue", 1, "--inspection", PATH), "Give --inspection and --out, or --issue and --compare"),
        (("--inspection", PATH), "Give --inspection and --out, or --issue and --compare"),
        (("--issue", 0, "--compare"), "Invalid value for '--issue'"),
    ],
)
def test_an_issue_that_is_not_there_or_not_said_how_exits_2(app: Flask, words: tuple[object, ...], says: str) -> None:
    done = run(app, "rollup", *words)
    assert done.exit_code == 2
    assert says in done.stderr
