"""The forms of an inspection's dates."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField
from wtforms.validators import InputRequired, Optional

from casereader.programmes.calendars import Calendar
from casereader.web.forms.programmes import DATE_FORMATS, period_fields


class DatesForm(FlaskForm):
    """The reading period, and the weeks of an inspection; what is left blank follows from the notification."""

    period_from, period_to = period_fields()
    notified_on = DateField("Notification, week 1", [Optional()], format=DATE_FORMATS)
    list_due_on = DateField("List due, week 3", [Optional()], format=DATE_FORMATS)
    reading_starts = DateField("First reading day, week 8", [Optional()], format=DATE_FORMATS)
    reading_ends = DateField("Last reading day", [Optional()], format=DATE_FORMATS)
    panel_on = DateField("Panel, week 17", [Optional()], format=DATE_FORMATS)
    publish_on = DateField("Publication, week 21", [Optional()], format=DATE_FORMATS)

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

    published_on = DateField(
        "Day of publication", [InputRequired("Enter the day on which the report came out.")], format=DATE_FORMATS
    )
