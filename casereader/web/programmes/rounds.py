"""Figures published of a partnership before: entered with their source, each beside the question of ours it meets."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from casereader import dated
from casereader.errors import RefusedError
from casereader.figures import rounds
from casereader.models import EarlierFigure
from casereader.programmes.inspections import Place
from casereader.stages import stages
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.forms.rounds import EarlierFigureForm
from casereader.web.request_session import db
from sampling.exact import decimal_text

blueprint = Blueprint("rounds", __name__)

RUNS = (Role.COORDINATOR, Role.LEAD)
SEES = frozenset({Role.COORDINATOR, Role.LEAD, Role.MODERATOR})


@blueprint.get("/inspections/<public_id>/earlier-figures")
@allow(*RUNS)
def show(public_id: str) -> str:
    """What was entered, and a form for one more."""
    return _page(objects.inspection(public_id, *RUNS), None)


@blueprint.post("/inspections/<public_id>/earlier-figures")
@allow(*RUNS)
def enter(public_id: str) -> Response | tuple[str, int]:
    """Enter one."""
    place = objects.inspection(public_id, *RUNS)
    form = _form(place, EarlierFigureForm())
    if form.validate_on_submit():
        try:
            rounds.enter(
                db(),
                place=place,
                instrument=objects.instrument_of(place.programme),
                entry=form.entry(),
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.form_errors.extend(error.reasons)
        else:
            flash("The figure is entered.", "success")
            return redirect(url_for("rounds.show", public_id=public_id), 303)
    return _page(place, form), 422


@blueprint.post("/inspections/<public_id>/earlier-figures/<figure>/take-out")
@allow(*RUNS)
def take_out(public_id: str, figure: str) -> Response:
    """Take one out."""
    place = objects.inspection(public_id, *RUNS)
    rounds.take_out(db(), inspection=place.inspection, public_id=figure, by=person().account, at=now())
    flash("The figure is taken out. The audit trail keeps that it was there.", "success")
    return redirect(url_for("rounds.show", public_id=public_id), 303)


def other_rounds(place: Place) -> list[list[object]]:
    """The partnership's inspections in other programmes, each a link where it is mine to see."""
    found = rounds.of_partnership(db(), place=place)
    standings = stages.standings(db(), [one.inspection.id or 0 for one in found])
    return [
        [
            {
                "text": one.programme.name,
                "href": url_for("programmes.inspection", public_id=one.inspection.public_id)
                if person().roles_in(one.inspection.id or 0) & SEES
                else "",
            },
            dated.months(one.inspection.period_from, one.inspection.period_to),
            {"status": standings[one.inspection.id or 0].stage, "kind": "plain"},
        ]
        for one in found
    ]


def _page(place: Place, form: EarlierFigureForm | None) -> str:
    questions = rounds.questions(objects.instrument_of(place.programme))
    return render_template(
        "programmes/earlier-figures.html",
        place=place,
        form=form or _form(place, EarlierFigureForm(formdata=None)),
        rows=[_row(place, one, questions) for one in rounds.figures(db(), inspection=place.inspection)],
    )


def _row(place: Place, figure: EarlierFigure, questions: dict[str, str]) -> dict[str, str]:
    when = f", {dated.day(figure.published_on)}" if figure.published_on else ""
    return {
        "asked": figure.asked,
        "figure": f"{decimal_text(Decimal(figure.share) * 100)}%" + (f" of {figure.n}" if figure.n else ""),
        "source": figure.source + when,
        "question": questions.get(figure.question or "", figure.question or ""),
        "comparability": figure.comparability.capitalize(),
        "take_out": url_for("rounds.take_out", public_id=place.inspection.public_id, figure=figure.public_id),
    }


def _form(place: Place, form: EarlierFigureForm) -> EarlierFigureForm:
    questions = rounds.questions(objects.instrument_of(place.programme))
    form.question.choices = [
        SelectChoice("", "None of ours"),
        *(SelectChoice(key, words) for key, words in questions.items()),
    ]
    return form
