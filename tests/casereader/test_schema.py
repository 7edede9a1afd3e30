"""The migrations make the tables that the models describe, on both databases, under both of their rules."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, Enum, event, inspect, text
from sqlmodel import SQLModel

from casereader.db import make_engine
from casereader.models import metadata
from casereader.schema import SchemaError, configuration, is_current, newest, revision_of, upgrade

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
MOMENT = "'2026-06-01 09:00:00+00:00'"
FIRST_ROWS = (  # a drawn case and all it hangs on, as the first schema holds them
    "INSERT INTO account (id, public_id, email, name, is_administrator, may_begin_programmes, is_demo, preferences,"
    f" created_at) VALUES (1, 'account', 'ada@example.org', 'Ada', false, true, false, '[]', {MOMENT})",
    "INSERT INTO partnership (id, name, slug) VALUES (1, 'Glen', 'glen')",
    "INSERT INTO programme (id, public_id, name, slug, instrument_id, instrument_version, evaluated_qis, data_kind,"
    " concern_minutes, created_at, created_by_id)"
    f" VALUES (1, 'programme', 'At risk', 'at-risk', 'CRR-1', '1.0', '[]', 'records', 30, {MOMENT}, 1)",
    "INSERT INTO inspection (id, public_id, programme_id, partnership_id, period_from, period_to, created_at)"
    f" VALUES (1, 'inspection', 1, 1, '2025-01-01', '2026-03-31', {MOMENT})",
    "INSERT INTO sign_in (id, token_hash, account_id, created_at, last_seen_at)"
    f" VALUES (1, '{'0' * 64}', 1, {MOMENT}, {MOMENT})",
    "INSERT INTO sampling_frame (id, public_id, inspection_id, version, state, file_sha256, file_bytes, n_cases,"
    " warnings, columns, received_at, received_by_id)"
    f" VALUES (1, 'frame', 1, 1, 'checked', '{'0' * 64}', 10, 1, '[]', '[]', {MOMENT}, 1)",
    "INSERT INTO frame_case (id, frame_id, case_ref, \"group\", attributes) VALUES (1, 1, 'G-001', 'b', '{}')",
    "INSERT INTO sampling_plan (id, public_id, inspection_id, frame_id, plan, plan_sha256, independent_counts,"
    " second_share, public_value_source, sent_back_reason)"
    f" VALUES (1, 'plan', 1, 1, '{{}}', '{'0' * 64}', '{{}}', '0.1', 'dice', '')",
    "INSERT INTO draw (id, public_id, inspection_id, plan_id, public_value, seed, certificate, certificate_sha256,"
    f" drawn_at, drawn_by_id) VALUES (1, 'draw', 1, 1, '4 8 15', 'seed', '{{}}', '{'0' * 64}', {MOMENT}, 1)",
    'INSERT INTO sample_case (id, public_id, draw_id, case_id, stratum, role, "order", ticket, called_on, status)'
    f" VALUES (1, 'case', 1, 1, 'b', 'main', 1, '{'0' * 64}', false, 'waiting')",
)


def test_no_two_new_rows_share_a_list_or_a_mapping() -> None:
    tables = {mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    fields = [(table, name) for table in tables for name, one in table.model_fields.items() if one.default in ([], {})]
    assert len(fields) > 30
    for table, name in fields:
        assert getattr(table(), name) is not getattr(table(), name), f"{name} of {table.__name__}"


def test_the_first_upgrade_makes_the_database_and_the_second_changes_nothing(unmigrated_url: str) -> None:
    first = upgrade(unmigrated_url, at=NOW)
    second = upgrade(unmigrated_url, at=NOW)

    assert first == "The database was made."
    assert second == "The database is up to date."
    engine = make_engine(unmigrated_url)
    assert is_current(engine)
    engine.dispose()


def test_on_sqlite_a_commit_is_on_the_disk_before_it_is_acknowledged(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        modes = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    engine.dispose()

    assert modes == ["wal", 2], "2 is FULL"


def test_the_migrations_leave_nothing_that_the_models_would_add(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


def test_the_migrations_keep_every_check_that_the_models_state(database_url: str) -> None:
    engine = make_engine(database_url)
    found = inspect(engine)
    kept = {
        (table.name, check["name"])
        for table in metadata.sorted_tables
        for check in found.get_check_constraints(table.name)
    }
    engine.dispose()
    stated = {
        (table.name, str(check.name))
        for table in metadata.sorted_tables
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }

    assert stated <= kept


def test_the_migrations_allow_each_word_that_the_vocabulary_has_and_no_other(database_url: str) -> None:
    engine = make_engine(database_url)
    found = inspect(engine)
    kept = {
        (table.name, check["name"]): set(re.findall(r"'([^']*)'", check["sqltext"]))
        for table in metadata.sorted_tables
        for check in found.get_check_constraints(table.name)
    }
    engine.dispose()

    listed = [(table.name, column.type) for table in metadata.sorted_tables for column in table.columns]
    words = {(name, f"ck_{name}_{kind.name}"): set(kind.enums) for name, kind in listed if isinstance(kind, Enum)}
    assert len(words) > 20
    assert {name: kept[name] ^ those for name, those in words.items() if kept[name] != those} == {}


def test_an_upgrade_keeps_what_the_first_schema_held(unmigrated_url: str) -> None:
    engine = make_engine(unmigrated_url)
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        for row in FIRST_ROWS:
            connection.execute(text(row))
    engine.dispose()

    done = upgrade(unmigrated_url, at=NOW)

    assert done == f"The database went from 0001 to {newest()}."
    engine = make_engine(unmigrated_url)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT case_ref, other_groups FROM frame_case")).all()
        drawn = connection.execute(text("SELECT public_value, partnership_secret, void_asked_reason FROM draw")).all()
        signed_in = connection.execute(text("SELECT account_id, is_waiting, challenge FROM sign_in")).all()
        order = connection.execute(text("SELECT name, stratum_order FROM programme")).all()
    engine.dispose()
    assert [(ref, _list(groups)) for ref, groups in kept] == [("G-001", [])]
    assert [tuple(row) for row in drawn] == [("4 8 15", "", "")]
    assert [(account, bool(waits), asked) for account, waits, asked in signed_in] == [(1, False, None)]
    assert [(name, _list(codes)) for name, codes in order] == [("At risk", [])]


def test_the_copy_that_an_upgrade_keeps_is_whole_though_an_earlier_one_was_stopped_while_it_was_made(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'casereader.sqlite3'}"
    engine = make_engine(url)
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
    engine.dispose()
    stopped = tmp_path / f"casereader-before-upgrade-{NOW:%Y%m%dT%H%M%SZ}.unfinished"
    stopped.write_bytes(b"SQLite format 3\0")

    upgrade(url, at=NOW)

    (copy,) = tmp_path.glob("*before-upgrade*")
    assert copy.suffix == ".sqlite3"
    assert copy.stat().st_mode & 0o777 == 0o600
    engine = make_engine(f"sqlite:///{copy}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert revision_of(connection) == "0001"
    engine.dispose()


def _list(stored: object) -> object:
    return json.loads(stored) if isinstance(stored, str) else stored


def test_a_database_with_tables_of_somebody_else_is_left_alone(unmigrated_url: str) -> None:
    engine = make_engine(unmigrated_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    engine.dispose()

    with pytest.raises(SchemaError, match="database of its own"):
        upgrade(unmigrated_url, at=NOW)


def test_a_database_from_a_newer_version_is_left_alone(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(SchemaError, match="newer version"):
        upgrade(database_url, at=NOW)


def test_a_new_sqlite_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "casereader.sqlite3"

    upgrade(f"sqlite:///{path}", at=NOW)

    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("statements", [1, 10, 40])
def test_e25_an_upgrade_that_is_stopped_anywhere_leaves_the_database_as_it_was(
    unmigrated_url: str, statements: int
) -> None:
    class StoppedError(Exception):
        pass

    left = statements

    def stop(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise StoppedError

    event.listen(Engine, "before_cursor_execute", stop)
    try:
        with pytest.raises(StoppedError):
            upgrade(unmigrated_url, at=NOW)
    finally:
        event.remove(Engine, "before_cursor_execute", stop)

    engine = make_engine(unmigrated_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    assert upgrade(unmigrated_url, at=NOW) == "The database was made."


def test_e26_of_two_upgrades_at_once_one_makes_the_database_and_the_other_finds_it(unmigrated_url: str) -> None:
    with ThreadPoolExecutor(2) as both:
        said = list(both.map(lambda _: upgrade(unmigrated_url, at=NOW), range(2)))

    assert sorted(said) == ["The database is up to date.", "The database was made."]
