"""The server's time for a page, beside handing out a finished text of the same size through the same server code."""

import secrets
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from bench.timing import Compared, compare
from casereader import create_app, schema

OFTEN = 20  # requests a turn: one alone is too short to time well


def run() -> Iterator[Compared]:
    """The sign-in page, which is what every page costs before it says anything of its own."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {"CASEREADER_DATA": folder, "SECRET_KEY": secrets.token_hex(32), "DATABASE_URL": _database(folder)}
        )
        yield _page(app, "/sign-in")
        app.extensions["casereader_engine"].dispose()


def _page(app: Flask, path: str) -> Compared:
    client = app.test_client()
    finished = client.get(path).get_data(as_text=True)
    static = Flask("static")
    static.add_url_rule("/", view_func=lambda: finished)
    bare = static.test_client()
    return compare(
        f"{path}, {OFTEN} times",
        lambda: [client.get(path) for _ in range(OFTEN)],
        lambda: [bare.get("/") for _ in range(OFTEN)],
        floor_name=f"the same {len(finished) / 1024:.0f} KiB as a fixed text",
        limit=25,
    )


def _database(folder: str) -> str:
    url = f"sqlite:///{Path(folder) / 'casereader.sqlite3'}"
    schema.upgrade(url, at=datetime.now(UTC))
    return url
