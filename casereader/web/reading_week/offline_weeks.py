"""The offline week of an inspection: when it was packed and came back, and answers changed on both sides, to choose."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import dated, packing
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Answer, Instrument
from casereader.models import Account, PackedFile
from casereader.packing import Conflict
from casereader.places import COMMAND
from casereader.programmes.inspections import Place
from casereader.vocabulary import READER_ROLES, Role, Side
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers.questions import title_of, words_of
from casereader.web.clock import now
from casereader.web.installed import installed
from casereader.web.request_session import db

blueprint = Blueprint("offline_weeks", __name__)
RUNS = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
SEES = (*RUNS, *READER_ROLES)
ENDS = (Role.COORDINATOR, Role.LEAD)
SIDES = {Side.OFFICE: "As at the office", Side.LAPTOP: "As on the laptop"}


@blueprint.get("/inspections/<public_id>/offline-week")
@allow(*SEES)
def show(public_id: str) -> str:
    """When it went and came back, and what both sides changed."""
    return _page(objects.inspection(public_id, *SEES), [])


@blueprint.post("/inspections/<public_id>/offline-week/choose")
@allow(*SEES)
def choose(public_id: str) -> Response | tuple[str, int]:
    """Have one of two texts stand."""
    place = objects.inspection(public_id, *SEES)
    answer, chosen = request.form.get("answer", ""), request.form.get("chosen", "")
    if chosen not in set(Side) or not answer:
        return _page(place, ["Choose one of the two."], answer), 422
    try:
        found = packing.settle(db(), place=place, public_id=answer, chosen=Side(chosen), by=person().account, at=now())
    except (RefusedError, ConflictError) as error:
        return _page(place, list(error.reasons), answer), 422
    flash(
        f"{found.row.key} of {found.case_ref} stands as {SIDES[Side(chosen)][3:]}. The other text is kept.", "success"
    )
    return redirect(url_for("offline_weeks.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/offline-week/end")
@allow(*ENDS)
def end(public_id: str) -> Response | tuple[str, int]:
    """Go on without the laptop."""
    place = objects.inspection(public_id, *ENDS)
    try:
        packing.end_without_laptop(
            db(), place=place, reason=request.form.get("reason", ""), by=person().account, at=now()
        )
    except (RefusedError, ConflictError) as error:
        return _page(place, list(error.reasons), "reason"), 422
    flash(
        "The inspection goes on here. A file of that laptop is still taken over if it turns up, unless one that was set"
        " up from its backup came first.",
        "success",
    )
    return redirect(url_for("offline_weeks.show", public_id=public_id), 303)


def _page(place: Place, reasons: list[str], where: str = "") -> str:
    week = packing.week_here(db(), place=place)
    files = packing.files_of(db(), week=week) if week else []
    found = packing.conflicts_of(db(), place=place, account=person().account)
    waiting = [one for one in found if one.row.settled_at is None]
    is_away = week is not None and week.ended_at is None and week.side is Side.OFFICE
    roles = person().roles_in(place.inspection.id or 0)
    return render_template(
        "offline/week.html",
        place=place,
        week=week,
        is_laptop=week is not None and week.side is Side.LAPTOP,
        files=[_file_row(one, week.side if week else Side.OFFICE) for one in files],
        waiting=[_both(one) for one in waiting],
        runs=bool(roles & set(RUNS)),
        waiting_for=packing.waiting_for(db(), place=place) if roles & set(RUNS) else [],
        settled=[_settled(one) for one in found if one not in waiting],
        may_end=is_away and bool(roles & set(ENDS)),
        reason=request.form.get("reason", ""),
        path=place.path,
        command=COMMAND,
        errors=[{"text": says, "href": f"#{_anchor(where, waiting)}"} for says in reasons] or None,
    )


def _anchor(where: str, waiting: list[Conflict]) -> str:
    known = {one.row.public_id for one in waiting}
    return where if where == "reason" else f"answer-{where}" if where in known else "main"


def _file_row(one: PackedFile, side: Side) -> list[Any]:
    there = Side.LAPTOP if side is Side.OFFICE else Side.OFFICE
    what = f"Packed here for the {there.value}" if one.is_ours else f"Taken over from the {there.value}"
    counts = sum(one.counts.values())
    return [
        dated.moment(one.at),
        what + (", its last" if one.is_last else ""),
        str(one.number),
        "" if one.is_ours else f"{counts:,}",
        "As pack printed it" if one.is_ours else one.head[:16],
    ]


def _both(one: Conflict) -> dict[str, Any]:
    instrument = installed(one.reading.instrument_id, one.reading.instrument_version)
    part = instrument.part(one.row.key)
    return {
        "id": one.row.public_id,
        "code": part.code,
        "name": title_of(instrument, part),
        "case_ref": one.case_ref,
        "kind": one.reading.kind.value,
        "reader": one.reader.name,
        "is_mine": one.reader.id == person().account.id,
        "stands": SIDES[one.row.stands],
        "sides": [
            _side(instrument, one, Side.OFFICE, one.row.office, one.office_by, one.row.office_at),
            _side(instrument, one, Side.LAPTOP, one.row.laptop, one.laptop_by, one.row.laptop_at),
        ],
        "earlier": [_text(instrument, one.row.key, said) for said in one.row.earlier],
    }


def _side(
    instrument: Instrument, one: Conflict, side: Side, said: dict[str, Any], by: Account | None, at: Any
) -> dict[str, Any]:
    when = f"Saved {dated.moment(at)}{f' by {by.name}' if by else ''}." if at else "Left without an answer."
    return {
        **_text(instrument, one.row.key, said),
        "value_of": side.value,
        "label": SIDES[side],
        "when": when,
        "stands": one.row.stands is side,
    }


def _text(instrument: Instrument, key: str, said: dict[str, Any]) -> dict[str, Any]:
    part = instrument.part(key)
    named = {source.value: source.label for source in instrument.sources}
    return {
        "answer": words_of(part, Answer(said["value"], ground=said["ground"])) or "Not answered",
        "note": said["note"],
        "sources": ", ".join(named.get(source, source) for source in said["sources"]),
        "discuss": said["discuss"],
    }


def _settled(one: Conflict) -> list[Any]:
    instrument = installed(one.reading.instrument_id, one.reading.instrument_version)
    chosen = one.row.chosen or Side.OFFICE
    other = one.row.laptop if chosen is Side.OFFICE else one.row.office
    left = _text(instrument, one.row.key, other)
    return [
        f"{one.case_ref}, {one.row.key}",
        SIDES[chosen],
        {"text": left["answer"], "hint": left["note"]},
        f"{one.settled_by.name if one.settled_by else ''}, {dated.moment(one.row.settled_at)}"
        if one.row.settled_at
        else "",
    ]
