"""Passkeys on the pages: making one, and taking the second step with one. The browser's part is `js/passkey.js`."""

from __future__ import annotations

from flask import flash, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader.errors import AbsentError, RefusedError
from casereader.factors import passkeys
from casereader.models import Account, SignIn
from casereader.vocabulary import Factor
from casereader.web import kept_post, signed_in
from casereader.web.access import Door, allow, for_setting_up, person
from casereader.web.clock import now
from casereader.web.forms.signing_in import CodeForm, NewPasskeyForm, PasskeyForm
from casereader.web.proved import proved_fully_first
from casereader.web.relying_party import elsewhere, party
from casereader.web.request_limits import limit_body
from casereader.web.request_session import commit_now, db
from casereader.web.signing.blueprint import blueprint
from casereader.web.signing.methods import name_of
from casereader.web.signing.second_step import Answer, step

WRONG = "The passkey was not recognised. Try again, or take another of your methods."


@blueprint.post("/second-step/passkey/options")
@allow(Door.SIGNED_IN, Door.WAITING)
def passkey_options() -> Response:
    """What the browser asks a passkey of whoever's second step is still to come."""
    found = signed_in.waiting()
    if found is None:
        raise AbsentError
    account, here = found
    return jsonify(passkeys.options_to_use(db(), account=account, here=here, party=party(), at=now()))


@blueprint.post("/second-step/passkey")
@allow(Door.SIGNED_IN, Door.WAITING)
@limit_body(kept_post.MEGABYTES, where=kept_post.has_room)
def by_passkey() -> Answer:
    """Take what a passkey signed."""
    form, code, found = PasskeyForm(), CodeForm(formdata=None), signed_in.waiting()

    def check(account: Account) -> bool:
        challenge = taken(found[1]) if found else None
        is_right = challenge is not None and passkeys.check(
            db(), account=account, party=party(), challenge=challenge, answer=form.answer.data or "", at=now()
        )
        if not is_right:
            code.form_errors.append(WRONG)
        return is_right

    return step(Factor.PASSKEY, check, form, code=code)


@blueprint.get("/sign-in-methods/passkey")
@allow(Door.SIGNED_IN)
@for_setting_up
@proved_fully_first("Add a passkey")
def new_passkey() -> str:
    """Ask what to call it, and for the passkey itself."""
    form = NewPasskeyForm(formdata=None)
    form.name.data = "This computer"
    return _page(form)


@blueprint.post("/sign-in-methods/passkey/options")
@allow(Door.SIGNED_IN)
@for_setting_up
@proved_fully_first("Add a passkey")
def new_passkey_options() -> Response:
    """What the browser needs to make one."""
    options = passkeys.options_to_make(db(), account=person().account, here=person().sign_in, party=party(), at=now())
    return jsonify(options)


@blueprint.post("/sign-in-methods/passkey")
@allow(Door.SIGNED_IN)
@for_setting_up
@proved_fully_first("Add a passkey")
def add_passkey() -> tuple[str, int] | Response:
    """Take the new passkey."""
    form = NewPasskeyForm()
    if not form.validate_on_submit():
        return _page(form), 422
    challenge = taken(person().sign_in)
    try:
        if challenge is None:
            raise RefusedError(passkeys.REFUSED)
        passkeys.add(
            db(),
            account=person().account,
            here=person().sign_in,
            party=party(),
            challenge=challenge,
            answer=form.answer.data or "",
            name=name_of(form),
            at=now(),
        )
    except RefusedError as error:
        form.form_errors.extend(error.reasons)
        return _page(form), 422
    signed_in.renew(person().sign_in)
    flash("The passkey is set up. From now on you are asked for it after your password.", "success")
    return redirect(url_for("signing.methods"), 303)


def taken(here: SignIn) -> bytes | None:
    """The challenge, which is gone whatever comes of the answer."""
    challenge = passkeys.take_challenge(db(), here=here, at=now())
    commit_now()
    return challenge


def _page(form: NewPasskeyForm) -> str:
    return render_template("signing/passkey.html", form=form, elsewhere=elsewhere())
