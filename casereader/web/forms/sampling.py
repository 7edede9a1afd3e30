"""The form of the list."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class ListForm(FlaskForm):
    """The file a partnership sent; what is in it is asked on the next page, where that is not plain."""

    file = FileField("The partnership’s list", [FileRequired("Choose the file.")])
