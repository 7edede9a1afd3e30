"""The server's time for every page of figures, of 100 readings and of 3,000, beside the least that it could take.

The floor of a page reads from the database what its question needs, takes a weighted mean of each question in NumPy,
and hands out a finished text of the same size through the same server code. The roll-up is asked for once more in a
database that holds nothing else, beside which 30 further inspections must not show.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from bench import programme
from bench.serving import DATABASE, application, browser_of, finished_text
from bench.timing import Compared, compare
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from tests.cast import Cast, gather

OF_INSPECTION, OF_REPORT, OF_PROGRAMME = 0.3, 1.0, 3.0  # seconds of the processor
FLAT = 1.5  # times what the page takes without other inspections in the database
PARTNERSHIPS = 30
PAGES = (
    "roll-up",
    "roll-up/C",
    "roll-up/H",
    "roll-up/quality-indicators",
    "roll-up/groups",
    "roll-up/groups?by=age_band",
    "roll-up/peers",
    "roll-up/difference",
    "roll-up/records",
    "roll-up/themes",
    "roll-up/topics",
    "roll-up/rounds",
    "roll-up/readings",
    "roll-up/notes?question=C9",
    "evaluation/5.1",
    "own-instrument",
    "issues",
)
REPORT = "roll-up/report"  # all of these in one document
PROGRAMME_PAGES = ("overview", "across", "variation", "peers", "issues")
FLOOR = "the same rows from the database, weighted means in NumPy, a finished text"
ROWS = """
    SELECT draw.inspection_id, answer.key, answer.value
    FROM draw
    JOIN sample_case ON sample_case.draw_id = draw.id
    JOIN reading ON reading.sample_case_id = sample_case.id AND reading.kind = 'first'
    JOIN answer ON answer.reading_id = reading.id AND answer.key IN ({keys})
    WHERE draw.inspection_id IN ({inspections})
"""


def run() -> Iterator[Compared]:
    """Each page of one inspection among 31, each page of a programme of 30, and what the other inspections cost."""
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
        alone = application(Path(small))
        instrument = alone.extensions["casereader_instruments"]["CRR-1"]
        with programme.in_bulk(alone.extensions["casereader_engine"]) as session:
            cast = gather(session, instrument=instrument)
            (place,) = programme.build(session, cast, instrument, name="One", inspections_of_it=1)
        alone.extensions["casereader_engine"].dispose()
        shutil.copy(Path(small) / DATABASE, Path(large) / DATABASE)
        among = application(Path(large))
        with programme.in_bulk(among.extensions["casereader_engine"]) as session:
            thirty = programme.build(session, cast, instrument, name="Thirty", inspections_of_it=PARTNERSHIPS)
        yield _flat(alone, among, cast, place)
        yield from _pages(among, cast, instrument, place, thirty)
        for app in (alone, among):
            app.extensions["casereader_engine"].dispose()


def _flat(alone: Flask, among: Flask, cast: Cast, place: Place) -> Compared:
    path = f"/inspections/{place.inspection.public_id}/roll-up"
    ours, floor = browser_of(among, cast.lead), browser_of(alone, cast.lead)
    return compare(
        f"roll-up, {PARTNERSHIPS} other inspections there",
        lambda: _got(ours, path),
        lambda: _got(floor, path),
        floor_name="the same page with no other inspection in the database",
        limit=FLAT,
    )


def _pages(app: Flask, cast: Cast, instrument: Instrument, place: Place, thirty: list[Place]) -> Iterator[Compared]:
    client, engine = browser_of(app, cast.lead), app.extensions["casereader_engine"]
    keys = [one.question for one in instrument.opening]
    for page, most in (*((one, OF_INSPECTION) for one in PAGES), (REPORT, OF_REPORT)):
        path = f"/inspections/{place.inspection.public_id}/{page}"
        floor = _floor(engine, instrument, [place], keys, _got(client, path))
        yield _page(client, path, f"100 readings: {page}", floor, most=most)
    inside = f"/inspections/{thirty[0].inspection.public_id}/roll-up"
    floor = _floor(engine, instrument, [thirty[0]], keys, _got(client, inside))
    yield _page(client, inside, "100 readings of 3,000: roll-up", floor, most=OF_INSPECTION)
    for page in PROGRAMME_PAGES:
        path = f"/programmes/{thirty[0].programme.public_id}/{page}"
        floor = _floor(engine, instrument, thirty, keys, _got(client, path))
        yield _page(client, path, f"3,000 readings: {page}", floor, most=OF_PROGRAMME)


def _page(client: FlaskClient, path: str, name: str, floor: Callable[[], object], *, most: float) -> Compared:
    return compare(name, lambda: _got(client, path), floor, floor_name=FLOOR, most_processor=most)


def _got(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    if answer.status_code != 200:
        raise AssertionError(f"{path} answered {answer.status_code}")
    return answer.get_data(as_text=True)


def _floor(
    engine: Engine, instrument: Instrument, places: list[Place], keys: list[str], finished: str
) -> Callable[[], object]:
    """The opening questions of these inspections and nothing else, as plainly as can be."""
    wanted = {f"key_{at}": key for at, key in enumerate(keys)}
    of = {f"inspection_{at}": place.inspection.id for at, place in enumerate(places)}
    query = text(
        ROWS.format(keys=", ".join(f":{one}" for one in wanted), inspections=", ".join(f":{one}" for one in of))
    )
    ys = {(key, choice.value): choice.y for key in keys for choice in instrument.part(key).choices}
    browser = finished_text(finished)

    def work() -> None:
        with engine.connect() as connection:
            rows = connection.execute(query, {**wanted, **of}).all()
        counted = [(f"{of_one} {key}", ys[key, value]) for of_one, key, value in rows]
        groups, which = np.unique([group for group, y in counted if y is not None], return_inverse=True)
        y = np.array([y for _, y in counted if y is not None])
        weights = np.full(len(y), programme.LISTED / programme.RECORDS)
        np.bincount(which, weights * y, len(groups)) / np.bincount(which, weights, len(groups))
        browser.get("/")

    return work
