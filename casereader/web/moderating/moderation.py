"""Moderation: the submitted readings of an inspection, looked over, signed off and, where there are two, settled."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader import dated, readings
from casereader.figures import evidence
from casereader.instrument import Instrument
from casereader.models import Reading
from casereader.moderating import moderation, settlements, settling, unlocking
from casereader.moderating.moderation import Submitted
from casereader.programmes.inspections import Place
from casereader.readings import answers_of
from casereader.vocabulary import QueryState, ReadingKind, ReadingState, Role
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.answers import pair_rows, query_pages, reading_pages
from casereader.web.answers.answer_rows import answer_rows
from casereader.web.clock import now
from casereader.web.evaluation import walking
from casereader.web.moderating import settle_page
from casereader.web.moderating.which import which
from casereader.web.readings import time_spent
from casereader.web.request_session import db

blueprint = Blueprint("moderation", __name__)
MODERATES = (Role.MODERATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/moderation")
@allow(*MODERATES)
def index(public_id: str) -> str:
    """The submitted readings: pairs that wait for a word of mine first, then what has waited longest."""
    place = objects.inspection(public_id, *MODERATES)
    instrument = objects.instrument_of(place.programme)
    found = moderation.submitted(db(), place=place, instrument=instrument, account=person().account)
    pairs = settlements.to_confirm(db(), inspection_ids=[place.inspection.id or 0])
    agreed = {pair.sample_case_id for pair in pairs}
    proposed = settlements.proposed_cases(db(), inspection_id=place.inspection.id or 0)
    to_confirm = {pair.sample_case_id for pair in pairs if person().id not in pair.not_by}
    read = [one for one in found if one.opened.reading.kind is not ReadingKind.CONSENSUS]
    waiting = [one for one in read if one.opened.reading.signed_off_at is None]
    may = [one for one in waiting if moderation.why_not_signed_off(one, person().account) is None]
    return render_template(
        "moderation/index.html",
        place=place,
        rows=[
            _row(public_id, one, todo=_todo(one, agreed, proposed))
            for one in sorted(found, key=lambda one: one.opened.reading.sample_case_id not in to_confirm)
        ],
        n_waiting=len(waiting),
        n_all=len(read),
        first=may[0] if may else None,
        first_agreed=next((one.opened for one in found if one.opened.reading.sample_case_id in to_confirm), None),
        n_agreed=len(to_confirm),
        n_to_lock=_to_lock(place) if not waiting else 0,
    )


@blueprint.get("/inspections/<public_id>/moderation/<reading>")
@allow(*MODERATES)
def show(public_id: str, reading: str) -> str:
    """One reading with its notes."""
    place = objects.inspection(public_id, *MODERATES)
    one = moderation.find(db(), place=place, public_id=reading, account=person().account)
    instrument = objects.instrument_of_reading(one.opened)
    answers = answers_of(db(), one.opened.key)
    rows = answer_rows(one.opened, instrument, answers, lacking={}, may_change=False)
    sections = time_spent.without_minutes(rows, instrument)
    is_counted = evidence.counts_in_figures(db(), one.opened)
    if is_counted:
        sections = walking.with_figures(place, instrument, sections)
    return render_template(
        "moderation/reading.html",
        is_counted=is_counted,
        **reading_pages.frame(one.opened, instrument),
        one=one,
        deeds=histories.of(place, reading),
        which=which(one.opened.reading),
        before=readings.countersigned_before(db(), one.opened.reading),
        kept=pair_rows.kept(instrument, readings.talked_over_of(db(), one.opened.reading)),
        why_not=moderation.why_not_signed_off(one, person().account),
        **_beside(public_id, one, instrument),
        **_unlock(public_id, one.opened.reading),
        **query_pages.for_moderator(
            place, one, instrument, sections, is_own=one.opened.reading.reviewer_id == person().id
        ),
    )


@blueprint.post("/inspections/<public_id>/moderation/<reading>/sign-off")
@allow(*MODERATES)
def sign_off(public_id: str, reading: str) -> Response:
    """Sign it off."""
    place = objects.inspection(public_id, *MODERATES)
    moderation.sign_off(db(), place=place, public_id=reading, by=person().account, at=now())
    flash("The reading is signed off.", "success")
    return redirect(url_for("moderation.index", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/moderation/lock")
@allow(Role.LEAD)
def lock(public_id: str) -> Response:
    """Lock every reading that is done, for good; the readers' running notes are erased."""
    place = objects.inspection(public_id, Role.LEAD)
    count = readings.lock_all(db(), place=place, by=person().account, at=now())
    whose = (
        "1 reading is locked, and its reader’s" if count == 1 else f"{count} readings are locked, and their readers’"
    )
    if count:
        flash(f"{whose} running notes are erased.", "success")
    else:
        flash("No reading was locked: those that are done are locked already.", "info")
    return redirect(url_for("moderation.index", public_id=public_id), 303)


def _to_lock(place: Place) -> int:
    """How many readings this person may lock now."""
    may = Role.LEAD in person().roles_in(place.inspection.id or 0)
    return len(readings.to_lock(db(), place=place)) if may else 0


def _todo(one: Submitted, agreed: set[int], proposed: set[int]) -> str:
    case = one.opened.reading.sample_case_id
    return "agreed, confirm" if case in agreed else "proposed by a reader, settle" if case in proposed else "settle"


def _row(public_id: str, one: Submitted, *, todo: str) -> list[Any]:
    reading = one.opened.reading
    kind = which(reading).capitalize()
    is_blind = one.disputes is None
    is_settled = reading.state in (ReadingState.SETTLED, ReadingState.LOCKED)
    can_settle = not is_blind and reading.kind is ReadingKind.FIRST and not is_settled
    return [
        {
            "text": one.opened.case_ref,
            "href": url_for("moderation.show", public_id=public_id, reading=reading.public_id),
            "hidden": f"({kind} reading)",
        },
        kind,
        {"text": one.reader, "hint": "Declared a conflict of interest since"} if one.is_in_conflict else one.reader,
        _state(reading),
        one.discuss,
        ", ".join(f"{one.queries[state]} {state}" for state in QueryState if one.queries[state]),
        {
            "text": f"{one.disputes} in dispute: {todo}",
            "href": url_for("settling.show", public_id=public_id, reading=reading.public_id),
            "hidden": one.opened.case_ref,
        }
        if can_settle
        else ("" if is_blind else one.disputes),
    ]


def _state(reading: Reading) -> dict[str, str]:
    """Where it stands; since when it waits, while it is to be signed off."""
    since = reading.submitted_at if reading.signed_off_at is None else None
    return {
        "status": reading.state.value.capitalize(),
        "kind": reading_pages.STATE_KINDS.get(reading.state, "done"),
        "hint": f"since {dated.day(since)}" if since else "",
    }


def _beside(public_id: str, one: Submitted, instrument: Instrument) -> dict[str, Any]:
    """The other reading of the case: where the two are settled, or how they were; nothing until both are in."""
    place, reading = one.opened.place, one.opened.reading
    both = moderation.find_both(db(), place=place, public_id=reading.public_id, account=person().account)
    if both is None:
        return {}
    may = settling.why_not_settled(db(), both, person().account) is None
    twin = url_for("settling.show", public_id=public_id, reading=reading.public_id) if may else ""
    return {"twin": twin, "undone": settle_page.undone_says(both), **(settle_page.settled_page(both, instrument) or {})}


def _unlock(public_id: str, reading: Reading) -> dict[str, str]:
    """Where it is asked that a reading be opened again, or what became of asking."""
    asked = unlocking.waiting(db(), reading_id=reading.id or 0)
    if asked is not None:
        return {"asked_href": url_for("unlocking.show", public_id=public_id, unlock=asked.public_id)}
    if unlocking.why_not_asked(db(), reading):
        return {}
    return {"ask_href": url_for("unlocking.ask", public_id=public_id, reading=reading.public_id)}
