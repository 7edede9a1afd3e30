"""Help: the guides of `docs/` as pages, for whoever is signed in. Nothing of the inspections is on them."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, render_template

from casereader import guides
from casereader.guides import Guide
from casereader.places import DOCUMENTS
from casereader.web.access import Door, allow, for_setting_up, person

blueprint = Blueprint("help", __name__)

KINDS = {".svg": "image/svg+xml", ".webp": "image/webp"}


@blueprint.get("/help")
@allow(Door.SIGNED_IN)
@for_setting_up
def index() -> str:
    """Every document, those that are written for this person first."""
    mine = [guide for guide in guides.GUIDES.values() if _is_mine(guide)]
    others = [guide for guide in guides.GUIDES.values() if guide not in mine]
    return render_template("help/index.html", mine=_rows(mine), others=_rows(others))


@blueprint.get("/help/<guide>")
@allow(Door.SIGNED_IN)
@for_setting_up
def show(guide: str) -> str:
    """One document."""
    found = guides.find(guide)
    return render_template("help/show.html", guide=found, document=guides.read(DOCUMENTS, found))


@blueprint.get("/help/pictures/<picture>")
@allow(Door.SIGNED_IN)
@for_setting_up
def picture(picture: str) -> Response:
    """A picture of a document."""
    if picture not in guides.pictures(DOCUMENTS):
        abort(404)
    return Response((DOCUMENTS / guides.PICTURES / picture).read_bytes(), mimetype=KINDS[Path(picture).suffix])


def _is_mine(guide: Guide) -> bool:
    opens = person().opens
    if guide.is_for_administrators:
        return person().account.is_administrator
    return bool(guide.roles & opens) or (guide.name == "coordinator-guide" and Door.PROGRAMMES in opens)


def _rows(some: list[Guide]) -> list[dict[str, str]]:
    return [{"name": guide.name, "title": guides.read(DOCUMENTS, guide).title} for guide in some]
