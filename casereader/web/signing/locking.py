"""The quick lock: what is open in this browser stays as it is, and opens nothing until the password is given."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from casereader import sessions
from casereader.factors import proof
from casereader.web import kept_post, signed_in
from casereader.web.access import Door, allow, for_setting_up, limit_body, person
from casereader.web.account import safe_next
from casereader.web.clock import now
from casereader.web.forms.signing_in import PasswordForm
from casereader.web.request_session import db
from casereader.web.signing.blueprint import blueprint
from casereader.web.signing.giving_again import fault_of
from casereader.web.tries import Purpose


@blueprint.post("/lock")
@allow(Door.SIGNED_IN)
@for_setting_up
def lock() -> Response:
    """Cover the sign-in; without the script, the page that uncovers it leads back to the home page."""
    sessions.lock(db(), account=person().account, entry=person().sign_in, at=now())
    return redirect(url_for("home.index"), 303)


@blueprint.post("/unlock")
@allow(Door.ANYONE)
@limit_body(kept_post.MEGABYTES, where=kept_post.has_room)
def unlock() -> tuple[str, int] | str | Response:
    """Uncover it when the password is right; then on to where its page was asked for, with what was sent there."""
    found = signed_in.entry_or_none()
    if found is None:
        session.pop(signed_in.TOKEN, None)
        return redirect(url_for("account.sign_in"), 303)
    account, entry = found
    going, kept = request.form.get("next", ""), request.form.get(kept_post.FIELD, "")
    form = PasswordForm()
    fault = fault_of(form, account, Purpose.UNLOCKING)
    if fault:
        return kept_post.unlock_page(form, going=going, kept=kept), fault
    if entry.locked_at is not None:
        proves = proof.needed(db(), account=account, fully=False).password
        sessions.unlock(db(), account=account, entry=entry, proves=proves, at=now())
    signed_in.forget()
    if kept and safe_next(going) == going:
        return kept_post.page_to_go_on(going, kept)
    return redirect(safe_next(going), 303)
