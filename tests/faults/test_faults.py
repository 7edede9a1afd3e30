"""The harness of `make faults` sees what is lost and what is there twice, and says so."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from casereader.db import transaction
from casereader.models import AnswerRevision, SavedReply
from tests import readers
from tests.browser.server import Server
from tests.databases import let_go
from tests.faults import report
from tests.faults.__main__ import FAULTS, main, verdict
from tests.faults.counting import Counted, count
from tests.faults.ground import PLANTED
from tests.faults.kill_child import children_of, new_child_of
from tests.faults.loader import QUESTION, Crowd, Log, saving
from tests.faults.outcome import Control, FoundBy, Outcome
from tests.ports import held_port
from tests.source import ROOT, parsed
from tests.throwaway import wait_until_healthy

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WELL = Outcome("a fault", acknowledged=9, found=9, lost=0, duplicated=0, seconds=1.25, done="once")
HARMS = {
    FoundBy.LOSS: replace(WELL, lost=1, found=8),
    FoundBy.DOUBLE: replace(WELL, duplicated=1),
    FoundBy.FALSE_CONFLICT: replace(WELL, false_conflicts=1),
}
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


@contextmanager
def crowd_at(app: Flask, n_saves: int) -> Iterator[Crowd]:
    """Two readers at a server of this process, once so many of their saves are acknowledged."""
    readers.prepare(app, 2)
    with held_port() as port:
        server = Server(port)
        server.start(app)
        try:
            with saving(readers.seats(app), port, pace=0.0) as crowd:
                crowd.wait_for(n_saves)
            yield crowd
        finally:
            server.stop()


@ON_SQLITE
def test_the_counter_finds_all_of_what_is_there_and_what_was_taken_out_and_put_in_twice(
    app: Flask, database_url: str
) -> None:
    with crowd_at(app, 10) as crowd:
        log = crowd.logs[0]
        whole = count(database_url, crowd.logs)
    assert whole.acknowledged == crowd.n_acknowledged >= 10
    assert whole == Counted(whole.acknowledged, whole.acknowledged, 0, 0, 0, ())

    with transaction(app.extensions["casereader_engine"]) as session:
        let_go(session)
        revisions = _revisions(session, log)
        session.add(AnswerRevision(**revisions[1].model_dump(exclude={"id"})))
        first = session.exec(select(SavedReply).where(SavedReply.idempotency_key == log.saves[2].key)).one()
        session.delete(first)
        session.delete(revisions[3])
    found = count(database_url, crowd.logs)

    assert (found.acknowledged, found.lost) == (whole.acknowledged, 2), "a reply and a revision"
    assert found.duplicated >= 1
    assert not found.outcome("planted", "", seconds=None).is_good
    assert found.outcome("planted", "", seconds=None, control=Control("", FoundBy.LOSS)).is_good


def test_what_was_acknowledged_outlives_kill_9_of_the_server(tmp_path: Path, sqlite_url: str) -> None:
    from tests.web.app import make_app

    app = make_app(sqlite_url, tmp_path)
    readers.prepare(app, 2)
    seats = readers.seats(app)
    app.extensions["casereader_engine"].dispose()
    told = {
        "CASEREADER_DATA": str(tmp_path / "data"),
        "DATABASE_URL": sqlite_url,
        "SECRET_KEY": app.config["SECRET_KEY"],
    }
    said = tmp_path / "said.txt"
    with held_port() as port, said.open("w") as out:
        command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env=told | {"PORT": str(port)}, stdout=out, stderr=out)
        try:
            wait_until_healthy(port, server, said)
            crowd = Crowd(seats, port, pace=0.0)
            crowd.start()
            crowd.wait_for(20)
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()
        crowd.leave()

    found = count(sqlite_url, crowd.logs)
    assert found == Counted(crowd.n_acknowledged, crowd.n_acknowledged, 0, 0, 0, ())


def test_an_outcome_is_good_where_nothing_is_harmed() -> None:
    assert WELL.is_good
    assert [harm for harm, harmed in HARMS.items() if harmed.is_good] == []
    assert not replace(WELL, wrong=("the trail is not whole",)).is_good
    assert not replace(WELL, acknowledged=0, found=0).is_good, "nothing was tried"


@pytest.mark.parametrize("found_by", FoundBy)
def test_a_control_is_good_where_what_it_is_found_by_is_seen_and_without_its_fault_nothing_is(
    found_by: FoundBy,
) -> None:
    control = Control("a safeguard is off", found_by)

    assert [harm for harm, harmed in HARMS.items() if replace(harmed, control=control).is_good] == [found_by]
    assert not replace(WELL, control=control).is_good, "it loses nothing"
    assert replace(WELL, control=control.quiet).is_good
    assert [harm for harm, harmed in HARMS.items() if replace(harmed, control=control.quiet).is_good] == []


def test_a_fault_means_nothing_without_a_control_that_is_also_run_without_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    control = Control("a safeguard is off", FoundBy.LOSS)
    both = [replace(WELL, control=control, lost=1, found=8), replace(WELL, control=control.quiet)]
    for outcomes, ends_with in (([WELL, *both], 0), ([WELL, both[0]], 1), ([WELL], 1)):
        monkeypatch.setitem(FAULTS, "kill-server", lambda _, outcomes=outcomes: iter(outcomes))
        monkeypatch.setattr("sys.argv", ["faults", "--faults", "kill-server"])
        monkeypatch.setattr("signal.signal", lambda *_: None)
        assert main() == ends_with, capsys.readouterr().out
    said = capsys.readouterr().out
    assert "has no control with and without its fault" in said
    assert "a fault: control, found by a loss" in said and "a safeguard is off; once" in said


def test_a_run_ends_with_a_verdict_that_says_what_failed_and_where_to_look() -> None:
    assert verdict(["kill-server", "two-tabs"], {}) == [
        "2 kinds of fault, 2 held: nothing acknowledged was lost, nothing is there twice, and each control was found."
    ]
    assert verdict(["kill-server", "two-tabs"], {"two-tabs": ["a fault: 1 lost"]}) == [
        "two-tabs (tests/faults/two_tabs.py):",
        "  a fault: 1 lost",
        "2 kinds of fault, 1 held. two-tabs did not: what is wrong stands above, beside the file that does it.",
    ]
    assert verdict(["kill-server"], {})[0].startswith("1 kind of fault, 1 held")
    assert [name for name in FAULTS if not (ROOT / "tests/faults" / f"{name.replace('-', '_')}.py").exists()] == []


def test_the_rows_of_a_fault_are_written_anew_and_tell_of_what_day_and_commit_each_is() -> None:
    page = f"# Page\n\n{report.BEGINS}\n{report.ENDS}\n\nMore.\n"
    faults = ["first", "second"]
    of_monday = {
        "second": [replace(WELL, name="b", seconds=None)],
        "first": [WELL, replace(WELL, name="renamed since")],
    }
    before = report.written(page, of_monday, faults=faults, taken="Monday of abc")
    of_tuesday = {"first": [replace(WELL, acknowledged=1200, found=1200)]}
    again = report.written(before, of_tuesday, faults=faults, taken="Tuesday of def")

    row_of_first = "| first | a fault | 1,200 | 1,200 | 0 | 0 | 0 | 1.2 | once | Tuesday of def |\n"
    assert f"{row_of_first}| second | b | 9 | 9 | 0 | 0 | 0 |  | once | Monday of abc |\n" in again
    unexpected = report.written(page, {"first": [replace(WELL, wrong=("a 500",))]}, faults=faults, taken="Monday")
    assert "| once; wrong: a 500 | Monday |" in unexpected, "a row of no loss is not all there is to tell"
    assert again.startswith("# Page\n") and again.endswith("\n\nMore.\n")
    assert again.count("once") == 2, "what a fault that was run came to before is gone"
    gone = report.written(again, {}, faults=["second"], taken="Wednesday of fed")
    assert "| first |" not in gone and "| second |" in gone, "of faults that there are no more nothing stays"


def test_a_run_tells_of_what_commit_it_is_and_whether_that_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.example")
        return subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    monkeypatch.setattr(report, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert report.taken_now().endswith(" of a copy without its history")
    (tmp_path / "app.py").write_text("before")
    git("init", "-q")
    git("add", "app.py")
    git("commit", "-q", "-m", "First")
    commit = git("rev-parse", "--short=9", "HEAD").strip()
    assert report.taken_now() == f"{datetime.now(UTC).date().isoformat()} of {commit}"

    (tmp_path / "app.py").write_text("after")
    assert report.taken_now().endswith(f" of {commit} with changes")


def test_a_fault_that_broke_off_leaves_the_page_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks_off(_: object) -> Iterator[Outcome]:
        yield WELL
        raise RuntimeError("the server does not answer")

    page = tmp_path / "page.md"
    page.write_text(before := report.written(f"{report.BEGINS}\n{report.ENDS}\n", {}, faults=[*FAULTS], taken=""))
    monkeypatch.setitem(FAULTS, "kill-server", breaks_off)
    monkeypatch.setattr("sys.argv", ["faults", "--faults", "kill-server", "--report", str(page)])
    monkeypatch.setattr("signal.signal", lambda *_: None)

    assert main() == 1
    assert page.read_text() == before
    assert "kill-server did not run to its end: the server does not answer" in capsys.readouterr().out


def test_the_process_that_is_killed_is_one_begun_since() -> None:
    """One that had worked before and has not gone yet was killed in its place, and the work went on."""
    waiting = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE) as about_to_end:
        before = children_of(os.getpid())
        assert about_to_end.pid in before
        with subprocess.Popen(waiting, stdin=subprocess.PIPE) as begun:
            assert new_child_of(os.getpid(), before) == begun.pid
            begun.kill()
        about_to_end.kill()


def test_every_fault_is_named_in_the_page_about_reliability() -> None:
    assert [name for name in FAULTS if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("fault", sorted({row[0] for row in report.rows(PAGE)}))
def test_what_the_page_says_of_a_fault_has_its_control_with_it_and_without_and_is_of_a_commit(fault: str) -> None:
    held = [row for row in report.rows(PAGE) if row[0] == fault]
    kinds = {(row[1].partition(": control, ")[2] or "the program").partition(" by ")[0] for row in held}

    assert kinds == {"the program", "found", "without its fault"}
    assert [row[-1] for row in held if not re.fullmatch(r"[0-9-]{10} of [0-9a-f]{9}", row[-1])] == []
    harmed = [row[1] for row in held if "found by" not in row[1] and row[4:7] != ("0", "0", "0")]
    assert harmed == [], "figures that say that something was lost"


@pytest.mark.parametrize("path", sorted(set(PLANTED.glob("*.py")) - {PLANTED / "mark.py"}), ids=lambda path: path.stem)
def test_a_build_without_a_safeguard_starts_nowhere_but_in_the_throw_away_folder(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = text.index("stop_elsewhere()\n")

    assert "casereader" not in text[:first], "nothing is imported before"


def test_the_mark_ends_a_process_that_has_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import mark; mark.stop_elsewhere()"],
        cwd=PLANTED,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "throw-away folder of `make faults` only" in done.stderr


def _revisions(session: Session, log: Log) -> list[AnswerRevision]:
    query = select(AnswerRevision).where(AnswerRevision.key == QUESTION).order_by(col(AnswerRevision.id))
    notes = {save.note for save in log.acknowledged}
    return [each for each in session.exec(query).all() if each.after["note"] in notes]


@pytest.mark.parametrize("file", sorted(PLANTED.glob("*.py")), ids=lambda file: file.stem)
def test_what_a_planted_build_takes_the_place_of_is_there(file: Path) -> None:
    """A name that the program has no more would be set all the same, and the safeguard be on."""
    tree, known = parsed(file), {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("casereader"):
            exec(ast.unparse(node), known)  # noqa: S102 - imports of our own program
    replaced = [
        target
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
    ]
    assert [ast.unparse(each) for each in replaced if not hasattr(known[ast.unparse(each.value)], each.attr)] == []
