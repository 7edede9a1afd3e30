"""“Confirm it is you”: the password again, before what cannot be undone or takes much away; then on to it."""

from __future__ import annotations

from flask import render_template, request, session, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from casereader import sessions
from casereader.web import kept_post, signed_in
from casereader.web.access import Door, allow, for_setting_up, limit_body, person
from casereader.web.account import safe_next
from casereader.web.clock import now
from casereader.web.forms.signing_in import PasswordForm
from casereader.web.request_session import db
from casereader.web.signing.blueprint import blueprint
from casereader.web.signing.giving_again import fault_of
from casereader.web.tries import Purpose


@blueprint.post("/confirm")
@allow(Door.SIGNED_IN)
@for_setting_up
@limit_body(kept_post.MEGABYTES, where=kept_post.has_room)
def confirm() -> tuple[str, int] | str | Response:
    """Note the proof when the password is right; then on to what was asked for or sent."""
    going, kept = request.form.get("next", ""), request.form.get(kept_post.FIELD, "")
    account = person().account
    form = PasswordForm()
    fault = fault_of(form, account, Purpose.CONFIRMING)
    if fault:
        return kept_post.password_page("confirm", form, going=going, kept=kept), fault
    token = sessions.prove(db(), account=account, entry=person().sign_in, at=now())
    if token is not None:
        session[signed_in.TOKEN] = token
    if safe_next(going) != going:
        return redirect(url_for("home.index"), 303)
    if kept:
        return kept_post.page_to_go_on(going, kept, confirmed=True)
    return render_template("signing/confirmed.html", address=going)
