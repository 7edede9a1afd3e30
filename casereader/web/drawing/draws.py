"""The draw: enter the public value, see the seed, draw; then the sample."""

from __future__ import annotations

from dataclasses import asdict, astuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from casereader import assignments
from casereader.after_the_draw import stopping
from casereader.drawing import draws, plans, seeds
from casereader.drawing.seeds import Told
from casereader.errors import ConflictError, RefusedError
from casereader.in_waves import waves
from casereader.models import Account, DrawRecord
from casereader.programmes.inspections import Place
from casereader.stages import stages, still_to_name
from casereader.vocabulary import Role
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.drawing.changing_draws import asked_extension, extension_rows, voided_rows
from casereader.web.drawing.plan_page import name_of
from casereader.web.drawing.sample_rows import is_to_read, sample_rows
from casereader.web.drawing.way import way_of
from casereader.web.proved import proved_first
from casereader.web.request_session import db

blueprint = Blueprint("draws", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/draw")
@allow(*SEES)
def show(public_id: str) -> str:
    """What is missing before the draw, or what was drawn."""
    place = objects.inspection(public_id, *SEES)
    record = draws.current(db(), inspection=place.inspection)
    return _before_page(place, Told(""), "", []) if record is None else _drawn_page(place, record)


@blueprint.post("/inspections/<public_id>/draw/value")
@allow(*SEES)
def check_value(public_id: str) -> str | tuple[str, int]:
    """Show the value as it will be used, and the seed it gives, before anything is drawn."""
    place = objects.inspection(public_id, *SEES)
    plan = draws.ready_plan(db(), inspection=place.inspection, at=now())
    typed = _typed()
    try:
        told = seeds.told_for(plan, typed, at=now())
    except RefusedError as error:
        return _before_page(place, _to_show(typed), "", list(error.reasons)), 422
    seed = seeds.try_value(db(), plan=plan, told=told, by=person().account, at=now())
    return _before_page(place, told, seed, [])


@blueprint.post("/inspections/<public_id>/draw")
@allow(*SEES)
@proved_first("Draw the sample")
def make(public_id: str) -> BaseResponse:
    """Draw."""
    place = objects.inspection(public_id, *SEES)
    draws.make(db(), inspection=place.inspection, by=person().account, at=now(), **asdict(_typed()))
    flash("The sample is drawn. Print the certificate for both sides.", "success")
    return redirect(url_for("draws.show", public_id=public_id), 303)


def _typed() -> Told:
    """What was typed, as it came."""
    return Told(*(request.form.get(name, "") for name in ("public_value", "partnership_secret", "inspectorate_secret")))


def _to_show(typed: Told) -> Told:
    """The same without what cannot be shown again."""
    return Told(*("".join(letter for letter in text if letter.isprintable()) for text in astuple(typed)))


def _before_page(place: Place, told: Told, seed: str, reasons: list[str]) -> str:
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
        told=told,
        seed=seed,
        n_tries=seeds.n_tries(db(), plan=plan) if plan is not None else 0,
        way=way_of(place),
        voided=voided_rows(place),
        deeds=histories.of_kinds(place, "draw", tables=["draw"]),
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
        n_main=sum(is_to_read(drawn) for drawn, _ in sampled),
        n_reserve=sum(not is_to_read(drawn) for drawn, _ in sampled),
        rows=sample_rows(record, sampled),
        deeds=histories.of(place, record.public_id),
        extended=histories.of_kinds(place, "extension", tables=["draw_extension"]),
        is_coordinator=is_coordinator,
        to_name=_to_name(place) if is_coordinator else None,
        way=way_of(place),
        voided=voided_rows(place),
        void_asked_by=name_of(record.void_asked_by_id),
        i_asked_void=record.void_asked_by_id == person().id,
        extensions=extension_rows(place, record),
        extension=asked_extension(record),
        n_waves=len(waves.of_inspection(db(), inspection=place.inspection)),
        ended=stopping.ended(db(), inspection=place.inspection),
        assigned=assignments.is_assigned(db(), draw_record=record),
    )


def _to_name(place: Place) -> tuple[str, str] | None:
    """Heading and text of the step before the cases are given out, where somebody is still to be named."""
    key = place.inspection.id or 0
    standing = still_to_name.with_names(db(), stages.standings(db(), [key]), at=now())[key]
    if not (standing.untold or standing.lacks_readers):
        return None
    return still_to_name.words(standing, with_readers=standing.lacks_readers)
