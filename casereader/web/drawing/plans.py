"""The plan of the sample: choose, see what it gives, fix list and plan, confirm as a second person."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import audit
from casereader.drawing import draws, plans
from casereader.drawing.choices import METHODS, SELECTIONS, IndependentCount
from casereader.drawing.planning import preview
from casereader.drawing.plans import Secrets
from casereader.errors import RefusedError
from casereader.models import SamplingFrame, SamplingPlan
from casereader.programmes.inspections import Place
from casereader.returns import changes, frames
from casereader.vocabulary import Role
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.drawing import wave_rows
from casereader.web.drawing.plan_page import Choosing, comparison_says, name_of, per_cent, stratum_table, subgroup_table
from casereader.web.drawing.way import value_in_words, way_of
from casereader.web.forms.planning import choices_from, is_a_look
from casereader.web.lists.return_pages import change_rows
from casereader.web.request_limits import takes_lists
from casereader.web.request_session import commit_now, db, only_read

blueprint = Blueprint("plans", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/plan")
@allow(*SEES)
@takes_lists("strata", "wave_questions")
def show(public_id: str) -> str | Response | tuple[str, int]:
    """The plan as it stands; for the coordinator, what another choice would give."""
    place = objects.inspection(public_id, *SEES)
    frame = frames.current(db(), inspection=place.inspection)
    if frame is None:
        flash("The plan needs the list of cases first.", "info")
        return redirect(url_for("frames.show", public_id=public_id), 303)
    plan = plans.current(db(), inspection=place.inspection)
    if plan is not None and plan.committed_at is not None:
        return _fixed_page(place, frame, plan, [])
    return Choosing(place, frame, request.args if "strata" in request.args else None).page([])


@blueprint.post("/inspections/<public_id>/plan")
@allow(Role.COORDINATOR)
@takes_lists("strata", "wave_questions")
def fix(public_id: str) -> tuple[str, int] | Response:
    """Fix list and plan, as they were shown."""
    if is_a_look(request.form.get("do", "")):
        commit_now()
        only_read()  # a long list takes seconds to look at, and nothing is saved: nobody's save waits for it
    place = objects.inspection(public_id, Role.COORDINATOR)
    frame = frames.current(db(), inspection=place.inspection)
    if frame is None:
        return redirect(url_for("frames.show", public_id=public_id), 303)
    choosing = Choosing(place, frame, request.form)
    if is_a_look(request.form.get("do", "")) or not choosing.is_sound:
        return choosing.page([])
    if request.form.get("shown") != choosing.digest:
        return choosing.page(["Your choices have changed since the table was shown. Look at it again, then fix them."])
    counts, reasons = _independent_counts(frame)
    due, unread = _due_at(request.form.get("due_at", ""))
    reasons += unread
    if not reasons:
        try:
            plans.fix(
                db(),
                inspection=place.inspection,
                frame=frame,
                choices=choices_from(choosing.form),
                independent_counts=counts,
                public_value_source=request.form.get("public_value_source", ""),
                public_value_due_at=due,
                secrets=Secrets(
                    request.form.get("partnership_secret_sha256", "").strip().lower(),
                    request.form.get("inspectorate_secret_sha256", "").strip().lower(),
                ),
                salt=secrets.token_hex(16),
                with_share=choosing.form.with_share,
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            reasons = list(error.reasons)
        else:
            flash("List and plan are fixed. The lead now confirms them.", "success")
            return redirect(url_for("plans.show", public_id=public_id), 303)
    db().rollback()
    return Choosing(place, frame, request.form).page(reasons)


@blueprint.post("/inspections/<public_id>/plan/take-back")
@allow(Role.COORDINATOR)
def take_back(public_id: str) -> Response:
    """Open list and plan again, before anybody confirmed them."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    plans.take_back(db(), inspection=place.inspection, by=person().account, at=now())
    flash("List and plan are open again.", "success")
    return redirect(url_for("plans.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/plan/confirm")
@allow(Role.LEAD)
def confirm(public_id: str) -> Response:
    """The second person's word."""
    place = objects.inspection(public_id, Role.LEAD)
    plans.confirm(db(), inspection=place.inspection, by=person().account, at=now())
    flash("List and plan are confirmed. The sample can be drawn when the public value is known.", "success")
    return redirect(url_for("draws.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/plan/send-back")
@allow(Role.LEAD)
def send_back(public_id: str) -> Response | tuple[str, int]:
    """Not confirmed: opened again, with what should be changed."""
    place = objects.inspection(public_id, Role.LEAD)
    try:
        plans.send_back(
            db(),
            inspection=place.inspection,
            reason=request.form.get("reason", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        frame = frames.current(db(), inspection=place.inspection)
        plan = plans.current(db(), inspection=place.inspection)
        if frame is None or plan is None:
            raise
        return _fixed_page(place, frame, plan, list(error.reasons)), 422
    flash("List and plan are open again, and the coordinator sees your reason.", "success")
    return redirect(url_for("plans.show", public_id=public_id), 303)


def _fixed_page(place: Place, frame: SamplingFrame, plan: SamplingPlan, reasons: list[str]) -> str:
    roles = person().roles_in(place.inspection.id or 0)
    choices = plans.choices_of(plan)
    confirmers = plans.confirmers(db(), inspection=place.inspection, plan=plan)
    shown = preview(frames.listed(db(), frame=frame), choices=choices)
    return render_template(
        "sampling/fixed.html",
        place=place,
        plan=plan,
        public_value=value_in_words(plan),
        table=stratum_table(place, shown),
        waves=wave_rows.of_plan(choices.waves, shown),
        wave_headline=wave_rows.headline(choices.waves),
        few_in_waves=wave_rows.few_of(choices.waves, shown),
        wave_rule=wave_rows.rule_in_words(choices.waves, objects.instrument_of(place.programme)),
        subgroups=subgroup_table(place, shown),
        overall=per_cent(shown.margin),
        strata=", ".join(frames.COLUMN_WORDS[column].lower() for column in choices.strata),
        method=METHODS[choices.method].lower(),
        changes=change_rows(changes.of_frame(db(), frame=frame)),
        selection=SELECTIONS[choices.selection].lower(),
        comparison=shown.comparison,
        comparison_least=choices.comparison_least,
        comparison_apart=choices.comparison_apart,
        comparison_says=comparison_says(shown.comparison, choices),
        deeds=histories.of_kinds(place, "plan", tables=["sampling_plan"]),
        head=audit.head_of(db(), place.inspection.id or 0),
        way=way_of(place),
        counts=[_count_row(place, count) for count in plan.independent_counts.values()],
        fixed_by=name_of(plan.committed_by_id),
        confirmers=[account.name for account in confirmers],
        is_mine=plan.committed_by_id == person().id,
        reason=request.form.get("reason", ""),
        errors=[{"text": reason, "href": "#reason"} for reason in reasons] or None,
        confirmed_by=name_of(plan.confirmed_by_id),
        may_confirm=plan.confirmed_at is None and person().id in {account.id for account in confirmers},
        may_take_back=Role.COORDINATOR in roles and plan.confirmed_at is None,
        may_draw=plan.confirmed_at is not None,
        is_drawn=draws.current(db(), inspection=place.inspection) is not None,
    )


def _count_row(place: Place, count: Mapping[str, object]) -> list[object]:
    other = "No source exists" if count["no_source"] else count["count"]
    group = objects.stratum_named(place, str(count["group"]))
    return [group, count["listed"], other, count["source"], count["reason"]]


def _independent_counts(frame: SamplingFrame) -> tuple[list[IndependentCount], list[str]]:
    """What was said of each group; a group left blank has no source only where that is ticked."""
    found, reasons = [], []
    source = request.form.get("source", "").strip()
    for number, (group, listed) in enumerate(frames.counts(db(), frame=frame), start=1):
        text = request.form.get(f"count-{number}", "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) <= 9):
            reasons.append(f"Group {group}: the count must be a whole number.")
            continue
        found.append(
            IndependentCount(
                group=group,
                listed=listed,
                count=int(text) if text else None,
                source=source if text else "",
                no_source=not text and "no_source" in request.form,
                reason=request.form.get(f"reason-{number}", "").strip() if text else "",
            )
        )
    return found, reasons


def _due_at(text: str) -> tuple[datetime | None, list[str]]:
    """The moment, read as UTC: the page says so."""
    if not text.strip():
        return None, []
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC), []
    except ValueError:
        return None, ["Enter the moment the public value falls due like 2026-06-01 12:30, or leave it blank."]
