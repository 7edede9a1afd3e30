"""Calibration before the week: for whoever trains, how readers answered each practice case first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, render_template, url_for
from markupsafe import Markup

from casereader.agreement import Agreement
from casereader.charts import SpreadRow, spread_chart
from casereader.instrument import Instrument
from casereader.practice import PracticeCase
from casereader.practice.calibration import Calibration, calibrations, has_handed_in
from casereader.practice.spread import (
    LEAST_READERS,
    LEAST_UNITS,
    MEASURED,
    Pairs,
    QuestionSpread,
    SectionAgreement,
    agreements,
    spreads,
)
from casereader.vocabulary import READER_ROLES, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers.questions import heading_of, named
from casereader.web.request_session import db
from casereader.words import per_cent

blueprint = Blueprint("calibration", __name__)

TRAINS = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
TALK_OVER = 5
MOST_COLUMNS = 8  # a scale with more answers than this is a table only
MARKS = {"cannot_be_evaluated": "CBE", "not_applicable": "N/A"}


@blueprint.get("/inspections/<public_id>/calibration")
@allow(*TRAINS)
def show(public_id: str) -> str:
    """Each practice case: who handed it in, what to talk over first, the spread of every question, the agreement."""
    place = objects.inspection(public_id, *TRAINS)
    installed: dict[str, PracticeCase] = current_app.extensions["casereader_practice"]
    return render_template(
        "practice/calibration.html",
        place=place,
        cases=[_case(one) for one in calibrations(db(), place=place, cases=installed.values())],
        least_readers=LEAST_READERS,
        least_units=LEAST_UNITS,
    )


def _case(one: Calibration) -> dict[str, Any]:
    case = one.case
    is_withheld = bool(person().opens & set(READER_ROLES)) and not has_handed_in(
        db(), account=person().account, case=case
    )
    shown = {
        "id": case.id,
        "title": case.title,
        "sections": ", ".join(heading_of(section) for section in case.instrument.sections),
        "handed_in": one.handed_in,
        "n_shown": len(one.answers),
        "waiting": one.waiting,
        "n_readers": len(one.handed_in) + len(one.waiting),
        "own": url_for("practice.show", case=case.id) if is_withheld else "",
        "is_shown": bool(one.answers) and not is_withheld,
    }
    if not shown["is_shown"]:
        return shown
    found = spreads(case.instrument, one.answers, case.model, stratum=case.stratum, known=case.facts)
    measured = agreements(case.instrument, one.answers, stratum=case.stratum, known=case.facts)
    return shown | {
        "first": [_to_talk_over(case, spread) for spread in found if spread.exact.k < spread.exact.n][:TALK_OVER],
        "pictures": _pictures(case, [one for one in found if not _is_agreed(one)]),
        "agreed": "; ".join(_named(case.instrument, one) for one in found if _is_agreed(one)),
        "agreement": [_agreement_row(case.instrument, row) for row in measured],
    }


def _said_by(counts: Sequence[tuple[int, str]]) -> str:
    """How many readers gave which answer, in words."""
    told = [f"{n} said {words}" for n, words in counts]
    if counts:
        n, words = counts[0]
        told[0] = f"{n} reader{'s' if n != 1 else ''} said {words}"
    return ", ".join(told)


def _to_talk_over(case: PracticeCase, one: QuestionSpread) -> dict[str, str]:
    return {
        "question": _named(case.instrument, one),
        "answers": _said_by([(count, _words(one, value)) for value, count in one.counts.items() if count]),
        "model": _words(one, one.model),
        "why": case.why.get(one.part.key, ""),
    }


def _is_agreed(one: QuestionSpread) -> bool:
    """Whether everybody who answered gave the model answer: then there is nothing to draw."""
    return one.counts.get(one.model or "", 0) == one.n


def _pictures(case: PracticeCase, found: Sequence[QuestionSpread]) -> list[dict[str, Any]]:
    """The questions on one scale together, each kind with its widest question first."""
    alike: dict[str, list[QuestionSpread]] = {}
    for one in found:
        alike.setdefault(one.part.scale.id, []).append(one)
    return [_picture(case, f"{case.id}-{scale}".replace("_", "-"), together) for scale, together in alike.items()]


def _picture(case: PracticeCase, name: str, together: Sequence[QuestionSpread]) -> dict[str, Any]:
    offered = {choice.value: choice.label for one in together for choice in one.part.choices}
    is_long = len(offered) > MOST_COLUMNS
    if is_long:
        offered = {
            value: label
            for value, label in offered.items()
            if any(one.counts.get(value) or one.model == value for one in together)
        }
    is_rated = together[0].part.scale.kind == "six"
    values, marks = list(offered), [_mark(value, label, is_rated) for value, label in offered.items()]
    heads = [f"{value} {label}" if value.isdigit() and is_rated else label for value, label in offered.items()]
    title = f"{_scale_words(together[0])}, in “{case.title}”"  # no two regions of the page bear one name
    rows = [SpreadRow(_named(case.instrument, one), *_places(one, values)) for one in together]
    widest = together[0]
    finding = f"Most spread: {_named(case.instrument, widest)}, {_share(widest.exact)} of pairs agree exactly."
    pairs = ["Pairs that agree exactly", *(["within a point", "on 4 or better"] if is_rated else [])]
    return {
        "id": name,
        "caption": title,
        "svg": Markup("") if is_long else spread_chart(name, title, marks, rows, finding=finding),
        "columns": [
            "Question",
            *({"text": head, "numeric": True} for head in heads),
            "Model answer",
            *({"text": head, "numeric": True} for head in pairs),
        ],
        "rows": [
            [
                _named(case.instrument, one),
                *(one.counts.get(value, "") for value in values),
                _words(one, one.model),
                *(_share(each) for each in (one.exact, one.near, one.on_good) if each is not None),
            ]
            for one in together
        ],
    }


def _places(one: QuestionSpread, values: Sequence[str]) -> tuple[tuple[int | None, ...], int | None]:
    """The counts by the columns of the picture, and the column of the model answer."""
    counts = tuple(one.counts.get(value) for value in values)
    return counts, values.index(one.model) if one.model in values else None


def _mark(value: str, label: str, is_rated: bool) -> str:
    return MARKS.get(value, value if is_rated else label)


def _scale_words(one: QuestionSpread) -> str:
    if one.part.scale.kind == "topic" or len(one.part.choices) > MOST_COLUMNS:
        return f"{one.part.question}, answered from a list"
    inside = [choice.label.lower() for choice in one.part.choices if choice.y is not None or not one.part.has_y]
    return f"Answered {inside[0]} to {inside[-1]}"


def _agreement_row(instrument: Instrument, row: SectionAgreement) -> list[object]:
    section = heading_of(instrument.section(row.section)) if row.section else "All sections"
    return [f"{MEASURED[row.kind]}: {section}", row.n, _share(row.exact), _coefficient(row.ac), _coefficient(row.alpha)]


def _coefficient(found: Agreement | None) -> str:
    if found is None:
        return f"Under {LEAST_UNITS} questions"
    if found.estimate != found.estimate:
        return "No variation to measure"
    return f"{found.estimate:.2f} ({found.lower:.2f} to {found.upper:.2f})"


def _share(pairs: Pairs) -> str:
    return "" if pairs.share is None else f"{per_cent(pairs.share)} ({pairs.k} of {pairs.n})"


def _named(instrument: Instrument, one: QuestionSpread) -> str:
    return named(instrument, one.part)


def _words(one: QuestionSpread, value: str | None) -> str:
    choice = one.part.choice(value)
    if choice is None:
        return ""
    return f"{value} {choice.label}" if one.part.scale.kind == "six" and choice.value.isdigit() else choice.label
