"""A command in a folder where no service was set up: it says where it looked, and makes none."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine

from casereader import create_app
from tests.databases import address_of

UPGRADE = ("database", "upgrade")


def here(folder: Path, **settings: object) -> Flask:
    """The program as a command finds it: nothing is made before the command is known."""
    return create_app({"CASEREADER_DATA": folder, **settings}, makes=False)


def run(app: Flask, *words: object) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=[str(word) for word in words])
    return done.exit_code, done.output


def test_no_command_but_those_that_set_up_makes_a_folder_a_key_or_a_database(tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "nowhere"
    file.write_text("words")
    there = [*tmp_path.iterdir()]
    app = here(folder)
    asked = (
        ("database", "check"),
        ("serve",),
        ("demo", "seed"),
        ("audit", "verify"),
        ("account", "link", "ada@body.example"),
        ("inspection", "list"),
        ("rollup", "--inspection", "a/b", "--out", tmp_path / "figures"),
        ("backup", tmp_path / "new.age"),
        ("backup", tmp_path / "new.age", "--plain"),
        ("pack", "a/b", tmp_path / "new.packed"),
        ("unpack", file),
        ("erase", "--inspection", "a/b", "--by", "ada@body.example"),
    )

    for words in asked:
        code, said = run(app, *words)
        assert code == 2, (words, said)
        assert f"There is no database here: {folder / 'casereader.sqlite3'} is not there" in said, words
        assert f"CASEREADER_DATA names its data folder (it was looked for in {folder})" in said, words
        assert "`flask --app app database upgrade`" in said and "Traceback" not in said, words
    assert [*tmp_path.iterdir()] == there


def test_setting_up_makes_all_of_it_and_the_next_command_finds_the_same_key(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    app = here(folder)

    assert run(app, *UPGRADE) == (0, "The database was made.\n")
    assert run(app, "audit", "verify")[0] == 0

    key = folder / "secret-key"
    assert (key.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert here(folder).secret_key == app.secret_key == key.read_text().strip()
    assert run(here(folder), *UPGRADE) == (0, "The database is up to date.\n")


def test_a_service_whose_key_is_not_there_is_given_no_other_key(sqlite_url: str, tmp_path: Path) -> None:
    code, said = run(here(tmp_path / "data", DATABASE_URL=sqlite_url), "backup", tmp_path / "new.tar.gz", "--plain")

    assert code == 2
    assert f"There is no secret key here: {tmp_path / 'data' / 'secret-key'} is not there" in said
    assert not (tmp_path / "data").exists() and not (tmp_path / "new.tar.gz").exists()


@pytest.mark.parametrize("before", [b"", None], ids=["without a byte", "without a table"])
def test_an_empty_file_that_an_earlier_version_left_counts_as_no_database(tmp_path: Path, before: bytes | None) -> None:
    folder = tmp_path / "data"
    file = folder / "casereader.sqlite3"
    app = create_app({"CASEREADER_DATA": folder})
    if before is None:
        with create_engine(address_of(file)).begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x)")
            connection.exec_driver_sql("DROP TABLE t")
    app = here(folder)

    code, said = run(app, "audit", "verify")

    assert (code, "There is no database here" in said, str(file) in said) == (2, True, True), said
    assert run(app, *UPGRADE)[0] == 0
