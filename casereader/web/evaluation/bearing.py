"""The figures of records that bear on a question about the partnership: shown beside it, and deciding nothing."""

from __future__ import annotations

from typing import Any

from flask import url_for

from casereader.figures import differences, results
from casereader.figures.results import plain_rows
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.web import objects
from casereader.web.evaluation.cells import Row, blank_row, k_of_n, name_of, said, share
from casereader.web.evaluation.pages import whole_rows
from casereader.web.request_session import db

DEMONSTRATED = "demonstrated"
THEME = ("recognised", "assessed", "addressed", "difference")
BEARS_ON: dict[str, tuple[str, ...]] = {
    "P1": ("R5",),
    "P2": ("B1", "B2", "B6"),
    "P3": tuple(f"H1.{part}" for part in THEME),
    "P4": tuple(f"H2.{part}" for part in THEME),
    "P5": tuple(f"H3.{part}" for part in THEME),
    "P6": tuple(f"H4.{part}" for part in THEME),
    "P7": ("H5.addressed", "H5.difference", "H6.addressed", "H6.difference"),
    "P8": tuple(f"H8.{part}" for part in THEME),
    "P9": ("F1", "F2", "F3", "F9"),
    "P10": ("J1", "J2", DEMONSTRATED),
    "P11": ("G2", DEMONSTRATED),
}
"""Questions of CRR-1 by question of CRR-P; what a programme's instrument does not ask is left out."""


def bearing_on(place: Place, own: Instrument) -> dict[str, list[dict[str, Any]]]:
    """The figures beside each question that has some: name, link, share, count and word."""
    instrument = objects.instrument_of(place.programme)
    public_id = place.inspection.public_id
    asked = {one.id: BEARS_ON.get(one.id, ()) for one in own.questions}
    keys = [key for keys in asked.values() for key in keys if instrument.has(key)]
    if not keys:
        return {}
    whole = whole_rows(results.results_for(db(), [place], instrument, only=keys, by=()))
    derived = {
        row["question"]: row for row in plain_rows(differences.difference_for(db(), [place], instrument).derived)
    }
    labels = {one.id: one.label for one in instrument.derived}

    def figure(key: str) -> dict[str, Any]:
        row: Row
        if key == DEMONSTRATED:
            row, name = derived.get(key) or blank_row(key), labels[key]
            href = url_for("evaluation.difference", public_id=public_id)
        else:
            row, name = whole.get(key) or blank_row(key), name_of(instrument, key)
            href = url_for("evaluation.section", public_id=public_id, section=instrument.part(key).section)
        return {"text": name, "href": href, "share": share(row), "k_of_n": k_of_n(row), "said": said(row)}

    return {
        question: [figure(key) for key in keys if instrument.has(key) or key in labels]
        for question, keys in asked.items()
    }
