"""Settling by the two readers of a case, once both readings are in: one proposes, the other agrees or changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import dated
from casereader.errors import AbsentError, ConflictError
from casereader.instrument import Instrument
from casereader.models import Account, Settlement
from casereader.moderating import opened_again, proposals, seen, settlements
from casereader.moderating.consensus import UnsettledError
from casereader.moderating.moderation import Pair
from casereader.moderating.proposals import Turn
from casereader.vocabulary import READER_ROLES
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.moderating import settle_page, settle_rows
from casereader.web.moderating.settle_rows import Typed
from casereader.web.readings.autosave import FIELDS, MEGABYTES
from casereader.web.request_limits import checks_its_own_fields, limit_body
from casereader.web.request_session import db

blueprint = Blueprint("settling_by_readers", __name__)


@blueprint.get("/readings/<public_id>/settle")
@allow(*READER_ROLES)
def show(public_id: str) -> str:
    """My reading and the other of its case, side by side, once both are in."""
    pair, instrument = _of_reader(public_id)
    if (settled := settle_page.settled_page(pair, instrument)) is not None:
        return render_template("settling/settled.html", **settle_page.frame(pair, instrument), **settled, own=public_id)
    return _page(public_id, pair, instrument, None, {})


@blueprint.post("/readings/<public_id>/settle")
@allow(*READER_ROLES)
@limit_body(MEGABYTES, fields=FIELDS)
@checks_its_own_fields
def propose(public_id: str) -> tuple[str, int] | Response:
    """Propose to the other reader what should count."""
    pair, instrument = _of_reader(public_id)
    typed, faults = settle_page.typed_in_form(instrument)
    try:
        if faults:
            raise UnsettledError(faults)
        kept = proposals.propose(
            db(),
            public_id=public_id,
            instrument=instrument,
            chosen=settle_page.chosen_from(typed),
            by=person().account,
            at=now(),
            mark=request.form.get("seen", ""),
            keep_signs=request.form.get("keep_signs") == "y",
        )
    except UnsettledError as error:
        return _page(public_id, pair, instrument, typed, error.faults), 422
    except ConflictError as error:
        return _page(public_id, pair, instrument, typed, {}, moved=error), 422
    _say_kept(kept, pair)
    return redirect(url_for("reading.index"), 303)


@blueprint.post("/readings/<public_id>/settle/agree")
@allow(*READER_ROLES)
def agree(public_id: str) -> tuple[str, int] | Response:
    """Agree to what the other reader proposed."""
    pair, instrument = _of_reader(public_id)
    mark = request.form.get("mark", "")
    try:
        kept = proposals.agree(
            db(), public_id=public_id, instrument=instrument, mark=mark, by=person().account, at=now()
        )
    except ConflictError as error:
        return _page(public_id, pair, instrument, None, {}, moved=error), 422
    _say_kept(kept, pair)
    return redirect(url_for("reading.index"), 303)


def _of_reader(public_id: str) -> tuple[Pair, Instrument]:
    own = objects.reading(public_id)
    try:
        pair = proposals.find_own(db(), public_id=public_id, account=person().account)
    except AbsentError:
        if opened_again.was_settled_over(db(), own.reading):
            raise AbsentError(settle_page.OPEN_AGAIN) from None
        raise
    objects.show_banner(pair.first.place.programme)
    return pair, objects.instrument_of_reading(pair.first)


def _page(
    public_id: str,
    pair: Pair,
    instrument: Instrument,
    typed: Mapping[str, Typed] | None,
    faults: Mapping[str, Sequence[str]],
    *,
    moved: ConflictError | None = None,
) -> str:
    kept = settlements.standing(db(), sample_case_id=pair.first.reading.sample_case_id)
    turn = proposals.turn_of(kept, pair.first.reading, pair.second.reading, person().account)
    before = settle_rows.chosen_as_typed(settlements.chosen_in(kept))
    return settle_page.rendered(
        pair,
        instrument,
        before if typed is None else typed,
        faults,
        agreed={},
        standing=kept,
        moved=moved,
        seen=seen.mark_of(db(), pair, kept),
        action=url_for("settling_by_readers.propose", public_id=public_id),
        own=public_id,
        why_not=proposals.why_not_proposed(pair),
        says=_reader_says(turn, kept),
        mark=settlements.mark_of(kept) if kept and turn is Turn.MINE else "",
        back=url_for("reading.index"),
        button="Propose this" if turn in (Turn.NOBODY_YET, Turn.LAPSED) else "Propose this instead",
    )


def _reader_says(turn: Turn, kept: Settlement | None) -> str:
    when = f"{dated.moment(kept.proposed_at)}" if kept else ""
    match turn:
        case Turn.MINE:
            who = db().get_one(Account, kept.proposed_by_id).name if kept else ""
            return f"{who} proposed this on {when}. Go through it, then agree; or change it, and propose that instead."
        case Turn.THEIRS:
            return f"You proposed this on {when}. It waits for the other reader. You can still change it."
        case Turn.AGREED:
            return (
                "You both agreed. It counts once a moderator or the lead confirms it. Until then either of you can "
                "still propose something else."
            )
        case Turn.LAPSED:
            return (
                f"What was proposed on {when} has lapsed: one of the readings changed since. It stands below as it "
                "was; go through it again."
            )
        case _:
            return "Nobody has proposed anything yet. Talk it over, then choose what should count."


def _say_kept(kept: Settlement, pair: Pair) -> None:
    ref = pair.first.case_ref
    says = (
        f"You both agree on {ref}. It counts once a moderator or the lead confirms it."
        if kept.agreed_at is not None
        else f"Your proposal for {ref} waits for the other reader."
    )
    flash(says, "success")
