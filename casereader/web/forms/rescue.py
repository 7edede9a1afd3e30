"""The form that takes a rescue file."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class RescueForm(FlaskForm):
    """A file that the page of a reading saved while the server could not be reached."""

    file = FileField("Rescue file", [FileRequired("Choose the rescue file.")])
