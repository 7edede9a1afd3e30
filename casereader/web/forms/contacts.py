"""The forms about whom to tell of a matter of concern, and how long one may wait."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from casereader.web.forms.numbers import WholeField


class TelephoneForm(FlaskForm):
    """Where a lead or a deputy is reached."""

    telephone = StringField("Telephone number in the reading days", [InputRequired("Enter a telephone number.")])


class WaitingForm(FlaskForm):
    """How long a matter of concern may wait in a programme."""

    minutes = WholeField("Minutes", [InputRequired("Enter a whole number of minutes.")])
