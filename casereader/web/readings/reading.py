"""Reading records: my readings, a reading's sections, checking, submitting, reopening."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import dated, queries, readings
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Answer, Instrument
from casereader.moderating import proposals
from casereader.moderating.opened_again import times as opened_times
from casereader.reading_week import timetable
from casereader.readings import IncompleteError, Opened
from casereader.vocabulary import READER_ROLES, ReadingState
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.answers import opened_again, pair_rows, query_pages, reading_pages
from casereader.web.answers.answer_rows import answer_rows
from casereader.web.answers.query_pages import Viewer
from casereader.web.answers.questions import named, source_words, title_of, words_of
from casereader.web.answers.reading_pages import answers_of
from casereader.web.clock import now
from casereader.web.readings import (
    answers_of_both,
    both_texts,
    closed_reading,
    form_page,
    next_record,
    notes,
    posted,
    time_spent,
)
from casereader.web.request_limits import limit_body
from casereader.web.request_session import commit_now, db, read_again

blueprint = Blueprint("reading", __name__)


@blueprint.get("/readings")
@allow(*READER_ROLES)
def index() -> str:
    """The records given to me, those still to do apart, and those of my local reviewer to countersign."""
    mine = readings.mine(db(), account=person().account)
    wave = timetable.waves_of_mine(db(), mine=mine)
    mine = next_record.in_turn(mine, wave)
    first, n_open = next_record.next_of(mine), sum(opened.is_open for opened in mine)
    waiting = readings.to_countersign(db(), account=person().account)
    for opened in [*mine, *waiting]:
        objects.show_banner(opened.place.programme)
    asked = [one for one in queries.mine(db(), readings=mine) if one.conversation.waits_for_reader]
    choices, to_choose = answers_of_both.to_choose(mine)
    planned = timetable.days_of_mine(db(), mine=mine, account=person().account)
    to_read: dict[str, list[dict[str, str]]] = {}
    finished = []
    for opened in mine:
        says, kind, next_step = reading_pages.state_of(opened)
        name, href = opened.place.name, url_for("reading.tasks", public_id=opened.reading.public_id)
        stratum, status = opened.sample_case.stratum, says.capitalize()
        if opened.is_open:
            day = f" Planned for {dated.weekday(planned[opened.key])}." if opened.key in planned else ""
            again = said if (said := opened_again.says(opened)) else f"Next: {next_step[0].lower()}{next_step[1:]}."
            part = f" Wave {wave[opened.key]}." if opened.key in wave else ""
            hint = f"Stratum {stratum}.{part}{day} {again}"
            if n := to_choose.get(opened.key):
                hint += f" {n} answer{' waits' if n == 1 else 's wait'} for your choice."
            item = {"text": opened.case_ref, "href": href, "hint": hint, "status": status, "kind": kind}
            to_read.setdefault(name, []).append(item)
        else:
            finished.append([{"text": opened.case_ref, "href": href}, name, stratum, {"status": status, "kind": kind}])
    return render_template(
        "reading/index.html",
        groups=[{"heading": name, "items": items} for name, items in to_read.items()],
        finished=finished,
        next_step=next_record.step(first, n_open) if first else None,
        waiting=waiting,
        to_settle=[
            {
                "text": one.opened.case_ref,
                "href": url_for("settling_by_readers.show", public_id=one.opened.reading.public_id),
                "with": one.other_reader,
                "turn": one.turn.value,
                "is_mine": one.turn is proposals.Turn.MINE,
            }
            for one in proposals.to_settle(db(), mine=mine, account=person().account)
        ],
        n_asked=len(asked),
        choices=choices,
        opened=[
            {"name": place.name, "href": url_for("opened.show", public_id=place.inspection.public_id)}
            for place in {opened.place.inspection.id: opened.place for opened in mine}.values()
        ],
    )


@blueprint.get("/readings/<public_id>")
@allow(*READER_ROLES)
def tasks(public_id: str) -> str:
    """The sections of one reading and how far each is."""
    opened = objects.reading(public_id)
    instrument = objects.instrument_of_reading(opened)
    if opened.is_open and not objects.went_back():
        return form_page.render(opened, instrument, view=form_page.TASKS)
    return closed_reading.rendered(opened, instrument)


@blueprint.post("/readings/<public_id>/start")
@allow(*READER_ROLES)
def start(public_id: str) -> Response:
    """Start a reading: what the list knows is filled in."""
    opened = objects.reading(public_id, to_change=True)
    instrument = objects.instrument_of_reading(opened)
    readings.begin(db(), opened=opened, instrument=instrument, by=person().account, at=now())
    first = instrument.sections[0].id
    return redirect(url_for("section.show", public_id=public_id, section=first), 303)


@blueprint.get("/readings/<public_id>/check")
@allow(*READER_ROLES)
def check(public_id: str) -> str:
    """Every answer, what is missing, and what does not seem to fit."""
    opened = objects.reading(public_id)
    return _check(opened, objects.instrument_of_reading(opened))


@blueprint.post("/readings/<public_id>/submit")
@allow(*READER_ROLES)
@limit_body(1)
def submit(public_id: str) -> tuple[str, int] | Response:
    """Hand the reading in, with what was typed in the notes beside it."""
    opened = objects.reading(public_id, to_change=True)
    instrument = objects.instrument_of_reading(opened)
    held = readings.notes_of(db(), opened.key)
    if opened.is_open and both_texts.differing_notes(held, posted.notes_in(request.form, held)):
        if (refused := notes.keep(opened, instrument, view=form_page.CHECK)) is not None:
            return refused
        commit_now()  # they are kept whatever becomes of the submission
    minutes, faults = time_spent.minutes_in(request.form.get("minutes", ""))
    try:
        readings.submit(
            db(),
            opened=opened,
            instrument=instrument,
            declared=request.form.get("declared") == "y",
            keep_marks=request.form.get("keep_marks") == "y",
            keep_signs=request.form.get("keep_signs") == "y",
            by=person().account,
            at=now(),
            minutes=minutes,
            faults=faults,
        )
    except IncompleteError as error:
        read_again()  # what was begun for it is not kept
        opened = objects.reading(public_id)
        groups = reading_pages.missing_by_section(opened, instrument, error.missing)
        told = [{"text": f"{one['text']}: {one['count']} missing", "href": one["href"]} for one in groups]
        said = _unsaid(error, instrument)
        told += [{"text": text, "href": f"#{name}"} for name, texts in said.items() for text in texts]
        return form_page.render(opened, instrument, view=form_page.CHECK, errors=told, faults=said), 422
    flash(f"The reading of {opened.case_ref} is submitted.", "success")
    return redirect(url_for("reading.tasks", public_id=public_id), 303)


@blueprint.get("/readings/<public_id>/reopen")
@allow(*READER_ROLES)
def reopen(public_id: str) -> str:
    """Ask why a submitted reading is taken back into work."""
    opened = objects.reading(public_id)
    return _reopen(opened, "", [])


@blueprint.post("/readings/<public_id>/reopen")
@allow(*READER_ROLES)
def reopen_post(public_id: str) -> tuple[str, int] | Response:
    """Take it back into work."""
    opened = objects.reading(public_id, to_change=True)
    reason = request.form.get("reason", "")
    try:
        readings.reopen(db(), opened=opened, reason=reason, by=person().account, at=now())
    except RefusedError as error:
        return _reopen(opened, reason, list(error.reasons)), 422
    flash(f"The reading of {opened.case_ref} is open again. Submit it when you are done.", "success")
    return redirect(url_for("reading.tasks", public_id=public_id), 303)


@blueprint.get("/readings/<public_id>/history")
@allow(*READER_ROLES)
def history(public_id: str) -> str:
    """Every revision of an answer, or of all."""
    opened = objects.reading(public_id)
    instrument = objects.instrument_of_reading(opened)
    question = next((one for one in instrument.questions if one.id == request.args.get("question")), None)
    keys = [part.key for part in question.parts] if question else None
    rows = [
        {
            "code": instrument.part(one.row.key).code if instrument.has(one.row.key) else one.row.key,
            "name": title_of(instrument, instrument.part(one.row.key)) if instrument.has(one.row.key) else "",
            "when": dated.moment(one.row.saved_at),
            "who": one.who,
            "before": _revision_words(instrument, one.row.key, one.row.before),
            "after": _revision_words(instrument, one.row.key, one.row.after),
        }
        for one in readings.history(db(), reading_id=opened.key, question_keys=keys)
    ]
    talked_over = readings.talked_over_of(db(), opened.reading, since=opened.reading.assigned_at)
    return render_template(
        "reading/history.html",
        **reading_pages.frame(opened, instrument),
        question=question,
        rows=rows,
        again=[opened_again.words(one) for one in opened_times(db(), opened.reading)],
        kept=pair_rows.kept(instrument, talked_over, keys=keys),
        deeds=[] if question else histories.deeds_of(public_id),
    )


def _unsaid(error: IncompleteError, instrument: Instrument) -> dict[str, list[str]]:
    """What the form that submits still asks for, by the field it is put right at."""
    marks, signs = (
        "; ".join(named(instrument, instrument.part(one.key)) for one in found) for found in (error.marks, error.signs)
    )
    said = {
        "keep_marks": [f"Marked “discuss”: {marks}. Clear the marks, or say that you leave them."] if marks else [],
        "keep_signs": [f"This may name somebody: {signs}. Put it right, or say that you looked."] if signs else [],
        "minutes": error.faults,
        "declared": [] if error.is_declared else [readings.UNDECLARED],
    }
    return {name: texts for name, texts in said.items() if texts}


def _check(opened: Opened, instrument: Instrument) -> str:
    if opened.is_open and not objects.went_back():
        return form_page.render(opened, instrument, view=form_page.CHECK)
    answers = answers_of(opened, instrument)
    return render_template(
        "reading/closed-answers.html",
        **reading_pages.frame(opened, instrument),
        answered=query_pages.beside(
            answer_rows(opened, instrument, answers, lacking={}, may_change=False),
            instrument,
            query_pages.of_reading(opened),
            Viewer.READER,
            href=partial(query_pages.to_reader, opened),
        ),
    )


def _reopen(opened: Opened, reason: str, errors: list[str]) -> str:
    if opened.reading.signed_off_at is not None or opened.reading.state is ReadingState.ASSIGNED:
        raise ConflictError("This reading cannot be reopened: it is signed off, or it was never submitted.")
    instrument = objects.instrument_of_reading(opened)
    return render_template(
        "reading/reopen.html",
        **reading_pages.frame(opened, instrument),
        field={"id": "reason", "name": "reason", "label": "Why it is reopened", "value": reason, "errors": errors},
        errors=[{"text": error, "href": "#reason"} for error in errors],
        lapses=closed_reading.has_proposal(opened),
    )


def _revision_words(instrument: Instrument, key: str, columns: Mapping[str, Any] | None) -> dict[str, Any]:
    if columns is None:
        return {"value": "Not answered", "note": "", "sources": "", "discuss": False}
    answer = Answer(columns["value"], columns["note"], tuple(columns["sources"]), columns["ground"], columns["discuss"])
    words = words_of(instrument.part(key), answer) if instrument.has(key) else answer.value or ""
    return {
        "value": words or "Not answered",
        "note": answer.note,
        "sources": source_words(instrument, answer.sources),
        "discuss": answer.discuss,
    }
