"""The forms of the list, the plan and the draw."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, StringField
from wtforms.validators import Length, Optional


class ListForm(FlaskForm):
    """The file a partnership sent, and what its columns are called."""

    file = FileField("The partnership’s list", [FileRequired("Choose the file.")])
    id_column = StringField(
        "Column with the case reference",
        [Optional(), Length(max=100)],
        default="case_ref",
    )
    group_column = StringField("Column with the group", [Optional(), Length(max=100)], default="stratum")
    sheet = StringField("Sheet of the workbook, if several look like a list", [Optional(), Length(max=100)])
    own_groups = BooleanField("The groups have names of their own, not the codes of the instrument")
