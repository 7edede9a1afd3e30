"""Adding many partnerships to a programme at once, all 32 of Scotland included."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader.errors import RefusedError
from casereader.models import Account, Programme
from casereader.people import accounts
from casereader.places import DATA
from casereader.programmes import adding, programmes, who_leads
from casereader.web import objects
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.forms.programmes import SeveralForm, lead_choices
from casereader.web.request_session import db

blueprint = Blueprint("several", __name__)

SCOTLAND = "scotland"


@blueprint.get("/programmes/<public_id>/add-several")
@allow(Door.PROGRAMMES)
def show(public_id: str) -> str:
    """Ask for a list; `?fill=scotland` fills in the 32."""
    programme = _mine(public_id)
    form = _form(SeveralForm(formdata=None))
    if request.args.get("fill") == SCOTLAND:
        form.lines.data = _scotland()
    return render_template("programmes/several.html", programme=programme, form=form)


@blueprint.post("/programmes/<public_id>/add-several")
@allow(Door.PROGRAMMES)
def add(public_id: str) -> Response | tuple[str, int]:
    """Add them all, or say everything that is wrong with the list."""
    programme = _mine(public_id)
    form = _form(SeveralForm())
    is_whole = form.validate_on_submit()
    lead, deputy = _named(form.lead.data), _named(form.deputy.data)
    faults = adding.faults_of(db(), programme=programme, text=form.lines.data or "", lead=lead, deputy=deputy)
    if faults:
        form.lines.errors = faults
    elif is_whole and form.period_from.data and form.period_to.data:
        try:
            lines = adding.read_lines(form.lines.data or "")
            made = adding.add(
                db(),
                programme=programme,
                lines=lines,
                notified_on=form.notified_on.data,
                period=(form.period_from.data, form.period_to.data),
                lead=lead,
                deputy=deputy,
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            db().rollback()
            form.lines.errors = list(error.reasons)
        else:
            added = "1 partnership is" if len(made) == 1 else f"{len(made)} partnerships are"
            flash(f"{added} in the programme. Next: their lists of cases.", "success")
            return redirect(url_for("board.show"), 303)
    return render_template("programmes/several.html", programme=programme, form=form), 422


def _named(public_id: str | None) -> Account | None:
    return accounts.named(db(), public_id=public_id, at=now()) if public_id else None


def _mine(public_id: str) -> Programme:
    programme = programmes.begun(db(), public_id=public_id, account=person().account)
    objects.show_banner(programme)
    return programme


def _form(form: SeveralForm) -> SeveralForm:
    form.lead.choices = form.deputy.choices = lead_choices(*who_leads.offered(db(), by=person().account, at=now()))
    return form


def _scotland() -> str:
    return (DATA / "partnerships" / "scotland.txt").read_text(encoding="utf-8")
