"""The form about the agreement that a programme asks of its readers."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from casereader.vocabulary import Coefficient
from casereader.web.forms.numbers import NumberField

WORDS = {
    Coefficient.AC: "Gwet’s AC (AC2 on the six-point scale)",
    Coefficient.KAPPA: "Cohen’s kappa",
    Coefficient.ALPHA: "Krippendorff’s alpha",
}


class ThresholdForm(FlaskForm):
    """Which coefficient, and how much of it or of exact agreement, is enough."""

    coefficient = SelectField(
        "Coefficient",
        [InputRequired("Choose a coefficient.")],
        choices=[SelectChoice(one.value, words) for one, words in WORDS.items()],
    )
    least_coefficient = NumberField(
        "Least coefficient",
        [
            InputRequired("Enter the least coefficient, such as 0.75."),
            NumberRange(0, 1, "The least coefficient lies between 0 and 1, such as 0.75."),
        ],
        places=None,
    )
    least_per_cent = NumberField(
        "Least share of answers that are alike",
        [
            InputRequired("Enter the least share of answers alike, such as 95."),
            NumberRange(0, 100, "The least share lies between 0 and 100 per cent, such as 95."),
        ],
        places=None,
    )
