"""The forms of programmes, inspections and their people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from casereader.models import Account
from casereader.vocabulary import Role
from casereader.web.forms.days import DayField


def period_fields() -> tuple[DayField, DayField]:
    """The first and the last day of a reading period, for each form that asks for one."""
    return (
        DayField(
            "First day of the reading period",
            [InputRequired("Enter the first day of the reading period, like 2025-06-01.")],
        ),
        DayField(
            "Last day of the reading period",
            [InputRequired("Enter the last day of the reading period, like 2026-05-31.")],
        ),
    )


class ProgrammeForm(FlaskForm):
    """A new programme."""

    name = StringField("Name of the programme", [InputRequired("Enter a name."), Length(max=100)])
    instrument = SelectField("Instrument", [InputRequired("Choose an instrument.")])
    evaluated_qis = SelectMultipleField("Quality indicators that will be evaluated", [Optional()])
    offered: Mapping[str, Sequence[str]]  # by instrument, the indicators it speaks of, as this form names them

    def validate(self, extra_validators: dict[str, object] | None = None) -> bool:
        """An indicator of another instrument is said, not dropped."""
        sound = bool(super().validate(extra_validators))
        chosen = self.instrument.data
        for key, offered in self.offered.items():
            strange = [one.partition(" ")[2] for one in self.evaluated_qis.data or [] if one in offered]
            if key != chosen and strange:
                listed = ", ".join(strange)
                says = f"You chose {listed} of {key}, but the instrument {chosen}: choose indicators of {chosen} only."
                self.evaluated_qis.errors = [*self.evaluated_qis.errors, says]
                sound = False
        return sound


class PartnershipForm(FlaskForm):
    """A partnership to add to a programme."""

    name = StringField("Partnership", [InputRequired("Enter the partnership's name."), Length(max=100)])
    period_from, period_to = period_fields()
    notified_on = DayField("Day of notification", [Optional()])
    lead = SelectField("Lead of the inspection", [InputRequired("Choose the lead.")])
    lead_telephone = StringField("Telephone number of the lead", [Optional()])
    deputy = SelectField("Deputy", [Optional()])
    deputy_telephone = StringField("Telephone number of the deputy", [Optional()])


class SeveralForm(FlaskForm):
    """Many partnerships at once: a line each, the rest in common."""

    lines = TextAreaField("Partnerships, one on each line", [InputRequired("Enter at least one partnership.")])
    notified_on = DayField("Day of notification of those without one", [Optional()])
    period_from, period_to = period_fields()
    lead = SelectField("Lead of all of them", [InputRequired("Choose the lead.")])
    deputy = SelectField("Deputy of all of them", [Optional()])


class RoleForm(FlaskForm):
    """A role for a person."""

    account = SelectField("Person", [InputRequired("Choose a person.")])
    role = SelectField(
        "Role",
        [InputRequired("Choose a role.")],
        choices=[SelectChoice(role.value, role.value.capitalize()) for role in Role],
    )
    paired_with = SelectField("Inspector paired with a local reviewer", [Optional()])
    telephone = StringField("Telephone number of a lead or a deputy", [Optional()])


def people_choices(accounts: Iterable[Account], group: str | None = None) -> list[SelectChoice]:
    """One choice per account, by name and address; under the heading of their group where there is one."""
    return [
        SelectChoice(account.public_id, f"{account.name} ({account.email})", optgroup=group) for account in accounts
    ]


def lead_choices(leads: Sequence[Account], others: Sequence[Account]) -> list[SelectChoice]:
    """One choice for each who may lead, those who lead an inspection already first."""
    if not leads:
        return people_choices(others)
    return [*people_choices(leads, "Lead an inspection already"), *people_choices(others, "Others")]
