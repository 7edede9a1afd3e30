"""The plan of the sample: choose, see what it gives, fix list and plan, confirm as a second person."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import draws, frames, plans
from casereader.errors import RefusedError
from casereader.inspections import Place
from casereader.models import Account, SamplingFrame, SamplingPlan
from casereader.planning import METHODS, Choices, IndependentCount, Preview, preview
from casereader.returns import changes
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person, takes_lists
from casereader.web.clock import now
from casereader.web.forms.planning import PlanForm, choices_from, form_for
from casereader.web.request_session import db
from casereader.web.return_pages import change_rows
from sampling.digest import json_digest

blueprint = Blueprint("plans", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/plan")
@allow(*SEES)
@takes_lists("strata")
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
    form = form_for(frame, plans.choices_of(plan), request.args if "strata" in request.args else None)
    form.validate()
    return _choosing_page(place, frame, form, [])


@blueprint.post("/inspections/<public_id>/plan")
@allow(Role.COORDINATOR)
@takes_lists("strata")
def fix(public_id: str) -> tuple[str, int] | Response:
    """Fix list and plan, as they were shown."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    frame = frames.current(db(), inspection=place.inspection)
    if frame is None:
        return redirect(url_for("frames.show", public_id=public_id), 303)
    form = form_for(frame, Choices(), request.form)
    reasons: list[str] = []
    if request.form.get("do") == "show":
        form.validate()
        return _choosing_page(place, frame, form, [])
    if form.validate():
        if request.form.get("shown") != _digest(form):
            changed = "Your choices have changed since the table was shown. Look at it again, then fix list and plan."
            return _choosing_page(place, frame, form, [changed])
        counts, reasons = _independent_counts(frame)
        due, unread = _due_at(request.form.get("due_at", ""))
        reasons += unread
        if not reasons:
            try:
                plans.fix(
                    db(),
                    inspection=place.inspection,
                    frame=frame,
                    choices=choices_from(form),
                    independent_counts=counts,
                    public_value_source=request.form.get("public_value_source", ""),
                    public_value_due_at=due,
                    salt=secrets.token_hex(16),
                    by=person().account,
                    at=now(),
                )
            except RefusedError as error:
                reasons = list(error.reasons)
            else:
                flash("List and plan are fixed. The lead now confirms them.", "success")
                return redirect(url_for("plans.show", public_id=public_id), 303)
    db().rollback()
    return _choosing_page(place, frame, form, reasons)


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
    return redirect(url_for("plans.show", public_id=public_id), 303)


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


def _choosing_page(place: Place, frame: SamplingFrame, form: PlanForm, reasons: list[str]) -> tuple[str, int]:
    """The choices with what they give, refused where one is out of bounds or the list cannot give it."""
    shown: Preview | None = None
    if not form.errors:
        try:
            shown = preview(frames.cases(db(), frame=frame), choices=choices_from(form))
        except RefusedError as error:
            reasons = [*error.reasons, *reasons]
    plan = plans.current(db(), inspection=place.inspection)
    page = render_template(
        "sampling/plan.html",
        place=place,
        form=form,
        shown=shown,
        table=_table(shown) if shown else [],
        overall=_per_cent(shown.margin) if shown else "",
        ten_more=_per_cent(shown.margin_with_ten_more) if shown and shown.margin_with_ten_more is not None else "",
        groups=_group_rows(place, frame),
        given=request.form or _given_before(plan, frame),
        sent_back_by=_name(plan.sent_back_by_id) if plan else "",
        sent_back_reason=plan.sent_back_reason if plan else "",
        shown_digest="" if form.errors else _digest(form),
        is_coordinator=Role.COORDINATOR in person().roles_in(place.inspection.id or 0),
        errors=[{"text": reason, "href": None} for reason in reasons] or None,
    )
    return page, 422 if form.errors or reasons else 200


def _fixed_page(place: Place, frame: SamplingFrame, plan: SamplingPlan, reasons: list[str]) -> str:
    roles = person().roles_in(place.inspection.id or 0)
    choices = plans.choices_of(plan)
    shown = preview(frames.cases(db(), frame=frame), choices=choices)
    return render_template(
        "sampling/fixed.html",
        place=place,
        plan=plan,
        table=_table(shown),
        overall=_per_cent(shown.margin),
        strata=", ".join(frames.COLUMN_WORDS[column].lower() for column in choices.strata),
        method=METHODS[choices.method].lower(),
        changes=change_rows(changes.of_frame(db(), frame=frame)),
        counts=[_count_row(count) for count in plan.independent_counts.values()],
        fixed_by=_name(plan.committed_by_id),
        confirmers=[account.name for account in plans.confirmers(db(), inspection=place.inspection, plan=plan)],
        is_mine=plan.committed_by_id == person().id,
        reason=request.form.get("reason", ""),
        errors=[{"text": reason, "href": "#reason"} for reason in reasons] or None,
        confirmed_by=_name(plan.confirmed_by_id),
        may_confirm=Role.LEAD in roles and plan.confirmed_at is None and plan.committed_by_id != person().id,
        may_take_back=Role.COORDINATOR in roles and plan.confirmed_at is None,
        may_draw=plan.confirmed_at is not None,
        is_drawn=draws.current(db(), inspection=place.inspection) is not None,
    )


def _table(shown: Preview) -> list[object]:
    rows: list[object] = [
        [row.stratum, row.population, row.sample, row.reserve, _weight(row.weight), _per_cent(row.margin)]
        for row in shown.rows
    ]
    total = ["All", shown.population, shown.size, shown.reserve, "", _per_cent(shown.margin)]
    return [*rows, {"cells": total, "kind": "total"}]


def _weight(weight: float | None) -> str:
    return "none read" if weight is None else f"{weight:.2f}"


def _per_cent(half_width: float) -> str:
    if math.isnan(half_width):
        return "cannot be told"
    return "more than 50" if half_width > 0.5 else f"± {half_width * 100:.1f}"


def _group_rows(place: Place, frame: SamplingFrame) -> list[dict[str, object]]:
    labels = {stratum.code: stratum.label for stratum in objects.instrument_of(place.programme).strata}
    return [
        {"group": group, "label": labels.get(group, ""), "listed": n, "number": number}
        for number, (group, n) in enumerate(frames.counts(db(), frame=frame), start=1)
    ]


def _count_row(count: Mapping[str, object]) -> list[object]:
    other = "No source exists" if count["no_source"] else count["count"]
    return [count["group"], count["listed"], other, count["source"], count["reason"]]


def _independent_counts(frame: SamplingFrame) -> tuple[list[IndependentCount], list[str]]:
    found, reasons = [], []
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
                source=request.form.get(f"source-{number}", "").strip(),
                no_source=f"no-source-{number}" in request.form,
                reason=request.form.get(f"reason-{number}", "").strip(),
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


def _digest(form: PlanForm) -> str:
    """What the choices on the page come to, so that none can be fixed that was not shown."""
    return json_digest(asdict(choices_from(form)))


def _given_before(plan: SamplingPlan | None, frame: SamplingFrame) -> dict[str, str]:
    """What was said of other sources before list and plan were opened again."""
    if plan is None:
        return {}
    given = {"public_value_source": plan.public_value_source}
    for number, (group, _) in enumerate(frames.counts(db(), frame=frame), start=1):
        count = plan.independent_counts.get(group, {})
        given[f"count-{number}"] = "" if count.get("count") is None else str(count["count"])
        given[f"source-{number}"] = count.get("source", "")
        given[f"reason-{number}"] = count.get("reason", "")
        given[f"no-source-{number}"] = "y" if count.get("no_source") else ""
    return given


def _name(account_id: int | None) -> str:
    account = db().get(Account, account_id) if account_id else None
    return account.name if account else ""
