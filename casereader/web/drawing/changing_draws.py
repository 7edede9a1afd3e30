"""After the draw: a longer sample, or none of it. One person asks, another agrees, one of them a lead."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import assignments, dated
from casereader.after_the_draw import extending, stopping, voiding
from casereader.errors import RefusedError
from casereader.in_waves import waves
from casereader.models import DrawRecord
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.drawing.plan_page import name_of
from casereader.web.proved import proved_first
from casereader.web.request_session import db

blueprint = Blueprint("changing_draws", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/draw/extend")
@allow(*SEES)
def extend(public_id: str) -> str:
    """Where a longer sample is asked for."""
    place = objects.inspection(public_id, *SEES)
    return _extend_page(place, [])


@blueprint.post("/inspections/<public_id>/draw/extend")
@allow(*SEES)
def ask_to_extend(public_id: str) -> Response | tuple[str, int]:
    """Ask for it."""
    place = objects.inspection(public_id, *SEES)
    sizes, reasons = _sizes(objects.drawn(place))
    if not reasons:
        try:
            extending.ask(
                db(),
                inspection=place.inspection,
                sizes=sizes,
                reason=request.form.get("reason", ""),
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            reasons = list(error.reasons)
        else:
            flash("The longer sample is asked for. A second person now agrees to it on this page.", "success")
            return redirect(url_for("draws.show", public_id=public_id), 303)
    return _extend_page(place, reasons), 422


@blueprint.post("/inspections/<public_id>/draw/extend/agree")
@allow(*SEES)
@proved_first("Draw the longer sample")
def agree_to_extend(public_id: str) -> Response:
    """Draw the longer sample, and give what was added to those who read already."""
    place = objects.inspection(public_id, *SEES)
    record = objects.drawn(place)
    added = extending.agree(db(), inspection=place.inspection, by=person().account, at=now())
    says = ""
    if assignments.is_assigned(db(), draw_record=record):
        try:
            given = assignments.assign_added(
                db(),
                inspection=place.inspection,
                instrument=(place.programme.instrument_id, place.programme.instrument_version),
                reason="The sample was extended",
                by=person().account,
                at=now(),
            )
            says = f" {given} are given to readers, around what they have."
        except RefusedError:
            says = " They are not given to readers yet: the coordinator does that under Assign."
    flash(f"The sample is extended by {len(added.cases)} cases.{says} Print the new certificate.", "success")
    return redirect(url_for("draws.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/draw/extend/drop")
@allow(*SEES)
def drop_extension(public_id: str) -> Response:
    """Leave the sample as long as it is."""
    place = objects.inspection(public_id, *SEES)
    extending.drop(db(), inspection=place.inspection, by=person().account, at=now())
    flash("The sample stays as long as it is.", "success")
    return redirect(url_for("draws.show", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/draw/void")
@allow(*SEES)
def void(public_id: str) -> str:
    """Where voiding is asked for."""
    place = objects.inspection(public_id, *SEES)
    return _void_page(place, objects.drawn(place), [])


@blueprint.post("/inspections/<public_id>/draw/void")
@allow(*SEES)
@proved_first("Ask to void the draw")
def ask_to_void(public_id: str) -> Response | tuple[str, int]:
    """Ask for it."""
    place = objects.inspection(public_id, *SEES)
    try:
        voiding.ask(
            db(), inspection=place.inspection, reason=request.form.get("reason", ""), by=person().account, at=now()
        )
    except RefusedError as error:
        return _void_page(place, objects.drawn(place), list(error.reasons)), 422
    flash("Voiding is asked for. Nothing changes before a second person agrees.", "success")
    return redirect(url_for("draws.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/draw/void/agree")
@allow(*SEES)
@proved_first("Void the draw")
def agree_to_void(public_id: str) -> Response:
    """Void the draw."""
    place = objects.inspection(public_id, *SEES)
    voiding.agree(db(), inspection=place.inspection, by=person().account, at=now())
    flash("The draw is voided and stays listed. List and plan are open to a new version.", "success")
    return redirect(url_for("plans.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/draw/void/drop")
@allow(*SEES)
def drop_voiding(public_id: str) -> Response:
    """Let the draw stand."""
    place = objects.inspection(public_id, *SEES)
    voiding.drop(db(), inspection=place.inspection, by=person().account, at=now())
    flash("The draw stands.", "success")
    return redirect(url_for("draws.show", public_id=public_id), 303)


def voided_rows(place: Place) -> list[list[object]]:
    """The inspection's voided draws, each with its reason, who voided it, and its papers."""
    key = place.inspection.public_id
    return [
        [
            dated.day(one.drawn_at),
            dated.moment(one.voided_at),
            one.void_reason,
            f"{name_of(one.voided_by_id)} and {name_of(one.void_confirmed_by_id)}",
            {
                "text": "Certificate (JSON)",
                "href": url_for("certificates.voided_as_json", public_id=key, draw=one.public_id),
                "hidden": f"of the draw of {dated.day(one.drawn_at)}",
            },
            {
                "text": "List (CSV)",
                "href": url_for("certificates.voided_list_csv", public_id=key, draw=one.public_id),
                "hidden": f"of the draw of {dated.day(one.drawn_at)}",
            },
        ]
        for one in voiding.voided(db(), inspection=place.inspection)
    ]


def extension_rows(place: Place, record: DrawRecord) -> list[list[object]]:
    """The extensions that were agreed to, each with its sizes, reason, people and certificate."""
    key = place.inspection.public_id
    return [
        [
            dated.moment(one.confirmed_at),
            sizes_in_words(one.sizes),
            one.reason,
            f"{name_of(one.asked_by_id)} and {name_of(one.confirmed_by_id)}",
            {
                "text": "Certificate to print",
                "href": url_for("certificates.show_longer", public_id=key, extension=one.public_id),
                "hidden": f"of {dated.day(one.confirmed_at)}",
            },
            {
                "text": "Certificate (JSON)",
                "href": url_for("certificates.longer_as_json", public_id=key, extension=one.public_id),
                "hidden": f"of {dated.day(one.confirmed_at)}",
            },
        ]
        for one in extending.every(db(), draw_record=record)
        if one.confirmed_at is not None
    ]


def asked_extension(record: DrawRecord) -> dict[str, object] | None:
    """The extension that waits for a second person, in finished words."""
    one = extending.asked(db(), draw_record=record)
    if one is None:
        return None
    return {
        "sizes": sizes_in_words(one.sizes),
        "reason": one.reason,
        "by": name_of(one.asked_by_id),
        "at": one.asked_at,
        "is_mine": one.asked_by_id == person().id,
    }


def sizes_in_words(sizes: dict[str, int]) -> str:
    """Sizes of strata in one line."""
    return ", ".join(f"{label}: {size}" for label, size in sorted(sizes.items()))


def _sizes(record: DrawRecord) -> tuple[dict[str, int], list[str]]:
    """The numbers typed that are not those of now, and what is no number."""
    sizes, reasons = {}, []
    for number, one in enumerate(extending.now_of(db(), draw_record=record), start=1):
        text = request.form.get(f"size-{number}", "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) <= 9):
            reasons.append(f"Stratum {one.stratum}: the number of cases must be a whole number.")
        elif text and int(text) != one.to_read:
            sizes[one.stratum] = int(text)
    return sizes, reasons


def _extend_page(place: Place, reasons: list[str]) -> str:
    record = objects.drawn(place)
    rule = waves.rule_of_draw(db(), draw_record=record)
    return render_template(
        "sampling/extend.html",
        place=place,
        most=rule.maximum if rule else None,
        ended=stopping.ended(db(), inspection=place.inspection),
        strata=[
            {
                "number": number,
                "label": objects.stratum_named(place, one.stratum),
                "population": one.population,
                "to_read": one.to_read,
                "called_on": one.n_called_on,
                "stopped": one.n_stopped,
                "value": request.form.get(f"size-{number}", str(one.to_read)),
            }
            for number, one in enumerate(extending.now_of(db(), draw_record=record), start=1)
        ],
        reason=request.form.get("reason", ""),
        deeds=histories.of_kinds(place, "extension", tables=["draw_extension"]),
        errors=[{"text": reason, "href": "#sizes"} for reason in reasons] or None,
    )


def _void_page(place: Place, record: DrawRecord, reasons: list[str]) -> str:
    return render_template(
        "sampling/void.html",
        place=place,
        record=record,
        drawn_by=name_of(record.drawn_by_id),
        reason=request.form.get("reason", ""),
        deeds=histories.of(place, record.public_id),
        errors=[{"text": reason, "href": "#reason"} for reason in reasons] or None,
    )
