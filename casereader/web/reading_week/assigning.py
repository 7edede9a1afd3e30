"""Assign the cases: who reads on which days, what the rule gives them, and the deed by the same rule."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import assignments, dated
from casereader.assignments import Proposal, Seat, availability
from casereader.assignments.availability import Given
from casereader.drawing import draws
from casereader.errors import RefusedError
from casereader.people import conflicts
from casereader.programmes import contacts
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("assigning", __name__)


@blueprint.get("/inspections/<public_id>/assign")
@allow(Role.COORDINATOR)
def show(public_id: str) -> str:
    """Who reads on which days, and what the rule gives them."""
    return _page(objects.inspection(public_id, Role.COORDINATOR))


@blueprint.post("/inspections/<public_id>/assign/days")
@allow(Role.COORDINATOR)
def set_days(public_id: str) -> Response | tuple[str, int]:
    """Keep the days, and show what the rule gives then."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    given = [
        Given(
            account=seat.account,
            days=[day for day in _all_days(place) if _is_ticked(seat, day)],
            per_day=request.form.get(f"per-{seat.account.public_id}", ""),
            reads=f"reads-{seat.account.public_id}" in request.form,
        )
        for seat in assignments.seats(db(), inspection=place.inspection)
    ]
    try:
        availability.set_days(db(), inspection=place.inspection, given=given, by=person().account, at=now())
    except RefusedError as error:
        return _page(place, list(error.reasons), anchor="#days"), 422
    return redirect(url_for("assigning.show", public_id=public_id, _anchor="gives"), 303)


@blueprint.post("/inspections/<public_id>/assign")
@allow(Role.COORDINATOR)
def assign(public_id: str) -> Response | tuple[str, int]:
    """Deal the cases as it was shown."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    try:
        given = assignments.assign(
            db(),
            inspection=place.inspection,
            instrument=(place.programme.instrument_id, place.programme.instrument_version),
            as_shown=request.form.get("shown", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _page(place, list(error.reasons)), 422
    flash(f"{given} cases are given out. Each reviewer sees theirs under Readings.", "success")
    return redirect(url_for("progress.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/assign/added")
@allow(Role.COORDINATOR)
def assign_added(public_id: str) -> Response | tuple[str, int]:
    """Deal the cases that came to the sample since."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    try:
        given = assignments.assign_added(
            db(),
            inspection=place.inspection,
            instrument=(place.programme.instrument_id, place.programme.instrument_version),
            reason="Came to the sample after it was assigned",
            as_shown=request.form.get("shown", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _page(place, list(error.reasons)), 422
    flash(f"{given} more case{'s are' if given != 1 else ' is'} given out.", "success")
    return redirect(url_for("progress.show", public_id=public_id), 303)


def _page(place: Place, reasons: list[str] | None = None, *, anchor: str = "") -> str:
    record = draws.current(db(), inspection=place.inspection)
    seats = assignments.seats(db(), inspection=place.inspection)
    is_assigned = record is not None and assignments.is_assigned(db(), draw_record=record)
    someone = any(seat.takes_part for seat in seats)
    proposal = (
        assignments.propose(db(), inspection=place.inspection, at=now())
        if record is not None and (someone or is_assigned)
        else None
    )
    to_say = list(reasons or [])
    errors = [{"text": reason, "href": anchor or None} for reason in to_say]
    return render_template(
        "assigning/show.html",
        place=place,
        is_drawn=record is not None,
        is_assigned=is_assigned,
        lacking=contacts.lacking(db(), inspection=place.inspection, at=now()),
        days=[{"value": day, "label": label} for day, label in _all_days(place).items()],
        all_ticked="all" in request.form,
        seats=[_seat(seat) for seat in seats],
        n_conflicts=len(conflicts.of_inspection(db(), inspection=place.inspection)),
        gives=_gives(proposal) if proposal is not None else None,
        errors=errors or None,
    )


def _all_days(place: Place) -> dict[str, str]:
    """The reading days as they are sent and as they are read."""
    return {day.isoformat(): dated.short_weekday(day) for day in availability.days_of(place.inspection)}


def _is_ticked(seat: Seat, day: str) -> bool:
    """Whether the day is sent for the reader: by itself, with all of theirs, or with all days of everybody."""
    key = seat.account.public_id
    return (
        f"day-{key}-{day}" in request.form
        or f"all-{key}" in request.form
        or ("all" in request.form and not seat.is_barred)
    )


def _seat(seat: Seat) -> dict[str, object]:
    key = seat.account.public_id
    typed = request.form if request.method == "POST" and f"per-{key}" in request.form else None
    says = [seat.role.value]
    if seat.role is Role.LOCAL_REVIEWER:
        says.append(f"with {seat.inspector.name}")
    if seat.barred:
        says.append(f"{len(seat.barred)} conflict{'s' if len(seat.barred) != 1 else ''} of interest")
    return {
        "key": key,
        "name": seat.account.name,
        "says": ", ".join(says),
        "is_barred": seat.is_barred,
        "days": [
            day.isoformat()
            for day in seat.days
            if (seat.takes_part if typed is None else f"day-{key}-{day.isoformat()}" in typed)
        ]
        if typed is None
        else [name.removeprefix(f"day-{key}-") for name in typed if name.startswith(f"day-{key}-")],
        "all": f"all-{key}" in request.form,
        "reads": seat.takes_part if typed is None else f"reads-{key}" in typed,
        "per_day": {
            "id": f"per-{key}",
            "name": f"per-{key}",
            "label": "Records a day",
            "value": seat.per_day if typed is None else typed.get(f"per-{key}", ""),
        },
    }


def _gives(proposal: Proposal) -> dict[str, object]:
    n_new, n_second = len(proposal.dealt.first), len(proposal.dealt.second)
    loads = proposal.loads()
    over = [load.seat.account.name for load in loads if load.is_over]
    return {
        "reasons": proposal.reasons,
        "digest": proposal.digest,
        "n_new": n_new,
        "n_second": n_second,
        "n_short": proposal.dealt.n_wanted - n_second,
        "over": over,
        "in_waves": bool(proposal.waves),
        "rows": [
            [
                load.seat.account.name,
                load.seat.capacity,
                load.share,
                load.n_first,
                " · ".join(f"{stratum}: {n}" for stratum, n in load.by_stratum.items() if n),
                *([" · ".join(f"{wave}: {n}" for wave, n in load.by_wave.items())] if load.by_wave else []),
                load.n_second,
                load.n_first + load.n_second,
            ]
            for load in loads
        ],
    }
