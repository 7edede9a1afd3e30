"""The second step of signing in: after the password a code of an app, a passkey, or a line of the recovery sheet."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from casereader.errors import RefusedError
from casereader.factors import app, methods, recovery
from casereader.models import Account
from casereader.vocabulary import Factor
from casereader.web import kept_post, signed_in, tries
from casereader.web.access import Door, allow
from casereader.web.clock import now
from casereader.web.forms.signing_in import CodeForm, LineForm
from casereader.web.installed import factor_keys
from casereader.web.request_limits import limit_body
from casereader.web.request_session import db
from casereader.web.signing.account import safe_next
from casereader.web.signing.blueprint import blueprint
from casereader.web.signing.clocks import why_not
from casereader.web.tries import Purpose, TooManyTriesError

Answer = tuple[str, int] | str | Response

WRONG_LINE = "The line is not right, or was used already. Check its number, or take another line."


@blueprint.get("/second-step")
@allow(Door.SIGNED_IN, Door.WAITING)
def second_step() -> str | Response:
    """Ask for one of what the account has beside its password."""
    going, found = request.args.get("next", ""), signed_in.waiting()
    if found is None:
        return redirect(safe_next(going), 303)
    return _page(found[0], CodeForm(formdata=None), LineForm(formdata=None), going=going)


@blueprint.post("/second-step/app")
@allow(Door.SIGNED_IN, Door.WAITING)
@limit_body(kept_post.MEGABYTES, where=kept_post.has_room)
def by_app() -> Answer:
    """Take the code of an app."""
    form = CodeForm()

    def check(account: Account) -> bool:
        is_right = app.check(db(), account=account, keys=factor_keys(), code=form.code.data or "", at=now())
        if not is_right:
            form.code.errors = [why_not(account, form.code.data or "")]
        return is_right

    return step(Factor.APP, check, form, code=form)


@blueprint.post("/second-step/line")
@allow(Door.SIGNED_IN, Door.WAITING)
@limit_body(kept_post.MEGABYTES, where=kept_post.has_room)
def by_line() -> Answer:
    """Take a line of the recovery sheet."""
    form = LineForm()

    def check(account: Account) -> bool:
        try:
            is_right = recovery.check(db(), account=account, typed=form.line.data or "", at=now())
        except RefusedError as error:
            form.line.errors = list(error.reasons)
            return False
        if not is_right:
            form.line.errors = [WRONG_LINE]
        return is_right

    return step(Factor.RECOVERY_CODE, check, form, line=form)


def step(
    factor: Factor,
    check: Callable[[Account], bool],
    sent: FlaskForm,
    *,
    code: CodeForm | None = None,
    line: LineForm | None = None,
) -> Answer:
    """Complete the sign-in that waits where the check holds; then on to what was asked for or sent."""
    code, line = code or CodeForm(formdata=None), line or LineForm(formdata=None)
    going, kept, found = request.form.get("next", ""), request.form.get(kept_post.FIELD, ""), signed_in.waiting()
    if found is None:
        return redirect(safe_next(going), 303)
    account, entry = found
    has = methods.of(db(), account=account)
    if not {Factor.APP: has.apps, Factor.PASSKEY: has.passkeys, Factor.RECOVERY_CODE: has.lines_left}[factor]:
        return redirect(url_for("signing.second_step", next=safe_next(going)), 303)
    if not sent.validate_on_submit():
        return _page(account, code, line, going=going, kept=kept), 422
    try:
        tried = tries.take(Purpose.SECOND_STEP, account=account)
    except TooManyTriesError as error:
        code.form_errors.append(error.noted())
        return _page(account, code, line, going=going, kept=kept), 429
    if not (check(account) and signed_in.complete(account, entry, factor)):
        tried.was_wrong()
        return _page(account, code, line, going=going, kept=kept), 422
    tried.was_right()  # last: what the step has changed is kept with it
    if factor is Factor.RECOVERY_CODE:
        tell_of_the_line(account)
    if kept and safe_next(going) == going:
        return kept_post.page_to_go_on(going, kept)
    return redirect(safe_next(going) if methods.of(db(), account=account).usable else url_for("signing.methods"), 303)


def tell_of_the_line(account: Account) -> None:
    """Tell whoever has used a line which it was, how many are left, and what to do now."""
    has = methods.of(db(), account=account)
    says = f"Line {has.line_used} of your recovery sheet is used: cross it out. {_lines(has.lines_left)} left."
    todo = ["Make a new sheet"] if has.lines_left <= recovery.FEW else []
    todo += ["If you have lost your telephone or token, remove it"] if has.apps or has.passkeys else []
    link = Markup('<a href="{}">Your sign-in methods</a>').format(url_for("signing.methods"))
    more = [Markup(" {} under {}.").format(one, link) for one in todo]
    flash(Markup("").join([escape(says), *more]), "warning" if todo else "info")


def _page(account: Account, code: CodeForm, line: LineForm, *, going: str, kept: str = "") -> str:
    has = methods.of(db(), account=account)
    return kept_post.second_step_page(methods=has, code=code, line=line, going=going, kept=kept)


def _lines(left: int) -> str:
    return {0: "No line is", 1: "One line is"}.get(left, f"{left} lines are")
