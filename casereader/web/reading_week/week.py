"""What the progress page says of the whole week: pace against days left, margins, reserves, records, what waits."""

from __future__ import annotations

from typing import Any

from flask import url_for
from markupsafe import Markup

from casereader import assignments, concerns, dated
from casereader.after_the_draw import reserves
from casereader.assignments import Room
from casereader.charts import PaceColumn, pace_chart
from casereader.drawing import draws
from casereader.in_waves import looking, waves
from casereader.moderating import opened_again
from casereader.programmes.inspections import Place
from casereader.reading_week import progress, records
from casereader.reading_week.pace import Pace, pace_of
from casereader.reading_week.progress import CaseRow
from casereader.reading_week.records import TrackedCase
from casereader.vocabulary import NOT_TO_BE_READ, CaseStatus, RecordState
from casereader.web import objects
from casereader.web.clock import now
from casereader.web.drawing import replacements, wave_rows
from casereader.web.request_session import db


def of(place: Place, found: list[CaseRow], tracked: list[TrackedCase], *, runs: bool) -> dict[str, Any]:
    """All that stands above the cases; `found` are the first readings. Who `runs` it is led to the records."""
    key = place.inspection.id or 0
    lines = reserves.lines(db(), [key])
    record = draws.current(db(), inspection=place.inspection)
    populations = draws.populations(record) if record else {}
    widths, margin, lacking = progress.margins(found, populations)
    _, at_the_end, _ = progress.margins(found, populations, all_read=True)
    looked = looking.looked(db(), [key]).get(key)
    if looked is not None and (looked.is_held_back or looked.is_always_valid):
        widths, margin = {}, None  # it is that of a sample whose size nobody could change
        at_the_end = None if looked.is_always_valid else at_the_end
    proposed = reserves.proposals(db(), [key], found=lines)
    rooms = assignments.rooms(db(), inspection=place.inspection, today=now().date())
    pace = pace_of(
        [row.read_on for row in found if row.is_done and row.read_on],
        n_to_read=sum(row.is_to_be_read for row in found),
        planned=assignments.reading_days(db(), inspection=place.inspection),
        today=now().date(),
        n_over=sum(one.n_over for one in rooms),
    )
    again = opened_again.waits_for(db(), inspection_ids=[key]).get(key, [])
    counts = records.counts(tracked, instrument=objects.instrument_of(place.programme))
    return {
        "again": _again(again),
        "waiting": replacements.waiting(proposed, places={key: place}),
        "out": replacements.warnings(lines, place=place),
        "pace": _pace(pace, rooms, again) if pace and pace.n_to_read else None,
        "margin": _points(margin),
        "margin_at_the_end": _points(at_the_end),
        "lacking": lacking,
        "is_watched": looked is not None,
        "is_always": looked is not None and looked.is_always_valid,
        "is_open": looked is not None and not looked.is_held_back,
        "waves": wave_rows.so_far(waves.of_inspection(db(), inspection=place.inspection)),
        "strata": [
            [
                objects.stratum_named(place, stratum),
                # before anybody is given a case too: the page counts it as not assigned
                sum(row.stratum == stratum and row.status not in NOT_TO_BE_READ for row in found),
                sum(row.stratum == stratum and row.is_done for row in found),
                _points(widths.get(stratum)) or "",
                sum(row.stratum == stratum and row.status is CaseStatus.INELIGIBLE for row in found),
                lines[key, stratum].n_waiting if (key, stratum) in lines else 0,
                len(lines[key, stratum].left) if (key, stratum) in lines else 0,
            ]
            for stratum in dict.fromkeys(row.stratum for row in found)
        ],
        "records": [
            [
                {"text": one.label, "href": _to_records(place, one.agency)} if runs else one.label,
                one.n,
                one.by_state[RecordState.SUPPLIED],
                one.by_state[RecordState.PROBLEM],
                one.n_missing,
            ]
            for one in counts
        ],
        "n_concerns": concerns.n_raised(db(), inspection=place.inspection),
        "n_discuss": sum(row.n_discuss for row in found),
        "n_replaced": sum(row.status is CaseStatus.INELIGIBLE for row in found),
        "n_not_produced": sum(row.status is CaseStatus.NOT_PRODUCED for row in found),
    }


def _again(readers: list[str]) -> str:
    """Which readings wait that were opened again, and for whom; blank where none."""
    if not readers:
        return ""
    which = f"{len(readers)} signed-off readings were" if len(readers) != 1 else "A signed-off reading was"
    return f"{which} opened again, to be submitted anew by {', '.join(dict.fromkeys(readers))}."


def _pace(pace: Pace, rooms: list[Room], again: list[str]) -> dict[str, Any]:
    over = [one for one in rooms if one.n_over]
    return {
        "over": [f"{one.account.name}: {one.n_open} open, their days allow {one.can_read}" for one in over],
        "svg": _drawn(pace, again),
        "says": _says(pace, again),
        "is_short": pace.suffices is False and pace.left != len(again),
        "rows": [
            [
                dated.weekday(day.on),
                "" if day.read is None else day.read,
                "" if day.so_far is None else day.so_far,
                f"{day.needed:.0f}",
            ]
            for day in pace.days
        ],
    }


def _says(pace: Pace, again: list[str]) -> str:
    """The time left against the records left, in words."""
    if not pace.left:
        return f"All {pace.n_to_read} records are read."
    if pace.left == len(again):
        return "Every record was read; what is open was opened again after that."
    left = f"{pace.left} of {pace.n_to_read} records are still to be read"
    if not pace.days_left:
        return f"{left}, and nobody has a reading day left."
    needed = pace.needed_a_day or 0.0
    if pace.days_left == 1:
        said = f"{left}, and there is one reading day left."
    else:
        said = f"{left} in {pace.days_left} reading days: {needed:.1f} a day."
    if pace.n_over:
        n = pace.n_over
        more = f"{n} reading{'s are' if n != 1 else ' is'} more than the days ticked for those who have them allow"
        said = f"{said.removesuffix('.')}. {more}: second readings count here."
    if pace.a_day is None:
        return said
    said += f" So far {pace.a_day:.1f} were read a day"
    if pace.by_the_end >= pace.n_to_read:
        return f"{said}." if pace.n_over else f"{said}, which is enough."
    return f"{said}: at that pace {pace.by_the_end} will be read, and the week will not suffice."


def _drawn(pace: Pace, again: list[str]) -> Markup:
    columns = [PaceColumn(dated.short_weekday(day.on), day.so_far, day.needed) for day in pace.days]
    return pace_chart("pace", "Records read day by day", columns, total=pace.n_to_read, finding=_says(pace, again))


def _points(width: float | None) -> str:
    """A half-width in percentage points."""
    return "" if width is None else f"± {width * 100:.1f}"


def _to_records(place: Place, agency: str) -> str:
    address = url_for("records.show", public_id=place.inspection.public_id, agency=agency, state="missing")
    return f"{address}#records"
