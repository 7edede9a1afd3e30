"""Nothing is restored over anything, nor from what is no whole backup of ours; and what is lost since is said."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect
from sqlmodel import select

from casereader import audit, backup_list, erasing
from casereader.backups import archive
from casereader.backups.database_aside import PREFIX, clear_left
from casereader.backups.manifest import Manifest
from casereader.backups.shape import strange
from casereader.backups.state import state_of
from casereader.db import snapshot, transaction
from casereader.errors import RefusedError
from casereader.models import OfflineWeek
from casereader.packing import weeks
from casereader.programmes import inspections
from casereader.restoring import restoring
from casereader.restoring.receipts import NEEDED, Receipt, keep, receipts_in
from casereader.restoring.restoring import Wanted
from casereader.schema import configuration, is_current, newest
from casereader.sealed_files import open_sealed, read_key, seal, write_key
from casereader.vocabulary import Side
from tests.casereader.backups.conftest import AT, INSTALLATION, WANTED, Desk, erase_inspection, silent
from tests.trail import PLANTED

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
HEAD_SINCE = "ab" * 32


def packed_again(desk: Desk, file: Path, change: Callable[[dict[str, object], Path], None]) -> Path:
    """A backup whose manifest or database is another, sealed to the same key."""
    opened = BytesIO()
    with file.open("rb") as source:
        open_sealed(source, opened, key=desk.whole)
    opened.seek(0)
    inside = desk.folder / "data" / "emptied-inside"
    with tarfile.open(fileobj=opened, mode="r:gz") as archive:
        archive.extractall(inside, filter="data")
    manifest = json.loads((inside / "manifest.json").read_text())
    database = next(path for path in inside.iterdir() if path.name != "manifest.json")
    change(manifest, database)
    (inside / "manifest.json").write_text(json.dumps(manifest))
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path in (inside / "manifest.json", database):
            archive.add(path, path.name)
    packed.seek(0)
    target = desk.folder / "changed.age"
    with target.open("wb") as sealed:
        seal(packed, sealed, key=desk.whole)
    shutil.rmtree(inside)
    return target


@ON_SQLITE
def test_e24_a_database_that_is_there_is_never_written_over(desk: Desk, engine: Engine) -> None:
    made = desk.back_up()

    with pytest.raises(RefusedError, match="nothing is ever restored over one"):
        desk.restore(engine, made.path)
    with snapshot(engine) as session:
        assert audit.verify(session) == []


@ON_SQLITE
def test_e24_a_cut_file_a_text_and_another_key_each_have_their_words_and_leave_the_place_empty(
    desk: Desk, emptied: Engine
) -> None:
    made = desk.back_up()
    whole = made.path.read_bytes()
    files = {
        "cut.age": (whole[: len(whole) // 2], "cut off or was changed"),
        "cut at the end.age": (whole[:-1], "cut off or was changed"),
        "changed.age": (whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], "cut off or was changed"),
        "text.age": (b"Dear colleague, the backup is attached.\n", "no backup"),
        "empty.age": (b"", "is empty"),
    }
    for name, (data, says) in files.items():
        (desk.folder / name).write_bytes(data)
        with pytest.raises(RefusedError, match=says):
            desk.restore(emptied, desk.folder / name)
    write_key(desk.folder / "key-of-another")
    with pytest.raises(RefusedError, match="another key"):
        desk.restore(emptied, made.path, key=read_key(desk.folder / "key-of-another"))

    assert inspect(emptied).get_table_names() == []
    assert desk.left() == sorted(["first.age", *files])


@ON_SQLITE
def test_e24_a_newer_schema_and_another_installation_are_refused(desk: Desk, emptied: Engine) -> None:
    made = desk.back_up()

    def newer(manifest: dict[str, object], _database: Path) -> None:
        manifest["schema"] = "9999"

    with pytest.raises(RefusedError, match="at schema 9999, which this version does not know"):
        desk.restore(emptied, packed_again(desk, made.path, newer))
    with pytest.raises(RefusedError, match="of another installation"):
        desk.restore(emptied, made.path, wanted=Wanted(installations=frozenset({"another"})))
    assert inspect(emptied).get_table_names() == []
    found = desk.restore(emptied, made.path, wanted=Wanted(installations=None))
    assert found.manifest.schema == newest()


@ON_SQLITE
def test_a_backup_whose_database_is_not_what_it_says_is_not_restored(desk: Desk, emptied: Engine) -> None:
    def another_name(_manifest: dict[str, object], database: Path) -> None:
        with closing(sqlite3.connect(database)) as opened:
            opened.execute("UPDATE partnership SET name = 'Another'")
            opened.commit()

    with pytest.raises(RefusedError, match="partnership has 1 rows with digest"):
        desk.restore(emptied, packed_again(desk, desk.back_up().path, another_name))
    assert inspect(emptied).get_table_names() == []


@ON_POSTGRESQL
def test_on_postgresql_what_fails_on_the_way_leaves_the_database_empty_and_none_is_written_over(
    desk: Desk, emptied: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.back_up()

    def cut(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(audit, "verify", cut)
        with pytest.raises(KeyboardInterrupt):
            desk.restore(emptied, made.path)
    assert inspect(emptied).get_table_names() == []
    with pytest.raises(RefusedError, match="nothing is ever restored over one"):
        desk.restore(desk.engine, made.path)


@ON_POSTGRESQL
def test_a_database_that_a_killed_check_left_is_dropped_by_the_next_and_one_in_use_is_let_be(desk: Desk) -> None:
    own = create_engine(desk.engine.url, isolation_level="AUTOCOMMIT")
    names = [f"{PREFIX}{n}" for n in ("left", "used")]
    with own.connect() as connection:
        for name in names:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        used = create_engine(own.url.set(database=names[1]))
        with used.connect():
            assert clear_left(desk.engine) == names[1:]
        used.dispose()
        connection.exec_driver_sql(f"DROP DATABASE {names[1]} WITH (FORCE)")
    own.dispose()


@ON_SQLITE
def test_an_open_backup_that_was_cut_or_holds_no_database_is_refused(desk: Desk, emptied: Engine) -> None:
    whole = desk.make(desk.folder / "open.tar.gz", key=None).path
    for left in (30, 2_000, whole.stat().st_size // 2):
        cut = desk.folder / "cut.tar.gz"
        cut.write_bytes(whole.read_bytes()[:left])
        with pytest.raises(RefusedError):
            desk.restore(emptied, cut)

    def no_database(_manifest: dict[str, object], database: Path) -> None:
        database.write_text("Dear colleague, the database is attached.\n" * 100)

    with pytest.raises(RefusedError, match="its database cannot be read"):
        desk.restore(emptied, packed_again(desk, desk.back_up().path, no_database))
    assert inspect(emptied).get_table_names() == []
    assert desk.restore(emptied, whole).is_sealed is False


@ON_SQLITE
def test_an_older_schema_is_brought_to_this_one(desk: Desk, emptied: Engine) -> None:
    script = ScriptDirectory.from_config(configuration())
    before = script.get_revision(newest()).down_revision
    old = create_engine(f"sqlite:///{desk.folder / 'emptied-old.sqlite3'}")
    with old.begin() as connection:
        command.upgrade(configuration(connection), str(before))
    with old.connect() as connection:
        state = state_of(connection)
    old.dispose()
    manifest = Manifest(AT, "1", "sqlite", state.schema, INSTALLATION, state.events, state.head, state.tables)
    with (desk.folder / "old.age").open("wb") as file:
        archive.write(file, manifest=manifest, database=Path(old.url.database or ""), key=desk.public)

    found = desk.restore(emptied, desk.folder / "old.age")

    assert found.upgraded == f"The database went from {before} to {newest()}."
    assert is_current(emptied)
    assert not list(desk.folder.parent.glob("*before-upgrade*")), "the copy that an upgrade makes is not kept"


@ON_SQLITE
def test_t45_heads_printed_since_are_named_as_missing_and_the_trail_keeps_which(desk: Desk, emptied: Engine) -> None:
    made = desk.back_up()
    with snapshot(desk.engine) as session:
        since = audit.head(session)  # of the backup's own event
    wanted = replace(WANTED, anchors=(made.manifest.head, since, HEAD_SINCE, HEAD_SINCE))

    tried = restoring.try_out(
        desk.engine, made.path, key=desk.whole, data_folder=desk.folder / "data", wanted=wanted, tell=silent
    )
    found = desk.restore(emptied, made.path, wanted=wanted)

    for one in (tried, found):
        assert one.missing == [since, HEAD_SINCE]
        assert [anchor for anchor, _ in one.held] == [made.manifest.head]
    with snapshot(emptied) as session:
        assert audit.verify(session, anchor=since), "the check still says that it is not there"
        assert backup_list.noted_missing(session, since) is not None
        assert backup_list.noted_missing(session, made.manifest.head) is None


@ON_SQLITE
def test_an_inspection_that_was_erased_since_is_erased_again_by_its_receipt(desk: Desk, emptied: Engine) -> None:
    made, place = desk.back_up(), desk.people.place
    receipt = erase_inspection(desk)
    assert [one["file"] for one in receipt["backups"]] == [str(made.path)], "the receipt names what must be destroyed"
    listed = desk.folder / "data" / "erased-inspections"
    for _ in range(2):
        keep(listed, {"inspection": place.inspection.public_id, "name": place.name, **receipt})
    (known,) = receipts_in(listed)
    strange = Receipt("of another", known.body)

    found = desk.restore(emptied, made.path, wanted=replace(WANTED, receipts=(known, strange)))

    assert found.come_back == [place.inspection.public_id]
    with snapshot(emptied) as session:
        here = inspections.by_name(session, path=place.path, erased=True)
        event = erasing.receipt_of(session, place=here)
        assert here.inspection.erased_at is not None
        assert event is not None and event.body["asked_by"] == receipt["asked_by"]
        assert audit.verify(session) == []
        assert audit.compare(session) == []
    words = b"".join(path.read_bytes() for path in Path(emptied.url.database or "").parent.glob("emptied*"))
    assert f"{PLANTED} was seen".encode() not in words


@ON_SQLITE
def test_the_log_of_a_database_that_was_moved_away_without_it_is_refused_and_kept(desk: Desk, emptied: Engine) -> None:
    log = Path(f"{emptied.url.database}-wal")
    log.write_bytes(b"the last that was saved")

    with pytest.raises(RefusedError, match="without its database, and may hold the last that was saved"):
        desk.restore(emptied, desk.back_up().path)
    assert log.read_bytes() == b"the last that was saved"


@ON_SQLITE
def test_a_backup_of_an_offline_week_comes_back_without_what_was_erased_since(desk: Desk, emptied: Engine) -> None:
    inspection = desk.people.place.inspection
    with transaction(desk.engine) as session:
        session.add(OfflineWeek(inspection_id=inspection.id or 0, side=Side.OFFICE, office="0" * 64, begun_at=AT))
        audit.record(session, "inspection packed", by=None, at=AT, kind="inspection", object_id=inspection.public_id)
    made = desk.back_up()
    with transaction(desk.engine) as session:
        weeks.end(session, week=session.exec(select(OfflineWeek)).one(), at=AT)
        audit.record(session, "went on", by=None, at=AT, kind="inspection", object_id=inspection.public_id)
    receipt = Receipt(inspection.public_id, erase_inspection(desk))

    found = desk.restore(emptied, made.path, wanted=replace(WANTED, receipts=(receipt,)))

    assert found.come_back == [inspection.public_id]
    with snapshot(emptied) as session:
        assert erasing.unerased(session, [inspection.public_id]) == []
        assert session.exec(select(OfflineWeek.ended_at)).one() is not None
        assert audit.verify(session) == []


def test_the_list_of_erasures_is_whole_wherever_writing_to_it_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, body = tmp_path / "erased-inspections", dict.fromkeys(NEEDED, "x")
    keep(listed, body)

    def cut(_file: int) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", cut)
        with pytest.raises(OSError):
            keep(listed, {**body, "inspection": "another"})
    assert [one.inspection for one in receipts_in(listed)] == ["x"]
    keep(listed, {**body, "inspection": "another"})
    assert [one.inspection for one in receipts_in(listed)] == ["x", "another"]


@ON_SQLITE
def test_a_backup_with_a_trigger_of_somebody_or_without_one_of_ours_is_refused(desk: Desk, emptied: Engine) -> None:
    made = desk.back_up()
    makes_administrators = "CREATE TRIGGER t AFTER INSERT ON sign_in BEGIN UPDATE account SET is_administrator = 1; END"
    for statement, says in (
        (makes_administrators, "it has a trigger t that is not ours"),
        ("DROP TRIGGER issue_stands_update", "it has not the trigger issue_stands_update of this version"),
        ("DROP INDEX uq_offline_week_one_at_a_time", "it has not the index uq_offline_week_one_at_a_time"),
    ):

        def changed(_manifest: dict[str, object], database: Path, statement: str = statement) -> None:
            with closing(sqlite3.connect(database)) as opened:
                opened.execute(statement)

        with pytest.raises(RefusedError, match=says):
            desk.restore(emptied, packed_again(desk, made.path, changed))
    with pytest.raises(RefusedError, match="not the one that was given"):
        desk.restore(emptied, made.path, wanted=replace(WANTED, sha256="0" * 64))
    assert inspect(emptied).get_table_names() == []
    assert desk.restore(emptied, made.path, wanted=replace(WANTED, sha256=made.sha256)).sha256 == made.sha256


def _give(engine: Engine, statements: tuple[str, ...]) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@ON_POSTGRESQL
def test_on_postgresql_what_acts_beside_the_tables_is_seen_and_told_when_a_backup_is_made(desk: Desk) -> None:
    assert strange(desk.engine) == []
    said: list[str] = []
    done = (
        "CREATE INDEX of_our_own ON account (name)",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER t AFTER INSERT ON sign_in FOR EACH ROW EXECUTE FUNCTION f()",
        "ALTER TABLE issue DISABLE TRIGGER issue_stands",
    )
    undone = (
        "DROP INDEX of_our_own",
        "DROP FUNCTION f() CASCADE",
        "ALTER TABLE issue ENABLE TRIGGER issue_stands",
    )
    _give(desk.engine, done)
    try:
        desk.make(desk.folder / "first.age", key=desk.public, tell=said.append)
    finally:
        _give(desk.engine, undone)

    mind = [line for line in said if line.startswith("MIND")]
    assert len(mind) == 3
    for part in ("function f()", "trigger t ", "has not the trigger issue_stands"):
        assert any(part in line for line in mind)


@ON_SQLITE
def test_a_pipe_in_place_of_a_backup_is_refused_and_not_waited_for(desk: Desk, emptied: Engine) -> None:
    os.mkfifo(desk.folder / "pipe")

    with pytest.raises(RefusedError, match="is no file"):
        desk.restore(emptied, desk.folder / "pipe")


@pytest.mark.parametrize("content", ["", "words", "{}", '{"inspection": 1}', '[{"rows": 1}]', "{", b"\xff\xfe"])
def test_a_file_that_is_no_receipt_is_refused(tmp_path: Path, content: str | bytes) -> None:
    file = tmp_path / "receipt"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(RefusedError):
        receipts_in(file)
