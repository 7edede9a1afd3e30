"""All that is held about one case, for the person it is about: a file to work with, or a page to print.

The reference is sent in a form, never in an address.
"""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from casereader import subject, subject_shown
from casereader.errors import AbsentError
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.proved import proved_first
from casereader.web.request_session import db

blueprint = Blueprint("subject", __name__)

PAGE, FILE = "page", "file"


class SubjectForm(FlaskForm):
    """Which case, and as what."""

    reference = StringField("Reference of the case", [InputRequired("Enter the reference."), Length(max=40)])
    wanted = RadioField(
        "As what",
        choices=[SelectChoice(PAGE, "A page to read and print"), SelectChoice(FILE, "A file (JSON)")],
        default=PAGE,
    )


@blueprint.get("/inspections/<public_id>/about-a-case")
@allow(Role.LEAD)
def ask(public_id: str) -> str:
    """Ask which case."""
    return _page(objects.inspection(public_id, Role.LEAD), SubjectForm(formdata=None))


@blueprint.post("/inspections/<public_id>/about-a-case")
@allow(Role.LEAD)
@proved_first("Give all that is held about a case")
def give(public_id: str) -> str | Response | tuple[str, int]:
    """Give all that is held about it."""
    place = objects.inspection(public_id, Role.LEAD)
    form = SubjectForm()
    if form.validate_on_submit():
        try:
            held = subject.gather(
                db(), place=place, reference=form.reference.data or "", by=person().account, at=now()
            ).as_plain()
        except AbsentError as error:
            form.reference.errors = [str(error)]
        else:
            if form.wanted.data == PAGE:
                return render_template(
                    "subject/paper.html", place=place, held=held, sections=subject_shown.sections(held)
                )
            name = objects.file_name(place.programme, "held-about-a-case.json")
            text = json.dumps(held, ensure_ascii=False, indent=2)
            return Response(
                text,
                mimetype="application/json",
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )
    return _page(place, form), 422


def _page(place: Place, form: SubjectForm) -> str:
    return render_template("subject/ask.html", place=place, form=form)
