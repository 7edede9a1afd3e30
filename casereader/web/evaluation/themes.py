"""Themes, each with its own denominators, and the relationships that are asked about on every record."""

from __future__ import annotations

from typing import Any

import pandas as pd
from flask import render_template

from casereader.figures import results
from casereader.figures.results import Results, plain_rows
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup.themes import INDICATED, PRESENT, Theme, asked_of_all, themes_of
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.evaluation import pictures
from casereader.web.evaluation.blueprint import SEES, blueprint
from casereader.web.evaluation.cells import (
    FIGURE_COLUMNS,
    OTHER_COLUMNS,
    Row,
    blank_row,
    id_of,
    name_of,
    other_cells,
    share,
)
from casereader.web.evaluation.groups import state_of
from casereader.web.evaluation.pages import question_rows, whole_rows
from casereader.web.evaluation.walking import counted, walked
from casereader.web.request_session import db

MET_COLUMNS = [
    "Theme",
    {"text": "Met in: weighted share, 90% interval", "numeric": True},
    {"text": "Met in, of records asked", "numeric": True},
    {"text": "In words", "width": "middle"},
    {"text": "Present", "numeric": True},
    {"text": "Indicated but not considered", "numeric": True},
]


@blueprint.get("/inspections/<public_id>/roll-up/themes")
@allow(*SEES)
def themes(public_id: str) -> str:
    """In how many records each theme was met, and what was done about it in those."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    found, table = results.themes_for(db(), [place], instrument)
    return render_template("evaluation/themes.html", place=place, **shown(place, instrument, found, table))


def shown(place: Place, instrument: Instrument, found: Results, table: pd.DataFrame) -> dict[str, Any]:
    """What the page shows: its tables and pictures by the names that its template calls them."""
    asked = themes_of(instrument)
    met = {row["question"]: row for row in plain_rows(table)}
    done = whole_rows(found)
    counts = _counts(plain_rows(found.figures.distributions), place)
    labels = list(dict.fromkeys(part.label for theme in asked for part in theme.done))
    return {
        "state": state_of(found, place, instrument),
        "met_columns": MET_COLUMNS,
        "met_rows": [
            [
                _name(theme),
                *walked(place, met.get(theme.presence.key) or blank_row(theme.presence.key)),
                *(counts.get((theme.presence.key, value), 0) for value in (PRESENT, INDICATED)),
            ]
            for theme in asked
        ],
        "met_chart": pictures.shares(
            "met",
            "Records in which each theme was met",
            [(_name(theme), met.get(theme.presence.key) or blank_row(theme.presence.key)) for theme in asked],
            axis="Weighted share of the records asked, with its 90% interval",
        ),
        "at_a_glance_columns": ["Theme", *({"text": label, "numeric": True} for label in labels)],
        "at_a_glance": [[_name(theme), *(_glance(place, theme, label, done) for label in labels)] for theme in asked],
        "answers": [_answer(place, asked, label, done) for label in labels],
        "columns": ["Theme", *FIGURE_COLUMNS, *OTHER_COLUMNS],
        "on_every_record": [_section(place, instrument, section, done) for section in asked_of_all(instrument)],
        "question_columns": ["Question", *FIGURE_COLUMNS, *OTHER_COLUMNS],
    }


def _name(theme: Theme) -> str:
    return f"{theme.question.id} {theme.question.label}"


def _counts(rows: list[dict[str, Any]], place: Place) -> dict[tuple[str, str], int]:
    return {(row["question"], row["value"]): row["count"] for row in rows if row["inspection"] == place.path}


def _glance(place: Place, theme: Theme, label: str, done: dict[str, Row]) -> object:
    part = next((part for part in theme.done if part.label == label), None)
    if part is None:
        return ""
    row = done.get(part.key) or blank_row(part.key)
    return counted(place, part.key, row["k"], row["n"]) | {"hint": share(row)}


def _answer(place: Place, asked: list[Theme], label: str, done: dict[str, Row]) -> dict[str, object]:
    """One of the answers about what was done, theme by theme."""
    rows = [
        (_name(theme), done.get(part.key) or blank_row(part.key))
        for theme in asked
        for part in theme.done
        if part.label == label
    ]
    return {
        "id": f"done-{id_of(label)}",
        "title": label,
        "chart": pictures.shares(f"chart-{id_of(label)}", f"{label}, where the theme was met", rows),
        "rows": [[name, *walked(place, row), *other_cells(row)] for name, row in rows],
    }


def _section(place: Place, instrument: Instrument, section: Any, done: dict[str, Row]) -> dict[str, object]:
    keys = [part.key for part in section.parts]
    named = [(name_of(instrument, key), done.get(key) or blank_row(key)) for key in keys]
    return {
        "id": f"section-{id_of(section.id)}",
        "title": section.title,
        "chart": pictures.shares(f"every-{id_of(section.id)}", f"{section.title}, on every record", named),
        "rows": question_rows(place, instrument, done, keys),
    }
