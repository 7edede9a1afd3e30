"""Changing one's own password, with the one that holds now."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader.errors import RefusedError
from casereader.people import passwords
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.forms.signing_in import ChangePasswordForm
from casereader.web.proved import proved_fully_first
from casereader.web.request_session import db
from casereader.web.signing.blueprint import blueprint
from casereader.web.signing.giving_again import fault_of_password
from casereader.web.tries import Purpose


@blueprint.get("/change-password")
@allow(Door.SIGNED_IN)
@proved_fully_first("Change your password")
def change() -> str:
    """Ask for the password that holds, and for a new one."""
    return render_template("signing/change-password.html", form=ChangePasswordForm(formdata=None))


@blueprint.post("/change-password")
@allow(Door.SIGNED_IN)
@proved_fully_first("Change your password")
def change_post() -> tuple[str, int] | Response:
    """Change it; every other sign-in of the account ends."""
    form, status = ChangePasswordForm(), 422
    if form.validate_on_submit():
        account = person().account
        says, fault = fault_of_password(account, form.current_password.data or "", Purpose.CHANGING_PASSWORD)
        if fault:
            form.current_password.errors, status = [says], fault
        else:
            try:
                passwords.change(
                    db(), account=account, here=person().sign_in, password=form.password.data or "", at=now()
                )
            except RefusedError as error:
                form.password.errors = list(error.reasons)
            else:
                flash("Your password is changed. You are signed in here only.", "success")
                return redirect(url_for("signing.index"), 303)
    return render_template("signing/change-password.html", form=form), status
