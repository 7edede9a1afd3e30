"""When time runs short: how many records can still be read, and which cases to stop, after a second look."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader.after_the_draw import stopping
from casereader.after_the_draw.stopping import Choice, Drawn
from casereader.drawing.unreached import TIME_RAN_OUT, TO_READ
from casereader.errors import RefusedError
from casereader.in_waves import looking
from casereader.programmes.inspections import Place
from casereader.vocabulary import CaseStatus, ReadingState, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_limits import takes_lists
from casereader.web.request_session import db

blueprint = Blueprint("stopping", __name__)

KINDS = {ReadingState.ASSIGNED: "not-started", ReadingState.IN_PROGRESS: "in-progress"}


@blueprint.get("/inspections/<public_id>/stopping")
@allow(Role.COORDINATOR)
def show(public_id: str) -> str | tuple[str, int]:
    """How many can still be read, and then which cases to stop."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    given = request.args.get("read", "")
    if not given:
        return _page(place, "", None, [])
    n_open = sum(case.can_stop for case in stopping.drawn(db(), inspection=place.inspection))
    if not (given.isascii() and given.isdigit()) or len(given) > 6 or int(given) > n_open:
        return _page(place, given[:20], None, [f"Enter a whole number from 0 to {n_open}."]), 422
    return _page(place, given, n_open - int(given), [])


@blueprint.post("/inspections/<public_id>/stopping")
@allow(Role.COORDINATOR)
@takes_lists("case")
def stop(public_id: str) -> str | Response | tuple[str, int]:
    """Show which cases would stop, those proposed or others with a reason; stop them once that was looked at."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    chosen, reason = request.form.getlist("case"), request.form.get("reason", "")
    try:
        if request.form.get("sure") != "y":
            choice = stopping.choose(db(), inspection=place.inspection, public_ids=chosen, reason=reason)
            return _second_look(place, choice)
        found = stopping.stop(
            db(), inspection=place.inspection, public_ids=chosen, reason=reason, by=person().account, at=now()
        )
    except RefusedError as error:
        return _page(place, "", None, list(error.reasons), chosen=chosen), 422
    n = len(set(chosen))
    flash(f"{n} case{'s are' if n != 1 else ' is'} stopped.", "success")
    if not all(one.is_random for one in found):
        flash("Not the last tickets are stopped: the certificate and the figures say so.", "warning")
    return redirect(url_for("stopping.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/stopping/<case>/back")
@allow(Role.COORDINATOR)
def take_back(public_id: str, case: str) -> Response:
    """Let a stopped case be read after all."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    found = stopping.take_back(db(), inspection=place.inspection, public_id=case, by=person().account, at=now())
    flash(f"{found.case_ref} is to be read after all.", "success")
    key = place.inspection.id or 0
    for one in stopping.patterns(db(), [key])[key]:
        if one.stratum == found.stratum and found.place in one.kept:
            flash(one.says(), "warning")
    return redirect(url_for("stopping.show", public_id=public_id), 303)


def _page(
    place: Place, given: str, n_to_stop: int | None, reasons: list[str], *, chosen: list[str] | None = None
) -> str:
    cases = stopping.drawn(db(), inspection=place.inspection)
    proposed = stopping.propose(cases, stop=n_to_stop) if n_to_stop else []
    key = place.inspection.id or 0
    refused = [{"text": reason, "href": "#reason" if chosen is not None else "#read"} for reason in reasons]
    return render_template(
        "progress/stopping.html",
        place=place,
        n_open=sum(case.can_stop for case in cases),
        n_drawn=len(cases),
        others_stand=_others_stand(cases),
        read={
            "id": "read",
            "name": "read",
            "label": "How many of these can still be read?",
            "value": given,
            "errors": reasons if chosen is None else [],
        },
        asked=n_to_stop is not None,
        proposed=[case.public_id for case in proposed],
        proposed_rows=[_row(case) for case in proposed],
        is_random=stopping.leaves_random(cases, proposed),
        others=[
            {
                "value": case.public_id,
                "label": f"{case.case_ref}: {case.stratum}, {case.order} in ticket order"
                + (f", with {case.reader} ({case.state})" if case.state else ""),
                "checked": case.public_id in (chosen or ()),
            }
            for case in reversed(cases)
            if case.can_stop
        ],
        reason={
            "id": "reason",
            "name": "reason",
            "label": "Why it must be these",
            "value": request.form.get("reason", ""),
            "errors": reasons if chosen is not None else [],
        },
        is_choosing=chosen is not None,
        stopped=[
            {"ref": case.case_ref, "id": case.public_id, "says": _where(case)}
            for case in cases
            if case.status is CaseStatus.NOT_REACHED
        ],
        patterns=stopping.patterns(db(), [key])[key],
        ended=stopping.ended(db(), inspection=place.inspection),
        is_watched=bool(looking.looked(db(), [key])),
        errors=refused or None,
    )


def _second_look(place: Place, choice: Choice) -> str:
    """Exactly what stops, by stratum, the last tickets first."""
    strata = [(name, list(some)) for name, some in groupby(choice.cases, key=lambda case: case.stratum)]
    return render_template(
        "progress/stopping-sure.html",
        place=place,
        ids=[case.public_id for case in choice.cases],
        reason=choice.reason,
        is_random=choice.is_random,
        emptied=choice.emptied,
        n_begun=sum(case.state is ReadingState.IN_PROGRESS for case in choice.cases),
        strata=[
            {
                "caption": f"{objects.stratum_named(place, name)}: {len(some)} to stop, the last tickets first",
                "rows": [[case.case_ref, *_row(case)[2:]] for case in reversed(some)],
            }
            for name, some in strata
        ],
    )


def _others_stand(cases: list[Drawn]) -> str:
    """How many of the cases that cannot be stopped stand where, in words."""
    counted = Counter(_stands(case) for case in cases if not case.can_stop)
    return ", ".join(f"{n} {'is' if n == 1 else 'are'} {word}" for word, n in counted.most_common())


def _stands(case: Drawn) -> str:
    if case.status is CaseStatus.WAITING and case.is_fixed:
        return "open again, or of a wave whose figures were seen"
    if case.status not in TO_READ:
        return "not eligible" if case.status is CaseStatus.INELIGIBLE else case.status.value
    return (
        "said to be not eligible and still to be confirmed"
        if case.state is None or case.state in KINDS
        else "handed in"
    )


def _where(case: Drawn) -> str:
    """Where a stopped case stands in its stratum, and why it was stopped where that is said."""
    why = f" ({case.reason})" if case.reason != TIME_RAN_OUT else ""
    return f"{case.stratum}, {case.order} in ticket order{why}"


def _row(case: Drawn) -> list[object]:
    state = {"status": case.state.value, "kind": KINDS.get(case.state, "plain")} if case.state else "not assigned"
    return [case.case_ref, case.stratum, case.order, case.reader, state]
