"""The form that looks for deeds in the trail; it changes nothing, so that it has no token."""

from __future__ import annotations

from wtforms import Form, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from casereader.web.forms.days import DayField
from casereader.web.forms.numbers import WholeField

EVERYBODY, COMMAND_LINE = "", "command-line"
MOST_PAGES = 1_000_000


class TrailForm(Form):
    """By person, deed, object, inspection and days; blank means any."""

    who = SelectField("Person", [Optional()])
    action = SelectField("What was done", [Optional()])
    inspection = SelectField("Inspection", [Optional()])
    thing = StringField(
        "To what",
        [Optional(), Length(max=254)],
        description="A kind, such as reading or account; the reference of a case; "
        "the name or e-mail address of an account; or a public name.",
    )
    since = DayField("From", [Optional()])
    until = DayField("Until", [Optional()])
    page = WholeField("Page", [Optional(), NumberRange(1, MOST_PAGES)])
