"""The draw: enter the public value, see the seed, draw; then certificate and sample."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from casereader import assignments, draws, plans, reserves, stopping
from casereader.errors import ConflictError, RefusedError
from casereader.inspections import Place
from casereader.models import Account, DrawRecord, SamplingFrame, SamplingPlan
from casereader.returns import changes
from casereader.vocabulary import Role, SampleRole
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_session import db
from casereader.web.return_pages import change_rows

blueprint = Blueprint("draws", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/draw")
@allow(*SEES)
def show(public_id: str) -> str:
    """What is missing before the draw, or what was drawn."""
    place = objects.inspection(public_id, *SEES)
    record = draws.current(db(), inspection=place.inspection)
    return _before_page(place, "", "", []) if record is None else _drawn_page(place, record)


@blueprint.post("/inspections/<public_id>/draw/value")
@allow(*SEES)
def check_value(public_id: str) -> str | tuple[str, int]:
    """Show the value as it will be used, and the seed it gives, before anything is drawn."""
    place = objects.inspection(public_id, *SEES)
    plan = draws.ready_plan(db(), inspection=place.inspection, at=now())
    given = request.form.get("public_value", "")
    try:
        value = draws.canonical_value(given)
    except RefusedError as error:
        shown = "".join(letter for letter in given if letter.isprintable())
        return _before_page(place, shown, "", list(error.reasons)), 422
    return _before_page(place, value, draws.seed_for(plan, public_value=value), [])


@blueprint.post("/inspections/<public_id>/draw")
@allow(*SEES)
def make(public_id: str) -> BaseResponse:
    """Draw."""
    place = objects.inspection(public_id, *SEES)
    value = request.form.get("public_value", "")
    draws.make(db(), inspection=place.inspection, public_value=value, by=person().account, at=now())
    flash("The sample is drawn. Print the certificate for both sides.", "success")
    return redirect(url_for("draws.show", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/draw/certificate")
@allow(*SEES)
def certificate(public_id: str) -> str:
    """The certificate as a page to print."""
    place = objects.inspection(public_id, *SEES)
    record = _drawn(place)
    plan = db().get_one(SamplingPlan, record.plan_id)
    content: dict[str, Any] = json.loads(record.certificate)
    return render_template(
        "sampling/certificate.html",
        place=place,
        record=record,
        plan=plan,
        content=content,
        changes=change_rows(changes.of_frame(db(), frame=db().get_one(SamplingFrame, plan.frame_id))),
        drawn_by=db().get_one(Account, record.drawn_by_id).name,
        stopped=stopping.patterns(db(), [place.inspection.id or 0])[place.inspection.id or 0],
        replaced=[
            [
                *(one.case_ref, one.stratum, one.reason, one.reserve or "No reserve was left"),
                f"{one.proposed_at:%d %B %Y, %H:%M UTC} by {one.proposed_by}",
                f"{one.confirmed_at:%d %B %Y, %H:%M UTC} by {one.confirmed_by}",
            ]
            for one in reserves.replaced(db(), draw_record=record)
        ],
        counts=[
            [row["stratum"], row["population"], row["sample_size"], row["reserve"]] for row in content["strata_counts"]
        ],
        cases=[
            [case["case_ref"], case["stratum"], case["role"], case["order"], case["ticket"]]
            for case in content["cases"]
        ],
    )


@blueprint.get("/inspections/<public_id>/draw/certificate.json")
@allow(*SEES)
def certificate_json(public_id: str) -> Response:
    """The certificate as a file."""
    place = objects.inspection(public_id, *SEES)
    name = objects.file_name(place.programme, "certificate.json")
    return _file(_drawn(place).certificate, "application/json", name)


@blueprint.get("/inspections/<public_id>/draw/list.csv")
@allow(*SEES)
def list_csv(public_id: str) -> Response:
    """The list that was fixed, for checking the certificate."""
    place = objects.inspection(public_id, *SEES)
    plan = plans.current(db(), inspection=place.inspection)
    if plan is None or plan.committed_at is None:
        raise ConflictError("List and plan are not fixed yet.")
    name = objects.file_name(place.programme, "list.csv")
    return _file(draws.list_as_fixed(db(), plan=plan), "text/csv; charset=utf-8", name)


def _before_page(place: Place, value: str, seed: str, reasons: list[str]) -> str:
    missing = ""
    plan = plans.current(db(), inspection=place.inspection)
    try:
        plan = draws.ready_plan(db(), inspection=place.inspection, at=now())
    except ConflictError as error:
        missing = str(error)
    return render_template(
        "sampling/draw.html",
        place=place,
        plan=plan,
        missing=missing,
        value=value,
        seed=seed,
        errors=[{"text": reason, "href": "#public_value"} for reason in reasons] or None,
    )


def _drawn_page(place: Place, record: DrawRecord) -> str:
    sampled = draws.sampled(db(), draw_record=record)
    is_coordinator = Role.COORDINATOR in person().roles_in(place.inspection.id or 0)
    return render_template(
        "sampling/drawn.html",
        place=place,
        record=record,
        drawn_by=db().get_one(Account, record.drawn_by_id).name,
        n_main=sum(drawn.role is SampleRole.MAIN for drawn, _ in sampled),
        n_reserve=sum(drawn.role is SampleRole.RESERVE for drawn, _ in sampled),
        rows=[[case.case_ref, drawn.stratum, drawn.role.value.capitalize(), drawn.order] for drawn, case in sampled],
        is_coordinator=is_coordinator,
        assigned=assignments.is_assigned(db(), draw_record=record),
    )


def _drawn(place: Place) -> DrawRecord:
    record = draws.current(db(), inspection=place.inspection)
    if record is None:
        raise ConflictError("The sample is not drawn yet.")
    return record


def _file(text: str, kind: str, name: str) -> Response:
    return Response(text.encode(), content_type=kind, headers={"Content-Disposition": f"attachment; filename={name}"})
