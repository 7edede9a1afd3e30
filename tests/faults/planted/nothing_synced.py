"""Planted: SQLite leaves everything to the system, also in which order it comes to the disk."""

from planted_mark import stop_elsewhere

stop_elsewhere()

from casereader import create_app, db  # noqa: F401

db.SQLITE_PRAGMAS = ("synchronous=OFF", *db.SQLITE_PRAGMAS[1:])
