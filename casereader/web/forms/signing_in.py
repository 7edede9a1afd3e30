"""The fixed forms of signing in and setting a password."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length


class SignInForm(FlaskForm):
    """Name and password."""

    email = StringField("E-mail address", [InputRequired("Enter your e-mail address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])


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


class ChangePasswordForm(SetPasswordForm):
    """The password that holds, and a new one."""

    current_password = PasswordField(
        "Your password now", [InputRequired("Enter the password you have now."), Length(max=1000)]
    )
