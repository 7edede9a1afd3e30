"""Planted: SQLite leaves it to the system when what was committed comes to the disk."""

from planted_mark import stop_elsewhere

stop_elsewhere()

from casereader import create_app, db  # noqa: F401

db.SQLITE_PRAGMAS = ("synchronous=NORMAL", *db.SQLITE_PRAGMAS[1:])
