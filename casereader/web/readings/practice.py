"""Practice: invented cases on the real form, saved by its buttons, with model answers once they are submitted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import escape
from werkzeug.wrappers import Response

from casereader import practice
from casereader.errors import AbsentError, ConflictError
from casereader.instrument import Answer, missing, open_keys, section_states
from casereader.models import PracticeReading
from casereader.practice import PracticeCase
from casereader.readings import IncompleteError, RefusedAnswersError
from casereader.vocabulary import READER_ROLES
from casereader.web.access import allow, person
from casereader.web.answers.questions import heading_of, named, slug, words_of
from casereader.web.answers.reading_pages import SECTION_KINDS
from casereader.web.clock import now
from casereader.web.readings import both_texts, posted
from casereader.web.readings.autosave import FIELDS, MEGABYTES
from casereader.web.readings.form import Place, Remarks, asked_values, pattern_of, values_of
from casereader.web.request_limits import checks_its_own_fields, limit_body
from casereader.web.request_session import db

blueprint = Blueprint("practice", __name__)

VERDICTS = {"same": ("Same", "done"), "near": ("One point apart", "waiting"), "other": ("Different", "attention")}


@blueprint.get("/practice")
@allow(*READER_ROLES)
def index() -> str:
    """The practice cases there are, and how far I am with each."""
    items = []
    for case in _cases().values():
        reading = practice.find(db(), account=person().account, case=case)
        is_begun = reading is not None and bool(reading.answers)
        says = "Submitted" if reading and reading.submitted_at else "In progress" if is_begun else "Not started"
        kind = {"Not started": "not-started", "Submitted": "done"}.get(says, "in-progress")
        hint = f"Sections: {', '.join(heading_of(section) for section in case.instrument.sections)}."
        href = url_for("practice.show", case=case.id)
        items.append({"text": case.title, "href": href, "hint": hint, "status": says, "kind": kind})
    return render_template("practice/index.html", items=items)


@blueprint.get("/practice/<case>")
@allow(*READER_ROLES)
def show(case: str) -> str | Response:
    """The invented summary, and its sections."""
    found, reading = _found(case)
    if reading is not None and reading.submitted_at is not None:
        return redirect(url_for("practice.compare", case=case), 303)
    return _page(found, reading, "tasks")


@blueprint.get("/practice/<case>/check")
@allow(*READER_ROLES)
def check(case: str) -> str | Response:
    """What is missing, and the button that shows the model answers."""
    found, reading = _found(case)
    if reading is not None and reading.submitted_at is not None:
        return redirect(url_for("practice.compare", case=case), 303)
    return _page(found, reading, "check")


@blueprint.get("/practice/<case>/model-answers")
@allow(*READER_ROLES)
def compare(case: str) -> str | Response:
    """My answers beside the model's, with the reasons; only after submission."""
    found, reading = _found(case)
    if reading is None or reading.submitted_at is None:
        return redirect(url_for("practice.show", case=case), 303)
    compared = practice.compare(reading, found)
    return render_template(
        "practice/compare.html",
        case=found,
        rows=[_row(found, one) for one in compared],
        n=len(compared),
        n_same=sum(one.verdict == "same" for one in compared),
        n_near=sum(one.verdict == "near" for one in compared),
    )


@blueprint.post("/practice/<case>/submit")
@allow(*READER_ROLES)
def submit(case: str) -> tuple[str, int] | Response:
    """Hand it in and see the model answers."""
    found, reading = _found(case)
    try:
        practice.submit(db(), account=person().account, case=found, at=now())
    except IncompleteError as error:
        errors = [
            {
                "text": f"{named(found.instrument, found.instrument.part(one.key))}: {one.says}",
                "href": _anchor(found, one.section, one.key),
            }
            for one in error.missing
        ]
        return _page(found, reading, "check", errors=errors), 422
    return redirect(url_for("practice.compare", case=case), 303)


@blueprint.post("/practice/<case>/again")
@allow(*READER_ROLES)
def again(case: str) -> Response:
    """Forget my answers and begin anew."""
    found, _ = _found(case)
    practice.again(db(), account=person().account, case=found)
    return redirect(url_for("practice.show", case=case), 303)


@blueprint.get("/practice/<case>/<section>")
@allow(*READER_ROLES)
def section(case: str, section: str) -> str | Response:
    """One section of the form."""
    found, reading = _found(case)
    if all(one.id != section for one in found.instrument.sections):
        raise AbsentError
    if reading is not None and reading.submitted_at is not None:
        return redirect(url_for("practice.compare", case=case), 303)
    return _page(found, reading, section)


@blueprint.post("/practice/<case>/<section>")
@allow(*READER_ROLES)
@limit_body(MEGABYTES, fields=FIELDS)
@checks_its_own_fields
def save(case: str, section: str) -> tuple[str, int] | Response:
    """Save a section by its button, and go on."""
    found, reading = _found(case)
    ids = [one.id for one in found.instrument.sections]
    if section not in ids:
        raise AbsentError
    before = practice.answers_of(reading, found)
    changes, unknown = posted.changes_in(request.form, found.instrument, found.instrument.section(section), before)
    try:
        if unknown:
            raise RefusedAnswersError(unknown)
        version = posted.version_in(request.form)
        practice.save(db(), account=person().account, case=found, changes=changes, version=version, at=now())
    except RefusedAnswersError as error:
        typed = both_texts.typed(before, changes)
        errors = [
            {"text": f"{key}: {says}", "href": f"#q-{slug(key)}" if found.instrument.has(key) else ""}
            for key, reasons in error.faults.items()
            for says in reasons
        ]
        return _page(found, reading, section, answers=typed, errors=errors, faults=error.faults), 422
    except ConflictError as error:
        if rows := both_texts.differing(found.instrument, before, changes):
            return _conflict(found, reading, section, error, rows), 409
    following = [*ids[ids.index(section) + 1 :], "check"][0]
    onward = section if request.form.get("go") == "stay" else following
    return redirect(f"{url_for('practice.show', case=case)}/{onward}", 303)


def _cases() -> dict[str, PracticeCase]:
    found: dict[str, PracticeCase] = current_app.extensions["casereader_practice"]
    return found


def _found(name: str) -> tuple[PracticeCase, PracticeReading | None]:
    case = _cases().get(name)
    if case is None:
        raise AbsentError
    return case, practice.find(db(), account=person().account, case=case)


def _page(
    case: PracticeCase,
    reading: PracticeReading | None,
    view: str,
    *,
    answers: dict[str, Answer] | None = None,
    errors: list[dict[str, str]] | None = None,
    faults: dict[str, list[str]] | None = None,
) -> str:
    given = practice.answers_of(reading, case) if answers is None else answers
    instrument = case.instrument
    asked = frozenset(open_keys(instrument, given, stratum=case.stratum))
    states = section_states(instrument, given, stratum=case.stratum)
    base = url_for("practice.show", case=case.id)
    values = values_of(instrument, given, asked=asked, remarks=Remarks(errors=faults or {}))
    places: dict[Place, str] = {
        ("base", "", ""): base,
        ("csrf", "", ""): str(escape(generate_csrf())),
        ("version", "", ""): str(reading.version if reading is not None else 1),
        (view, "current", ""): ' aria-current="page"',
    }
    for one in instrument.sections:
        places[one.id, "state", ""] = states[one.id].capitalize()
        places[one.id, "kind", ""] = SECTION_KINDS[states[one.id]]
        if one.id != view:
            places[one.id, "away", ""] = " hidden"
        places.update(asked_values(one, asked=asked))
    heading = {"tasks": case.title, "check": "Check your practice"}.get(view) or heading_of(instrument.section(view))
    return render_template(
        "practice/case.html",
        case=case,
        view=view,
        heading=heading,
        sections=pattern_of(instrument, has_history=False).filled({**values, **places}),
        first=f"{base}/{instrument.sections[0].id}",
        n_missing=len(missing(instrument, given, stratum=case.stratum)),
        errors=errors,
        is_refused=bool(faults),
    )


def _conflict(
    case: PracticeCase, reading: PracticeReading | None, section: str, error: ConflictError, rows: list[dict[str, Any]]
) -> str:
    return render_template(
        "practice/conflict.html",
        case=case,
        section=section,
        says=str(error),
        rows=rows,
        version=1 if reading is None else reading.version,
        may_keep=reading is None or reading.submitted_at is None,
    )


def _anchor(case: PracticeCase, section: str, key: str) -> str:
    return url_for("practice.section", case=case.id, section=section, _anchor=f"q-{slug(key)}")


def _row(case: PracticeCase, one: practice.Compared) -> list[Any]:
    part = case.instrument.part(one.key)
    says, kind = VERDICTS[one.verdict]
    return [
        {"text": named(case.instrument, part)},
        {"text": words_of(part, one.given) or "Not answered", "hint": one.given.note},
        {"text": words_of(part, one.model), "hint": one.model.note},
        {"status": says, "kind": kind},
        one.why,
    ]
