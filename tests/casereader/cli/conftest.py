"""An application for commands, on SQLite: what they call is held on both databases elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from casereader.db import transaction
from tests.cast import Cast, gather
from tests.web.app import make_app


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application, with every table and nothing in them."""
    made = make_app(sqlite_url, tmp_path)
    yield made
    made.extensions["casereader_engine"].dispose()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The cast, with nothing drawn."""
    with transaction(app.extensions["casereader_engine"]) as session:
        return gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"])
