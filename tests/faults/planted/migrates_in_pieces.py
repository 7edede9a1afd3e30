"""Planted: every step of a migration of SQLite is kept as soon as it is done."""

from planted_mark import stop_elsewhere

stop_elsewhere()

from sqlalchemy import create_engine, event

from casereader import create_app, schema  # noqa: F401


def engine_without_transactions(url):
    made = create_engine(url)

    @event.listens_for(made, "connect")
    def _connect(connection, _record):
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")

    return made


schema._sqlite_migration_engine = engine_without_transactions
