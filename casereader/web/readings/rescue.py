"""Bringing in a rescue file: choose it, see what is new and what differs, choose, save. Only its own reader may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, NoReturn

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from casereader import dated, readings
from casereader.db import transaction
from casereader.errors import AbsentError, ConflictError
from casereader.instrument import Answer, Instrument
from casereader.models import Account
from casereader.readings import Beside, Choice, Opened, StaleError, Standing, UnchosenError
from casereader.vocabulary import READER_ROLES
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers import reading_pages
from casereader.web.answers.questions import slug, source_words, title_of, words_of
from casereader.web.clock import now
from casereader.web.forms.rescue import RescueForm
from casereader.web.installed import engine, sealing_keys
from casereader.web.readings import both_texts, posted, rescue_file
from casereader.web.readings.rescue_file import RescueFile, RescueFileError
from casereader.web.request_limits import limit_body
from casereader.web.request_session import db

blueprint = Blueprint("rescue", __name__)

MEGABYTES, FIELDS = 4, 1000  # the file as it is chosen, and again with the choices made
COUNTED = {
    Standing.NEW: "new",
    Standing.DIFFERS: "to choose, because something else is stored",
    Standing.SAME: "stored already",
    Standing.REFUSED: "not to be taken as it stands",
}
NOT_THEIRS = "There is nothing for you in this rescue file, or it is not yours. Nothing was taken from it."


@blueprint.get("/readings/rescue")
@blueprint.get("/readings/<public_id>/rescue")
@allow(*READER_ROLES)
def ask(public_id: str | None = None) -> str:
    """Ask for a rescue file: of this reading, or of any of one's own."""
    return _ask(objects.reading(public_id) if public_id else None, [])


@blueprint.post("/readings/rescue")
@blueprint.post("/readings/<public_id>/rescue")
@allow(*READER_ROLES)
@limit_body(MEGABYTES, fields=20)
def look(public_id: str | None = None) -> tuple[str, int] | str:
    """Show what is in the file beside what is stored; nothing is changed yet."""
    asked = objects.reading(public_id) if public_id else None
    form = RescueForm()
    if not form.validate_on_submit():
        return _ask(asked, [str(text) for text in form.file.errors]), 422
    with closing(form.file.data) as upload:
        content: bytes = upload.read(rescue_file.LARGEST + 1)
    try:
        found = rescue_file.read(content, sealing_keys())
        opened = _own(found)
    except RescueFileError as error:
        return _ask(asked, [str(error)]), 422
    if asked is not None and asked.key != opened.key:
        says = (
            f"This rescue file is of another reading of yours, {opened.case_ref}: bring it in there or from Readings."
        )
        return _ask(asked, [says]), 422
    return _preview(opened, found, content.decode())


@blueprint.post("/readings/<public_id>/rescue/save")
@allow(*READER_ROLES)
@limit_body(MEGABYTES, fields=FIELDS)
def save(public_id: str) -> tuple[str, int] | Response:
    """Take the answers that are new, and of those that differ the ones chosen."""
    opened = objects.reading(public_id, to_change=True)
    text = request.form.get("file", "")
    version = posted.version_in(request.form)
    try:
        found = rescue_file.read(text.encode(), sealing_keys())
        if _own(found).key != opened.key:
            raise BadRequest
    except RescueFileError as error:
        return _ask(opened, [str(error)]), 422
    choices = _choices(found)
    try:
        brought = readings.bring_back(
            db(),
            opened=opened,
            instrument=objects.instrument_of_reading(opened),
            changes=found.changes,
            choices=choices,
            version=version,
            source=found.source,
            by=person().account,
            at=now(),
        )
    except UnchosenError as error:
        return _preview(opened, found, text, choices=choices, unchosen=error.keys), 422
    except StaleError as error:
        says = f"This reading was changed since you looked, last by {error.who}."
        return _preview(opened, found, text, choices=choices, says=says), 409
    except ConflictError:
        return _preview(opened, found, text), 409
    flash(_told(brought.taken, brought.kept), "success")
    return redirect(url_for("reading.tasks", public_id=public_id), 303)


def _own(found: RescueFile) -> Opened:
    """The reading the file is of, if file and reading are this person's own; else one refusal, written down."""
    if found.account != person().account.public_id:
        _refuse(found)
    try:
        opened = objects.reading(found.reading)
    except AbsentError:
        _refuse(found)
    begun = (opened.reading.instrument_id, opened.reading.instrument_version)
    if (found.instrument, found.instrument_version) != begun:
        raise RescueFileError("This rescue file was written under another version of the instrument than its reading.")
    return opened


def _refuse(found: RescueFile) -> NoReturn:
    key = person().id
    db().rollback()  # a refusal is not committed, its trace is: in a transaction of its own
    with transaction(engine()) as writing:
        by = writing.get_one(Account, key)
        readings.note_foreign_file(writing, reading=found.reading, source=found.source, by=by, at=now())
    raise AbsentError(NOT_THEIRS)


def _choices(found: RescueFile) -> dict[str, Choice]:
    said = {key: request.form[f"choose-{key}"] for key in found.changes if f"choose-{key}" in request.form}
    try:
        return {key: Choice(value) for key, value in said.items()}
    except ValueError as error:
        raise BadRequest from error


def _told(taken: Sequence[str], kept: Sequence[str]) -> str:
    if not taken and not kept:
        return "Nothing was changed: the server has these answers already."
    many = "answers are" if len(taken) != 1 else "answer is"
    left = f" {len(kept)} stayed as stored." if kept else ""
    return f"{len(taken)} {many} saved from the rescue file.{left}"


def _ask(asked: Opened | None, errors: Sequence[str]) -> str:
    if asked is not None:
        objects.show_banner(asked.place.programme)
    return render_template(
        "reading/rescue.html",
        asked=asked,
        field={"id": "file", "name": "file", "label": "Rescue file", "errors": errors},
        megabytes=rescue_file.LARGEST // 1024 // 1024,
        errors=[{"text": text, "href": "#file"} for text in errors] or None,
    )


def _preview(
    opened: Opened,
    found: RescueFile,
    text: str,
    *,
    choices: Mapping[str, Choice] | None = None,
    unchosen: Sequence[str] = (),
    says: str = "",
) -> str:
    instrument = objects.instrument_of_reading(opened)
    beside = readings.beside_stored(db(), opened=opened, instrument=instrument, changes=found.changes)
    rows: dict[Standing, list[dict[str, Any]]] = {standing: [] for standing in Standing}
    for one in beside:
        rows[one.standing].append(_row(instrument, one, (choices or {}).get(one.key), one.key in unchosen))
    rows[Standing.REFUSED] += [_shapeless(key, reasons) for key, reasons in found.faults.items()]
    return render_template(
        "reading/rescue-preview.html",
        **reading_pages.frame(opened, instrument),
        text=text,
        saved_at=dated.moment(found.saved_at),
        n_answers=len(beside) + len(found.faults),
        counted=[f"{len(rows[standing])} {words}" for standing, words in COUNTED.items() if rows[standing]] or ["none"],
        new=rows[Standing.NEW],
        differing=rows[Standing.DIFFERS],
        same=rows[Standing.SAME],
        refused=rows[Standing.REFUSED],
        closed=readings.why_closed(opened),
        may_save=opened.is_open and bool(rows[Standing.NEW] or rows[Standing.DIFFERS]),
        says=says,
        errors=[{"text": f"{key}: choose which is to stand.", "href": f"#choose-{slug(key)}"} for key in unchosen]
        or None,
    )


def _row(instrument: Instrument, one: Beside, chosen: Choice | None, is_unchosen: bool) -> dict[str, Any]:
    is_known = instrument.has(one.key)
    name = title_of(instrument, instrument.part(one.key)) if is_known else both_texts.NAMES.get(one.key, "")
    code = instrument.part(one.key).code if is_known else "" if one.key in both_texts.NAMES else _shown(one.key)
    offered = ((Choice.STORED, "What is stored"), (Choice.WAITED, "What the file holds"))
    return {
        "code": code,
        "name": name,
        "reasons": one.reasons,
        "stored": _words(instrument, one.key, one.stored),
        "waited": _words(instrument, one.key, one.waited),
        "choose": {
            "id": f"choose-{slug(one.key)}",
            "name": f"choose-{one.key}",
            "label": f"Which is to stand for {' '.join(filter(None, (code, name)))}?",
            "choices": [
                {"value": choice.value, "label": label, "selected": choice is chosen} for choice, label in offered
            ],
            "errors": ["Choose which is to stand."] if is_unchosen else [],
        },
    }


def _shapeless(key: str, reasons: Sequence[str]) -> dict[str, Any]:
    return {"code": _shown(key), "name": "", "reasons": [_shown(says) for says in reasons], "waited": None}


def _words(instrument: Instrument, key: str, answer: Answer) -> dict[str, Any]:
    value = words_of(instrument.part(key), answer) if instrument.has(key) else answer.value or ""
    return {
        "value": _shown(value) or ("Nothing" if key in both_texts.NAMES else "Not answered"),
        "note": _shown(answer.note),
        "sources": source_words(instrument, answer.sources),
        "discuss": answer.discuss,
    }


def _shown(text: str) -> str:
    """The text as a page can hold it."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
