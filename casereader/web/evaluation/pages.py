"""The roll-up of one inspection: the opening questions first, then each section, indicator and group."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flask import render_template, request, url_for

from casereader import evaluations
from casereader.errors import AbsentError
from casereader.figures import results
from casereader.figures.results import Results, plain_rows
from casereader.instrument import Instrument, Section
from casereader.programmes.inspections import Place
from casereader.rollup import ATTRIBUTES, WHOLE
from casereader.rollup.views import main_keys
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.evaluation import known_counts, pictures
from casereader.web.evaluation.blueprint import EXPORTS, SEES, blueprint, reader_notes
from casereader.web.evaluation.cells import (
    FIGURE_COLUMNS,
    OTHER_COLUMNS,
    Row,
    blank_row,
    id_of,
    name_of,
    other_cells,
    question_cell,
)
from casereader.web.evaluation.groups import DOMAINS, in_order, level, sampled_rows, standard_rows, state_of
from casereader.web.evaluation.walking import may_read, walked
from casereader.web.request_session import db


@blueprint.get("/inspections/<public_id>/roll-up")
@allow(*SEES)
def rollup(public_id: str) -> str:
    """The opening questions, every section's headline, and how many records the figures stand on."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    asked = [(row.question, row.label) for row in instrument.opening]
    found = _results(place, instrument, main_keys(instrument))
    whole = whole_rows(found)
    rows = [(label, whole.get(key) or blank_row(key), key) for key, label in asked]
    links = {
        section.id: url_for("evaluation.section", public_id=public_id, section=section.id)
        for section in instrument.sections
    }
    roles = person().roles_in(place.inspection.id or 0)
    evaluated = evaluations.indicators(place, instrument)
    return render_template(
        "evaluation/rollup.html",
        place=place,
        reader_notes=reader_notes(place.programme, instrument),
        state=state_of(found, place, instrument),
        opening_chart=pictures.shares(
            "opening", "Share good or better on the opening questions", [(label, row) for label, row, _ in rows]
        ),
        opening_columns=["About", *FIGURE_COLUMNS, OTHER_COLUMNS[-1]],
        opening_rows=[
            [
                {"text": label, "href": _section_href(public_id, instrument, key), "hint": name_of(instrument, key)},
                *walked(place, row),
                other_cells(row)[-1],
            ]
            for label, row, key in rows
        ],
        opening_distributions=pictures.distributions(
            found.figures.distributions,
            instrument,
            [key for key, _ in asked],
            inspection=place.path,
            id="opening-answers",
            caption="How the ratings divide",
        ),
        section_columns=["Section", "Headline question", *FIGURE_COLUMNS],
        section_rows=_section_rows(place, instrument, whole, links, above={key for key, _ in asked}),
        known=known_counts.section(found, instrument, asked),
        standard_rows=standard_rows(found, place, instrument),
        case_rows=sampled_rows(found, instrument),
        may_read=may_read(place),
        may_export=bool(roles & set(EXPORTS)),
        may_evaluate=Role.LEAD in roles and bool(evaluated),
        is_evaluated=evaluations.are_final(evaluations.history(db(), place=place), evaluated),
    )


@blueprint.get("/inspections/<public_id>/roll-up/<section>")
@allow(*SEES)
def section(public_id: str, section: str) -> str:
    """Every question of one section."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    here = next((one for one in instrument.sections if one.id == section), None)
    if here is None:
        raise AbsentError
    keys = [part.key for part in here.parts]
    found = _results(place, instrument, keys)
    whole = whole_rows(found)
    shown = [key for key in keys if instrument.part(key).has_y]
    before, after = _neighbours(instrument, here)
    return render_template(
        "evaluation/section.html",
        place=place,
        section=here,
        state=state_of(found, place, instrument),
        chart=pictures.shares(
            "questions",
            f"{here.title}: every question",
            [(name_of(instrument, key), whole.get(key) or blank_row(key)) for key in shown],
        )
        if shown
        else "",
        columns=["Question", *FIGURE_COLUMNS, *OTHER_COLUMNS],
        rows=question_rows(place, instrument, whole, shown),
        distributions=pictures.distributions(
            found.figures.distributions,
            instrument,
            keys,
            inspection=place.path,
            id="answers",
        ),
        previous=_neighbour(public_id, before),
        next=_neighbour(public_id, after),
    )


@blueprint.get("/inspections/<public_id>/roll-up/quality-indicators")
@allow(*SEES)
def indicators(public_id: str) -> str:
    """Each quality indicator with the questions mapped to it, never pooled."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    mapped = {one.value: parts_of(instrument, one.value) for one in instrument.quality_indicators}
    found = _results(place, instrument, [key for keys in mapped.values() for key in keys])
    whole = whole_rows(found)
    groups = [
        {
            "id": f"qi-{id_of(one.value)}",
            "title": f"{one.value} {one.label}",
            "is_evaluated": one.value in place.programme.evaluated_qis,
            "rows": question_rows(place, instrument, whole, mapped[one.value]),
            "chart": pictures.shares(
                f"chart-{id_of(one.value)}",
                f"{one.value} {one.label}",
                [(name_of(instrument, key), whole.get(key) or blank_row(key)) for key in mapped[one.value]],
            )
            if mapped[one.value]
            else "",
        }
        for one in instrument.quality_indicators
    ]
    return render_template(
        "evaluation/indicators.html",
        place=place,
        state=state_of(found, place, instrument),
        groups=groups,
        columns=["Question", *FIGURE_COLUMNS, *OTHER_COLUMNS],
    )


@blueprint.get("/inspections/<public_id>/roll-up/groups")
@allow(*SEES)
def groups(public_id: str) -> str:
    """The headline questions by one division of the children: strata, age bands and so on."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    by = request.args.get("by", "stratum")
    if by not in DOMAINS:
        raise AbsentError
    keys = main_keys(instrument)
    found = _results(place, instrument, keys, by=(by,))
    table = found.figures.questions
    rows = plain_rows(table[table["domain"] == by])
    of_question = {key: in_order(instrument, by, [row for row in rows if row["question"] == key]) for key in keys}
    return render_template(
        "evaluation/groups.html",
        place=place,
        state=state_of(found, place, instrument),
        by=DOMAINS[by],
        choices=[
            {
                "text": title,
                "href": url_for("evaluation.groups", public_id=public_id, by=name),
                "current": name == by,
            }
            for name, title in DOMAINS.items()
        ],
        questions=[
            {
                "id": f"by-{id_of(key)}",
                "title": name_of(instrument, key),
                "chart": pictures.shares(
                    f"chart-{id_of(key)}",
                    f"{name_of(instrument, key)}, by {DOMAINS[by].lower()}",
                    [(level(instrument, by, row["level"]), row) for row in here],
                ),
                "rows": [_group_row(place, instrument, by, row) for row in here],
            }
            for key, here in of_question.items()
            if here
        ],
        columns=[DOMAINS[by], {"text": "On the list (N)", "numeric": True}, *FIGURE_COLUMNS, *OTHER_COLUMNS],
        is_held=by not in ATTRIBUTES or bool((found.cases[by].fillna("") != "").any()),
    )


def whole_rows(found: Results) -> dict[str, Row]:
    """The figures of all records, by question."""
    table = found.figures.questions
    return {row["question"]: row for row in plain_rows(table[table["domain"] == WHOLE])}


def question_rows(
    place: Place, instrument: Instrument, whole: dict[str, Row], keys: Iterable[str]
) -> list[list[object]]:
    """A table row per question, in every column."""
    found: list[list[object]] = []
    for key in keys:
        row = whole.get(key) or blank_row(key)
        found.append([question_cell(instrument, key), *walked(place, row), *other_cells(row)])
    return found


def parts_of(instrument: Instrument, qi: str) -> list[str]:
    """The parts with a share that stand under a quality indicator."""
    return [key for key in instrument.parts if instrument.part(key).qi == qi and instrument.part(key).has_y]


def _group_row(place: Place, instrument: Instrument, by: str, row: Row) -> list[object]:
    listed = row["population"] if row["population"] is not None else "not known"
    return [level(instrument, by, row["level"]), listed, *walked(place, row, by=by), *other_cells(row)]


def _results(place: Place, instrument: Instrument, only: Collection[str], *, by: Collection[str] = ()) -> Results:
    return results.results_for(db(), [place], instrument, only=only, by=by)


def _section_href(public_id: str, instrument: Instrument, key: str) -> str:
    return url_for("evaluation.section", public_id=public_id, section=instrument.part(key).section)


def _section_rows(
    place: Place, instrument: Instrument, whole: dict[str, Row], links: dict[str, str], *, above: Collection[str]
) -> list[list[object]]:
    """The headline of each section; those `above`, among the main findings, without their figures again."""
    rows: list[list[object]] = []
    for one in instrument.sections:
        headline = instrument.headline(one.id)
        cells: list[object] = [{"text": one.title, "href": links[one.id]}]
        if headline is None:
            rows.append([*cells, "No headline question", "", "", ""])
            continue
        if headline.id in above:
            cells += [name_of(instrument, headline.id), {"text": "Among the main findings above", "span": 3}]
            rows.append(cells)
            continue
        rows.append(
            [*cells, name_of(instrument, headline.id), *walked(place, whole.get(headline.id) or blank_row(headline.id))]
        )
    return rows


def _neighbours(instrument: Instrument, here: Section) -> tuple[Section | None, Section | None]:
    order = list(instrument.sections)
    at = order.index(here)
    return (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)


def _neighbour(public_id: str, one: Section | None) -> dict[str, str] | None:
    if one is None:
        return None
    return {"text": one.title, "href": url_for("evaluation.section", public_id=public_id, section=one.id)}
