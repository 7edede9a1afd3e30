"""What leads say of partnerships, on the overview: partnerships counted, and quality assurance beside what is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import url_for

from casereader import own_instrument
from casereader.charts import CountRow, Segment, counts_chart
from casereader.charts.distribution import YPN_COLOURS
from casereader.figures import differences
from casereader.figures.results import plain_rows
from casereader.instrument import Instrument
from casereader.own_instrument import Answered, Asked, Judged
from casereader.programmes.inspections import Place
from casereader.web import objects
from casereader.web.evaluation.bearing import DEMONSTRATED
from casereader.web.evaluation.cells import Row, k_of_n, said, share
from casereader.web.installed import instruments
from casereader.web.request_session import db
from casereader.words import WORDING, per_cent

CHART = "leads-say"


def leads_say(places: Sequence[Place], *, read: Collection[str]) -> dict[str, Any]:
    """The section for these inspections of one programme; `read` holds the paths whose reading is complete."""
    library, programme = instruments(), places[0].programme
    by_key = own_instrument.answered_in(db(), [place.inspection.id or 0 for place in places], library=library)
    of_place = {place.path: by_key[place.inspection.id or 0] for place in places}
    inspected = [place for place in places if of_place[place.path].is_complete]
    n_in, n_listed = own_instrument.n_complete(db(), programme=programme, library=library)
    newest = by_key[places[0].inspection.id or 0].instrument if library.own is None else library.own
    asked = own_instrument.counts(newest, [of_place[place.path].answers for place in inspected])
    choices = newest.part(asked[0].question.id).choices
    return {
        "n": len(inspected),
        "n_in": n_in,
        "n_listed": n_listed,
        "is_all": n_in == n_listed == len(inspected),
        "not_in": [
            {"text": place.partnership.name, "href": url_for("evaluation.own", public_id=place.inspection.public_id)}
            for place in places
            if place not in inspected
        ],
        "columns": ["Question", *({"text": choice.label, "numeric": True} for choice in choices)],
        "rows": [
            [
                {"text": f"{one.question.id} {one.question.label}"},
                *(f"{count} of {len(inspected)}" for count in one.counts.values()),
            ]
            for one in asked
        ],
        "chart": _chart(asked, [choice.label for choice in choices], len(inspected)) if inspected else "",
        **_beside(newest, inspected, of_place, read),
    }


def _chart(asked: Sequence[Asked], labels: Sequence[str], n: int) -> str:
    scale = [Segment(label, "", colour) for label, colour in zip(labels, YPN_COLOURS, strict=True)]
    bars = [CountRow(f"{one.question.id} {one.question.label}", tuple(one.counts.values())) for one in asked]
    return counts_chart(CHART, "What leads say, partnerships counted", bars, scale, of=n)


def _beside(
    own: Instrument, inspected: Sequence[Place], of_place: Mapping[str, Answered], read: Collection[str]
) -> dict[str, Any]:
    """Quality assurance beside what the records demonstrate: by judgement, then each partnership."""
    over = [place for place in inspected if place.path in read]
    instrument = objects.instrument_of(inspected[0].programme) if over else None
    if instrument is None or all(one.id != DEMONSTRATED for one in instrument.derived):
        return {"judged_rows": [], "demonstrated_rows": []}
    derived = plain_rows(differences.difference_for(db(), over, instrument).derived)
    of_path = {row["inspection"]: row for row in derived if row["question"] == DEMONSTRATED}
    rows = {place.partnership.name: of_path[place.path] for place in over if place.path in of_path}
    answers = {place.partnership.name: of_place[place.path].answers for place in inspected}
    judged = own_instrument.quality_assurance(own, answers, rows, least_n=WORDING.least_n)
    links = {place.partnership.name: place.inspection.public_id for place in over}
    return {
        "judged_rows": [_judged_row(one) for one in judged if one.n],
        "demonstrated_rows": [
            _partnership_row(name, links[name], one, row) for one in judged for name, row in sorted(one.figures.items())
        ],
        "least_n": WORDING.least_n,
    }


def _judged_row(one: Judged) -> list[object]:
    low, middle, high = (per_cent(value) for value in one.shares) if one.shares else ("", "", "")
    return [one.judgement.label, one.n, len(one.figures), low, middle, high]


def _partnership_row(name: str, public_id: str, one: Judged, row: Row) -> list[object]:
    href = url_for("evaluation.difference", public_id=public_id)
    return [{"text": name, "href": href}, one.judgement.label, share(row), k_of_n(row), said(row)]
