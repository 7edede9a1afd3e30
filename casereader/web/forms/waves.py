"""The part of the plan's form that is about reading in waves: off, unless somebody types how many."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal

from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from casereader.drawing.wave_rule import MOST_WAVES, SPLITS, SUGGESTED, Fault, Rule, cut_offs
from casereader.instrument import Instrument
from casereader.web.forms.numbers import NumberField, WholeField
from sampling.exact import decimal_text, exact

FIELDS = {
    "selection": "selection",
    "n_waves": "waves",
    "questions": "wave_questions",
    "thresholds": "wave_thresholds",
    "error_rate": "wave_error_rate",
    "split": "wave_split",
    "minimum": "wave_minimum",
}
BETWEEN = re.compile(r"[\s,;]+")


class WaveFields(FlaskForm):
    """How many waves, and the rule for them. Everything but the number is ignored where that is blank."""

    waves = WholeField(
        "Read in so many waves", [Optional(), NumberRange(2, MOST_WAVES, f"Waves are from 2 to {MOST_WAVES}.")]
    )
    wave_questions = SelectMultipleField("Questions that the waves are to settle")
    wave_others = StringField(
        "Other questions, by their codes", [Optional(), Length(max=400, message="Name them in at most 400 characters.")]
    )
    wave_thresholds = StringField(
        "Cut-offs, per cent", [Optional(), Length(max=200, message="Write them in at most 200 characters.")]
    )
    wave_error_rate = NumberField(
        "Error rate, per cent",
        [Optional(), NumberRange(Decimal("0.1"), 50, "The error rate lies between 0.1 and 50%%.")],
    )
    wave_split = SelectField(
        "How questions have the error rate",
        choices=[SelectChoice(key, words) for key, words in SPLITS.items()],
        default="each",
    )
    wave_minimum = WholeField("Waves to be read before ending may be asked", [Optional()])
    wave_maximum = WholeField(
        "Largest sample, records", [Optional(), NumberRange(1, 100_000, "The number lies between 1 and 100000.")]
    )
    with_share: Collection[str] = ()

    @property
    def shows_waves(self) -> bool:
        """Whether these fields are open to see: a number is typed, or something in them is wrong."""
        return self.waves.data is not None or any(field.errors for field in self if field.name.startswith("wave"))

    def wave_faults(self, selection: str) -> bool:
        """Put each fault of the rule beside the field that it is in; whether there are any."""
        rule = rule_from(self)
        if rule is None:
            return False
        wrong = {name for name, field in FIELDS.items() if self[field].errors}
        _, unread = cut_offs_in(self.wave_thresholds.data or "")
        faults = [Fault("thresholds", text) for text in unread]
        if self.wave_error_rate.data is None:
            faults.append(Fault("error_rate", "Waves: enter the error rate, like 10."))
        if self.wave_minimum.data is None:
            faults.append(Fault("minimum", "Waves: say how many must be read before ending may be asked, like 1."))
        told = {fault.field for fault in faults}
        faults += [one for one in rule.faults(known=self.with_share, selection=selection) if one.field not in told]
        faults = [fault for fault in faults if fault.field not in wrong]
        for fault in faults:
            field = self[FIELDS[fault.field]]
            field.errors = [*field.errors, fault.says]
        return bool(faults)


def offer_questions(form: WaveFields, instrument: Instrument, stated: Collection[str]) -> None:
    """Offer the headline question of each section to tick, and those already stated; others are named by code."""
    keys = [part.key for question in instrument.questions for part in question.parts if part.has_y]
    form.with_share = frozenset(keys)
    headlines = [one.id for section in instrument.sections if (one := instrument.headline(section.id)) is not None]
    offered = [key for key in keys if key in {*headlines, *stated}]
    form.wave_questions.choices = [SelectChoice(key, f"{key} {instrument.part(key).label}") for key in offered]


def usual_waves(rule: Rule | None, instrument: Instrument) -> dict[str, str | list[str]]:
    """What the fields show before anything is typed: the rule as stated, or what one would begin from."""
    shown = rule or Rule(0, questions=tuple(row.question for row in instrument.opening), thresholds=SUGGESTED)
    return {
        "waves": str(rule.n_waves) if rule else "",
        "wave_questions": list(shown.questions),
        "wave_others": "",
        "wave_thresholds": in_per_cents(shown.thresholds),
        "wave_error_rate": decimal_text(exact(shown.error_rate) * 100),
        "wave_split": shown.split,
        "wave_minimum": str(shown.minimum),
        "wave_maximum": str(shown.maximum) if shown.maximum else "",
    }


def rule_from(form: WaveFields) -> Rule | None:
    """What the fields say; None where no number of waves is typed. Without a cut-off: those of the proportion words."""
    if form.waves.data is None:
        return None
    others = [key for key in BETWEEN.split((form.wave_others.data or "").strip()) if key]
    rate = form.wave_error_rate.data
    return Rule(
        n_waves=form.waves.data,
        questions=tuple(dict.fromkeys([*(form.wave_questions.data or []), *others])),
        thresholds=cut_offs_in(form.wave_thresholds.data or "")[0]
        if (form.wave_thresholds.data or "").strip()
        else cut_offs(),
        error_rate=decimal_text((rate if rate and not form.wave_error_rate.errors else Decimal(10)) / 100),
        split=form.wave_split.data,
        minimum=form.wave_minimum.data or 0,
        maximum=form.wave_maximum.data or 0,
    )


def in_per_cents(thresholds: Sequence[str]) -> str:
    """Cut-offs as the field has them."""
    return ", ".join(decimal_text(exact(text) * 100) for text in thresholds)


def cut_offs_in(text: str) -> tuple[tuple[str, ...], list[str]]:
    """Per cents as shares, lowest first, and what is said of those that cannot be read."""
    found, faults = [], []
    for one in BETWEEN.split(text.strip()):
        try:
            found += [decimal_text(exact(one.removesuffix("%")) / 100)] if one else []
        except ValueError:
            faults.append(f"Waves: “{one[:20]}” is no per cent. Write the cut-offs like 15, 50, 75, 90.")
    return tuple(sorted(found, key=exact)), faults
