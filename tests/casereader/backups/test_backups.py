"""A backup holds one whole moment, opens for nobody but its key's holder, and comes back as it was copied."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import URL
from sqlmodel import col, select

from casereader import audit, backup_list, erasing
from casereader.backups import of_sqlite
from casereader.backups.database_aside import may_make_one
from casereader.backups.digests import Digest, differences, digests
from casereader.backups.of_postgresql import NOT_THE_OWNER, address_of
from casereader.backups.unfinished import unfinished
from casereader.db import make_engine, snapshot, transaction
from casereader.errors import RefusedError
from casereader.models import Account, AuditEvent, OneTimeLink, SignIn
from tests.casereader.backups.conftest import AT, WANTED, Desk, erase_inspection
from tests.trail import PLANTED

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def all_digests(engine: Engine) -> dict[str, Digest]:
    with engine.connect() as connection:
        return digests(connection)


def test_what_was_backed_up_is_restored_elsewhere_row_by_row_and_whoever_was_signed_in_is_out(
    desk: Desk, emptied: Engine
) -> None:
    lead = desk.people.lead
    with transaction(desk.engine) as session:
        session.add(SignIn(token_hash="0" * 64, account_id=lead.id or 0, created_at=AT, last_seen_at=AT))
        audit.record(session, "signed in", by=lead, at=AT, kind="account", object_id=lead.public_id)
    before = all_digests(desk.engine)
    made = desk.back_up()

    assert made.manifest.tables == before
    there: list[int] = []  # tables that a server would find, were the command killed where it says something

    def look(_said: str) -> None:
        there.append(len(inspect(emptied).get_table_names()))

    found = desk.restore(emptied, made.path, wanted=replace(WANTED, anchors=(made.manifest.head,)), tell=look)
    assert len(there) >= 2 and set(there) == {0}

    after = all_digests(emptied)
    assert {name for name, digest in before.items() if after[name] != digest} == {"audit_event", "sign_in"}
    assert found.held == [(made.manifest.head, made.manifest.events)]
    assert not found.missing
    with snapshot(emptied) as session:
        assert audit.verify(session, anchor=made.manifest.head) == []
        assert audit.compare(session) == []
        assert session.exec(select(SignIn).where(col(SignIn.ended_at).is_(None))).all() == []
        assert session.exec(select(OneTimeLink).where(col(OneTimeLink.used_at).is_(None))).all() == []
        event = session.exec(select(AuditEvent).order_by(col(AuditEvent.n).desc())).first()
        assert event is not None
        assert (event.action, event.object_id, event.body["sign_ins_ended"]) == ("backup restored", made.sha256, 1)
        assert [one.sha256 for one in backup_list.there(session)] == [made.sha256]
    assert desk.left() == ["first.age"]
    assert made.path.stat().st_mode & 0o777 == 0o600


@ON_SQLITE
def test_t25_nobody_without_the_key_reads_a_word_of_a_backup_and_a_host_with_half_of_it_opens_none(
    desk: Desk, emptied: Engine
) -> None:
    made = desk.back_up()
    plain = desk.make(desk.folder / "plain.tar.gz", key=None)

    unpacked = subprocess.run(["tar", "xzOf", plain.path], capture_output=True, check=True).stdout
    assert PLANTED.encode() in unpacked, "the name is in what was copied"
    assert PLANTED.encode() not in made.path.read_bytes()
    with pytest.raises(RefusedError, match="public half only"):
        desk.restore(emptied, made.path, key=desk.public)
    assert made.manifest.head.encode() not in made.path.read_bytes()


@ON_SQLITE
def test_a_backup_made_while_somebody_writes_holds_what_was_saved_before_and_no_half_of_the_rest(desk: Desk) -> None:
    copy = desk.folder / "data" / "emptied-copy"
    with transaction(desk.engine) as session:
        session.add(Account(email="half@example.org", name="Half Done", created_at=AT))
        session.flush()
        state = of_sqlite.copy(desk.engine, copy)
        audit.record(session, "account created", by=None, at=AT, kind="account", object_id="half")

    with closing(sqlite3.connect(copy)) as opened:
        emails = {email for (email,) in opened.execute("SELECT email FROM account")}
    assert "half@example.org" not in emails
    assert desk.people.lead.email in emails
    assert len(emails) == state.tables["account"].rows


@ON_SQLITE
def test_what_was_deleted_is_in_no_page_of_the_copy(desk: Desk) -> None:
    file = Path(desk.engine.url.database or "")
    with closing(sqlite3.connect(file)) as past:  # which does not overwrite what it deletes
        past.execute("PRAGMA secure_delete=OFF")
        past.execute("CREATE TABLE aside (words TEXT)")
        past.executemany("INSERT INTO aside VALUES (?)", [(f"Gone for good {n}. " * 50,) for n in range(50)])
        past.execute("DROP TABLE aside")
        past.commit()
    copy = desk.folder / "data" / "emptied-copy"
    of_sqlite.copy(desk.engine, copy)

    assert b"Gone for good" in b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert b"Gone for good" not in copy.read_bytes()


@ON_SQLITE
def test_e27_a_backup_to_an_existing_file_a_folder_or_nowhere_is_refused_and_what_is_there_stays(desk: Desk) -> None:
    old = desk.folder / "old.age"
    old.write_text("an older one")
    (desk.folder / "link.age").symlink_to(desk.folder / "nothing")

    for target, says in (
        (old, "is there already, and is left as it is"),
        (desk.folder / "link.age", "is there already"),
        (desk.folder, "is a folder"),
        (desk.folder / "missing" / "new.age", "There is no folder"),
    ):
        with pytest.raises(RefusedError, match=says):
            desk.make(target, key=desk.public)
    assert old.read_text() == "an older one"
    assert desk.left() == ["link.age", "old.age"]


@ON_SQLITE
def test_e27_a_full_disk_is_told_as_one_and_leaves_nothing_half_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    kept = desk.back_up()
    before = kept.path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)  # where a disk that writes late says so
        with pytest.raises(RefusedError, match="no room left on the disk"):
            desk.back_up("second.age")

    assert desk.left() == ["first.age"]
    assert kept.path.read_bytes() == before
    with snapshot(desk.engine) as session:
        assert [one.file for one in backup_list.there(session)] == [str(kept.path)]
    assert desk.back_up("second.age").path.exists(), "once there is room"


@ON_SQLITE
def test_what_a_killed_backup_left_is_taken_over_by_the_next(desk: Desk) -> None:
    for name in ("first", "2026-11-26"):
        (desk.folder / f"{name}.age.in-progress").write_bytes(b"age-encryption.org/v1\nhalf of one")
    (desk.folder / "film.in-progress").write_bytes(b"not of ours")
    left = desk.folder / "data" / "copy-in-progress-old"
    left.mkdir()
    (left / "whose").write_text(f"999999999.1@{os.uname().nodename}")
    (left / "copied").write_text(PLANTED)

    desk.back_up()

    assert desk.left() == ["film.in-progress", "first.age"]


@ON_SQLITE
def test_an_erasure_removes_what_a_killed_backup_left_where_backups_were_made(desk: Desk) -> None:
    desk.back_up()
    (desk.folder / "2026-11-27.tar.gz.in-progress").write_bytes(b"\x1f\x8b half of one in clear")

    erasing.clear(desk.engine, data_folder=desk.folder / "data")

    assert desk.left() == ["first.age"]


@ON_SQLITE
def test_a_backup_that_is_being_written_is_let_be_and_a_file_of_somebody_else_is_never_written_into(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unfinished(desk.folder / "under-way.age"), pytest.raises(RefusedError, match="is under way"):
        desk.back_up("other.age")
        assert desk.left() == ["other.age", "under-way.age.in-progress"]
        desk.back_up("under-way.age")
    waiting = desk.folder / "planted.age.in-progress"
    waiting.write_bytes(b"made first")
    with monkeypatch.context() as patched:
        patched.setattr(os, "geteuid", lambda: 4321)
        with pytest.raises(RefusedError, match="this command did not make it"):
            desk.make(desk.folder / "planted.age", key=None)
    assert waiting.read_bytes() == b"made first"


@ON_SQLITE
def test_each_backup_is_on_the_list_and_those_beyond_the_number_kept_go_from_file_and_list(desk: Desk) -> None:
    strange = desk.folder / "strange.age"
    strange.write_text("not ours")
    for name in ("a.age", "b.age"):
        desk.back_up(name)
    made = desk.back_up("c.age", keep=2)

    assert made.removed == (str(desk.folder / "a.age"),)
    assert desk.left() == ["b.age", "c.age", "strange.age"]
    with snapshot(desk.engine) as session:
        assert [Path(one.file).name for one in backup_list.there(session)] == ["b.age", "c.age"]
        body = session.exec(select(AuditEvent.body).where(AuditEvent.action == backup_list.MADE)).first()
        assert body is not None
        assert body["sealed_to"] == list(desk.public.names)
        assert audit.verify(session) == []


def test_a_backup_in_which_an_inspection_would_come_back_that_was_erased_meanwhile_is_thrown_away(desk: Desk) -> None:
    def erase_meanwhile(said: str) -> None:
        if said.startswith("Sealing"):
            erase_inspection(desk)

    with pytest.raises(RefusedError, match="was erased while this backup was made"):
        desk.make(desk.folder / "first.age", key=desk.public, tell=erase_meanwhile)
    assert desk.left() == []
    with snapshot(desk.engine) as session:
        assert backup_list.there(session) == []


def test_a_password_of_postgresql_stands_on_no_command_line() -> None:
    url = URL.create("postgresql+psycopg", "ada", "p@ss word", "db.example", 5433, "cases", {"sslmode": "require"})
    where, environment = address_of(url)

    assert where.split() == ["host=db.example", "port=5433", "user=ada", "dbname=cases", "sslmode=require"]
    assert environment["PGPASSWORD"] == "p@ss word"


def test_a_role_that_may_make_no_database_to_check_in_is_told_what_it_needs(role_url: str) -> None:
    own = make_engine(role_url)
    try:
        with own.connect() as connection, pytest.raises(RefusedError, match="CREATEDB"):
            may_make_one(connection)
    finally:
        own.dispose()


@ON_POSTGRESQL
def test_the_program_s_own_role_makes_no_backup_and_is_told_who_does(desk: Desk, granted_url: str) -> None:
    own = make_engine(granted_url)
    try:
        with pytest.raises(RefusedError) as refused:
            replace(desk, engine=own).back_up()
    finally:
        own.dispose()
    assert str(refused.value) == NOT_THE_OWNER
    assert desk.left() == []


def test_a_digest_tells_a_changed_a_missing_and_a_moved_value(engine: Engine) -> None:
    statements = (
        "CREATE TABLE pair (a varchar(9) PRIMARY KEY, b varchar(9))",
        "INSERT INTO pair VALUES ('1', 'x'), ('2', NULL), ('10', '')",
    )
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        first = digests(connection)
        seen = []
        for change in (
            "UPDATE pair SET b = 'y' WHERE a = '1'",
            "UPDATE pair SET b = NULL WHERE a = '10'",
            "UPDATE pair SET b = CASE a WHEN '1' THEN NULL ELSE 'x' END WHERE a IN ('1', '2')",
            "DELETE FROM pair WHERE a = '1'",
        ):
            with connection.begin_nested() as changed:
                connection.execute(text(change))
                seen.append(differences(first, digests(connection)))
                changed.rollback()
        assert digests(connection) == first
        connection.rollback()
    assert [len(each) for each in seen] == [1, 1, 1, 1]
    assert all(each[0].startswith("pair has ") for each in seen)
