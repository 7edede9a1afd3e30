"""Signing in and out, and setting a password by a one-time link."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from casereader.errors import AbsentError, RefusedError
from casereader.factors import methods
from casereader.models import Account
from casereader.people import passwords, sessions
from casereader.web import kept_post, signed_in, tries
from casereader.web.access import Door, allow, for_setting_up, person_or_none
from casereader.web.clock import now
from casereader.web.every_request import crowds, headers
from casereader.web.forms.signing_in import CodeForm, LineForm, SetPasswordForm, SignInForm
from casereader.web.request_limits import limit_body
from casereader.web.request_session import db
from casereader.web.tries import Purpose, TooManyTriesError

blueprint = Blueprint("account", __name__)

SAFE_NEXT = re.compile(r"/(?!/)[A-Za-z0-9/_?=&.-]*")
REFUSED = "The e-mail address or the password is not right, or the account has ended."


def safe_next(address: str | None) -> str:
    """The address to go to after signing in: only a plain path of ours, else the home page."""
    return address if address and SAFE_NEXT.fullmatch(address) else url_for("home.index")


@blueprint.get("/sign-in")
@allow(Door.ANYONE)
def sign_in() -> str | Response:
    """Ask for name and password."""
    if person_or_none() is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    return kept_post.sign_in_page(SignInForm(formdata=None), going=request.args.get("next", ""))


@blueprint.post("/sign-in")
@allow(Door.ANYONE)
@limit_body(kept_post.MEGABYTES, where=kept_post.has_room)
def sign_in_post() -> tuple[str, int] | str | Response:
    """Begin a session when name and password are right; then on to what was sent after the last one had ended."""
    going, kept = request.form.get("next", ""), request.form.get(kept_post.FIELD, "")
    form = SignInForm()
    account, fault = _checked(form) if form.validate_on_submit() else (None, 422)
    if account is None:
        return kept_post.sign_in_page(form, going=going, kept=kept), fault
    has = methods.of(db(), account=account)
    signed_in.begin(account, is_waiting=has.is_any)
    if has.is_any and kept:
        return kept_post.second_step_page(
            methods=has, code=CodeForm(formdata=None), line=LineForm(formdata=None), going=going, kept=kept
        )
    if has.is_any:
        return redirect(url_for("signing.second_step", next=safe_next(going)), 303)
    if kept and safe_next(going) == going:
        return kept_post.page_to_go_on(going, kept)
    return redirect(safe_next(going), 303)


def _checked(form: SignInForm) -> tuple[Account | None, int]:
    """Whom name and password open, else the status of the answer; the form then says what is wrong."""
    if crowds.is_too_many():
        form.form_errors.append(crowds.SAYS)
        return None, 429
    named = passwords.account_named(db(), form.email.data or "")
    try:
        tried = tries.take(Purpose.SIGNING_IN, name=form.email.data or "", account=named)
    except TooManyTriesError as error:
        form.form_errors.append(error.noted())
        return None, 429
    if passwords.opens(named, form.password.data or "", at=now()):
        tried.was_right()
        return named, 200
    tried.was_wrong()
    form.form_errors.append(REFUSED)
    return None, 422


@blueprint.post("/sign-out")
@allow(Door.SIGNED_IN, Door.WAITING, Door.COVERED)
@for_setting_up
def sign_out() -> Response:
    """End the session, here and for any copy of its cookie."""
    found = signed_in.entry_or_none()
    if found is not None:
        sessions.end(db(), account=found[0], entry=found[1], at=now())
    session.clear()
    return headers.keep_nothing(redirect(url_for("account.sign_in"), 303))


def _account_of(token: str) -> Account:
    """Whose one-time link it is; what is none counts as a try."""
    tried = tries.take(Purpose.LINK)
    try:
        account, _ = passwords.account_of_link(db(), token=token, at=now())
    except AbsentError:
        tried.was_wrong()
        raise
    tried.was_right()
    return account


@blueprint.get("/set-password/<token>")
@allow(Door.ANYONE)
def set_password(token: str) -> str:
    """Ask for a new password."""
    account = _account_of(token)
    return render_template("account/set-password.html", form=SetPasswordForm(), email=account.email)


@blueprint.post("/set-password/<token>")
@allow(Door.ANYONE)
def set_password_post(token: str) -> tuple[str, int] | Response:
    """Set it, and ask to sign in with it."""
    form = SetPasswordForm()
    account = _account_of(token)
    if form.validate_on_submit():
        try:
            passwords.set_password(db(), account=account, token=token, password=form.password.data or "", at=now())
        except RefusedError as error:
            form.password.errors = list(error.reasons)
        else:
            flash("Your password is set. Sign in with it.", "success")
            return redirect(url_for("account.sign_in"), 303)
    return render_template("account/set-password.html", form=form, email=account.email), 422
