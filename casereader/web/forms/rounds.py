"""The form of a figure that was published earlier."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from casereader.figures.rounds import LONGEST, Entry
from casereader.vocabulary import Comparability
from casereader.web.forms.days import DayField
from casereader.web.forms.numbers import NumberField, WholeField


class EarlierFigureForm(FlaskForm):
    """One figure as it was published, and the question of ours it meets."""

    source = StringField(
        "Where it was published", [InputRequired("Say where the figure was published."), Length(max=LONGEST)]
    )
    published_on = DayField("When it was published", [Optional()])
    asked = StringField(
        "What was asked, in its own words",
        [InputRequired("Give the question as it was published."), Length(max=LONGEST)],
    )
    per_cent = NumberField(
        "The figure, per cent",
        [
            InputRequired("Enter the figure in per cent, like 62."),
            NumberRange(0, 100, "A per cent lies between 0 and 100."),
        ],
    )
    n = WholeField("Records it was read from", [Optional(), NumberRange(1, 100_000, "Enter a number from 1.")])
    question = SelectField("Our question", [Optional()])
    comparability = RadioField(
        "Do the two ask the same?",
        [InputRequired("Say whether the two ask the same.")],
        choices=[SelectChoice(one.value, one.value.capitalize()) for one in Comparability],
    )

    def entry(self) -> Entry:
        """What a valid form says."""
        return Entry(
            source=self.source.data or "",
            published_on=self.published_on.data,
            asked=self.asked.data or "",
            per_cent=self.per_cent.data,
            n=self.n.data,
            question=self.question.data or None,
            comparability=Comparability(self.comparability.data),
        )
