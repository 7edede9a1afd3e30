"""The agreement below which a question of a programme needs work, as its coordinator or lead settles it."""

from __future__ import annotations

from decimal import Decimal

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader.errors import RefusedError
from casereader.models import Programme
from casereader.programmes import programmes
from casereader.vocabulary import Coefficient
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.agreement.blueprint import SETS, blueprint
from casereader.web.clock import now
from casereader.web.forms.agreement import ThresholdForm
from casereader.web.request_session import db
from sampling.exact import decimal_text


@blueprint.get("/programmes/<public_id>/agreement-threshold")
@allow(*SETS)
def threshold(public_id: str) -> str:
    """The threshold as it stands."""
    programme = objects.places_of(public_id, *SETS)[0].programme
    form = ThresholdForm(
        formdata=None,
        coefficient=programme.agreement_coefficient.value,
        least_coefficient=Decimal(programme.least_coefficient),
        least_per_cent=Decimal(decimal_text(Decimal(programme.least_agreement) * 100)),
    )
    return _page(programme, form)


@blueprint.post("/programmes/<public_id>/agreement-threshold")
@allow(*SETS)
def set_threshold(public_id: str) -> Response | tuple[str, int]:
    """Keep another."""
    programme = objects.places_of(public_id, *SETS)[0].programme
    form = ThresholdForm()
    if form.validate_on_submit() and form.least_coefficient.data is not None and form.least_per_cent.data is not None:
        try:
            programmes.choose_threshold(
                db(),
                programme=programme,
                coefficient=Coefficient(form.coefficient.data),
                least_coefficient=form.least_coefficient.data,
                least_per_cent=form.least_per_cent.data,
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.form_errors.extend(error.reasons)
        else:
            flash("The threshold is kept. It holds for every inspection of the programme.", "success")
            return redirect(url_for("agreement.programme", public_id=public_id), 303)
    return _page(programme, form), 422


def _page(programme: Programme, form: ThresholdForm) -> str:
    return render_template("agreement/threshold.html", programme=programme, form=form)
