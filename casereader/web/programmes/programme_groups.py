"""What a programme settles before any list comes: the group a child in several is drawn in, and who is compared."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader.errors import RefusedError
from casereader.instrument import Instrument
from casereader.models import Programme
from casereader.programmes import programmes
from casereader.web import objects
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("programme_groups", __name__)


@blueprint.get("/programmes/<public_id>/groups")
@allow(Door.PROGRAMMES)
def show(public_id: str) -> str:
    """The order as it stands."""
    programme = _mine(public_id)
    instrument = objects.instrument_of(programme)
    places = {code: str(n) for n, code in enumerate(programmes.stratum_order(programme, instrument), start=1)}
    return _page(programme, instrument, places, _compared(programme), [])


@blueprint.post("/programmes/<public_id>/groups")
@allow(Door.PROGRAMMES)
def choose(public_id: str) -> Response | tuple[str, int]:
    """Keep another order."""
    programme = _mine(public_id)
    instrument = objects.instrument_of(programme)
    given = {one.code: request.form.get(f"place-{one.code}", "").strip() for one in instrument.strata}
    compared = request.form.get("comparison", "")
    try:
        programmes.choose_stratum_order(
            db(), programme=programme, instrument=instrument, places=given, by=person().account, at=now()
        )
        programmes.choose_comparison(
            db(), programme=programme, instrument=instrument, name=compared, by=person().account, at=now()
        )
    except RefusedError as error:
        return _page(programme, instrument, given, compared, list(error.reasons)), 422
    flash("The groups are kept. They hold for every list that is checked and planned from now on.", "success")
    return redirect(url_for("programmes.index"), 303)


def _compared(programme: Programme) -> str:
    return f"{programme.comparison['column']}:{programme.comparison['values'][0]}" if programme.comparison else ""


def _page(
    programme: Programme, instrument: Instrument, places: dict[str, str], compared: str, reasons: list[str]
) -> str:
    ordered = sorted(instrument.strata, key=lambda one: (len(places[one.code]), places[one.code]))
    return render_template(
        "programmes/groups.html",
        programme=programme,
        groups=[
            {"id": f"place-{one.code}", "name": f"place-{one.code}", "label": one.label, "value": places[one.code]}
            for one in ordered
        ],
        comparison={
            "id": "comparison",
            "name": "comparison",
            "label": "Group that is set against its peers",
            "choices": [
                {"value": "", "label": "The usual: children on orders at home", "selected": not compared},
                *(
                    {"value": name, "label": words, "selected": name == compared}
                    for name, (_, _, words) in programmes.comparison_groups(instrument).items()
                ),
            ],
        },
        errors=[{"text": reason, "href": f"#place-{ordered[0].code}"} for reason in reasons] or None,
    )


def _mine(public_id: str) -> Programme:
    programme = programmes.begun(db(), public_id=public_id, account=person().account)
    objects.show_banner(programme)
    return programme
