"""The quick lock: what is open in this browser stays as it is, and opens nothing until the password is given.

The script that covers the page asks with its own page's person, and lifts the cover for one answer alone: 204 with
that person in UNCOVERED. Any other, a redirect above all, leaves it where it is.
"""

from __future__ import annotations

from flask import make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response

from casereader.factors import proof
from casereader.people import sessions
from casereader.web import errors, kept_post, signed_in
from casereader.web.access import Door, allow, for_setting_up, person
from casereader.web.clock import now
from casereader.web.forms.signing_in import PasswordForm, SignInForm
from casereader.web.request_limits import limit_body
from casereader.web.request_session import db
from casereader.web.signing.account import safe_next
from casereader.web.signing.blueprint import blueprint
from casereader.web.signing.giving_again import fault_of
from casereader.web.tries import Purpose

UNCOVERED = "Casereader-Uncovered"  # whose page may be shown again
ENDED = "This sign-in has ended. Sign in again to go on."


@blueprint.post("/lock")
@allow(Door.SIGNED_IN)
@for_setting_up
def lock() -> Response:
    """Cover the sign-in; without the script, the page that uncovers it leads back to the home page."""
    sessions.lock(db(), account=person().account, entry=person().sign_in, at=now())
    return _said_to_script() if _is_script() else redirect(url_for("home.index"), 303)


@blueprint.post("/unlock")
@allow(Door.ANYONE)
@limit_body(kept_post.MEGABYTES, where=kept_post.has_room)
def unlock() -> tuple[str, int] | str | Response:
    """Uncover it when the password is right; then on to where its page was asked for, with what was sent there."""
    found = signed_in.entry_or_none()
    going, kept = request.form.get("next", ""), request.form.get(kept_post.FIELD, "")
    if found is None or found[1].is_waiting:
        return _ended(going, kept)
    account, entry = found
    if _is_script() and request.form.get("person") != account.public_id:
        return _ended(going, kept)  # somebody else has signed in since: their password shows nobody's page but theirs
    form = PasswordForm()
    fault = fault_of(form, account, Purpose.UNLOCKING)
    if fault and _is_script():
        return errors.page(fault, *form.form_errors, *form.password.errors)
    if fault:
        return kept_post.unlock_page(form, going=going, kept=kept), fault
    if entry.locked_at is not None:
        proves = proof.needed(db(), account=account, fully=False).password
        sessions.unlock(db(), account=account, entry=entry, proves=proves, at=now())
    signed_in.forget()
    if _is_script():
        return _said_to_script({UNCOVERED: account.public_id})
    if kept and safe_next(going) == going:
        return kept_post.page_to_go_on(going, kept)
    return redirect(safe_next(going), 303)


def _ended(going: str, kept: str) -> tuple[str, int] | Response:
    """There is nothing to uncover any more: sign in, with what the page kept."""
    if _is_script():
        return errors.page(401, ENDED)
    if signed_in.entry_or_none() is None:
        session.pop(signed_in.TOKEN, None)
    if kept:
        return kept_post.sign_in_page(SignInForm(formdata=None), going=going, kept=kept), 401
    return redirect(url_for("account.sign_in"), 303)


def _said_to_script(headers: dict[str, str] | None = None) -> Response:
    response = make_response("", 204, headers or {})
    response.headers.remove("Content-Type")  # there is nothing in it
    return response


def _is_script() -> bool:
    return request.accept_mimetypes.best == "application/json"
