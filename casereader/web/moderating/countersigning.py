"""Pair moderation: the inspector talks a local reviewer's reading over with them, and countersigns it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import readings
from casereader.errors import AbsentError, RefusedError
from casereader.readings import NamingError, Opened
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers import pair_rows, query_pages, reading_pages
from casereader.web.answers.answer_rows import answer_rows
from casereader.web.answers.query_pages import Viewer
from casereader.web.clock import now
from casereader.web.readings import time_spent
from casereader.web.request_session import db

blueprint = Blueprint("countersigning", __name__)

LABEL = "What did you talk over?"
LOOKED = "I have looked at what I wrote: it identifies nobody"


@blueprint.get("/inspections/<public_id>/countersigning/<reading>")
@allow(Role.REVIEWER)
def show(public_id: str, reading: str) -> str:
    """The reading, to look over together."""
    return _page(_opened(public_id, reading), "")


@blueprint.post("/inspections/<public_id>/countersigning/<reading>")
@allow(Role.REVIEWER)
def countersign(public_id: str, reading: str) -> tuple[str, int] | Response:
    """Confirm it, with what was talked over."""
    opened = _opened(public_id, reading)
    spoken = request.form.get("talked_over", "")
    try:
        readings.countersign(
            db(),
            public_id=reading,
            talked_over=spoken,
            keep_signs=request.form.get("keep_signs") == "y",
            by=person().account,
            at=now(),
        )
    except NamingError as error:
        return _page(opened, spoken, unsaid=error.reasons), 422
    except RefusedError as error:
        return _page(opened, spoken, faults=error.reasons), 422
    flash(f"The reading of {opened.case_ref} is countersigned: it counts.", "success")
    return redirect(url_for("reading.index"), 303)


def _page(opened: Opened, spoken: str, *, faults: Sequence[str] = (), unsaid: Sequence[str] = ()) -> str:
    """`faults`: what is wrong with the text; `unsaid`: what its writer still has to say of it."""
    instrument = objects.instrument_of_reading(opened)
    answers = readings.answers_of(db(), opened.key)
    rows = answer_rows(opened, instrument, answers, lacking={}, may_change=False)
    changed = readings.changed_since_handed_in(db(), opened.reading)
    return render_template(
        "moderation/countersigning.html",
        **reading_pages.frame(opened, instrument),
        before=readings.countersigned_before(db(), opened.reading),
        changed=pair_rows.changed(instrument, changed),
        kept=pair_rows.kept(instrument, readings.talked_over_of(db(), opened.reading)),
        talked_over={"id": "talked_over", "name": "talked_over", "label": LABEL, "value": spoken, "errors": faults},
        looked={"id": "keep_signs", "name": "keep_signs", "label": LOOKED, "errors": unsaid},
        errors=[
            {"text": text, "href": f"#{name}"}
            for name, texts in (("talked_over", faults), ("keep_signs", unsaid))
            for text in texts
        ],
        sections=query_pages.beside(
            time_spent.without_minutes(rows, instrument), instrument, query_pages.of_reading(opened), Viewer.PAIR
        ),
    )


def _opened(public_id: str, reading: str) -> Opened:
    opened = readings.find_for_pair(db(), public_id=reading, account=person().account)
    if opened.place.inspection.public_id != public_id:
        raise AbsentError
    objects.show_banner(opened.place.programme)
    return opened
