"""Waves of an inspection: how far each is, what is seen after one, and ending after it. The figures are the lead's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import away
from casereader.after_the_draw import stopping
from casereader.after_waves import ending
from casereader.after_waves.after_wave import AfterWave, Asked, after_wave, thresholds_of
from casereader.after_waves.wave_sight import say_that_i_look, sight
from casereader.errors import RefusedError
from casereader.in_waves import looking, looks
from casereader.in_waves.looking import Looked
from casereader.in_waves.wave_words import where
from casereader.in_waves.waves import Wave
from casereader.instrument import Instrument
from casereader.models import Ending
from casereader.programmes.inspections import Place
from casereader.vocabulary import CaseStatus, Role
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.drawing import wave_rows
from casereader.web.drawing.plan_page import name_of as person_named
from casereader.web.evaluation import pictures
from casereader.web.evaluation.cells import blank_row, k_of_n, name_of, open_range, share
from casereader.web.evaluation.groups import STATUSES
from casereader.web.proved import proved_first
from casereader.web.request_session import db
from casereader.words import printed

blueprint = Blueprint("after_waves", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)
SURE, HARDLY = 0.95, 0.05
AXIS = "Weighted share good or better (or yes), with the interval that holds at any time"
COLUMNS = [
    "Question",
    {"text": "Weighted share, interval that holds at any time", "numeric": True},
    {"text": "Counted, of records read", "numeric": True},
    {"text": "Settled?", "width": "middle"},
    {"text": "Chance that one more wave settles it", "width": "middle"},
    {"text": "If none, or all, not produced counted", "numeric": True},
]


@blueprint.get("/inspections/<public_id>/waves")
@allow(*SEES)
def show(public_id: str) -> str:
    """How far the waves are; what is seen after the last complete one, to whoever has said that they look."""
    return _page(objects.inspection(public_id, *SEES), [])


@blueprint.post("/inspections/<public_id>/waves/look")
@allow(*SEES)
def see(public_id: str) -> Response:
    """Look at what is seen after the last complete wave: it is written down, and shown from then on."""
    place = objects.inspection(public_id, *SEES)
    seen = after_wave(db(), place=place, instrument=objects.instrument_of(place.programme))
    say_that_i_look(
        db(),
        place=place,
        seen=seen,
        wave=request.form.get("wave", 0, type=int),
        by=person().account,
        is_lead=_leads(place),
        at=now(),
    )
    return redirect(url_for("after_waves.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/waves/ending")
@allow(*SEES)
def ask(public_id: str) -> Response | tuple[str, int]:
    """Ask that reading end after the last complete wave."""
    place = objects.inspection(public_id, *SEES)
    try:
        ending.ask(
            db(),
            place=place,
            instrument=objects.instrument_of(place.programme),
            reason=request.form.get("reason", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _page(place, list(error.reasons)), 422
    flash("Ending is asked for. Reading goes on until a second person agrees.", "success")
    return redirect(url_for("after_waves.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/waves/ending/agree")
@allow(*SEES)
@proved_first("End reading after a wave")
def agree(public_id: str) -> Response:
    """End reading, as the second person."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    row = ending.agree(db(), place=place, instrument=instrument, by=person().account, at=now())
    ended = f"after wave {row.wave}: {row.n_stopped} cases are not reached" if row.n_stopped else "where time ran out"
    flash(f"Reading is ended {ended}.", "success")
    return redirect(url_for("after_waves.show", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/waves/ending/drop")
@allow(*SEES)
def drop(public_id: str) -> Response:
    """Let reading go on."""
    place = objects.inspection(public_id, *SEES)
    ending.drop(db(), inspection=place.inspection, by=person().account, at=now())
    flash("Reading goes on.", "success")
    return redirect(url_for("after_waves.show", public_id=public_id), 303)


def _page(place: Place, reasons: list[str]) -> str:
    instrument = objects.instrument_of(place.programme)
    seen = after_wave(db(), place=place, instrument=instrument)
    key = place.inspection.id or 0
    is_lead = _leads(place)
    found = sight(db(), place=place, seen=seen, by=person().account, is_lead=is_lead)
    mine = ending.why_not_by(db(), inspection=place.inspection, by=person().account)
    row, shows, is_held_back = found.asked, found.shows, found.is_held_back
    is_ended = row is not None and row.confirmed_at is not None
    looked = looking.looked(db(), [key]).get(key)
    flags = [one.says() for one in stopping.patterns(db(), [key])[key] if not one.is_random]
    rest = ending.rest_of(db(), inspection=place.inspection)
    not_here = away.why_not(db(), looks.LOOKED_AT, key) if found.to_look else ""
    rows = [_row(instrument, one, seen, is_ended=is_ended) for one in seen.asked] if seen and shows else []
    leaves_open = any(row[-1] for row in rows)
    return render_template(
        "progress/waves.html",
        place=place,
        seen=seen,
        is_lead=is_lead,
        n_mine=found.n_mine,
        shows=shows,
        tells=found.tells,
        to_look=found.to_look,
        not_here=not_here,
        is_pending=found.is_pending,
        short=ending.before_least(seen, rest),
        wave_rows=[_wave_row(one) for one in seen.waves] if seen else [],
        columns=COLUMNS if leaves_open else COLUMNS[:-1],
        rows=rows if leaves_open else [row[:-1] for row in rows],
        leaves_open=leaves_open,
        chart=_chart(instrument, seen) if seen and shows and seen.n_shown else "",
        rule=wave_rows.rule_in_words(seen.rule, instrument) if seen else [],
        expected=_expected(seen) if seen and shows else "",
        advice=_advice(seen) if seen and shows and not is_ended else "",
        is_held_back=is_held_back,
        says=_said(looked, is_ended=is_ended) if looked and not looked.is_held_back else "",
        n_shown=_n_read(seen.waves[: seen.n_complete]) if seen else 0,
        n_beyond=_n_read(seen.waves[seen.n_complete :]) if seen else 0,
        flags=flags,
        why_not=[*filter(None, [mine]), *ending.why_not(seen, rest, flags=flags)],
        n_to_stop=len(rest.to_stop),
        n_stopped=rest.n_stopped,
        is_over=rest.is_over,
        ending=_ending(row) if row else None,
        reason=request.form.get("reason", ""),
        deeds=histories.within(row.public_id, *(("ending",) if shows else ()), inspection_id=key) if row else [],
        errors=[{"text": reason, "href": "#reason"} for reason in reasons] or None,
    )


def _said(looked: Looked, *, is_ended: bool) -> str:
    """What its intervals are: the page tells of the ending itself, and of the rule below."""
    return looked.follows if is_ended else f"{looked.says()} {looked.says_rule()}".strip()


def _leads(place: Place) -> bool:
    return Role.LEAD in person().roles_in(place.inspection.id or 0)


def _wave_row(wave: Wave) -> list[object]:
    by_status = {status: sum(case.status is status for case in wave.cases) for status in CaseStatus}
    state = "complete" if wave.is_complete else "being read" if wave.n_decided else "not begun"
    if wave.is_cut:
        state = "not reached" if by_status[CaseStatus.NOT_REACHED] == len(wave.cases) else "stopped short"
    kind = {"complete": "done", "being read": "in-progress"}.get(state, "not-started")
    return [f"Wave {wave.number}", {"status": state, "kind": kind}, *(by_status[one] for one in STATUSES)]


def _n_read(some: Sequence[Wave]) -> int:
    return sum(case.status is CaseStatus.READ for wave in some for case in wave.cases)


def _row(instrument: Instrument, one: Asked, seen: AfterWave, *, is_ended: bool) -> list[object]:
    row = one.row or blank_row(one.key)
    cuts = thresholds_of(seen.rule)
    return [
        wave_rows.named(instrument, one.key),
        share({**row, "method": ""}),  # the head of the column says of all which kind of interval it is
        k_of_n(row),
        settled_in_words(one, cuts),
        chance_in_words(one, is_more=seen.next_wave is not None, is_ended=is_ended),
        open_range(row),
    ]


def settled_in_words(one: Asked, thresholds: list[float]) -> str:
    """Between which cut-offs the share lies, or which of them it may be on either side of."""
    if one.row is None or one.row["lower"] is None:
        return "No record has an answer yet."
    lower, upper = one.row["lower"], one.row["upper"]
    if one.is_settled:
        return f"Settled: {where(lower, upper, thresholds)}."
    within = [printed(cut) for cut in thresholds if lower <= cut <= upper]
    named = f"{', '.join(within[:-1])} or {within[-1]}" if len(within) > 1 else within[0]
    return f"Not settled: it may be above or below {named}."


def chance_in_words(one: Asked, *, is_more: bool, is_ended: bool = False) -> str:
    """The chance that the next wave settles a question, in so many of ten; `is_ended`: no more is read."""
    if one.is_settled:
        return "Settled already."
    if is_ended:
        return "Reading was ended: no more is read."
    if not is_more or one.chance is None:
        return "No wave is left." if not is_more else "Not known before the first answer."
    if one.chance > SURE:
        return "Almost surely: more than 19 in 20."
    if one.chance < HARDLY:
        return "Hardly: fewer than 1 in 20."
    return f"About {max(1, min(9, round(one.chance * 10)))} in 10."


def _chart(instrument: Instrument, seen: AfterWave) -> Any:
    named = [(name_of(instrument, one.key), one.row or blank_row(one.key)) for one in seen.asked]
    caption = f"After wave {seen.n_complete}: each question, with the cut-offs that the plan names"
    return pictures.shares("after-wave", caption, named, axis=AXIS, cut_offs=thresholds_of(seen.rule))


def _expected(seen: AfterWave) -> str:
    """How many questions more the next wave would settle, on average."""
    open_ = [one.chance or 0.0 for one in seen.asked if not one.is_settled]
    if not open_ or seen.next_wave is None or not seen.n_shown:
        return ""
    n = sum(open_)
    about = "hardly any" if n < 0.25 else "perhaps 1" if n < 0.75 else f"about {round(n)}"
    of = "the one question that is open" if len(open_) == 1 else f"the {len(open_)} questions that are open"
    return f"Wave {seen.next_wave.number} would be expected to settle {about} of {of}."


def _advice(seen: AfterWave) -> str:
    """What to do next."""
    more, cut = seen.next_wave, seen.cut_wave
    if seen.is_corrected:
        return "Wait until the cases that are open again are decided: the figures are then shown as they are."
    if cut is not None:
        return (
            f"Cases of wave {cut.number} were stopped, so it is not read whole: no figure of it or of a later wave "
            "is shown before two people end reading, since whoever stopped them may take them back. Ask to end once "
            "every other case is decided; or have the stopped cases taken back, and read."
        )
    if not seen.n_complete:
        return "Nothing is to be decided yet: wait until each case of wave 1 is decided."
    if more is None:
        return "No wave is left to read."
    if seen.is_all_settled:
        return (
            f"Every question is settled: wave {more.number} would make the intervals narrower and settle nothing more. "
            "You may ask to end reading, or let it go on."
        )
    hopeful = any((one.chance or 0) >= HARDLY for one in seen.asked if not one.is_settled)
    if hopeful:
        return f"Let wave {more.number} be read: it may settle what is open. Look again when it is complete."
    return (
        f"Wave {more.number} would hardly settle what is open. Let reading go on if narrower intervals are worth its "
        "days; or ask to end, and publish what is settled and what is not."
    )


def _ending(row: Ending) -> dict[str, Any]:
    return {
        "wave": row.wave,
        "reason": row.reason,
        "by": person_named(row.asked_by_id),
        "at": row.asked_at,
        "is_mine": row.asked_by_id == person().id,
        "n_settled": sum(one["settled"] for one in row.figures),
        "n_questions": len(row.figures),
        "ended_by": person_named(row.confirmed_by_id),
        "ended_at": row.confirmed_at,
        "n_stopped": row.n_stopped,
    }
