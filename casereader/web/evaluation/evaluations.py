"""Writing evaluations: each quality indicator's figures beside the form in which people say what they conclude."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from casereader import challenges, dated, evaluations, own_instrument
from casereader.challenges import Logged
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.evaluations import LONGEST_REASON, SCALE, Entry
from casereader.figures import results
from casereader.figures.results import Results
from casereader.instrument import Instrument, Listed
from casereader.programmes.inspections import Place
from casereader.vocabulary import EvaluationStage, Role
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.evaluation import benchmarks, pictures
from casereader.web.evaluation.accuracy import open_ones
from casereader.web.evaluation.blueprint import SEES, blueprint
from casereader.web.evaluation.cells import FIGURE_COLUMNS, OTHER_COLUMNS, Row, blank_row, k_of_n, name_of, said, share
from casereader.web.evaluation.groups import state_of
from casereader.web.evaluation.pages import parts_of, question_rows, whole_rows
from casereader.web.installed import instruments
from casereader.web.request_session import db

STAGES = {
    EvaluationStage.PROPOSED: "The team’s proposal",
    EvaluationStage.PANEL: "The panel’s view",
    EvaluationStage.FINAL: "The final evaluation",
}

NEXT_TEXT = {
    EvaluationStage.PROPOSED: "Look at its figures, choose the rating and give the reasons.",
    EvaluationStage.PANEL: "The team’s proposal stands. Write what the panel makes of it, with its reasons.",
    EvaluationStage.FINAL: "Proposal and panel stand. Write the rating that stays, with its reasons.",
}


class EvaluationForm(FlaskForm):
    """A rating at one stage, with its reasons."""

    stage = RadioField("Whose evaluation is this?", [InputRequired("Choose whose evaluation this is.")])
    rating = RadioField(
        "Rating",
        [InputRequired("Choose a rating from 6 to 1.")],
        choices=[SelectChoice(str(point), f"{point} {name}") for point, (name, _) in SCALE.items()],
    )
    reason = TextAreaField(
        "Reasons",
        [
            InputRequired("Give the reasons for the rating."),
            Length(max=LONGEST_REASON, message=f"Give the reasons in at most {LONGEST_REASON:,} characters."),
        ],
    )
    after = HiddenField()


@blueprint.get("/inspections/<public_id>/evaluation")
@allow(*SEES)
def show(public_id: str) -> str:
    """Every evaluated quality indicator, and how far its evaluation has come."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    entries = evaluations.history(db(), place=place)
    asked = evaluations.indicators(place, instrument)
    standing = {one.value: evaluations.standing(entries, qi=one.value) for one in asked}
    log = challenges.log(db(), place=place)
    todo = _todo(place, asked, entries, log)
    rows: list[list[object]] = []
    for one in asked:
        made = standing[one.value]
        href = url_for("evaluation.indicator", public_id=public_id, qi=one.value)
        ratings = [made[stage].rating if stage in made else "not yet" for stage in EvaluationStage]
        rows.append([{"text": f"{one.value} {one.label}", "href": href}, *ratings])
    return render_template(
        "evaluation/evaluations.html",
        place=place,
        columns=["Quality indicator", *(STAGES[stage] for stage in EvaluationStage)],
        rows=rows,
        todo=todo,
        are_final=evaluations.are_final(entries, asked),
        is_lead=_is_lead(place),
        own=own_instrument.answered(db(), place=place, library=instruments()),
        open_challenges=open_ones(place, log),
    )


@blueprint.get("/inspections/<public_id>/evaluation/<qi>")
@allow(*SEES)
def indicator(public_id: str, qi: str) -> str:
    """One quality indicator: its figures, what was concluded so far, and for the lead the form."""
    place, instrument, one = _indicator(public_id, qi, *SEES)
    entries = evaluations.history(db(), place=place)
    return _page(place, instrument, one, entries, _form(entries, qi, is_blocked=bool(_waiting(place, qi))))


@blueprint.post("/inspections/<public_id>/evaluation/<qi>")
@allow(Role.LEAD)
def write(public_id: str, qi: str) -> tuple[str, int] | Response:
    """Write an evaluation; what was typed stays on the page when it is refused."""
    place, instrument, one = _indicator(public_id, qi, Role.LEAD)
    entries = evaluations.history(db(), place=place)
    form = _form(entries, qi, is_blocked=bool(_waiting(place, qi)))
    if form.validate_on_submit():
        stage = EvaluationStage(form.stage.data)
        try:
            evaluations.write(
                db(),
                place=place,
                instrument=instrument,
                qi=qi,
                stage=stage,
                rating=int(form.rating.data),
                reason=form.reason.data or "",
                figures=_to_freeze(place, instrument, qi, stage),
                after=form.after.data or "",
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.form_errors.extend(error.reasons)
        except ConflictError as error:
            form.form_errors.append(str(error))
            form.after.data = _newest(entries, qi)
        else:
            flash(
                f"{STAGES[stage]} of {qi} is saved, with the figures as they stand.",
                "success",
            )
            return redirect(url_for("evaluation.indicator", public_id=public_id, qi=qi), 303)
    return _page(place, instrument, one, entries, form), 422


def _indicator(public_id: str, qi: str, *roles: Role) -> tuple[Place, Instrument, Listed]:
    place = objects.inspection(public_id, *roles)
    instrument = objects.instrument_of(place.programme)
    one = next((one for one in evaluations.indicators(place, instrument) if one.value == qi), None)
    if one is None:
        raise AbsentError
    return place, instrument, one


def _is_lead(place: Place) -> bool:
    return Role.LEAD in person().roles_in(place.inspection.id or 0)


def _figures(place: Place, instrument: Instrument, qi: str) -> Results:
    return results.results_for(db(), [place], instrument, only=parts_of(instrument, qi), by=())


def _to_freeze(place: Place, instrument: Instrument, qi: str, stage: EvaluationStage) -> list[dict[str, Any]]:
    """The indicator's figures as they stand; for the panel and after, with the shares of the others beside each."""
    keys = parts_of(instrument, qi)
    whole = whole_rows(_figures(place, instrument, qi))
    rows = [dict(whole[key]) for key in keys if key in whole]
    if stage is EvaluationStage.PROPOSED:
        return rows
    others = benchmarks.gather(place, instrument, keys).others
    return [row | {"others": list(others.get(row["question"], ()))} for row in rows]


def _newest(entries: Sequence[Entry], qi: str) -> str:
    return next((entry.row.public_id for entry in entries if entry.row.qi == qi), "")


def _waiting(place: Place, qi: str) -> list[Logged]:
    return challenges.waiting(challenges.log(db(), place=place), qi=qi)


def _todo(
    place: Place, asked: Sequence[Listed], entries: Sequence[Entry], log: Sequence[Logged]
) -> dict[str, str] | None:
    """The first of the indicators with a stage that can be written now: a final one waits for open challenges."""
    for one in asked:
        stage = evaluations.next_stage(entries, qi=one.value)
        if stage is None or (stage is EvaluationStage.FINAL and challenges.waiting(log, qi=one.value)):
            continue
        href = url_for("evaluation.indicator", public_id=place.inspection.public_id, qi=one.value)
        return {"heading": f"{STAGES[stage]}: {one.value} {one.label}", "text": NEXT_TEXT[stage], "href": href}
    return None


def _form(entries: Sequence[Entry], qi: str, *, is_blocked: bool) -> EvaluationForm:
    """The form for the stages that can be written now; the next one is chosen unless a challenge blocks it."""
    stages = evaluations.open_stages(entries, qi=qi)
    form = EvaluationForm()
    form.stage.choices = [SelectChoice(stage.value, STAGES[stage]) for stage in stages]
    if not form.is_submitted():
        form.stage.data = None if is_blocked and stages[-1] is EvaluationStage.FINAL else stages[-1].value
        form.after.data = _newest(entries, qi)
    return form


def _page(place: Place, instrument: Instrument, one: Listed, entries: Sequence[Entry], form: EvaluationForm) -> str:
    keys = parts_of(instrument, one.value)
    found = _figures(place, instrument, one.value)
    whole = whole_rows(found)
    named: list[tuple[str, Row]] = [(name_of(instrument, key), whole.get(key) or blank_row(key)) for key in keys]
    standing = evaluations.standing(entries, qi=one.value)
    asked = evaluations.indicators(place, instrument)
    log = challenges.log(db(), place=place)
    waiting = challenges.waiting(log, qi=one.value)
    at = asked.index(one)
    return render_template(
        "evaluation/indicator.html",
        place=place,
        indicator=one,
        state=state_of(found, place, instrument),
        chart=pictures.shares("figures", f"{one.value} {one.label}", named) if keys else "",
        columns=["Question", *FIGURE_COLUMNS, *OTHER_COLUMNS],
        rows=question_rows(place, instrument, whole, keys),
        distributions=pictures.distributions(
            found.figures.distributions,
            instrument,
            keys,
            inspection=place.path,
            id="answers",
        ),
        stages=[
            {"key": STAGES[stage], "value": f"{entry.rating}, by {entry.who}" if entry else "Not written yet"}
            for stage in EvaluationStage
            for entry in [standing.get(stage)]
        ],
        history=[_entry(instrument, entry) for entry in entries if entry.row.qi == one.value],
        deeds=histories.of(place, *(entry.row.public_id for entry in entries if entry.row.qi == one.value)),
        benchmark=benchmarks.strip(instrument, keys, whole, benchmarks.gather(place, instrument, keys))
        if keys and EvaluationStage.PROPOSED in standing
        else None,
        form=form if _is_lead(place) else None,
        is_final=EvaluationStage.FINAL in standing,
        todo=_todo(place, [*asked[at + 1 :], *asked[:at]], entries, log) if _is_lead(place) and standing else None,
        open_challenges=open_ones(place, waiting),
        stage_hints={EvaluationStage.FINAL.value: "Cannot be saved yet: a challenge is open."} if waiting else {},
        descriptors={str(point): f"{says}." for point, (_, says) in SCALE.items()},
        longest=LONGEST_REASON,
    )


def _entry(instrument: Instrument, entry: Entry) -> dict[str, Any]:
    row = entry.row
    return {
        "id": f"entry-{row.id}",
        "heading": f"{STAGES[row.stage]}: {entry.rating}",
        "made": f"{entry.who}, {dated.moment(row.made_at)}",
        "reason": row.reason,
        "rows": [_frozen(instrument, figure) for figure in row.figures],
    }


def _frozen(instrument: Instrument, row: Row) -> list[object]:
    key = row["question"]
    name = name_of(instrument, key) if instrument.has(key) else key
    return [name, share(row), k_of_n(row), said(row), benchmarks.others(row.get("others", ())) or "not shown"]
