"""The form in which a reading workbook comes back."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class WorkbookForm(FlaskForm):
    """The workbook as its reader filled it in."""

    file = FileField("The workbook that came back", [FileRequired("Choose the file.")])
