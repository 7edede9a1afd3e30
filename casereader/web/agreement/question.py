"""One question: its two readers crossed, every measure with its interval, and the pairs for whoever may read them."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from casereader.agreement import LEAST_PAIRS, by_question, confusion, is_compared, verdict
from casereader.charts import confusion_chart
from casereader.errors import AbsentError
from casereader.figures import double_readings
from casereader.instrument import Answer, Part
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.agreement import cells
from casereader.web.agreement.blueprint import MODERATES, SEES, Material, blueprint, material_of
from casereader.web.answers.questions import words_of
from casereader.web.evaluation.cells import counts_as, name_of
from casereader.web.request_session import db

MOST_SQUARES = 12  # a question with more answers than this is a table only


@blueprint.get("/programmes/<public_id>/agreement/<question>")
@allow(*SEES)
def question(public_id: str, question: str) -> str:
    """What the first and the second readers answered, over the inspections whose reading is over."""
    places = objects.places_of(public_id, *SEES)
    made_of = material_of(places, only=[question])
    instrument = made_of.instrument
    if not instrument.has(question) or not is_compared(instrument.part(question)):
        raise AbsentError
    part = instrument.part(question)
    rows = cells.rows_of(by_question(made_of.found.answers, instrument))
    row = rows[0] if rows else None
    crossed = confusion(made_of.found.answers, part)
    labels = [_words(part, value) for value in crossed.index]
    counts = crossed.to_numpy().tolist()
    return render_template(
        "agreement/question.html",
        programme=made_of.programme,
        name=name_of(instrument, question),
        text=part.text,
        counts_as=counts_as(part) if part.has_y else "",
        row=row,
        least=LEAST_PAIRS,
        verdict=verdict(row, made_of.threshold) if row else "",
        measure_rows=_measure_rows(row) if row else [],
        chart=confusion_chart("confusion", name_of(instrument, question), labels, counts)
        if row and len(labels) <= MOST_SQUARES
        else "",
        columns=["First reader", *({"text": label, "numeric": True} for label in labels)],
        crossed=[[label, *line] for label, line in zip(labels, counts, strict=True)] if row else [],
        pairs=_pairs(made_of, part),
    )


def _measure_rows(row: cells.Row) -> list[list[object]]:
    """Each measure that the question has, with what it rests on."""
    if row["n"] < LEAST_PAIRS:
        counted = [(label, cells.counted(row, name)) for name, label in cells.MEASURES.items()]
        return [[label, text, "", ""] for label, text in counted if text]
    return [
        [label, cells.figure(name, row[name]), cells.interval(row, name), int(row[f"{name}_n"])]
        for name, label in cells.MEASURES.items()
        if not cells.is_blank(row[name])
    ]


def _pairs(made_of: Material, part: Part) -> list[dict[str, Any]]:
    """The pairs that differ, then those alike, of inspections that this person moderates or leads."""
    mine = {
        place.inspection.id or 0: place
        for place in made_of.over
        if person().roles_in(place.inspection.id or 0) & set(MODERATES)
    }
    opened = double_readings.open_to(db(), list(mine), account=person().account)
    answers = {row.pair: row for row in made_of.found.answers.itertuples() if row.key == part.key}
    differ: list[list[object]] = []
    alike: list[list[object]] = []
    for pair in made_of.found.pairs:
        if pair.pair in opened and pair.pair in answers and pair.inspection_id in mine:
            place, row = mine[pair.inspection_id], answers[pair.pair]
            href = url_for("settling.show", public_id=place.inspection.public_id, reading=pair.first)
            case: dict[str, Any] = {"text": pair.case_ref, "href": href}
            answered = [_words(part, row.first), _words(part, row.second)]
            some = alike if answered[0] == answered[1] else differ
            some.append([case, place.partnership.name, *answered])
    named = (("differ", "Records on which the readers differ", differ), ("alike", "Records on which they agree", alike))
    return [{"id": id, "title": title, "rows": rows} for id, title, rows in named if rows]


def _words(part: Part, value: object) -> str:
    """An answer in words; that it was not asked, where there is none."""
    if not isinstance(value, str):
        return "Not asked"
    return words_of(part, Answer(value)) or value
