"""The forms of issues: prepare the first, or the one that corrects it."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from casereader.disclosure import PARTNERSHIP
from casereader.disclosure.policy import LEAST_THRESHOLD
from casereader.web.forms.numbers import WholeField

MOST = 100
LOOKED = "I looked: the note names no child, no member of a family and no worker"


class PrepareForm(FlaskForm):
    """Under how many records a number is small."""

    threshold = WholeField(
        "Fewest records that a number may tell of",
        [
            InputRequired(f"Enter a whole number from {LEAST_THRESHOLD} to {MOST}."),
            NumberRange(LEAST_THRESHOLD, MOST, f"Enter a whole number from {LEAST_THRESHOLD} to {MOST}."),
        ],
        default=PARTNERSHIP.threshold,
    )


class CorrectForm(PrepareForm):
    """The same, with what was wrong."""

    note = TextAreaField("What was wrong, or what is new", [InputRequired("Say what was wrong, or what is new.")])
    looked = BooleanField(LOOKED)
