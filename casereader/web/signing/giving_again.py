"""The password of somebody signed in, given again: to confirm who they are, to unlock, to change it."""

from __future__ import annotations

from casereader.models import Account
from casereader.people import passwords
from casereader.web import tries
from casereader.web.forms.signing_in import PasswordForm
from casereader.web.tries import Purpose, TooManyTriesError

WRONG = "The password is not right."


def fault_of(form: PasswordForm, account: Account, purpose: Purpose) -> int:
    """The status with which the form is to be shown again, saying what is wrong; 0 where the password is right."""
    if not form.validate_on_submit():
        return 422
    says, status = fault_of_password(account, form.password.data or "", purpose)
    if says:
        form.form_errors.append(WRONG if status == 422 else says)
    return status


def fault_of_password(account: Account, password: str, purpose: Purpose) -> tuple[str, int]:
    """What is wrong with the password, and the status of an answer that says so; ("", 0) where nothing is."""
    try:
        tried = tries.take(purpose, account=account)
    except TooManyTriesError as error:
        return error.noted(), 429
    if not passwords.is_right(account, password):
        tried.was_wrong()
        return "This is not your password.", 422
    tried.was_right()
    return "", 0
