"""The tracker: how far the agencies' records have come on their way into the room, marked singly or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import dated
from casereader.drawing import draws
from casereader.errors import RefusedError
from casereader.in_waves import waves
from casereader.programmes.calendars import Calendar
from casereader.programmes.inspections import Place
from casereader.reading_week import records
from casereader.reading_week.records import AgencyCount, Tracked, TrackedCase
from casereader.vocabulary import RecordState, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.request_limits import limit_body, takes_lists
from casereader.web.request_session import db

blueprint = Blueprint("records", __name__)

MARKED_AS = {state: f"as {state.value}" for state in RecordState} | {RecordState.PROBLEM: "as having a problem"}

SEES = (Role.COORDINATOR, Role.LEAD)
KINDS = {
    RecordState.EXPECTED: "not-started",
    RecordState.REQUESTED: "waiting",
    RecordState.CHASED: "in-progress",
    RecordState.PROBLEM: "attention",
    RecordState.SUPPLIED: "done",
}
MISSING = "missing"
ASK_FROM, CHASE_FROM, TELL_FROM = 4, 6, 7  # weeks of the calendar
FILTERS = ("agency", "state", "stratum", "reserves")


@dataclass(frozen=True)
class Shown:
    """What the address asks for: of which agency, in which state, of which stratum, and with how many reserves."""

    agency: str = ""
    state: str = ""
    stratum: str = ""
    reserves: int = records.FIRST_RESERVES
    error: str = ""

    def holds(self, case: TrackedCase) -> bool:
        """Whether the case is among what is asked for."""
        if self.stratum and case.stratum != self.stratum:
            return False
        found = [case.records[self.agency]] if self.agency in case.records else []
        states = {one.state.value for one in (found if self.agency else case.records.values())}
        if self.state == MISSING:
            return bool(states - {RecordState.SUPPLIED.value})
        return bool(states) if not self.state else self.state in states

    def query(self) -> dict[str, Any]:
        """The same as an address says it, without what goes without saying."""
        given = {"agency": self.agency, "state": self.state, "stratum": self.stratum}
        reserves = self.reserves if self.reserves != records.FIRST_RESERVES else None
        return {key: value for key, value in {**given, "reserves": reserves}.items() if value not in ("", None)}


def asked_for(*, agencies: Sequence[str], strata: Sequence[str]) -> Shown:
    """What the address asks for; an agency, state or stratum that is not there is as if it were not said."""
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    states = (*(state.value for state in RecordState), MISSING)
    given = chosen["reserves"].strip()
    is_number = given.isascii() and given.isdigit() and len(given) <= 4 and int(given) <= records.MOST_RESERVES
    return Shown(
        agency=chosen["agency"] if chosen["agency"] in agencies else "",
        state=chosen["state"] if chosen["state"] in states else "",
        stratum=chosen["stratum"] if chosen["stratum"] in strata else "",
        reserves=int(given) if is_number else records.FIRST_RESERVES,
        error="" if is_number or not given else f"Enter a whole number from 0 to {records.MOST_RESERVES}.",
    )


def tracked(place: Place) -> tuple[list[TrackedCase], Shown]:
    """The cases whose records are asked for, all of them, and what the address wants to see."""
    instrument = objects.instrument_of(place.programme)
    agencies = [agency.value for agency in instrument.agencies]
    shown = asked_for(agencies=agencies, strata=[])
    cases = records.tracked(db(), inspection=place.inspection, instrument=instrument, reserves=shown.reserves)
    return cases, asked_for(agencies=agencies, strata=[case.stratum for case in cases])


@blueprint.get("/inspections/<public_id>/records")
@allow(*SEES)
def show(public_id: str) -> str | tuple[str, int]:
    """Every case with its agencies' records, what to do this week, and the counts of each agency."""
    place = objects.inspection(public_id, *SEES)
    cases, shown = tracked(place)
    page = _page(place, cases, shown, [])
    return (page, 422) if shown.error else page


@blueprint.post("/inspections/<public_id>/records")
@allow(Role.COORDINATOR)
@takes_lists("record", "row")
@limit_body(1, fields=10_000)
def mark(public_id: str) -> Response | tuple[str, int]:
    """Mark the ticked records, the whole rows ticked, or every one of an agency that is shown."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    cases, shown = tracked(place)
    state = next((one for one in RecordState if one.value == request.form.get("state")), None)
    if state is None:
        return _page(place, cases, shown, ["Choose how far the records have come."]), 422
    one_by_one = [(case, agency) for case, _, agency in (one.partition(".") for one in request.form.getlist("record"))]
    rows = set(request.form.getlist("row"))
    whole = request.form.get("whole", "")
    together = [
        (case.public_id, agency)
        for case in cases
        for agency in case.records
        if (case.public_id in rows and shown.agency in ("", agency))
        or (whole in (agency, "every") and shown.holds(case) and shown.agency in ("", agency))
    ]
    try:
        done = records.mark(
            db(),
            inspection=place.inspection,
            cases=cases,
            one_by_one=one_by_one,
            together=together,
            state=state,
            note=request.form.get("note", ""),
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _page(place, cases, shown, list(error.reasons)), 422
    stay = f" {done.stay} {'is' if done.stay == 1 else 'are'} further on already and stay." if done.stay else ""
    n = done.changed or "No"
    says = f"{n} record{'' if done.changed == 1 else 's'} {'was ' if not done.changed else ''}marked {MARKED_AS[state]}"
    flash(f"{says}.{stay}", "success" if done.changed else "info")
    return redirect(url_for("records.show", public_id=public_id, **shown.query()) + "#records", 303)


def _page(place: Place, cases: list[TrackedCase], shown: Shown, reasons: list[str]) -> str:
    instrument = objects.instrument_of(place.programme)
    counts = records.counts(cases, instrument=instrument)
    week = Calendar.of(place.inspection).week(now().date())
    agencies = [one for one in counts if shown.agency in ("", one.agency)]
    ticked = {*request.form.getlist("record"), *request.form.getlist("row")}
    errors = [{"text": reason, "href": "#state-of-ticked"} for reason in reasons]
    errors += [{"text": shown.error, "href": "#reserves"}] if shown.error else []
    record = draws.current(db(), inspection=place.inspection)
    wave = waves.wave_of_cases(db(), draw_record=record) if record is not None else {}
    return render_template(
        "records/show.html",
        place=place,
        is_drawn=record is not None,
        may_mark=Role.COORDINATOR in person().roles_in(place.inspection.id or 0),
        week=week,
        to_do=_to_do(place, counts, week),
        counts=[[one.label, one.n, *(one.by_state[state] for state in records.ORDER)] for one in counts],
        agencies=agencies,
        rows=[_row(case, agencies, ticked, wave.get(case.key)) for case in cases if shown.holds(case)],
        in_waves=bool(wave),
        n_cases=len(cases),
        shown=shown,
        query=shown.query(),
        choices=_choices(place, cases, counts, shown),
        given=request.form,
        errors=errors or None,
    )


def _choices(
    place: Place, cases: list[TrackedCase], counts: list[AgencyCount], shown: Shown
) -> dict[str, list[dict[str, Any]]]:
    """What can be looked at alone, each with what is chosen now."""
    strata = dict.fromkeys(case.stratum for case in cases)
    every = {
        "agency": [(one.agency, one.label) for one in counts],
        "state": [(state.value, state.value.capitalize()) for state in records.ORDER]
        + [(MISSING, "Anything but supplied")],
        "stratum": [(stratum, objects.stratum_named(place, stratum)) for stratum in strata],
        "whole": [(one.agency, one.label) for one in counts if shown.agency in ("", one.agency)]
        + ([] if shown.agency else [("every", "Every agency")]),
        "state_now": [(state.value, state.value.capitalize()) for state in records.ORDER],
    }
    chosen = {
        "agency": shown.agency,
        "state": shown.state,
        "stratum": shown.stratum,
        "whole": request.form.get("whole", ""),
        "state_now": request.form.get("state", RecordState.REQUESTED.value),
    }
    return {
        name: [{"value": value, "label": label, "selected": chosen[name] == value} for value, label in options]
        for name, options in every.items()
    }


def _row(case: TrackedCase, agencies: list[AgencyCount], ticked: set[str], wave: int | None) -> dict[str, Any]:
    return {
        "id": case.public_id,
        "ref": case.case_ref,
        "is_reserve": case.is_reserve,
        "stratum": case.stratum,
        "wave": wave,
        "ticked": case.public_id in ticked,
        "cells": [
            {
                "agency": one.label,
                "name": f"{case.public_id}.{one.agency}",
                "ticked": f"{case.public_id}.{one.agency}" in ticked,
                "state": case.records[one.agency].state.value,
                "kind": KINDS[case.records[one.agency].state],
                "note": case.records[one.agency].note,
                "since": _since(case.records[one.agency]),
            }
            if one.agency in case.records
            else None
            for one in agencies
        ],
    }


def _since(record: Tracked) -> str:
    """Since when a record that is not here has stood so."""
    is_open = record.since is not None and record.state in records.NOT_HERE
    return f"since {dated.day(record.since)}" if is_open else ""


def _to_do(place: Place, counts: list[AgencyCount], week: int | None) -> list[dict[str, str]]:
    """What to ask for and what to chase, by the week it is, each with a link to the records meant."""
    n = {state: sum(one.by_state[state] for one in counts) for state in RecordState}
    expected, requested, chased = n[RecordState.EXPECTED], n[RecordState.REQUESTED], n[RecordState.CHASED]
    late = week or 0
    said = [
        (
            expected,
            RecordState.EXPECTED,
            "not asked for: give the link officer the list, then mark them requested."
            if late >= ASK_FROM or week is None
            else f"not asked for yet: the link officer has the list from week {ASK_FROM}.",
        ),
        (
            requested,
            RecordState.REQUESTED,
            "asked for and not here: chase them now, and mark them chased."
            if late >= CHASE_FROM
            else f"asked for and not here yet: chase them from week {CHASE_FROM}.",
        ),
        (
            chased,
            RecordState.CHASED,
            "chased and not here: tell the lead, who asks the partnership’s lead for them."
            if late >= TELL_FROM
            else "chased and not here yet.",
        ),
        (
            n[RecordState.PROBLEM],
            RecordState.PROBLEM,
            "with a problem: settle it with the link officer, or the reading says “asked, not supplied”.",
        ),
    ]
    return [
        {
            "text": f"{count} record{'' if count == 1 else 's'}",
            "says": f"{'is' if count == 1 else 'are'} {words}" if state is not RecordState.PROBLEM else words,
            "href": url_for("records.show", public_id=place.inspection.public_id, state=state.value) + "#records",
        }
        for count, state, words in said
        if count
    ]
