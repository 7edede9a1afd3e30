"""The forms of an inspection's dates."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, Optional

from casereader.programmes.calendars import Calendar
from casereader.web.forms.days import DayField
from casereader.web.forms.programmes import period_fields


class DatesForm(FlaskForm):
    """The reading period, and the weeks of an inspection; what is left blank follows from the notification."""

    period_from, period_to = period_fields()
    notified_on = DayField("Notification, week 1", [Optional()])
    list_due_on = DayField("List due, week 3", [Optional()])
    reading_starts = DayField("First reading day, week 8", [Optional()])
    reading_ends = DayField("Last reading day", [Optional()])
    panel_on = DayField("Panel, week 17", [Optional()])
    publish_on = DayField("Publication, week 21", [Optional()])

    def calendar(self) -> Calendar:
        """The dates given."""
        return Calendar(
            notified_on=self.notified_on.data,
            list_due_on=self.list_due_on.data,
            reading_starts=self.reading_starts.data,
            reading_ends=self.reading_ends.data,
            panel_on=self.panel_on.data,
            publish_on=self.publish_on.data,
        )


class PublishedForm(FlaskForm):
    """The day on which a report came out."""

    published_on = DayField("Day of publication", [InputRequired("Enter the day on which the report came out.")])
