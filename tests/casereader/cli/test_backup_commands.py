"""Backing up and restoring on the command line: what is said, and with which code it ends."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, text

from casereader import audit, create_app
from casereader.db import snapshot
from tests.databases import address_of

HEAD_SINCE = "ab" * 32
ANY_KEY = ("--other-secret-key",)


def run(app: Flask, *words: str | Path) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=[str(word) for word in words])
    return done.exit_code, done.output


def service(tmp_path: Path, url: str, **settings: str | Path) -> Flask:
    """The service with these settings, and one secret key wherever it runs."""
    secret = tmp_path / "secret-key"
    if not secret.exists():
        secret.touch(0o600)
        secret.write_text(secrets.token_hex(32))
    given = {"DATABASE_URL": url, "CASEREADER_DATA": tmp_path / "data", "SECRET_KEY_FILE": secret}
    return create_app({**given, **settings})


def test_key_backup_drill_and_restore_say_what_was_done_and_what_comes_next(sqlite_url: str, tmp_path: Path) -> None:
    key, file = tmp_path / "key", tmp_path / "first.age"
    plain = service(tmp_path, sqlite_url)
    code, said = run(plain, "backup", file)
    assert (code, "make one with `flask --app app backup-key FILE`" in said) == (2, True)
    assert not file.exists()
    assert run(plain, "backup-key", key)[0] == 0
    assert run(plain, "backup-key", key)[0] == 2

    sealing = service(tmp_path, sqlite_url, BACKUP_KEY_FILE=f"{key}.recipient")
    code, said = run(sealing, "backup", file, "--keep", "3")
    assert code == 0, said
    assert f"The backup is {file}" in said and "restored and compared" in said and "SHA-256 of the file" in said

    opening = service(tmp_path, sqlite_url, BACKUP_KEY_FILE=key)
    code, said = run(opening, "restore", file, "--drill", "--anchor", HEAD_SINCE)
    assert (code, f"MISSING: head {HEAD_SINCE}" in said, "nothing was kept" in said) == (1, True, True)

    elsewhere = tmp_path / "elsewhere" / "casereader.sqlite3"
    elsewhere.parent.mkdir()
    new = service(tmp_path, address_of(elsewhere), BACKUP_KEY_FILE=key)
    heads = tmp_path / "heads"
    heads.write_text(f"{audit.FIRST}\n\n{'AB ' * 32}\n")
    code, said = run(new, "restore", file, "--anchors", heads)
    assert code == 1, said
    assert "The backup is restored." in said and f"MISSING: head {HEAD_SINCE}" in said
    assert "accounts disabled" in said and "Next: flask --app app audit verify" in said
    code, said = run(new, "audit", "verify", "--anchor", HEAD_SINCE)
    assert (code, "its event notes this head as missing" in said) == (1, True)
    assert [path.name for path in elsewhere.parent.iterdir() if not path.name.startswith("casereader.sqlite3")] == []


def test_a_drill_leaves_no_file_of_a_database_behind(app: Flask, tmp_path: Path) -> None:
    assert run(app, "backup", tmp_path / "open.tar.gz", "--plain")[0] == 0
    nowhere = tmp_path / "drill.sqlite3"

    code, said = run(service(tmp_path, address_of(nowhere)), "restore", tmp_path / "open.tar.gz", "--drill", *ANY_KEY)

    assert (code, "nothing was kept" in said, nowhere.exists()) == (0, True, False)


def test_of_a_newer_database_every_command_says_that_the_program_is_older(app: Flask, tmp_path: Path) -> None:
    with app.extensions["casereader_engine"].begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    file = tmp_path / "file"
    file.write_text("words")
    asked = (
        ("database", "check"),
        ("backup", tmp_path / "open.tar.gz", "--plain"),
        ("audit", "verify"),
        ("pack", "a/b", tmp_path / "new.packed"),
        ("unpack", file),
    )
    for words in asked:
        code, said = run(app, *words)
        assert (code > 0, "upgraded by a newer version of the program: run that one" in said) == (True, True)
        assert "database upgrade" not in said


def test_of_an_older_database_pack_and_unpack_say_that_it_is_to_be_upgraded(app: Flask, tmp_path: Path) -> None:
    with app.extensions["casereader_engine"].begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    file = tmp_path / "file"
    file.write_text("words")

    for words in (("pack", "a/b", tmp_path / "new.packed"), ("unpack", file)):
        code, said = run(app, *words)
        assert (code, said) == (2, "The database is not up to date: run `flask --app app database upgrade` first.\n")
    assert not (tmp_path / "new.packed").exists()


def test_a_pipe_is_no_list_of_receipts_or_heads_and_keeps_nobody_waiting(app: Flask, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    (tmp_path / "file").write_text("words")

    for option in ("--erased", "--anchors"):
        code, said = run(app, "restore", tmp_path / "file", option, pipe)
        assert (code, f"{pipe} is no file" in said) == (2, True), said


def test_a_plain_backup_is_made_only_when_told_and_says_that_anybody_can_read_it(app: Flask, tmp_path: Path) -> None:
    code, said = run(app, "backup", tmp_path / "open.tar.gz", "--plain")

    assert (code, "It is NOT sealed" in said) == (0, True)
    assert (tmp_path / "open.tar.gz").stat().st_mode & 0o777 == 0o600


def test_a_head_that_is_none_is_refused_before_anything_is_opened(app: Flask, tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "file").write_text("words")
    code, said = run(app, "restore", tmp_path / "file", "--anchor", "12")

    assert (code, "a head has 64 digits" in said) == (2, True)
    with snapshot(engine) as session:
        assert audit.verify(session) == []
