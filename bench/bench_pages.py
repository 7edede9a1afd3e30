"""The server's time for a page, beside handing out a finished text of the same size through the same server code."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from bench.serving import application, browser_of, finished_text
from bench.timing import Compared, compare
from casereader.db import transaction
from casereader.readings import Change
from tests import sampled
from tests.cast import gather
from tests.reading import full_answers, given_to, save

OFTEN = 20  # requests a turn: one alone is too short to time well


def run() -> Iterator[Compared]:
    """The sign-in page, which is what every page costs before it says anything of its own, and a whole reading."""
    with tempfile.TemporaryDirectory() as folder:
        app = application(Path(folder))
        yield _page(app.test_client(), "/sign-in", "the sign-in page")
        client, path = _reading(app)
        yield _page(client, path, "a whole CRR-1 reading", limit=25)
        yield _page(client, path, "a whole CRR-1 reading, compressed", limit=25, encoding="gzip")
        app.extensions["casereader_engine"].dispose()


def _page(
    client: FlaskClient, path: str, name: str, *, limit: float | None = None, encoding: str = "identity"
) -> Compared:
    finished = client.get(path).get_data(as_text=True)
    taken = {"Accept-Encoding": encoding}
    floor = "a fixed text, compressed" if encoding == "gzip" else "a fixed text"
    sent = len(client.get(path, headers=taken).get_data())
    bare = finished_text(finished, is_compressed=encoding == "gzip")
    return compare(
        f"{name}, {OFTEN} times, {sent / 1024:.0f} KiB sent",
        lambda: [client.get(path, headers=taken) for _ in range(OFTEN)],
        lambda: [bare.get("/") for _ in range(OFTEN)],
        floor_name=f"the same {len(finished) / 1024:.0f} KiB as {floor}",
        limit=limit,
    )


def _reading(app: Flask) -> tuple[FlaskClient, str]:
    """A reviewer's browser, and where one of its readings is, with every question answered."""
    instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=instrument)
        sampled.assign(session, cast, instrument)
        opened = given_to(session, cast.reviewer)[0]
        changes: dict[str, Change] = {
            key: {"value": answer.value, "note": answer.note, "sources": answer.sources, "ground": answer.ground}
            for key, answer in full_answers(instrument, opened).items()
        }
        save(session, opened, instrument, changes, by=cast.reviewer)
        path = f"/readings/{opened.reading.public_id}"
    return browser_of(app, cast.reviewer), path
