"""The quality indicators on which a programme's evaluations are written, while none is."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader.errors import RefusedError
from casereader.models import Programme
from casereader.programmes import programmes
from casereader.web import objects
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.request_limits import takes_lists
from casereader.web.request_session import db

blueprint = Blueprint("indicators", __name__)


@blueprint.get("/programmes/<public_id>/indicators")
@allow(Door.PROGRAMMES)
def show(public_id: str) -> str:
    """Those that are chosen, and the others of the instrument."""
    programme = _mine(public_id)
    return _page(programme, programme.evaluated_qis, [])


@blueprint.post("/programmes/<public_id>/indicators")
@allow(Door.PROGRAMMES)
@takes_lists("evaluated_qis")
def choose(public_id: str) -> Response | tuple[str, int]:
    """Keep another choice."""
    programme = _mine(public_id)
    given = request.form.getlist("evaluated_qis")
    try:
        programmes.choose_indicators(
            db(),
            programme=programme,
            instrument=objects.instrument_of(programme),
            evaluated_qis=given,
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _page(programme, given, list(error.reasons)), 422
    flash("The quality indicators are kept. They hold for every inspection of the programme.", "success")
    return redirect(url_for("programmes.index"), 303)


def _page(programme: Programme, chosen: list[str], reasons: list[str]) -> str:
    return render_template(
        "programmes/indicators.html",
        programme=programme,
        may_choose=programmes.may_choose_indicators(db(), programme=programme),
        field={
            "id": "evaluated_qis",
            "name": "evaluated_qis",
            "label": "Quality indicators that will be evaluated",
            "choices": [
                {"value": one.value, "label": f"{one.value} {one.label}", "selected": one.value in chosen}
                for one in objects.instrument_of(programme).quality_indicators
            ],
            "errors": reasons,
        },
        errors=[{"text": reason, "href": "#evaluated_qis"} for reason in reasons] or None,
    )


def _mine(public_id: str) -> Programme:
    programme = programmes.begun(db(), public_id=public_id, account=person().account)
    objects.show_banner(programme)
    return programme
