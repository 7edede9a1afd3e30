"""The timetable of the reading days: a sheet for each pair to print, and the coordinator's own copy."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from flask import Blueprint, render_template

from casereader import dated
from casereader.reading_week import timetable
from casereader.reading_week.timetable import PairSheet, Planned
from casereader.vocabulary import ReadingKind, Role
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.request_session import db

blueprint = Blueprint("timetable", __name__)

NO_DAY = "No day left: agree with the coordinator"


@blueprint.get("/inspections/<public_id>/timetable")
@allow(Role.COORDINATOR)
def sheets(public_id: str) -> str:
    """One sheet for each pair: which case on which day, and room to note what was supplied."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    found = timetable.by_pair(db(), inspection=place.inspection)
    return render_template("timetable/sheets.html", place=place, sheets=[_sheet(sheet) for sheet in found])


@blueprint.get("/inspections/<public_id>/timetable/coordinator")
@allow(Role.COORDINATOR)
def coordinator(public_id: str) -> str:
    """Every day with every reader, second readings told apart: for the coordinator alone."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    every = [
        (_day_of(one), seat.account.name, one)
        for sheet in timetable.by_pair(db(), inspection=place.inspection)
        for seat, planned in sheet.planned
        for one in planned
    ]
    every.sort(key=lambda row: (row[2].day or date.max, row[1]))
    return render_template(
        "timetable/coordinator.html",
        place=place,
        days=[
            {"day": day, "rows": [_row(name, one) for _, name, one in rows]}
            for day, rows in groupby(every, key=lambda row: row[0])
        ],
        in_waves=any(one.wave for _, _, one in every),
    )


def _sheet(sheet: PairSheet) -> dict[str, object]:
    every = [(one.day, seat.account.name, one) for seat, planned in sheet.planned for one in planned]
    every.sort(key=lambda row: (row[0] or date.max, row[1] != sheet.inspector.name, row[1]))
    names = [seat.account.name for seat, _ in sheet.planned]
    is_pair = len(names) > 1
    return {
        "names": " and ".join(names),
        "is_pair": is_pair,
        "days": [
            {
                "day": _day_of(rows[0][2]),
                "rows": [
                    [one.case_ref, *_wave(one), *([name] if is_pair else []), "", "", ""] for _, name, one in rows
                ],
            }
            for rows in (list(found) for _, found in groupby(every, key=lambda row: row[0]))
        ],
        "in_waves": any(one.wave for _, _, one in every),
    }


def _day_of(one: Planned) -> str:
    return dated.weekday(one.day) if one.day else NO_DAY


def _row(name: str, one: Planned) -> list[str]:
    kind = "Second, blind" if one.reading.kind is ReadingKind.SECOND else "First"
    return [one.case_ref, *_wave(one), name, one.stratum, kind, one.reading.state.value]


def _wave(one: Planned) -> list[str]:
    """The cell for the wave, where the sample is read in waves."""
    return [str(one.wave)] if one.wave else []
