"""The form of the plan: per cent as people write it, turned into the decimal text that a digest can hold."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from casereader.drawing.choices import METHODS, SELECTIONS, Choices
from casereader.drawing.comparison import Comparison
from casereader.drawing.wave_rule import cut_offs
from casereader.instrument import Instrument
from casereader.models import SamplingFrame
from casereader.returns.frames import COLUMN_WORDS
from casereader.web.forms.numbers import NumberField, WholeField
from casereader.web.forms.waves import WaveFields, in_per_cents, offer_questions, rule_from, usual_waves
from sampling.exact import decimal_text

LARGEST_SIZE = 100_000
LONGEST_FIGURES = 30_000
DROP, AT_LEAST_ONE = "drop-", "at-least-one"  # buttons that mend strata of which none would be read
ALL_CUT_OFFS = "all-cut-offs"  # the button that names every cut-off of the proportion words


class PlanForm(WaveFields):
    """Strata, size, and what goes with them. What stands under *advanced* may be left out."""

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
        "Confidence", choices=[SelectChoice(value, f"{value}%") for value in ("80", "90", "95", "99")]
    )
    margin = NumberField(
        "Margin of error, percentage points either side",
        [InputRequired("Enter a margin, like 15."), NumberRange(1, 50, "The margin lies between 1 and 50.")],
    )
    ineligible = NumberField(
        "Cases expected to be ineligible, per cent",
        [InputRequired("Enter a per cent, or 0."), NumberRange(0, 90, "The per cent lies between 0 and 90.")],
    )
    size = WholeField(
        "Number of records",
        [Optional(), NumberRange(1, LARGEST_SIZE, f"The number lies between 1 and {LARGEST_SIZE}.")],
    )
    minimum = WholeField(
        "At least from each stratum",
        [InputRequired("Enter a number, or 0."), NumberRange(0, 1000, "The minimum lies between 0 and 1000.")],
    )
    reserve = WholeField(
        "Reserves, per cent of each stratum's sample",
        [InputRequired("Enter a per cent, or 0."), NumberRange(0, 300, "Reserves lie between 0 and 300%%.")],
    )
    second_share = NumberField(
        "Read a second time, per cent of the records",
        [InputRequired("Enter a per cent, or 0."), NumberRange(0, 100, "The per cent lies between 0 and 100.")],
    )
    comparison = SelectField("Comparison group", default="")
    comparison_least = WholeField(
        "At least from the comparison group",
        [Optional(), NumberRange(0, 1000, "The number lies between 0 and 1000.")],
        default=0,
    )
    method = SelectField(
        "Each stratum gets",
        choices=[SelectChoice(key, words) for key, words in METHODS.items()],
        default="proportional",
    )
    figures = TextAreaField(
        "Numbers of the strata",
        [Optional(), Length(max=LONGEST_FIGURES, message=f"Write at most {LONGEST_FIGURES:,} characters.")],
        default="",
    )
    power = NumberField(
        "Power of the size", [Optional(), NumberRange(0, 1, "The power lies between 0 and 1.")], default=Decimal("0.5")
    )
    maximum = WholeField(
        "At most from each stratum",
        [Optional(), NumberRange(1, LARGEST_SIZE, f"The maximum lies between 1 and {LARGEST_SIZE}.")],
    )
    selection = SelectField(
        "Cases are selected",
        choices=[SelectChoice(key, words) for key, words in SELECTIONS.items()],
        default="tickets",
    )
    order_by = SelectField("Along which column", default="")
    comparisons: Mapping[str, Comparison]

    def validate(self, extra_validators: dict[str, object] | None = None) -> bool:
        """The number is needed only where the size is set by number, and figures only where they can be read."""
        sound = bool(super().validate(extra_validators))
        if self.by.data == "number" and self.size.data is None and not self.size.errors:
            self.size.errors = ["Enter the number of records."]
            sound = False
        _, unread = figures_in(self.figures.data or "")
        if unread:
            self.figures.errors = [*self.figures.errors, *unread]
            sound = False
        return not self.wave_faults(self.selection.data) and sound


def form_for(
    frame: SamplingFrame,
    on_list: Mapping[str, Mapping[str, int]],
    choices: Choices,
    given: MultiDict[str, str] | None,
    words: Mapping[str, Mapping[str, str]],
    instrument: Instrument,
) -> PlanForm:
    """The form as sent, or filled from `choices`; `on_list` are the values that may name a comparison group.

    `words` gives for each column the codes of the instrument in its order, each with what it is called.
    """
    comparisons = _comparisons(on_list, choices.comparison, words)
    stated = choices.comparison
    usual = {
        "strata": list(choices.strata),
        "by": "precision" if choices.size is None else "number",
        "confidence": _per_cent(choices.confidence),
        "margin": _per_cent(choices.margin),
        "ineligible": _per_cent(choices.ineligible),
        "size": "" if choices.size is None else str(choices.size),
        "method": choices.method,
        "minimum": str(choices.minimum),
        "maximum": "" if choices.maximum is None else str(choices.maximum),
        "power": choices.power,
        "figures": "\n".join(f"{label}: {figure}" for label, figure in choices.figures.items()),
        "reserve": choices.reserve.removesuffix("%"),
        "second_share": _per_cent(choices.second_share),
        "selection": choices.selection,
        "order_by": choices.order_by[0] if choices.order_by else "",
        "comparison": "" if stated is None else _key(stated),
        "comparison_least": str(choices.comparison_least),
        **usual_waves(choices.waves, instrument),
    }
    form = PlanForm(formdata=_mended(given) if given is not None else MultiDict(usual))
    form.comparisons = comparisons
    offer_questions(form, instrument, choices.waves.questions if choices.waves else ())
    form.strata.choices = [SelectChoice(column, COLUMN_WORDS[column]) for column in frame.columns]
    form.order_by.choices = [SelectChoice("", "No column"), *form.strata.choices]
    form.comparison.choices = [
        SelectChoice("", "None: no comparison is planned"),
        *(
            SelectChoice(key, said(one, words), optgroup=COLUMN_WORDS[one.column])
            for key, one in sorted(comparisons.items(), key=lambda item: list(on_list).index(item[1].column))
        ),
    ]
    return form


def choices_from(form: PlanForm) -> Choices:
    """What a valid form chose."""
    comparison = form.comparisons.get(form.comparison.data or "")
    method, selection = form.method.data, form.selection.data
    return Choices(
        strata=tuple(form.strata.data),
        size=form.size.data if form.by.data == "number" else None,
        confidence=_share(form.confidence.data),
        margin=_share(form.margin.data),
        ineligible=_share(form.ineligible.data),
        method=method,
        minimum=form.minimum.data,
        maximum=form.maximum.data,
        power=decimal_text(form.power.data if form.power.data is not None else "0.5"),
        figures=figures_in(form.figures.data or "")[0] if method in ("fixed", "neyman") else {},
        reserve=f"{form.reserve.data}%",
        second_share=_share(form.second_share.data),
        selection=selection,
        order_by=(form.order_by.data,) if form.order_by.data and selection == "systematic" else (),
        comparison_column=comparison.column if comparison else "",
        comparison_values=comparison.values if comparison else (),
        comparison_least=(form.comparison_least.data or 0) if comparison else 0,
        waves=rule_from(form),
    )


def figures_in(text: str) -> tuple[dict[str, str], list[str]]:
    """A number for each stratum, one to a line after its label and a colon; and the lines that say something else."""
    found: dict[str, str] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        label, colon, figure = (part.strip() for part in line.rpartition(":"))
        if not line.strip():
            continue
        if not colon or not label or not figure:
            faults.append(f"Line {number}: write the label of the stratum, a colon and its number, like “b: 12”.")
        elif label in found:
            faults.append(f"Line {number}: stratum {label} stands there twice.")
        else:
            found[label] = figure
    return found, faults


def said(one: Comparison, words: Mapping[str, Mapping[str, str]]) -> str:
    """A comparison group as a choice: the words of the instrument beside its codes."""
    known = words.get(one.column, {})
    labels = {value: known.get(value, value) for value in one.values}
    return " or ".join(value if value == label else f"{label} ({value})" for value, label in labels.items())


def _comparisons(
    on_list: Mapping[str, Mapping[str, int]], stated: Comparison | None, words: Mapping[str, Mapping[str, str]]
) -> dict[str, Comparison]:
    single = []
    for column, values in on_list.items():
        place = {code: at for at, code in enumerate(words.get(column, {}))}
        ordered = sorted(values, key=lambda value: (place.get(value, len(place)), value))
        single += [Comparison(column, (value,)) for value in ordered]
    several = [stated] if stated is not None and stated.column in on_list and stated not in single else []
    return {_key(one): one for one in [*several, *single]}


def _key(comparison: Comparison) -> str:
    return f"{comparison.column}={comparison.name}"


def is_a_look(pressed: str) -> bool:
    """Whether a button of the plan page only shows what choices give, and fixes nothing."""
    return pressed in ("show", AT_LEAST_ONE, ALL_CUT_OFFS) or pressed.startswith(DROP)


def _mended(given: MultiDict[str, str]) -> MultiDict[str, str]:
    """What was sent, after a button that merges strata, gives each a case or names every cut-off."""
    pressed = given.get("do", "")
    mended = MultiDict(given)
    if pressed == AT_LEAST_ONE:
        mended["minimum"] = "1"
    elif pressed == ALL_CUT_OFFS:
        mended["wave_thresholds"] = in_per_cents(cut_offs())
    elif pressed.startswith(DROP):
        mended.setlist("strata", [column for column in given.getlist("strata") if column != pressed[len(DROP) :]])
    return mended


def _share(per_cent: str | Decimal) -> str:
    return decimal_text(Decimal(per_cent) / 100)


def _per_cent(share: str) -> str:
    return decimal_text(Decimal(share) * 100)
