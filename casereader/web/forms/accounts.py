"""The forms of accounts."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from casereader.web.clock import now
from casereader.web.forms.days import DayField


class AccountForm(FlaskForm):
    """Who the account is for, and what it may do everywhere."""

    email = StringField("E-mail address", [InputRequired("Enter an e-mail address."), Length(max=254)])
    name = StringField("Name", [InputRequired("Enter the person's name."), Length(max=100)])
    ends_on = DayField("Last day on which the account works", [Optional()])
    may_begin_programmes = BooleanField("May begin programmes (coordinator)")
    is_administrator = BooleanField("Administrator: looks after accounts, sees no case content")

    def validate_ends_on(self, field: DayField) -> None:
        """No account is made that opens nothing."""
        if field.data and field.data < now().date():
            raise ValidationError("Enter today or a later day: the account would open nothing.")


class LastDayForm(FlaskForm):
    """Until when an account works; blank where it does not end."""

    ends_on = DayField("Last day on which the account works", [Optional()])
