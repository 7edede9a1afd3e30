"""When a reader falls ill: look at who would get their open readings, then hand them all over in one step."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import assignments
from casereader.assignments import Moves, Unpaired
from casereader.errors import RefusedError
from casereader.models import Account
from casereader.programmes.inspections import Place
from casereader.vocabulary import Begun, ReadingKind, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_session import db

blueprint = Blueprint("moving", __name__)

WHAT_BEGUN_DOES = {
    Begun.KEEP: "The next reader sees that somebody began it, and goes on with the answers.",
    Begun.ANEW: "The next reader sees none of the answers. Only the history keeps them.",
}


@blueprint.get("/inspections/<public_id>/moves")
@allow(Role.COORDINATOR)
def show(public_id: str) -> str | tuple[str, int]:
    """Choose who falls out, and see who would get what."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    return _page(place, _reader(place, request.args.get("reader", "")), [])


@blueprint.post("/inspections/<public_id>/moves")
@allow(Role.COORDINATOR)
def move(public_id: str) -> Response | tuple[str, int]:
    """Hand them over as it was shown."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    reader = _reader(place, request.form.get("reader", ""))
    if reader is None:
        return _page(place, None, ["Choose the reader who falls out."]), 422
    try:
        found = assignments.move_all(
            db(),
            inspection=place.inspection,
            reader=reader,
            begun=chosen_begun(),
            reason=request.form.get("reason", ""),
            takes_days="takes_days" in request.form,
            as_shown=request.form.get("shown", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _page(place, reader, list(error.reasons)), 422
    n = sum(one.to is not None for one in found.moves)
    flash(f"{n} reading{'s' if n != 1 else ''} of {reader.name} went to others.", "success")
    if "takes_days" in request.form:
        flash(f"{reader.name} has no reading day left here: nothing more is given to them.", "success")
    if n < len(found.moves):
        flash("Some readings stay with them, because nobody else may take them.", "warning")
    return redirect(url_for("progress.show", public_id=public_id), 303)


def chosen_begun() -> Begun | None:
    """What was chosen for readings that are begun."""
    given = request.form.get("begun", "")
    return Begun(given) if given in set(Begun) else None


def begun_choices() -> dict[str, object]:
    """The two ways of going on with a reading that is begun, as radios."""
    return {
        "id": "begun",
        "name": "begun",
        "label": "What becomes of the answers saved so far",
        "choices": [
            {
                "value": one.value,
                "label": one.value.capitalize(),
                "hint": WHAT_BEGUN_DOES[one],
                "selected": request.form.get("begun") == one.value,
            }
            for one in Begun
        ],
    }


def _reader(place: Place, public_id: str) -> Account | None:
    people = assignments.readers(db(), inspection=place.inspection)
    return next((account for account, _ in people if account.public_id == public_id), None)


def _unpaired(one: Unpaired) -> str:
    said = f"{one.account.name} has {one.n_open} open and {one.n_submitted} submitted"
    return f"{said} reading{'s' if one.n_open + one.n_submitted != 1 else ''} that nobody would countersign."


def _page(place: Place, reader: Account | None, reasons: list[str]) -> str:
    found = (
        assignments.moves_of(db(), inspection=place.inspection, reader=reader, today=now().date())
        if reader
        else Moves([])
    )
    gets = Counter(one.to.id for one in found.moves if one.to is not None)
    return render_template(
        "progress/moves.html",
        place=place,
        reader=reader,
        readers=[
            {
                "value": account.public_id,
                "label": account.name,
                "selected": reader is not None and account.id == reader.id,
            }
            for account, _ in assignments.readers(db(), inspection=place.inspection)
        ],
        rows=[
            [
                one.case_ref + (" (second reading)" if one.reading.kind is ReadingKind.SECOND else ""),
                one.reading.state.value,
                one.to.name if one.to else "Stays: nobody else may take it",
            ]
            for one in found.moves
        ],
        n_going=sum(one.to is not None for one in found.moves),
        digest=found.digest,
        unpaired=[_unpaired(one) for one in found.unpaired],
        loads=[
            [
                one.account.name,
                one.n_open - gets[one.account.id],
                gets[one.account.id],
                one.n_open,
                "no reading days agreed" if one.can_read is None else one.can_read,
            ]
            for one in found.rooms
        ],
        over=[f"{one.account.name} ({one.n_over} too many)" for one in found.rooms if one.n_over],
        takes_days=request.method == "GET" or "takes_days" in request.form,
        begun=begun_choices() if any(one.is_begun and one.to for one in found.moves) else None,
        given=request.form,
        errors=[{"text": reason, "href": "#reason" if reader else "#reader"} for reason in reasons] or None,
    )
