"""One section of the reading form: shown, saved by its button, and what happens when the two do not meet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import readings
from casereader.errors import AbsentError, ConflictError
from casereader.instrument import Instrument, Section, open_keys
from casereader.readings import NOTES, STORY, Change, Opened, RefusedAnswersError
from casereader.readings.notes import NAMES
from casereader.vocabulary import READER_ROLES
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers import reading_pages
from casereader.web.answers.questions import slug
from casereader.web.answers.reading_pages import answers_of
from casereader.web.clock import now
from casereader.web.readings import both_texts, form_page, posted
from casereader.web.readings.autosave import FIELDS, MEGABYTES
from casereader.web.request_limits import checks_its_own_fields, limit_body
from casereader.web.request_session import db

blueprint = Blueprint("section", __name__)


@blueprint.get("/readings/<public_id>/<section>")
@allow(*READER_ROLES)
def show(public_id: str, section: str) -> str | Response:
    """One section of the form; of a closed reading, the same answers to look at."""
    opened = objects.reading(public_id)
    instrument = objects.instrument_of_reading(opened)
    found = _section(instrument, section)
    if not opened.is_open or objects.went_back():
        return redirect(url_for("reading.check", public_id=public_id, _anchor=f"s-{section}"), 303)
    return form_page.render(opened, instrument, view=found.id)


@blueprint.post("/readings/<public_id>/<section>")
@allow(*READER_ROLES)
@limit_body(MEGABYTES, fields=FIELDS)
@checks_its_own_fields
def save(public_id: str, section: str) -> tuple[str, int] | Response:
    """Save a section by its button, and go on."""
    opened = objects.reading(public_id, to_change=True)
    instrument = objects.instrument_of_reading(opened)
    found = _section(instrument, section)
    before = answers_of(opened, instrument)
    changes, unknown = posted.changes_in(request.form, instrument, found, before)
    version = posted.version_in(request.form)
    held = readings.notes_of(db(), opened.key)
    noted = posted.notes_in(request.form, held)
    try:
        if unknown:
            raise RefusedAnswersError(unknown)
        sent = (public_id, version, sorted({**changes, **noted}.items()))
        digest = hashlib.sha256(repr(sent).encode("utf-8", "replace"))
        saved = readings.save(
            db(),
            opened=opened,
            instrument=instrument,
            changes={**changes, **noted},
            version=version,
            key=digest.hexdigest(),
            digest=digest.hexdigest(),
            by=person().account,
            at=now(),
        )
        _warn(opened, instrument, {key: one for key, one in {**changes, **noted}.items() if key in saved.changed})
    except RefusedAnswersError as error:
        typed = both_texts.typed(before, changes)
        page = form_page.render(
            opened,
            instrument,
            view=found.id,
            answers=typed,
            errors=_fault_links(instrument, found, error.faults),
            faults=error.faults,
            notes=both_texts.typed_notes(held, noted),
        )
        return page, 422
    except ConflictError as error:
        rows = both_texts.differing(instrument, before, changes) + both_texts.differing_notes(held, noted)
        if rows:
            return _conflict(opened, instrument, found, error, rows), 409
    after = answers_of(opened, instrument)
    asked = frozenset(open_keys(instrument, after, stratum=opened.stratum(instrument)))
    if request.form.get("go") == "stay":
        flash("Saved.", "success")
        return redirect(url_for("section.show", public_id=public_id, section=section), 303)
    following = reading_pages.next_open_section(instrument, section, asked)
    if following is None:
        return redirect(url_for("reading.check", public_id=public_id), 303)
    return redirect(url_for("section.show", public_id=public_id, section=following.id), 303)


def _warn(opened: Opened, instrument: Instrument, changes: Mapping[str, Change]) -> None:
    """Say of which answers the text looks as if it told who somebody is; a page with its script says it beside each."""
    signs = readings.signs_of_changes(db(), opened=opened, instrument=instrument, changes=changes)
    for key, found in signs.items():
        says = f"This looks like {' and '.join(found)}. No note may name anybody: write it again without."
        flash(f"{NAMES.get(key, key)}: {says}", "warning")


def _section(instrument: Instrument, name: str) -> Section:
    found = next((section for section in instrument.sections if section.id == name), None)
    if found is None:
        raise AbsentError
    return found


def _conflict(
    opened: Opened, instrument: Instrument, section: Section, error: ConflictError, rows: list[dict[str, Any]]
) -> str:
    return render_template(
        "reading/conflict.html",
        **reading_pages.frame(opened, instrument),
        section=section,
        says=str(error),
        rows=rows,
        may_keep=opened.is_open,
    )


def _fault_links(instrument: Instrument, section: Section, faults: Mapping[str, list[str]]) -> list[dict[str, str]]:
    here = {part.key for part in section.parts}
    hrefs = {**{key: f"#q-{slug(key)}" for key in here}, NOTES: f"#a-{NOTES}", STORY: f"#a-{STORY}"}
    return [
        {"text": f"{key}: {says}" if instrument.has(key) else says, "href": hrefs.get(key, "")}
        for key, reasons in faults.items()
        for says in reasons
    ]
