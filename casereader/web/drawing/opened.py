"""How a sample was drawn and given out, for everybody who took part: opened once every reading is submitted."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, render_template

from casereader.after_the_draw import extending
from casereader.drawing import opening
from casereader.models import DrawRecord
from casereader.vocabulary import READER_ROLES, Role
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.request_session import db

blueprint = Blueprint("opened", __name__)

SEES = (*READER_ROLES, Role.MODERATOR, Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/draw/opened")
@allow(*SEES)
def show(public_id: str) -> str:
    """Seed, digests and assignment, or what is waited for."""
    place = objects.inspection(public_id, *SEES)
    seal = opening.seal_of(db(), inspection=place.inspection)
    record = seal.record if not seal.why else None
    addendum: dict[str, Any] = json.loads((record.addendum if record else None) or "{}")
    return render_template(
        "sampling/opened.html", place=place, sealed=seal.why, record=record, readers=_readers(addendum)
    )


@blueprint.get("/inspections/<public_id>/draw/addendum.json")
@allow(*SEES)
def addendum_json(public_id: str) -> Response:
    """The addendum, as it was sealed: its bytes give the digest on the certificate's page."""
    place = objects.inspection(public_id, *SEES)
    record = opening.opened(db(), inspection=place.inspection)
    return _file(record.addendum or "", objects.file_name(place.programme, "addendum.json"))


@blueprint.get("/inspections/<public_id>/draw/opened/certificate.json")
@allow(*SEES)
def certificate_json(public_id: str) -> Response:
    """The certificate of the sample as long as it is now."""
    place = objects.inspection(public_id, *SEES)
    record: DrawRecord = opening.opened(db(), inspection=place.inspection)
    text = extending.latest_certificate(db(), draw_record=record)
    return _file(text, objects.file_name(place.programme, "certificate.json"))


def _readers(addendum: dict[str, Any]) -> list[list[object]]:
    """Each case, who was to read it first and who a second time, and what came later."""
    second: dict[str, str] = dict(addendum.get("second", {}))
    rows: list[list[object]] = [[ref, who, second.get(ref, "")] for ref, who in addendum.get("first", {}).items()]
    for added in addendum.get("added", []):
        rows += [[ref, who, added["second"].get(ref, "")] for ref, who in added["first"].items()]
    for one in addendum.get("replacements", []):
        rows.append([f"{one['reserve']}, for {one['replaced']}", one["reader"] or "Nobody then", ""])
    return rows


def _file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(text.encode(), content_type="application/json", headers=headers)
