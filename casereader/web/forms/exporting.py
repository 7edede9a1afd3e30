"""The form by which answers are taken away: of which readings, and whether with what was written."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

COUNTING, APART = "counting", "apart"
WITHOUT, WITH = "without", "with"


class AnswersForm(FlaskForm):
    """Two choices; which readings there are to choose from is for the view to say."""

    readings = RadioField("Which readings", [InputRequired("Choose which readings.")])
    texts = RadioField(
        "Notes and texts",
        [InputRequired("Choose whether notes go with the answers.")],
        choices=[SelectChoice(WITHOUT, "Leave them out"), SelectChoice(WITH, "Take them with the answers")],
    )

    def offer(self, *, apart: bool) -> None:
        """Offer the readings that count, and each of them `apart` where that is open."""
        self.readings.choices = [
            SelectChoice(COUNTING, "Of each record the reading that counts"),
            *([SelectChoice(APART, "First, second and consensus apart")] if apart else []),
        ]
