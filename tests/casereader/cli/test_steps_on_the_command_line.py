"""`frame import`, `draw` and `readings import`: the coordinator's steps without a browser."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlmodel import col, func, select

from casereader.db import snapshot, transaction
from casereader.drawing import draws, plans
from casereader.drawing.choices import Choices
from casereader.models import AnswerRow, Case, DrawRecord, SampleCase, SamplingFrame
from casereader.programmes import inspections
from casereader.readings.reading_file import COLUMNS
from casereader.vocabulary import Role, SampleRole
from tests import sampled
from tests.cast import Cast
from tests.lists import list_csv, write_list

PATH = "programme-2026/glen-test"


def run(app: Flask, *words: object) -> Result:
    """Run a command as people type it."""
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def count(app: Flask, column: object) -> int:
    with snapshot(app.extensions["casereader_engine"]) as session:
        return session.exec(select(func.count(col(column)))).one()


@pytest.mark.usefixtures("cast")
def test_a_sound_list_becomes_the_frame_and_its_counts_are_said(app: Flask, tmp_path: Path) -> None:
    done = run(app, "frame", "import", write_list(tmp_path), "--inspection", PATH)

    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        ["Glen Test, Programme 2026: 100 cases, list 1", "  a: 20", "  b: 40", "  c: 30", "  d: 10"],
    )
    assert "No case is in group e" in done.stderr
    assert count(app, Case.id) == 100


@pytest.mark.usefixtures("cast")
def test_a_faulty_list_is_refused_with_every_fault_and_nothing_is_kept(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(list_csv().replace("T00003,a", "T00002,a").replace("T00007,a", "T00007,zz"), encoding="utf-8")

    done = run(app, "frame", "import", path, "--inspection", PATH)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "row 4, column case_ref" in done.stderr
    assert "row 8, column stratum" in done.stderr
    assert done.stderr.endswith("The list was not taken.\n")
    assert count(app, SamplingFrame.id) == 0


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("heading", ["family_group", "Family Group"])
@pytest.mark.parametrize("held", ["Zebedee", "2014-05-03"])
def test_a_list_that_names_families_or_dates_them_is_refused_without_telling_of_whom(
    app: Flask, tmp_path: Path, heading: str, held: str
) -> None:
    path = tmp_path / "list.csv"
    first, second, *others = list_csv().splitlines()
    path.write_text("\n".join([f"{first},{heading}", f"{second},{held}", *(f"{one},F1" for one in others)]))

    done = run(app, "frame", "import", path, "--inspection", PATH)

    assert done.exit_code == 2
    assert f"The column family_group holds {'names' if held.isalpha() else 'full dates'}" in done.stderr
    assert held not in done.output
    assert count(app, SamplingFrame.id) == 0


@pytest.mark.usefixtures("cast")
def test_an_unknown_inspection_is_refused(app: Flask, tmp_path: Path) -> None:
    for words in (
        ("frame", "import", write_list(tmp_path)),
        ("draw", "--public-value", "1 2 3"),
    ):
        done = run(app, *words, "--inspection", "programme-2026/nowhere")
        assert (done.exit_code, done.stdout) == (2, "")
        assert "There is no inspection programme-2026/nowhere" in done.stderr


def test_who_acts_must_coordinate_and_be_named_where_there_are_two(app: Flask, cast: Cast, tmp_path: Path) -> None:
    words = ("frame", "import", write_list(tmp_path), "--inspection", PATH)

    assert "is no coordinator of Glen Test" in run(app, *words, "--by", cast.lead.email).stderr
    with transaction(app.extensions["casereader_engine"]) as session:
        inspections.give_role(
            session,
            inspection=cast.place.inspection,
            account=cast.outsider,
            role=Role.COORDINATOR,
            by=cast.coordinator,
            at=sampled.AT,
        )
    assert "has 2 coordinators: say with --by EMAIL" in run(app, *words).stderr
    assert run(app, *words, "--by", cast.outsider.email).exit_code == 0


def test_the_draw_says_what_is_missing_and_draws_once(app: Flask, cast: Cast) -> None:
    engine = app.extensions["casereader_engine"]
    words = ("draw", "--inspection", PATH, "--public-value", "4 8 15")
    assert "List and plan must be fixed" in run(app, *words).stderr
    with transaction(engine) as session:
        frame = sampled.receive(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        sampled.fix(session, cast, frame, choices=Choices(size=20))
    assert "A second person must confirm" in run(app, *words).stderr
    with transaction(engine) as session:
        plans.confirm(session, inspection=cast.place.inspection, by=cast.lead, at=sampled.AT)

    done = run(app, *words)

    with snapshot(engine) as session:
        (record,) = session.exec(select(DrawRecord))
        n_main = sum(drawn.role is SampleRole.MAIN for drawn, _ in draws.sampled(session, draw_record=record))
    assert (done.exit_code, n_main) == (0, 20)
    assert done.stdout.splitlines() == [
        "Glen Test, Programme 2026: 20 cases drawn, 10 in reserve.",
        f"Seed {record.seed}",
        f"Certificate {record.certificate_sha256}",
    ]
    again = run(app, *words)
    assert (again.exit_code, "drawn already" in again.stderr) == (2, True)


@pytest.fixture
def readings_file(app: Flask, cast: Cast, tmp_path: Path) -> Path:
    """An answer for each of three drawn cases."""
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        refs = session.exec(
            select(Case.case_ref).join(SampleCase).where(SampleCase.role == SampleRole.MAIN).limit(3)
        ).all()
    path = tmp_path / "answers.csv"
    rows = [f"{ref},first,{cast.reviewer.email},C9,good,,,2026-06-09" for ref in refs]
    path.write_text("\n".join([",".join(COLUMNS), *rows, ""]), encoding="utf-8")
    return path


def test_readings_come_in_once_and_the_same_file_again_changes_nothing(app: Flask, readings_file: Path) -> None:
    done = run(app, "readings", "import", readings_file, "--inspection", PATH)
    again = run(app, "readings", "import", readings_file)

    assert (done.exit_code, done.stdout) == (0, "Brought in 3 readings with 3 answers, in 1 inspections.\n")
    assert "3 readings lack answers" in done.stderr
    assert (again.exit_code, again.stdout, again.stderr) == (
        0,
        "All 3 readings of this file were brought in before: nothing was changed.\n",
        "",
    )
    assert count(app, AnswerRow.id) == 3


def test_one_fault_keeps_the_whole_file_out(app: Flask, readings_file: Path) -> None:
    readings_file.write_text(readings_file.read_text().replace("C9,good", "C9,splendid", 1), encoding="utf-8")

    done = run(app, "readings", "import", readings_file)

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("row 2, column answer: C9: “splendid” is not an answer here")
    assert count(app, AnswerRow.id) == 0


def test_a_file_that_is_not_there_is_used_wrongly(app: Flask, tmp_path: Path) -> None:
    assert run(app, "readings", "import", tmp_path / "none.csv").exit_code == 2
