"""Replacing ineligible cases: a coordinator proposes, a second person confirms, and both sides read what was done."""

from __future__ import annotations

import io
import json
from dataclasses import asdict

import pandas as pd
from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from casereader import assignments, audit
from casereader.after_the_draw import replacements, reserves
from casereader.after_the_draw.reserves import Line, Proposal, Replaced
from casereader.drawing import draws
from casereader.errors import ConflictError, RefusedError
from casereader.exports import tables
from casereader.models import DrawRecord
from casereader.programmes.inspections import Place
from casereader.stages.stages import Standing
from casereader.vocabulary import BANNERS, INELIGIBLE_REASONS, Role, Stage
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("replacements", __name__)

CONFIRMS = (Role.LEAD, Role.MODERATOR)
READS_THE_LOG = (Role.COORDINATOR, Role.LEAD)
SCHEMA = "casereader/replacements/1"


def waiting(found: list[Proposal], *, places: dict[int, Place]) -> list[dict[str, object]]:
    """What waits for a second person, as the pages show it: with the reserve that would take each one's place."""
    return [
        {
            "ref": one.case_ref,
            "stratum": objects.stratum_named(places[one.inspection_id], one.stratum),
            "reason": one.reason,
            "by": one.proposed_by,
            "mine": one.proposed_by_id == person().id,
            "may_confirm": bool(person().roles_in(one.inspection_id) & set(CONFIRMS)),
            "reserve": one.reserve[1] if one.reserve else "",
            "reserve_id": one.reserve[0] if one.reserve else "",
            "confirm": _address("confirm", one, places),
            "turn_down": _address("turn_down", one, places),
        }
        for one in found
    ]


def warnings(found: dict[tuple[int, str], Line], *, place: Place) -> list[str]:
    """Where reserves run out, in words."""
    return [
        line.says(objects.stratum_named(place, line.stratum))
        for line in reserves.running_out(found, inspection=place.inspection)
    ]


def out_of(place: Place, standing: Standing) -> list[str]:
    """The same for one inspection, while records are read there."""
    if standing.stage is not Stage.READING:
        return []
    return warnings(reserves.lines(db(), [place.inspection.id or 0]), place=place)


@blueprint.get("/inspections/<public_id>/replacements/propose/<case>")
@allow(Role.COORDINATOR)
def propose(public_id: str, case: str) -> str:
    """Ask why a case should be replaced."""
    return _propose_page(objects.inspection(public_id, Role.COORDINATOR), case, [])


@blueprint.post("/inspections/<public_id>/replacements/propose/<case>")
@allow(Role.COORDINATOR)
def propose_post(public_id: str, case: str) -> BaseResponse | tuple[str, int]:
    """Propose it; a moderator or the lead confirms."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    try:
        replacements.propose(
            db(),
            inspection=place.inspection,
            public_id=case,
            reason=request.form.get("reason", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _propose_page(place, case, list(error.reasons)), 422
    flash("A moderator or the lead sees it on their home page within a minute, and confirms it there.", "success")
    return redirect(url_for("progress.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/replacements/<key>/confirm")
@allow(*CONFIRMS)
def confirm(public_id: str, key: str) -> BaseResponse:
    """Confirm that a case is ineligible; the next reserve in ticket order takes its place."""
    place = objects.inspection(public_id, *CONFIRMS)
    found = replacements.find(db(), inspection=place.inspection, public_id=key, to_change=True)
    reserve = replacements.confirm(
        db(),
        inspection=place.inspection,
        replacement=found,
        by=person().account,
        at=now(),
        reserve_id=request.form.get("reserve"),
    )
    if reserve is None:
        flash("The case is ineligible. No reserve is left in its stratum, so nothing takes its place.", "warning")
    else:
        reader = assignments.first_reader(db(), sample_case=reserve)
        now_with = reader.name if reader else "nobody yet: the coordinator gives it out under Assign the cases"
        flash(f"The case is ineligible. The next reserve was given to {now_with}.", "success")
    return _back(public_id)


@blueprint.post("/inspections/<public_id>/replacements/<key>/turn-down")
@allow(*CONFIRMS)
def turn_down(public_id: str, key: str) -> BaseResponse:
    """Say that the case is eligible after all."""
    place = objects.inspection(public_id, *CONFIRMS)
    found = replacements.find(db(), inspection=place.inspection, public_id=key, to_change=True)
    replacements.turn_down(db(), inspection=place.inspection, replacement=found, by=person().account, at=now())
    flash("The case stays in the sample, with its reader.", "success")
    return _back(public_id)


@blueprint.get("/inspections/<public_id>/draw/replacements.json")
@allow(*READS_THE_LOG)
def log_json(public_id: str) -> Response:
    """The replacements as a file beside the certificate."""
    place = objects.inspection(public_id, *READS_THE_LOG)
    record, found = _log(place)
    content = {
        "schema": SCHEMA,
        "certificate": record.certificate_sha256,
        "audit_head": audit.head_of(db(), place.inspection.id or 0),
        "replacements": [_told(one) for one in found],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    name = objects.file_name(place.programme, "replacements.json")
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(text.encode(), content_type="application/json", headers=headers)


@blueprint.get("/inspections/<public_id>/draw/replacements.csv")
@allow(*READS_THE_LOG)
def log_csv(public_id: str) -> BaseResponse:
    """The same as CSV."""
    place = objects.inspection(public_id, *READS_THE_LOG)
    _, found = _log(place)
    text = io.StringIO(newline="")
    table = pd.DataFrame([_told(one) for one in found], columns=list(Replaced.__dataclass_fields__), dtype="str")
    tables.write_table(
        text,
        table,
        banner=BANNERS.get(place.programme.data_kind, ""),
        head=audit.head_of(db(), place.inspection.id or 0),
    )
    name = objects.file_name(place.programme, "replacements.csv")
    return send_file(io.BytesIO(text.getvalue().encode()), mimetype="text/csv", as_attachment=True, download_name=name)


def _propose_page(place: Place, case: str, reasons: list[str]) -> str:
    found, case_ref = replacements.find_case(db(), inspection=place.inspection, public_id=case)
    line = reserves.lines(db(), [place.inspection.id or 0]).get((place.inspection.id or 0, found.stratum))
    return render_template(
        "progress/propose.html",
        place=place,
        case_ref=case_ref,
        stratum=objects.stratum_named(place, found.stratum),
        why_not=replacements.why_not(db(), case=found),
        n_left=max(0, line.n_after) if line else 0,
        reason={
            "id": "reason",
            "name": "reason",
            "label": "Why it is not eligible",
            "choices": [
                {"value": one, "label": one, "selected": one == request.form.get("reason")}
                for one in INELIGIBLE_REASONS
            ],
            "errors": reasons,
        },
        deeds=histories.within(found.public_id, "replacement", "sample_case", actions=replacements.DEEDS),
        errors=[{"text": reason, "href": "#reason"} for reason in reasons] or None,
    )


def _log(place: Place) -> tuple[DrawRecord, list[Replaced]]:
    record = draws.current(db(), inspection=place.inspection)
    if record is None:
        raise ConflictError("The sample is not drawn yet.")
    return record, reserves.replaced(db(), draw_record=record)


def _told(one: Replaced) -> dict[str, str]:
    moments = {name: f"{getattr(one, name):%Y-%m-%dT%H:%M:%SZ}" for name in ("proposed_at", "confirmed_at")}
    return {**asdict(one), **moments}


def _address(name: str, one: Proposal, places: dict[int, Place]) -> str:
    return url_for(f"replacements.{name}", public_id=places[one.inspection_id].inspection.public_id, key=one.public_id)


def _back(public_id: str) -> BaseResponse:
    """To where the button was."""
    is_home = request.form.get("from") == "home"
    return redirect(url_for("home.index") if is_home else url_for("progress.show", public_id=public_id), 303)
