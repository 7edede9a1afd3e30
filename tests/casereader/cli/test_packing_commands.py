"""`pack` and `unpack` on the command line: there, back and refused, with what is said and the code it ends with."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import select

from casereader.cli import packed_files, serve
from casereader.db import make_engine, snapshot
from casereader.instrument import Instrument
from casereader.models import OneTimeLink
from casereader.sealed_files import MARK, read_key, write_key
from tests.databases import address_of
from tests.offline import Installation, office_on
from tests.web.app import make_app

PATH = "programme-2026/glen-test"
YES = {"value": "yes"}


@pytest.fixture
def sides(migrated_sqlite: Path, tmp_path: Path, instrument: Instrument) -> Iterator[tuple[Flask, Flask]]:
    """The office with its sample dealt out, and an empty laptop."""
    made = []
    for name in ("office", "laptop"):
        (tmp_path / name).mkdir()
        database = shutil.copy(migrated_sqlite, tmp_path / f"{name}.sqlite3")
        if name == "office":
            office_on(engine := make_engine(address_of(database)), instrument)
            engine.dispose()
        made.append(make_app(address_of(database), tmp_path / name))
    write_key(tmp_path / "key")
    yield made[0], made[1]
    for app in made:
        app.extensions["casereader_engine"].dispose()


def run(app: Flask, *words: object) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=[str(word) for word in words])
    return done.exit_code, done.output


def test_a_week_by_its_commands_there_with_slips_and_back_for_the_last_time(
    sides: tuple[Flask, Flask], tmp_path: Path, instrument: Instrument
) -> None:
    office, laptop = sides
    first, last, slips, key = (tmp_path / name for name in ("first.packed", "last.packed", "slips", "key"))

    code, said = run(office, "pack", PATH, first, "--key", key)
    assert (code, "is packed in" in said, "Next, on the laptop" in said) == (0, True, True), said
    assert first.stat().st_mode & 0o777 == 0o600
    code, said = run(laptop, "unpack", first, "--key", key, "--slips", slips)
    assert (code, "entries are taken over" in said, "slips are in" in said) == (0, True, True), said
    with snapshot(laptop.extensions["casereader_engine"]) as session:
        n = len(session.exec(select(OneTimeLink)).all())
    assert slips.read_text().count("/set-password/") == n > 0
    assert slips.stat().st_mode & 0o777 == 0o600
    again = tmp_path / "again"
    code, said = run(laptop, "unpack", first, "--key", key, "--slips", again)
    assert (code, "nothing was changed" in said, "No slips were written" in said) == (0, True, True), said
    with snapshot(laptop.extensions["casereader_engine"]) as session:
        assert not again.exists() and len(session.exec(select(OneTimeLink)).all()) == n, "those printed still open"

    there = Installation(laptop.extensions["casereader_engine"], instrument)
    name = there.readings()[0]
    there.save(name, {"C1": YES})
    code, said = run(laptop, "pack", PATH, last, "--key", key, "--last")
    assert (code, "Only then wipe this laptop" in said) == (0, True), said
    head = said.partition("The head of the trail that it carries: ")[2][:64]
    code, said = run(office, "unpack", last, "--key", key)
    assert (code, "It was the laptop's last file" in said, f"trail stood at {head}" in said) == (0, True, True), said
    assert "1 reading." in said and "entries are taken over that were not here yet" in said
    assert run(office, "audit", "verify", "--anchor", head)[0] == 0, "the head that was written down is held"
    here = Installation(office.extensions["casereader_engine"], instrument)
    assert here.answers()[name, "C1"][0] == "yes"
    code, said = run(office, "unpack", last, "--key", key)
    assert (code, "was taken over before: nothing was changed" in said) == (0, True), said
    assert {path.name for path in tmp_path.iterdir() if "packed" in path.name} == {first.name, last.name}


def test_what_was_asked_wrongly_ends_with_two_and_leaves_no_file(sides: tuple[Flask, Flask], tmp_path: Path) -> None:
    office, laptop = sides
    key, there, pipe = tmp_path / "key", tmp_path / "there.packed", tmp_path / "pipe"
    there.write_text("words")
    os.mkfifo(pipe)
    asked = (
        (office, ("pack", PATH, tmp_path / "new.packed"), "Give --key FILE"),
        (office, ("pack", PATH, there, "--key", key), "is there already"),
        (office, ("pack", PATH, tmp_path / "gone" / "new.packed", "--key", key), "There is no folder"),
        (office, ("pack", PATH, tmp_path / "new.packed", "--key", key, "--last"), "The last file is the laptop’s"),
        (laptop, ("unpack", there, "--key", key), "This is no sealed file"),
        (laptop, ("unpack", pipe, "--key", key), "is no file"),
        (laptop, ("unpack", there, "--key", key, "--slips", there), "name a new file"),
    )

    for app, words, says in asked:
        code, said = run(app, *words)
        assert (code, says in said) == (2, True), said
    assert {path.name for path in tmp_path.iterdir() if "packed" in path.name} == {there.name}
    assert there.read_text() == "words"


def test_what_a_killed_pack_left_goes_with_the_next_and_what_is_being_written_stays(tmp_path: Path) -> None:
    write_key(tmp_path / "key")
    key, names = read_key(tmp_path / "key"), [f"week.packed.{letter * 8}.part" for letter in "abcd"]
    left, locked, strange, shared = (tmp_path / name for name in names)
    for path in (left, locked, shared):
        path.write_bytes(MARK + b"half of it")
    strange.write_text("Somebody else's download.")
    os.link(shared, tmp_path / "kept")

    with locked.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        packed_files.write(tmp_path / "new.packed", [b"a line\n"], key=key)

    parts = {path.name for path in tmp_path.glob("*.part")}
    assert parts == {locked.name, strange.name, shared.name}, "the one whose command is gone alone was removed"
    with packed_files.opened(tmp_path / "new.packed", key=key, folder=tmp_path) as inside:
        assert inside.read() == b"a line\n"


def test_a_laptop_says_as_it_serves_that_people_sign_in_with_what_they_set_there(
    sides: tuple[Flask, Flask], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office, laptop = sides
    file, key = tmp_path / "first.packed", tmp_path / "key"
    run(office, "pack", PATH, file, "--key", key)
    assert run(laptop, "unpack", file, "--key", key)[0] == 0
    for app, says in ((office, "Sign in with your account."), (laptop, "passwords of the office do not hold")):
        with app.app_context():
            serve.say_how_to_sign_in()
        assert says in capsys.readouterr().out
