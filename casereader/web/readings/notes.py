"""The notes pane saved by its button where no section is in view, for pages without scripts.

Beside a section its texts belong to the section's form (section.py); beside the check to the form that submits.
"""

from __future__ import annotations

import hashlib

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from casereader import readings
from casereader.instrument import Instrument
from casereader.readings import Opened, RefusedAnswersError, StaleError
from casereader.vocabulary import READER_ROLES
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.readings import both_texts, form_page, posted
from casereader.web.request_limits import checks_its_own_fields, limit_body
from casereader.web.request_session import db

blueprint = Blueprint("notes", __name__)


@blueprint.post("/readings/<public_id>/notes")
@allow(*READER_ROLES)
@limit_body(1)
@checks_its_own_fields
def save(public_id: str) -> tuple[str, int] | Response:
    """Save the running notes and the child's story."""
    opened = objects.reading(public_id, to_change=True)
    instrument = objects.instrument_of_reading(opened)
    view = form_page.CHECK if request.form.get("view") == form_page.CHECK else form_page.TASKS
    if (refused := keep(opened, instrument, view=view)) is not None:
        return refused
    flash("Your notes are saved.", "success")
    return redirect(url_for(f"reading.{view}", public_id=public_id), 303)


def keep(opened: Opened, instrument: Instrument, *, view: str) -> tuple[str, int] | None:
    """Keep what was posted of the notes pane; the page again, with what was typed, where it cannot be kept."""
    version = posted.version_in(request.form)
    held = readings.notes_of(db(), opened.key)
    changes = posted.notes_in(request.form, held)
    sent = (opened.reading.public_id, "notes", version, changes)
    digest = hashlib.sha256(repr(sent).encode("utf-8", "replace")).hexdigest()
    try:
        readings.save(
            db(),
            opened=opened,
            instrument=instrument,
            changes=changes,
            version=version,
            key=digest,
            digest=digest,
            by=person().account,
            at=now(),
        )
    except RefusedAnswersError as error:
        says = [text for reasons in error.faults.values() for text in reasons]
        errors = [{"text": text, "href": "#notes"} for text in says]
        typed = both_texts.typed_notes(held, changes)
        return form_page.render(opened, instrument, view=view, errors=errors, faults=error.faults, notes=typed), 422
    except StaleError as error:
        rows = both_texts.differing_notes(held, changes)
        stored = [f"Stored now, {row['name'].lower()}: {row['stored']['value']}" for row in rows]
        says = [f"{error} Saving again keeps what you typed.", *stored]
        errors = [{"text": text, "href": "#notes"} for text in says]
        typed = both_texts.typed_notes(held, changes)
        return form_page.render(opened, instrument, view=view, errors=errors, notes=typed, notes_differ=bool(rows)), 422
    return None
