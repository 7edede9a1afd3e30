"""What changed since earlier rounds, and beside figures published before: only where both ask the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import render_template, url_for

from casereader import dated, evaluations
from casereader.charts.differences import difference_chart
from casereader.figures import change, results, rounds
from casereader.figures.change import Since, SincePublished
from casereader.instrument import Instrument
from casereader.models import EarlierFigure
from casereader.programmes.inspections import Place
from casereader.rollup.change import Verdict
from casereader.rollup.peers import LEAST_N
from casereader.rollup.views import main_keys
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.evaluation.blueprint import SEES, blueprint
from casereader.web.evaluation.cells import Row, name_of, share
from casereader.web.evaluation.comparing import difference, held_with_all, shown_as
from casereader.web.evaluation.groups import state_of
from casereader.web.evaluation.pages import parts_of, whole_rows
from casereader.web.installed import instruments
from casereader.web.request_session import db
from casereader.words import printed
from sampling.exact import decimal_text

COLUMNS = [
    "Question",
    {"text": "Then", "numeric": True},
    {"text": "Now", "numeric": True},
    {"text": "Change, 90% interval", "numeric": True},
    "What can be said",
]
PUBLISHED_COLUMNS = [
    "Question",
    {"text": "Ours now", "numeric": True},
    {"text": "As published", "numeric": True},
    "Where it was published",
    {"text": "Change, 90% interval", "numeric": True},
    "What can be said",
]
SURE = (Verdict.IMPROVED, Verdict.DECLINED)
NOT_MINE = "You hold no role in that inspection, so its figures are not shown to you."


@blueprint.get("/inspections/<public_id>/roll-up/rounds")
@allow(*SEES)
def rounds_here(public_id: str) -> str:
    """Change since each earlier round of the partnership, and the figures published of it before."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    keys = compared_keys(place, instrument)
    every = change.earlier_rounds(db(), place=place)
    mine = [one for one in every if is_mine(one)]
    published = rounds.figures(db(), inspection=place.inspection)
    wanted = {*keys, *(figure.question for figure in published if figure.question)}
    found = results.results_for(db(), [place], instrument, only=wanted, by=())
    whole = whole_rows(found)
    compared = change.since(db(), place=place, instrument=instrument, earlier=mine, library=instruments(), keys=keys)
    beside = change.since_published(published, whole)
    return render_template(
        "evaluation/rounds.html",
        place=place,
        state=state_of(found, place, instrument),
        columns=COLUMNS,
        rounds=[_round(instrument, one, at) for at, one in enumerate(compared, start=1)],
        not_mine=[name_of_round(one) for one in every if not is_mine(one)],
        says_not_mine=NOT_MINE,
        published_columns=PUBLISHED_COLUMNS,
        published=[_published(instrument, one, whole) for one in beside],
        n_tested=max((one.row["compared"] for one in beside if one.row), default=0),
        least=LEAST_N,
        enters=bool(person().roles_in(place.inspection.id or 0) & {Role.COORDINATOR, Role.LEAD}),
    )


def compared_keys(place: Place, instrument: Instrument) -> list[str]:
    """The questions looked at for change: headline and opening ones, and those under the evaluated indicators."""
    wanted = set(main_keys(instrument))
    for one in evaluations.indicators(place, instrument):
        wanted |= set(parts_of(instrument, one.value))
    return [key for key in instrument.parts if key in wanted]


def is_mine(place: Place) -> bool:
    """Whether the person may see the figures of that inspection."""
    return bool(person().roles_in(place.inspection.id or 0) & set(SEES))


def name_of_round(place: Place) -> str:
    """A round by its programme and the months whose practice was judged."""
    period = place.inspection
    return f"{place.programme.name}, {dated.months(period.period_from, period.period_to)}"


def as_published(figure: EarlierFigure) -> str:
    """A published share in per cent, and of how many records where the source says it."""
    return f"{decimal_text(Decimal(figure.share) * 100)}%" + (f" of {figure.n}" if figure.n else "")


def source_of(figure: EarlierFigure) -> str:
    """Where a figure was published, and when."""
    return figure.source + (f", {dated.day(figure.published_on)}" if figure.published_on else "")


def _round(instrument: Instrument, one: Since, at: int) -> dict[str, Any]:
    return {
        "id": f"round-{at}",
        "title": f"Since {name_of_round(one.place)}",
        "href": url_for("evaluation.rollup", public_id=one.place.inspection.public_id),
        "why_not": one.why_not,
        "flags": one.flags,
        "rows": [_row(instrument, row) for row in one.rows],
        "chart": _chart(f"chart-{at}", instrument, one.rows),
        "n_compared": max((row["compared"] for row in one.rows), default=0),
        "left_out": [[name_of(instrument, key), why] for key, why in one.left_out.items()],
    }


def _row(instrument: Instrument, row: Row) -> list[object]:
    return [
        name_of(instrument, row["question"]),
        _share(row, "then"),
        _share(row, "now"),
        difference(row) if row["verdict"] != Verdict.TOO_FEW else "",
        _verdict(row),
    ]


def _share(row: Row, when: str) -> dict[str, str] | str:
    counts = f"{row[f'k_{when}']} of {row[f'n_{when}']}"
    few = row[f"n_{when}"] < LEAST_N
    return counts if few else {"text": printed(row[f"share_{when}"]), "hint": counts}


def _verdict(row: Row) -> dict[str, str] | str:
    return held_with_all(row, _in_words(row), is_sure=row["verdict"] in SURE)


def _in_words(row: Row) -> str:
    return Verdict(row["verdict"]).value.capitalize()


def _published(instrument: Instrument, one: SincePublished, whole: Mapping[str, Row]) -> list[object]:
    figure = one.figure
    key = figure.question or ""
    row = whole.get(key)
    ours = name_of(instrument, key) if key and instrument.has(key) else "None of ours"
    return [
        {"text": figure.asked, "hint": ours},
        share(row) if row is not None else "",
        as_published(figure),
        source_of(figure),
        difference(one.row) if one.row and one.row["verdict"] != Verdict.TOO_FEW else "",
        _verdict(one.row) if one.row else {"text": "Not tested", "hint": one.why_not},
    ]


def _chart(name: str, instrument: Instrument, rows: Sequence[Row]) -> str:
    told = [row for row in rows if row["verdict"] != Verdict.TOO_FEW]
    shown = [shown_as(instrument, row, _in_words(row), is_sure=row["verdict"] in SURE) for row in told]
    if not shown:
        return ""
    return difference_chart(
        name,
        "Share good or better now, less the share then",
        shown,
        axis_label="Change in percentage points, with its 90% interval",
        below="declined",
        above="improved",
    )
