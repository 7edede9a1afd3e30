"""“Your sign-in methods”: what somebody has beside their password, setting up more, and taking away what they lost."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader import dated
from casereader.errors import AbsentError, RefusedError
from casereader.factors import app, methods, recovery
from casereader.models import Authenticator
from casereader.outside import identities
from casereader.vocabulary import Factor
from casereader.web import signed_in
from casereader.web.access import Door, allow, for_setting_up, person
from casereader.web.clock import now
from casereader.web.forms.signing_in import AppForm, NameForm
from casereader.web.installed import factor_keys, outside_name, settings
from casereader.web.proved import proved_fully_first
from casereader.web.request_session import db
from casereader.web.signing.blueprint import blueprint
from casereader.web.signing.clocks import why_not
from casereader.web.signing.qr import drawn

PROVES = {Factor.APP: "Codes of an app", Factor.PASSKEY: "Passkey"}


@blueprint.get("/sign-in-methods", endpoint="methods")
@allow(Door.SIGNED_IN)
@for_setting_up
def index() -> str:
    """What the account has beside its password."""
    has = methods.of(db(), account=person().account)
    return render_template(
        "signing/methods.html",
        rows=[_row(one) for one in (*has.apps, *has.passkeys)],
        methods=has,
        sheet_made=_day(has.sheet_made_at),
        sheet_used=_day(has.line_used_at),
        must_set_up=person().must_set_up,
        outside=outside_name(),
        bound_since=_bound_since(),
        is_few=has.has_sheet and has.lines_left <= recovery.FEW,
    )


@blueprint.post("/sign-in-methods/app/begin")
@allow(Door.SIGNED_IN)
@for_setting_up
@proved_fully_first("Set up an app")
def begin_app() -> Response:
    """Make the secret of a new app."""
    app.begin(db(), account=person().account, keys=factor_keys(), at=now())
    return redirect(url_for("signing.set_up_app"), 303)


@blueprint.get("/sign-in-methods/app")
@allow(Door.SIGNED_IN)
@for_setting_up
@proved_fully_first("Set up an app")
def set_up_app() -> str | Response:
    """Show what to scan or to type, and ask for the first code."""
    form = AppForm(formdata=None)
    form.name.data = "My telephone"
    try:
        return _app_page(form)
    except AbsentError:
        return redirect(url_for("signing.methods"), 303)


@blueprint.post("/sign-in-methods/app")
@allow(Door.SIGNED_IN)
@for_setting_up
@proved_fully_first("Set up an app")
def confirm_app() -> tuple[str, int] | Response:
    """Take the app once its first code is right."""
    form = AppForm()
    if form.validate_on_submit():
        is_right = app.confirm(
            db(),
            account=person().account,
            here=person().sign_in,
            keys=factor_keys(),
            code=form.code.data or "",
            name=name_of(form),
            at=now(),
        )
        if is_right:
            signed_in.renew(person().sign_in)
            flash("The app is set up. From now on you are asked for its code after your password.", "success")
            return redirect(url_for("signing.methods"), 303)
        form.code.errors = [why_not(person().account, form.code.data or "")]
    return _app_page(form), 422


@blueprint.post("/sign-in-methods/sheet")
@allow(Door.SIGNED_IN)
@for_setting_up
@proved_fully_first("Make a recovery sheet")
def make_sheet() -> str:
    """Make a recovery sheet and show it, once."""
    had_one = methods.of(db(), account=person().account).has_sheet
    lines = recovery.make(db(), account=person().account, here=person().sign_in, at=now())
    signed_in.renew(person().sign_in)
    return render_template(
        "signing/sheet.html",
        lines=lines,
        had_one=had_one,
        account=person().account,
        made=dated.day(now()),
        sign_in=url_for("account.sign_in", _external=True),
    )


@blueprint.post("/sign-in-methods/sheet/remove")
@allow(Door.SIGNED_IN)
@proved_fully_first("Remove the recovery sheet")
def remove_sheet() -> Response:
    """Take the recovery sheet away."""
    methods.remove_sheet(db(), account=person().account, here=person().sign_in, at=now())
    flash("No line of your recovery sheet opens anything any more. Destroy it.", "success")
    return redirect(url_for("signing.methods"), 303)


@blueprint.post("/sign-in-methods/<public_id>/remove")
@allow(Door.SIGNED_IN)
@proved_fully_first("Remove a sign-in method")
def remove_method(public_id: str) -> Response:
    """Take an app or a passkey away."""
    gone = methods.remove(db(), account=person().account, here=person().sign_in, public_id=public_id, at=now())
    flash(f"{gone.name} opens nothing any more. You are signed in here only.", "success")
    return redirect(url_for("signing.methods"), 303)


def _app_page(form: AppForm) -> str:
    waiting = app.setting_up(db(), account=person().account, keys=factor_keys(), at=now())
    groups = [waiting.secret[start : start + 4] for start in range(0, len(waiting.secret), 4)]
    return render_template(
        "signing/app.html", form=form, qr=drawn(waiting.address), secret=" ".join(groups), email=person().account.email
    )


def _row(one: Authenticator) -> dict[str, object]:
    return {
        "public_id": one.public_id,
        "name": one.name,
        "kind": PROVES[one.kind],
        "made": _day(one.made_at),
        "used": _day(one.last_used_at),
    }


def _day(at: datetime | None) -> str:
    return dated.day(at) if at else "not yet"


def _bound_since() -> str | None:
    service = settings().outside
    found = service and identities.bound(db(), account=person().account, issuer=service.issuer)
    return dated.day(found.bound_at) if found else None


def name_of(form: NameForm) -> str:
    """What somebody calls a method of theirs."""
    name = " ".join((form.name.data or "").split())
    if not name or not name.isprintable():
        raise RefusedError("Give it a name of letters and digits, such as My telephone.")
    return name
