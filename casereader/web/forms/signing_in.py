"""The fixed forms of signing in and setting a password."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from casereader.web.forms.numbers import WholeField


class SignInForm(FlaskForm):
    """Name and password."""

    email = StringField("E-mail address", [InputRequired("Enter your e-mail address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])


# Made before the fields of a new password, so that its faults are told before theirs, as it stands on the page.
PASSWORD_NOW = PasswordField("Your password now", [InputRequired("Enter the password you have now."), Length(max=1000)])


class SetPasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField("New password", [InputRequired("Enter a password."), Length(max=1000)])
    again = PasswordField(
        "The same password again",
        [InputRequired("Enter the password again."), EqualTo("password", "The two passwords differ.")],
    )


class PasswordForm(FlaskForm):
    """The password alone, of whoever is signed in."""

    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])


class CodeForm(FlaskForm):
    """The six digits that an app shows."""

    code = StringField("Code of your app", [InputRequired("Enter the six digits that the app shows."), Length(max=20)])


class LineForm(FlaskForm):
    """A line of the recovery sheet, with its number."""

    line = StringField(
        "A line of your recovery sheet, with its number",
        [InputRequired("Enter the number of a line you have not used, and what stands on it."), Length(max=60)],
    )


class ConfirmForm(FlaskForm):
    """What somebody signed in shows to confirm who they are: which of it is asked for, the page knows."""

    password = PasswordField("Password", [Length(max=1000)])
    code = StringField("Code of your app", [Length(max=20)])
    line = StringField("A line of your recovery sheet, with its number", [Length(max=60)])
    answer = StringField("Answer of the passkey")
    fully = StringField("All that signing in asks for", [Length(max=1)])


class NameForm(FlaskForm):
    """What somebody calls a thing of theirs."""

    name = StringField("What you call it", [InputRequired("Give it a name, such as My telephone."), Length(max=60)])


class AppForm(NameForm, CodeForm):
    """A new app: its first code, and a name."""


class PasskeyForm(FlaskForm):
    """What a passkey answered, put there by the script."""

    answer = StringField("Answer of the passkey", [InputRequired("Use the passkey on this page.")])


class NewPasskeyForm(NameForm, PasskeyForm):
    """A new passkey: what it answered, and a name."""


class ChangePasswordForm(SetPasswordForm):
    """The password that holds, and a new one."""

    current_password = PASSWORD_NOW


class ReaderSignInsForm(FlaskForm):
    """How readers of one inspection sign in."""

    idle_minutes = WholeField(
        "A reader who sends nothing is signed out on reading days after",
        [InputRequired("Enter a whole number of minutes; 240 are four hours.")],
    )
    need_second_step = BooleanField("Readers need a second step to sign in")
