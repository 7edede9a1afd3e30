"""The notes pane saved by its button, for pages without scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from casereader import readings
from casereader.instrument import Instrument
from casereader.readings import NOTES, STORY, Change, Notes, Opened, RefusedAnswersError, StaleError
from casereader.web import form_page, objects, posted
from casereader.web.access import allow, checks_its_own_fields, limit_body, person
from casereader.web.clock import now
from casereader.web.reading_pages import READERS
from casereader.web.request_session import db

blueprint = Blueprint("notes", __name__)


@blueprint.post("/readings/<public_id>/notes")
@allow(*READERS)
@limit_body(1)
@checks_its_own_fields
def save(public_id: str) -> tuple[str, int] | Response:
    """Save the running notes and the child's story."""
    opened = objects.reading(public_id, to_change=True)
    version = posted.version_in(request.form)
    texts = {key: posted.only(request.form, key) for key in (NOTES, STORY)}
    changes: dict[str, Change] = {key: {"value": text} for key, text in texts.items() if text is not None}
    digest = hashlib.sha256(repr((public_id, "notes", version, changes)).encode("utf-8", "replace")).hexdigest()
    instrument = objects.instrument_of_reading(opened)
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
        return _again(opened, instrument, texts, [text for reasons in error.faults.values() for text in reasons])
    except StaleError as error:
        held = readings.notes_of(db(), opened.key)
        stored = [f"Stored now, {name}: {text or 'nothing'}" for name, text in _differing(held, texts)]
        return _again(opened, instrument, texts, [f"{error} Saving again keeps what you typed.", *stored])
    flash("Your notes are saved.", "success")
    return redirect(url_for("reading.tasks", public_id=public_id), 303)


def _again(
    opened: Opened, instrument: Instrument, texts: Mapping[str, str | None], says: Sequence[str]
) -> tuple[str, int]:
    """The pane with what was typed, and what stands against it."""
    typed = readings.Notes(*(_shown(texts[key]) for key in (NOTES, STORY)))
    errors = [{"text": text, "href": "#notes"} for text in says]
    return form_page.render(opened, instrument, view=form_page.TASKS, errors=errors, notes=typed), 422


def _differing(held: Notes, texts: Mapping[str, str | None]) -> list[tuple[str, str]]:
    named = (("the running notes", NOTES, held.notes), ("the child’s story", STORY, held.story))
    return [(name, text) for name, key, text in named if texts[key] not in (None, text)]


def _shown(text: str | None) -> str:
    return (text or "").replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
