"""The form of a list of people."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import TextAreaField
from wtforms.validators import Optional


class PeopleForm(FlaskForm):
    """The people who join: typed or pasted, or a file."""

    people = TextAreaField("People, one line for each", [Optional()])
    file = FileField("Or a file with them", [Optional()])
