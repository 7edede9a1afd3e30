"""Settling by a moderator: two readings of a case side by side, and what their readers agreed confirmed or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import dated
from casereader.errors import AbsentError, ConflictError
from casereader.instrument import Instrument
from casereader.models import Account, Settlement
from casereader.moderating import moderation, seen, settlements, settling
from casereader.moderating.consensus import UnsettledError
from casereader.moderating.moderation import Pair
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.moderating import settle_page, settle_rows
from casereader.web.moderating.settle_rows import Typed
from casereader.web.readings.autosave import FIELDS, MEGABYTES
from casereader.web.request_limits import checks_its_own_fields, limit_body
from casereader.web.request_session import db

blueprint = Blueprint("settling", __name__)
MODERATES = (Role.MODERATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/moderation/<reading>/settle")
@allow(*MODERATES)
def show(public_id: str, reading: str) -> str:
    """Both readings of a case side by side, differences first; once settled, the consensus beside them."""
    _, pair, instrument = _of_moderator(public_id, reading)
    if (settled := settle_page.settled_page(pair, instrument)) is not None:
        return render_template("settling/settled.html", **settle_page.frame(pair, instrument), **settled)
    return _page(pair, instrument, None, {})


@blueprint.post("/inspections/<public_id>/moderation/<reading>/settle")
@allow(*MODERATES)
@limit_body(MEGABYTES, fields=FIELDS)
@checks_its_own_fields
def settle(public_id: str, reading: str) -> tuple[str, int] | Response:
    """Settle them into the consensus that counts."""
    place, pair, instrument = _of_moderator(public_id, reading)
    typed, faults = settle_page.typed_in_form(instrument)
    try:
        if faults:
            raise UnsettledError(faults)
        settling.settle(
            db(),
            place=place,
            public_id=reading,
            instrument=instrument,
            chosen=settle_page.chosen_from(typed),
            by=person().account,
            at=now(),
            mark=request.form.get("seen", ""),
            keep_signs=request.form.get("keep_signs") == "y",
        )
    except UnsettledError as error:
        return _page(pair, instrument, typed, error.faults), 422
    except ConflictError as error:
        return _page(pair, instrument, typed, {}, moved=error), 422
    return _settled(public_id, pair)


@blueprint.post("/inspections/<public_id>/moderation/<reading>/settle/confirm")
@allow(*MODERATES)
def confirm(public_id: str, reading: str) -> tuple[str, int] | Response:
    """Settle them as their two readers agreed, in one press."""
    place, pair, instrument = _of_moderator(public_id, reading)
    mark = request.form.get("mark", "")
    try:
        settling.confirm(
            db(),
            place=place,
            public_id=reading,
            instrument=instrument,
            mark=mark,
            by=person().account,
            at=now(),
        )
    except ConflictError as error:
        return _page(pair, instrument, None, {}, moved=error), 422
    return _settled(public_id, pair)


def _of_moderator(public_id: str, reading: str) -> tuple[Place, Pair, Instrument]:
    place = objects.inspection(public_id, *MODERATES)
    try:
        pair = moderation.find_pair(db(), place=place, public_id=reading, account=person().account)
    except AbsentError:
        if moderation.is_open_again(db(), place=place, public_id=reading, account=person().account):
            raise AbsentError(settle_page.OPEN_AGAIN) from None
        raise
    return place, pair, objects.instrument_of_reading(pair.first)


def _page(
    pair: Pair,
    instrument: Instrument,
    typed: Mapping[str, Typed] | None,
    faults: Mapping[str, Sequence[str]],
    *,
    moved: ConflictError | None = None,
) -> str:
    agreed = settling.agreed_of(db(), pair)
    standing = settlements.standing(db(), sample_case_id=pair.first.reading.sample_case_id)
    chosen = settlements.chosen_in(agreed)
    before = settlements.chosen_in(agreed or _proposal(pair, standing))
    return settle_page.rendered(
        pair,
        instrument,
        settle_rows.chosen_as_typed(before) if typed is None else typed,
        faults,
        agreed=chosen,
        standing=standing,
        moved=moved,
        seen=seen.mark_of(db(), pair, agreed),
        why_not=settling.why_not_settled(db(), pair, person().account),
        before=settle_page.undone_says(pair),
        says=_moderator_says(pair, standing, agreed),
        mark=settlements.mark_of(agreed) if agreed else "",
        back=url_for("moderation.index", public_id=pair.first.place.inspection.public_id),
        action=url_for(
            "settling.settle",
            public_id=pair.first.place.inspection.public_id,
            reading=pair.first.reading.public_id,
        ),
        button="Settle the two readings" if agreed is None else "Settle with what I changed",
    )


def _proposal(pair: Pair, standing: Settlement | None) -> Settlement | None:
    """What one reader proposed and the other has not agreed to, while it stands."""
    if standing is None or settlements.has_lapsed(standing, first=pair.first.reading, second=pair.second.reading):
        return None
    return standing


def _moderator_says(pair: Pair, standing: Settlement | None, agreed: Settlement | None) -> str:
    if agreed is not None:
        return (
            f"Both readers agreed on {dated.moment(agreed.agreed_at)}. Confirm it in one press; or change an "
            "answer below, with a reason for each question that you change."
        )
    if standing is None:
        return ""
    who = db().get_one(Account, standing.proposed_by_id).name
    when = f"{dated.moment(standing.proposed_at)}"
    if _proposal(pair, standing) is None:
        return f"{who} proposed on {when} how to settle them. A reading changed since, so that has lapsed."
    return (
        f"{who} proposed on {when} how to settle them: it stands filled in below. The other reader has not agreed yet. "
        "You can settle them without waiting, as proposed or otherwise."
    )


def _settled(public_id: str, pair: Pair) -> Response:
    ref = pair.first.case_ref
    flash(f"The readings of {ref} are settled: the consensus counts, the originals are kept.", "success")
    return redirect(url_for("moderation.index", public_id=public_id), 303)
