"""The forms of how long content is kept."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from casereader.vocabulary import RetentionReason
from casereader.web.forms.days import DayField

WORDS = {
    RetentionReason.PROPOSED: "As proposed",
    RetentionReason.SCHEDULE: "The organisation’s own schedule says so",
    RetentionReason.AGREED: "It was agreed with the partnership",
    RetentionReason.HOLD: "It is held for an inquiry or a court",
    RetentionReason.SOONER: "It is no longer needed",
}


class RetentionForm(FlaskForm):
    """Until which day, and why."""

    until = DayField(
        "Last day on which the content is kept",
        [InputRequired("Enter the last day on which the content is kept.")],
    )
    reason = RadioField(
        "Why that day",
        [InputRequired("Choose why it is kept until that day.")],
        choices=[SelectChoice(word.value, says) for word, says in WORDS.items()],
    )


class EraseForm(FlaskForm):
    """That it goes before its day, where it does."""

    is_sooner = BooleanField("Erase it although its day is not past")
