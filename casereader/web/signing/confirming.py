"""“Confirm it is you”, before what cannot be undone or takes much away; then on to what was asked for or sent."""

from __future__ import annotations

from flask import jsonify, render_template, request, session, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from casereader.errors import AbsentError, RefusedError
from casereader.factors import app, methods, passkeys, proof, recovery
from casereader.factors.proof import Needed
from casereader.models import Account
from casereader.people import passwords, sessions
from casereader.web import kept_post, signed_in, tries
from casereader.web.access import Door, allow, for_setting_up, person
from casereader.web.clock import now
from casereader.web.forms.signing_in import ConfirmForm
from casereader.web.installed import factor_keys
from casereader.web.proved import asked_before
from casereader.web.relying_party import party
from casereader.web.request_limits import limit_body
from casereader.web.request_session import db
from casereader.web.signing.account import safe_next
from casereader.web.signing.blueprint import blueprint
from casereader.web.signing.clocks import why_not
from casereader.web.signing.giving_again import WRONG
from casereader.web.signing.passkeys import WRONG as WRONG_PASSKEY
from casereader.web.signing.passkeys import taken
from casereader.web.signing.second_step import WRONG_LINE, tell_of_the_line
from casereader.web.tries import Purpose, TooManyTriesError

ONE_OF_THEM = "Enter the code of your app or a line of your recovery sheet, or use your passkey."


@blueprint.post("/confirm")
@allow(Door.SIGNED_IN)
@for_setting_up
@limit_body(kept_post.MEGABYTES, where=kept_post.has_room)
def confirm() -> tuple[str, int] | str | Response:
    """Take what is asked for; then on to what was asked for or sent before."""
    going, kept = request.form.get("next", ""), request.form.get(kept_post.FIELD, "")
    account, form = person().account, ConfirmForm()
    needed = proof.needed(db(), account=account, fully=bool(form.fully.data))
    asked = asked_before(account, going=going, is_sent=bool(kept))
    fault = _fault_of(form, account, needed)
    if fault:
        return kept_post.confirm_page(form, needed, asked=asked, going=going, kept=kept), fault
    if safe_next(going) != going:
        return redirect(url_for("home.index"), 303)
    if kept:
        return kept_post.page_to_go_on(going, kept, asked=asked)
    return render_template("signing/confirmed.html", address=going, asked=asked)


@blueprint.post("/confirm/passkey/options")
@allow(Door.SIGNED_IN)
@for_setting_up
def confirm_options() -> Response:
    """What the browser asks a passkey of somebody who is to confirm who they are."""
    account, here = person().account, person().sign_in
    if not methods.of(db(), account=account).passkeys:
        raise AbsentError
    return jsonify(passkeys.options_to_use(db(), account=account, here=here, party=party(), at=now()))


def _fault_of(form: ConfirmForm, account: Account, needed: Needed) -> int:
    """The status with which the page is to be shown again, saying what is wrong; 0 where it is right and noted."""
    if not form.validate_on_submit() or _lacks_something(form, needed):
        return 422
    try:
        tried = tries.take(Purpose.CONFIRMING, account=account)
    except TooManyTriesError as error:
        form.form_errors.append(error.noted())
        return 429
    if needed.password and not passwords.is_right(account, form.password.data or ""):
        form.form_errors.append(WRONG)
    elif needed.second:
        _check_second(form, account, needed)
    if form.errors:
        tried.was_wrong()
        return 422
    _prove(account, needed)
    tried.was_right()  # last: the code or line that was used is kept with it
    if needed.second and form.line.data:
        tell_of_the_line(account)
    return 0


def _prove(account: Account, needed: Needed) -> None:
    token = sessions.prove(db(), account=account, entry=person().sign_in, at=now())
    if token is not None:
        session[signed_in.TOKEN] = token
    if needed.is_full:
        signed_in.note_full_proof()


def _lacks_something(form: ConfirmForm, needed: Needed) -> bool:
    if needed.password and not form.password.data:
        form.password.errors = ["Enter your password."]
    if needed.second and not _answered(form, needed):
        form.form_errors.append(ONE_OF_THEM)
    return bool(form.errors)


def _answered(form: ConfirmForm, needed: Needed) -> bool:
    given = (
        (needed.passkey, form.answer.data),
        (needed.app, form.code.data),
        (needed.line, form.line.data),
    )
    return any(is_asked and typed for is_asked, typed in given)


def _check_second(form: ConfirmForm, account: Account, needed: Needed) -> None:
    """Look at one answer: of a passkey before a code, of a code before a line."""
    if needed.passkey and form.answer.data:
        challenge = taken(person().sign_in)
        if challenge is None or not passkeys.check(
            db(), account=account, party=party(), challenge=challenge, answer=form.answer.data, at=now()
        ):
            form.form_errors.append(WRONG_PASSKEY)
    elif needed.app and form.code.data:
        if not app.check(db(), account=account, keys=factor_keys(), code=form.code.data, at=now()):
            form.code.errors = [why_not(account, form.code.data)]
    else:
        try:
            if not recovery.check(db(), account=account, typed=form.line.data or "", at=now()):
                form.line.errors = [WRONG_LINE]
        except RefusedError as error:
            form.line.errors = list(error.reasons)
