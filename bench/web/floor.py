"""The floor: an application of one address that puts one row into a table and commits, on the stack of the program.

It stands alone in the throw-away folder. `python floor.py` serves it by waitress with as many threads as the program;
gunicorn finds `app` by itself.
"""

from __future__ import annotations

import os
import sqlite3
from threading import local
from typing import Any

import psycopg
from flask import Flask
from waitress import serve

URL = os.environ["FLOOR_DATABASE"]
TEXT = "The record shows this in entries of March and May."
app = Flask(__name__)
_mine = local()


def _connect() -> Any:
    if URL.startswith("/"):
        made = sqlite3.connect(URL, isolation_level=None, timeout=6)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            made.execute(f"PRAGMA {pragma}")
        return made
    return psycopg.connect(URL, autocommit=True)


@app.post("/insert")
def insert() -> str:
    """One row, committed."""
    if not hasattr(_mine, "connection"):
        _mine.connection = _connect()
    connection = _mine.connection
    if URL.startswith("/"):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO floor (words) VALUES (?)", (TEXT,))
        connection.execute("COMMIT")
    else:
        connection.execute("INSERT INTO floor (words) VALUES (%s)", (TEXT,))
    return "kept"


@app.get("/healthz")
def healthz() -> str:
    """It runs."""
    return "well"


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
