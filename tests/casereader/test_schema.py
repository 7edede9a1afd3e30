"""The migrations make the tables that the models describe, on both databases, under both of their rules."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from casereader.db import make_engine
from casereader.models import metadata
from casereader.schema import SchemaError, is_current, upgrade

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def test_the_first_upgrade_makes_the_database_and_the_second_changes_nothing(unmigrated_url: str) -> None:
    first = upgrade(unmigrated_url, at=NOW)
    second = upgrade(unmigrated_url, at=NOW)

    assert first == "The database was made."
    assert second == "The database is up to date."
    engine = make_engine(unmigrated_url)
    assert is_current(engine)
    engine.dispose()


def test_the_migrations_leave_nothing_that_the_models_would_add(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


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
