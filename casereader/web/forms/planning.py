"""The form of the plan: per cent as people write it, turned into the decimal text that a digest can hold."""

from __future__ import annotations

from decimal import Decimal

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DecimalField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from casereader.frames import COLUMN_WORDS
from casereader.models import SamplingFrame
from casereader.planning import METHODS, Choices
from sampling.exact import decimal_text

LARGEST_SIZE = 100_000


class PlanForm(FlaskForm):
    """Strata, size, and what goes with them."""

    class Meta:
        """A preview is read by GET and needs no token; the deed's token is checked for every POST anyway."""

        csrf = False

    strata = SelectMultipleField("Draw within", [InputRequired("Choose at least one column to draw within.")])
    by = RadioField(
        "How many records",
        [InputRequired("Choose how the size is set.")],
        choices=[SelectChoice("precision", "By precision"), SelectChoice("number", "By number")],
    )
    confidence = SelectField(
        "Confidence", choices=[SelectChoice(value, f"{value} %") for value in ("80", "90", "95", "99")]
    )
    margin = DecimalField(
        "Margin of error, percentage points either side",
        [InputRequired("Enter a margin, like 15."), NumberRange(1, 50, "The margin lies between 1 and 50.")],
    )
    ineligible = DecimalField(
        "Cases expected to be ineligible, per cent",
        [InputRequired("Enter a per cent, or 0."), NumberRange(0, 90, "The per cent lies between 0 and 90.")],
    )
    size = IntegerField(
        "Number of records",
        [Optional(), NumberRange(1, LARGEST_SIZE, f"The number lies between 1 and {LARGEST_SIZE}.")],
    )
    method = SelectField("Each stratum gets", choices=[SelectChoice(key, words) for key, words in METHODS.items()])
    minimum = IntegerField(
        "At least from each stratum",
        [InputRequired("Enter a number, or 0."), NumberRange(0, 1000, "The minimum lies between 0 and 1000.")],
    )
    reserve = IntegerField(
        "Reserves, per cent of each stratum's sample",
        [InputRequired("Enter a per cent, or 0."), NumberRange(0, 300, "Reserves lie between 0 and 300 %%.")],
    )
    second_share = DecimalField(
        "Read a second time, per cent of the records",
        [InputRequired("Enter a per cent, or 0."), NumberRange(0, 100, "The per cent lies between 0 and 100.")],
    )

    def validate(self, extra_validators: dict[str, object] | None = None) -> bool:
        """The number is needed only where the size is set by number."""
        sound = bool(super().validate(extra_validators))
        if self.by.data == "number" and self.size.data is None and not self.size.errors:
            self.size.errors = ["Enter the number of records."]
            return False
        return sound


def form_for(frame: SamplingFrame, choices: Choices, given: MultiDict[str, str] | None) -> PlanForm:
    """The form as sent, or filled from `choices`."""
    usual = {
        "strata": list(choices.strata),
        "by": "precision" if choices.size is None else "number",
        "confidence": _per_cent(choices.confidence),
        "margin": _per_cent(choices.margin),
        "ineligible": _per_cent(choices.ineligible),
        "size": "" if choices.size is None else str(choices.size),
        "method": choices.method,
        "minimum": str(choices.minimum),
        "reserve": choices.reserve.removesuffix("%"),
        "second_share": _per_cent(choices.second_share),
    }
    form = PlanForm(formdata=given if given is not None else MultiDict(usual))
    form.strata.choices = [SelectChoice(column, COLUMN_WORDS[column]) for column in frame.columns]
    return form


def choices_from(form: PlanForm) -> Choices:
    """What a valid form chose."""
    return Choices(
        strata=tuple(form.strata.data),
        size=form.size.data if form.by.data == "number" else None,
        confidence=_share(form.confidence.data),
        margin=_share(form.margin.data),
        ineligible=_share(form.ineligible.data),
        method=form.method.data,
        minimum=form.minimum.data,
        reserve=f"{form.reserve.data}%",
        second_share=_share(form.second_share.data),
    )


def _share(per_cent: str | Decimal) -> str:
    return decimal_text(Decimal(per_cent) / 100)


def _per_cent(share: str) -> str:
    return decimal_text(Decimal(share) * 100)
