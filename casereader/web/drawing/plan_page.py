"""The page on which a plan is chosen: the form, what it gives, and what stands beside the list."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from flask import render_template, request

from casereader import away
from casereader.drawing import comparison, plans
from casereader.drawing.choices import Choices
from casereader.drawing.expecting import ComparisonShown
from casereader.drawing.planning import Preview, preview, with_usual
from casereader.errors import RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, SamplingFrame, SamplingPlan
from casereader.programmes.inspections import Place
from casereader.returns import changes, coded_choices, frames
from casereader.returns.frames import COLUMN_WORDS
from casereader.vocabulary import Role
from casereader.web import histories, objects
from casereader.web.access import person
from casereader.web.drawing import wave_rows
from casereader.web.evaluation.cells import Row
from casereader.web.evaluation.groups import in_order, level
from casereader.web.forms.planning import AT_LEAST_ONE, DROP, PlanForm, choices_from, form_for
from casereader.web.lists.return_pages import warnings_of
from casereader.web.request_session import db
from sampling.digest import json_digest
from sampling.part import Expected

DICE = "Dice thrown in front of both sides after the lead has confirmed"
MOST_WARNINGS = 6
MOST_EMPTY = 5  # strata without a record to read that are named


class Choosing:
    """One look at the plan page: the list's cases, read once, and the form as sent or as it usually is."""

    def __init__(self, place: Place, frame: SamplingFrame, given: Mapping[str, str] | None) -> None:
        self.place, self.frame = place, frame
        self.cases = frames.listed(db(), frame=frame)
        self.plan = plans.current(db(), inspection=place.inspection)
        on_list, instrument = comparison.levels(self.cases), objects.instrument_of(place.programme)
        choices = plans.choices_of(self.plan)
        if self.plan is None and (usual := comparison.usual(place.programme, on_list)) is not None:
            choices = with_usual(choices, usual, on_list)
        self.form: PlanForm = form_for(
            frame,
            on_list,
            choices,
            given,  # type: ignore[arg-type]
            _words(instrument, on_list),
            instrument,
        )
        self.is_sound = self.form.validate()

    @property
    def digest(self) -> str:
        """What the choices on the page come to, so that none can be fixed that was not shown."""
        return json_digest(choices_from(self.form).as_json())

    def page(self, reasons: list[str]) -> tuple[str, int]:
        """The page, with the reasons why something was refused; 422 where anything was."""
        shown: Preview | None = None
        of_choices = not reasons
        untold: list[str] = [error for errors in self.form.errors.values() for error in errors]
        if self.is_sound:
            try:
                shown = preview(self.cases, choices=choices_from(self.form))
            except RefusedError as error:
                untold = list(error.reasons)
                reasons = [*untold, *reasons]
        html = render_template(
            "sampling/plan.html",
            place=self.place,
            form=self.form,
            untold=untold,
            gives=_gives(self.place, shown, choices_from(self.form)) if shown else None,
            listed=_listed(self.place, self.frame),
            groups=group_rows(self.place, self.frame),
            given=request.form or given_before(self.plan, self.frame),
            sent_back_by=name_of(self.plan.sent_back_by_id) if self.plan else "",
            sent_back_reason=self.plan.sent_back_reason if self.plan else "",
            shown_digest=self.digest if self.is_sound else "",
            deeds=histories.of_kinds(self.place, "plan", tables=["sampling_plan"]),
            is_choices_alone=of_choices and bool(untold),
            is_coordinator=Role.COORDINATOR in person().roles_in(self.place.inspection.id or 0),
            errors=[{"text": reason, "href": None} for reason in reasons] or None,
        )
        return html, 422 if reasons or not self.is_sound else 200


def _listed(place: Place, frame: SamplingFrame) -> dict[str, object]:
    """What was read and is to be looked at before it is planned; without its references where they are away."""
    warnings = warnings_of(frame)
    is_here = not away.is_guest(db(), place.inspection.id)
    first, last = frames.ends(db(), frame=frame, n=1) if is_here else ([], [])
    return {
        "first": ", ".join(first),
        "last": ", ".join(last),
        "n_cases": frame.n_cases,
        "n_changes": len(changes.of_frame(db(), frame=frame)),
        "warnings": warnings[:MOST_WARNINGS],
        "n_warnings_more": max(0, len(warnings) - MOST_WARNINGS),
    }


def _words(instrument: Instrument, columns: Iterable[str]) -> dict[str, dict[str, str]]:
    return {column: dict(coded_choices(instrument, column)) for column in columns}


def _gives(place: Place, shown: Preview, choices: Choices) -> dict[str, object]:
    """What the choices give, in finished words and rows."""
    return {
        "size": shown.size,
        "population": shown.population,
        "reserve": shown.reserve,
        "confidence": f"{float(choices.confidence) * 100:g}",
        "overall": per_cent(shown.margin),
        "ten_more": per_cent(shown.margin_with_ten_more) if shown.margin_with_ten_more is not None else "",
        "table": stratum_table(place, shown),
        "subgroups": subgroup_table(place, shown),
        "comparison": shown.comparison,
        "comparison_says": comparison_says(shown.comparison, choices),
        "warnings": (*shown.warnings, *wave_rows.faults_of(choices.waves, shown)),
        "waves": wave_rows.of_plan(choices.waves, shown),
        "few_in_waves": wave_rows.few_of(choices.waves, shown),
        "empty": ", ".join(shown.empty[:MOST_EMPTY]),
        "n_empty_more": max(0, len(shown.empty) - MOST_EMPTY),
        "mending": _mending(shown, choices),
    }


def _mending(shown: Preview, choices: Choices) -> list[dict[str, str]]:
    """Buttons for strata of which none would be read: one record from each, or one column fewer."""
    if not shown.empty:
        return []
    found = [{"value": AT_LEAST_ONE, "words": "Read at least one record of every stratum"}]
    if len(choices.strata) > 1:
        found += [
            {"value": f"{DROP}{column}", "words": f"Merge: do not draw within {COLUMN_WORDS[column].lower()}"}
            for column in choices.strata
        ]
    return found


def comparison_says(shown: ComparisonShown | None, choices: Choices) -> str:
    """What can be said of the comparison, in one sentence."""
    if shown is None:
        return "No comparison is planned: the report will not set any group of children against the others."
    if shown.lacking:
        return shown.lacking
    return (
        f"The difference between {shown.name} and their peers would be known to {per_cent(shown.margin)} percentage "
        f"points, {float(choices.confidence) * 100:g} times in 100."
    )


def stratum_table(place: Place, shown: Preview) -> list[object]:
    """A row for each stratum, and one for all."""
    rows: list[object] = [
        [
            objects.stratum_named(place, row.stratum),
            *(row.population, row.sample, row.reserve, _weight(row.weight), per_cent(row.margin)),
        ]
        for row in shown.rows
    ]
    weight = _weight(shown.population / shown.size if shown.size else None)
    total = ["All", shown.population, shown.size, shown.reserve, weight, per_cent(shown.margin)]
    return [*rows, {"cells": total, "kind": "total"}]


def subgroup_table(place: Place, shown: Preview) -> list[list[object]]:
    """A row for each group that the roll-up reports, the comparison group and its peers first."""
    instrument = objects.instrument_of(place.programme)
    rows = []
    if (one := shown.comparison) is not None:
        rows = [_group("Comparison", one.name, one.group), _group("Comparison", "Their peers", one.peers)]
    for column in dict.fromkeys(row.column for row in shown.subgroups):
        found: list[Row] = [{"level": row.level, "gives": row.gives} for row in shown.subgroups if row.column == column]
        rows += [
            _group(COLUMN_WORDS[column], level(instrument, column, one["level"]), one["gives"])
            for one in in_order(instrument, column, found)
        ]
    return rows


def _group(column: str, name: str, gives: Expected) -> list[object]:
    read, reserve = f"{gives.sample:.0f}", f"{gives.reserve:.0f}"
    return [f"{column}: {name}", gives.population, read, reserve, _weight(gives.weight), per_cent(gives.margin)]


def _weight(weight: float | None) -> str:
    return "none read" if weight is None else f"{weight:.2f}"


def per_cent(half_width: float) -> str:
    """A margin as people read it."""
    if math.isnan(half_width):
        return "cannot be told"
    return "more than 50" if half_width > 0.5 else f"± {half_width * 100:.1f}"


def group_rows(place: Place, frame: SamplingFrame) -> list[dict[str, object]]:
    """Each group of the list with its meaning and count, in the order its fields are numbered."""
    labels = {stratum.code: stratum.label for stratum in objects.instrument_of(place.programme).strata}
    return [
        {"group": group, "label": labels.get(group, ""), "listed": n, "number": number}
        for number, (group, n) in enumerate(frames.counts(db(), frame=frame), start=1)
    ]


def given_before(plan: SamplingPlan | None, frame: SamplingFrame) -> dict[str, str]:
    """What was said of other sources before list and plan were opened again; the usual public value otherwise."""
    if plan is None:
        return {"public_value_source": DICE}
    counts = plan.independent_counts
    given = {
        "public_value_source": plan.public_value_source or DICE,
        "source": next((count["source"] for count in counts.values() if count.get("source")), ""),
        "no_source": "y" if any(count.get("no_source") for count in counts.values()) else "",
        "partnership_secret_sha256": plan.partnership_secret_sha256 or "",
        "inspectorate_secret_sha256": plan.inspectorate_secret_sha256 or "",
    }
    for number, (group, _) in enumerate(frames.counts(db(), frame=frame), start=1):
        count = counts.get(group, {})
        given[f"count-{number}"] = "" if count.get("count") is None else str(count["count"])
        given[f"reason-{number}"] = count.get("reason", "")
    return given


def name_of(account_id: int | None) -> str:
    """A person's name; blank for nobody."""
    account = db().get(Account, account_id) if account_id else None
    return account.name if account else ""
