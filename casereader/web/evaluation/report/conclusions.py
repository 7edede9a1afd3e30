"""The chapter of conclusions: each quality indicator with its figures, and the rating and reasons of each stage."""

from __future__ import annotations

from collections.abc import Sequence

from casereader import challenges, dated, evaluations
from casereader.evaluations import Entry
from casereader.exports.report import Block, Chapter, Text
from casereader.instrument import Instrument, Listed
from casereader.programmes.inspections import Place
from casereader.vocabulary import EvaluationStage
from casereader.web.evaluation import pictures
from casereader.web.evaluation.cells import Row, blank_row, id_of, name_of
from casereader.web.evaluation.evaluations import STAGES
from casereader.web.evaluation.pages import parts_of, question_rows
from casereader.web.evaluation.report.blocks import INTERVALS, SHORT_COLUMNS, chart, shortened, table
from casereader.web.request_session import db


def quality_indicators(place: Place, instrument: Instrument, whole: dict[str, Row]) -> Chapter:
    """Every quality indicator; those that are evaluated with the rating and reasons of each stage that is written."""
    entries = evaluations.history(db(), place=place)
    evaluated = {one.value for one in evaluations.indicators(place, instrument)}
    asked = [one for one in instrument.quality_indicators if one.value in evaluated]
    rows = []
    for one in asked:
        made = evaluations.standing(entries, qi=one.value)
        ratings = [made[stage].rating if stage in made else "not yet" for stage in EvaluationStage]
        rows.append([f"{one.value} {one.label}", *ratings])
    columns = ["Quality indicator", *(STAGES[stage] for stage in EvaluationStage)]
    waiting = sum(one.is_open for one in challenges.log(db(), place=place))
    blocks: list[Block] = [
        Text(
            "People rate the partnership on each quality indicator: the team proposes, the panel tests, and the final "
            "evaluation stands. The figures stand beside, and decide nothing by themselves. The questions of an "
            "indicator are never added up into one figure."
        ),
        table(
            "evaluations-table",
            "Evaluations by quality indicator",
            columns,
            rows,
            empty="The instrument of this programme names no quality indicator.",
        ),
    ]
    if waiting:
        says = f"Challenges of the partnership that wait for an answer: {waiting}. Final evaluations wait for them."
        blocks.append(Text(says, "warning"))
    return Chapter(
        "quality-indicators",
        "Quality indicators and evaluations",
        (*blocks,),
        tuple(_indicator(place, instrument, one, entries, whole) for one in instrument.quality_indicators),
    )


def _indicator(
    place: Place, instrument: Instrument, one: Listed, entries: Sequence[Entry], whole: dict[str, Row]
) -> Chapter:
    keys, id, title = parts_of(instrument, one.value), f"qi-{id_of(one.value)}", f"{one.value} {one.label}"
    blocks: list[Block] = []
    if keys:
        named = [(name_of(instrument, key), whole.get(key) or blank_row(key)) for key in keys]
        blocks += chart(f"{id}-chart", f"{title}: {INTERVALS}", pictures.shares(f"report-{id}", title, named))
        rows = shortened(question_rows(place, instrument, whole, keys))
        blocks.append(table(f"{id}-table", f"Questions under {title}", ["Question", *SHORT_COLUMNS], rows))
        blocks.append(Text("How their answers divide stands with each section."))
    else:
        blocks.append(Text("This quality indicator takes no figure from records."))
    for stage, entry in evaluations.standing(entries, qi=one.value).items():
        blocks.append(Text(f"{STAGES[stage]}: {entry.rating} ({dated.day(entry.row.made_at)})", "strong"))
        blocks.append(Text(entry.row.reason, "quoted"))
    return Chapter(id, title, (*blocks,))
