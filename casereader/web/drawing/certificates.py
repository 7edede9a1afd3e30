"""The papers of a draw: certificates to print and as files, the list as it was fixed, and a page that checks them."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import FileStorage

from casereader import audit, dated
from casereader.after_the_draw import extending, reserves, stopping, voiding
from casereader.drawing import draws, plans, seeds, verifying
from casereader.drawing.verifying import Brought, Verdict
from casereader.drawing.wave_rule import Rule
from casereader.errors import AbsentError, ConflictError
from casereader.in_waves import looking, looks
from casereader.in_waves.wave_words import ended_says, settled_says
from casereader.in_waves.waves import rule_of
from casereader.models import DrawExtension, DrawRecord, SamplingFrame, SamplingPlan
from casereader.programmes.inspections import Place
from casereader.returns import changes
from casereader.vocabulary import Role
from casereader.web import incoming, objects
from casereader.web.access import allow, person
from casereader.web.background import BusyError, background
from casereader.web.clock import now
from casereader.web.drawing import wave_rows
from casereader.web.drawing.plan_page import name_of
from casereader.web.installed import settings
from casereader.web.lists.return_pages import change_rows
from casereader.web.request_limits import limit_body
from casereader.web.request_session import commit_now, db, only_read, read_again

blueprint = Blueprint("certificates", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)
ENDINGS = (".csv", ".xlsx")


@blueprint.get("/inspections/<public_id>/draw/certificate")
@allow(*SEES)
def show(public_id: str) -> str:
    """The certificate as a page to print."""
    place = objects.inspection(public_id, *SEES)
    return _page(place, objects.drawn(place), None)


@blueprint.get("/inspections/<public_id>/draw/certificate.json")
@allow(*SEES)
def as_json(public_id: str) -> Response:
    """The certificate as a file."""
    place = objects.inspection(public_id, *SEES)
    return _file(
        objects.drawn(place).certificate, "application/json", objects.file_name(place.programme, "certificate.json")
    )


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


@blueprint.get("/inspections/<public_id>/draw/extensions/<extension>/certificate")
@allow(*SEES)
def show_longer(public_id: str, extension: str) -> str:
    """The certificate of a longer sample, to print."""
    place = objects.inspection(public_id, *SEES)
    longer = _longer(place, extension)
    return _page(place, db().get_one(DrawRecord, longer.draw_id), longer)


@blueprint.get("/inspections/<public_id>/draw/extensions/<extension>/certificate.json")
@allow(*SEES)
def longer_as_json(public_id: str, extension: str) -> Response:
    """The certificate of a longer sample, as a file."""
    place = objects.inspection(public_id, *SEES)
    name = objects.file_name(place.programme, "certificate-extended.json")
    return _file(_longer(place, extension).certificate or "", "application/json", name)


@blueprint.get("/inspections/<public_id>/draw/voided/<draw>/certificate.json")
@allow(*SEES)
def voided_as_json(public_id: str, draw: str) -> Response:
    """The certificate of a voided draw, as it was issued."""
    place = objects.inspection(public_id, *SEES)
    name = objects.file_name(place.programme, "certificate-voided.json")
    return _file(_voided(place, draw).certificate, "application/json", name)


@blueprint.get("/inspections/<public_id>/draw/voided/<draw>/list.csv")
@allow(*SEES)
def voided_list_csv(public_id: str, draw: str) -> Response:
    """The list that a voided draw was drawn from."""
    place = objects.inspection(public_id, *SEES)
    plan = db().get_one(SamplingPlan, _voided(place, draw).plan_id)
    name = objects.file_name(place.programme, "list-voided.csv")
    return _file(draws.list_as_fixed(db(), plan=plan), "text/csv; charset=utf-8", name)


@blueprint.get("/inspections/<public_id>/draw/verify")
@allow(*Role)
def verify(public_id: str) -> str:
    """Where a certificate is checked."""
    return _verify_page(objects.inspection(public_id, *Role), None, [])


@blueprint.post("/inspections/<public_id>/draw/verify")
@allow(*Role)
@limit_body(21)
def check(public_id: str) -> tuple[str, int] | str:
    """Check a certificate, and draw it again from the list that came with it."""
    commit_now()
    only_read()  # nothing is saved here, and reading a list takes seconds: nobody's save waits for it
    place = objects.inspection(public_id, *Role)
    runs = bool(person().roles_in(place.inspection.id or 0) & set(SEES))
    pasted = request.form.get("pasted", "")
    sent = request.files.get("certificate")
    content = pasted.encode()
    if sent is not None:
        content = sent.read() if sent.filename else content
        sent.close()
    if not content.strip():
        return _verify_page(place, None, ["Choose the certificate, or paste its text."], pasted), 422
    brought = request.files.get("list")
    with incoming.folder_while_read(settings().data_folder) as folder:
        found, wrong = _list_in(folder, place, brought, runs and "fixed_list" in request.form)
        if wrong:
            return _verify_page(place, None, [wrong], pasted), 422
        ours = verifying.issued(db(), inspection=place.inspection)
        read_again()
        try:
            with nullcontext() if found is None else background().place():
                verdict = verifying.check(ours, content=content, brought=found, shows_lines=runs, today=now().date())
        except BusyError as error:
            return _verify_page(place, None, [str(error)], pasted), 422
    return _verify_page(place, verdict, [])


def _list_in(folder: Path, place: Place, sent: FileStorage | None, fixed: bool) -> tuple[Brought | None, str]:
    """The list to draw from, written where the reading process finds it; or what keeps it from being read."""
    if sent is not None and sent.filename:
        ending = Path(sent.filename).suffix.casefold()
        if ending not in ENDINGS:
            return None, "Send the list as a CSV or Excel (.xlsx) file."
        path = folder / f"list{ending}"
        sent.save(path)
        sent.close()
        return Brought(path, f"list{ending}"), ""
    try:
        content = verifying.list_of(db(), inspection=place.inspection) if fixed else None
    except ConflictError as error:
        return None, str(error)
    if content is None:
        return None, ""
    path = folder / "list.csv"
    path.write_bytes(content)
    return Brought(path, "list.csv"), ""


def _verify_page(place: Place, verdict: Verdict | None, reasons: list[str], pasted: str = "") -> str:
    roles = person().roles_in(place.inspection.id or 0)
    return render_template(
        "sampling/verify.html",
        place=place,
        verdict=verdict,
        pasted=pasted,
        runs=bool(roles & set(SEES)),
        is_drawn=draws.current(db(), inspection=place.inspection) is not None,
        errors=[{"text": reason, "href": None} for reason in reasons] or None,
    )


def _page(place: Place, record: DrawRecord, longer: DrawExtension | None) -> str:
    plan = db().get_one(SamplingPlan, record.plan_id)
    content: dict[str, Any] = json.loads(record.certificate if longer is None else longer.certificate or "")
    return render_template(
        "sampling/certificate.html",
        place=place,
        record=record,
        plan=plan,
        longer=longer,
        content=content,
        bound=(bound := content["plan"].get("bound", {})),
        wave_rule=wave_rows.rule_in_words(Rule.from_bound(bound), objects.instrument_of(place.programme)),
        fixed_by=name_of(plan.committed_by_id),
        confirmed_by=name_of(plan.confirmed_by_id),
        drawn_by=name_of(record.drawn_by_id),
        asked_by=name_of(longer.asked_by_id) if longer else "",
        agreed_by=name_of(longer.confirmed_by_id) if longer else "",
        at_the_draw=audit.written(db(), draws.DRAWN, object_id=record.public_id),
        head=audit.head_of(db(), place.inspection.id or 0),
        n_tries=seeds.n_tries(db(), plan=plan),
        addendum=record.addendum_sha256 or "Not made yet",
        changes=change_rows(changes.of_frame(db(), frame=db().get_one(SamplingFrame, plan.frame_id))),
        replaced=[
            [
                *(one.case_ref, one.stratum, one.reason, one.reserve or "No reserve was left"),
                f"{dated.moment(one.proposed_at)}, by {one.proposed_by}",
                f"{dated.moment(one.confirmed_at)}, by {one.confirmed_by}",
            ]
            for one in reserves.replaced(db(), draw_record=record)
        ],
        ended=_ended(place, record, plan),
        stopped=stopping.patterns(db(), [place.inspection.id or 0])[place.inspection.id or 0],
        counts=[
            [row["stratum"], row["population"], row["sample_size"], row["reserve"]] for row in content["strata_counts"]
        ],
        cases=[
            [case["case_ref"], case["stratum"], case["role"], case["order"], case["ticket"]]
            for case in content["cases"]
        ],
    )


def _ended(place: Place, record: DrawRecord, plan: SamplingPlan) -> list[dict[str, str]]:
    """How two people ended reading, as a summary list; empty where nobody did."""
    ending, rule = stopping.ended(db(), inspection=place.inspection), rule_of(plan)
    if ending is None or ending.confirmed_at is None or rule is None or ending.draw_id != record.id:
        return []
    by = [name_of(ending.asked_by_id), name_of(ending.confirmed_by_id)]
    ran_out, seen = not ending.n_stopped, looks.last_wave(db(), inspection=place.inspection)
    short = looking.before_least(rule, ending.wave - 1, seen) if ran_out else ""
    how = ended_says(rule, wave=ending.wave, at=ending.confirmed_at, ran_out=ran_out, by=by, short=short)
    return [
        {"key": "How", "value": how},
        {"key": "Asked for", "value": f"{dated.moment(ending.asked_at)}, by {by[0]}"},
        {"key": "Agreed", "value": f"{dated.moment(ending.confirmed_at)}, by {by[1]}"},
        {"key": "Reason", "value": ending.reason},
        {"key": "What was settled", "value": settled_says(rule, ending.published)},
        {"key": "Digest of the certificate that it was decided on", "value": ending.certificate_sha256},
    ]


def _longer(place: Place, public_id: str) -> DrawExtension:
    found = extending.find(db(), inspection=place.inspection, public_id=public_id)
    if found.certificate is None:
        raise ConflictError("A second person has not agreed to this extension yet.")
    return found


def _voided(place: Place, public_id: str) -> DrawRecord:
    found = next((one for one in voiding.voided(db(), inspection=place.inspection) if one.public_id == public_id), None)
    if found is None:
        raise AbsentError
    return found


def _file(text: str, kind: str, name: str) -> Response:
    return Response(text.encode(), content_type=kind, headers={"Content-Disposition": f"attachment; filename={name}"})
