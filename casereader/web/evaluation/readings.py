"""What stands under a figure: the records that it counts, and their notes by question and rating."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flask import render_template, request, url_for

from casereader.errors import AbsentError
from casereader.figures import evidence, results
from casereader.figures.evidence import Behind
from casereader.figures.results import plain_rows
from casereader.instrument import Answer, Instrument, Part
from casereader.programmes.inspections import Place
from casereader.rollup import ATTRIBUTES, WHOLE
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers.questions import anchor_of, source_words, words_of
from casereader.web.evaluation.blueprint import blueprint
from casereader.web.evaluation.cells import FIGURE_COLUMNS, Row, blank_row, counts_as, figure_cells, name_of
from casereader.web.evaluation.groups import DOMAINS, level
from casereader.web.evaluation.walking import READS, came_from, readings_href
from casereader.web.request_session import db

NO_NOTE = "No note of its own"


@dataclass(frozen=True)
class _Asked:
    """Which records are asked for: those that answer a part, of all or of one group, with one answer or any."""

    part: Part
    by: str
    level: str
    value: str


@blueprint.get("/inspections/<public_id>/roll-up/readings")
@allow(*READS)
def readings(public_id: str) -> str:
    """The records that one figure counts, each with its answer and note."""
    place = objects.inspection(public_id, *READS)
    instrument = objects.instrument_of(place.programme)
    part = _part(instrument, request.args.get("question") or _first(instrument))
    found = evidence.behind(db(), place=place, instrument=instrument, account=person().account, key=part.key)
    asked = _asked(part, found)
    figure = _figure(place, instrument, asked)
    if asked.by and not figure["n"] and asked.level not in {one.levels[asked.by] for one in found}:
        raise AbsentError
    here = [one for one in found if not asked.by or one.levels[asked.by] == asked.level]
    shown = [one for one in here if not asked.value or one.value == asked.value]
    group = level(instrument, asked.by, asked.level) if asked.by else ""
    return render_template(
        "evaluation/readings.html",
        place=place,
        name=name_of(instrument, part.key),
        text=part.text,
        counts_as=counts_as(part) if part.has_y else "",
        group=f"{DOMAINS[asked.by]}: {group}" if group else "",
        is_presence=part.scale.kind == "presence",
        figure_columns=["Figure", *FIGURE_COLUMNS],
        figure_rows=[[group or "All records", *figure_cells(figure)]] if part.has_y else [],
        choices=_choices(place, asked, here),
        columns=[
            "Record",
            "Stratum",
            *([DOMAINS[asked.by]] if asked.by in ATTRIBUTES else []),
            "Answer",
            "Note",
        ],
        rows=[_row(instrument, asked, one) for one in shown],
        back=came_from(place, instrument, part),
        all_href=readings_href(place, part.key) if asked.by else "",
        notes_href=url_for("evaluation.notes", public_id=public_id, question=part.key),
    )


@blueprint.get("/inspections/<public_id>/roll-up/notes")
@allow(*READS)
def notes(public_id: str) -> str:
    """The notes under one question by rating; without a question, which questions have notes."""
    place = objects.inspection(public_id, *READS)
    instrument = objects.instrument_of(place.programme)
    if "question" not in request.args:
        return _questions(place, instrument)
    part = _part(instrument, request.args["question"])
    found = evidence.behind(db(), place=place, instrument=instrument, account=person().account, key=part.key)
    typical = [one for one in found if not one.is_atypical]
    atypical = [one for one in found if one.is_atypical]
    return render_template(
        "evaluation/notes.html",
        place=place,
        name=name_of(instrument, part.key),
        text=part.text,
        groups=_by_answer(place, instrument, part, typical),
        atypical=_by_answer(place, instrument, part, atypical),
        n_atypical=len(atypical),
        asks_whether_typical=evidence.atypical_part(instrument) is not None,
        readings_href=readings_href(place, part.key),
        all_href=url_for("evaluation.notes", public_id=public_id),
    )


def _questions(place: Place, instrument: Instrument) -> str:
    counted = evidence.notes_counted(db(), place=place, instrument=instrument, account=person().account)
    public_id = place.inspection.public_id
    return render_template(
        "evaluation/notes-index.html",
        place=place,
        sections=[
            {
                "id": section.id,
                "title": section.title,
                "n": sum(counted[key] for key in keys),
                "rows": [
                    [
                        {
                            "text": name_of(instrument, key),
                            "href": url_for("evaluation.notes", public_id=public_id, question=key),
                        },
                        counted[key],
                    ]
                    for key in keys
                ],
            }
            for section in instrument.sections
            if (keys := [key for key in counted if instrument.part(key).section == section.id])
        ],
    )


def _first(instrument: Instrument) -> str:
    """The question that a roll-up opens with, or the first that is answered from a list."""
    opening = (one.question for one in instrument.opening)
    return next(opening, next(key for key in instrument.parts if instrument.part(key).choices))


def _part(instrument: Instrument, key: str) -> Part:
    """The part under a key, if it is one that figures are made from."""
    if not instrument.has(key) or not (instrument.part(key).choices or instrument.part(key).scale.kind == "count"):
        raise AbsentError
    return instrument.part(key)


def _asked(part: Part, found: list[Behind]) -> _Asked:
    """What else the address names; AbsentError for a division or answer that there is not."""
    by, at, value = (request.args.get(name, "") for name in ("by", "level", "value"))
    if bool(by) != bool(at) or (by and by not in DOMAINS):
        raise AbsentError
    if value and value not in part.by_value and value not in {one.value for one in found}:
        raise AbsentError
    return _Asked(part, by, at, value)


def _figure(place: Place, instrument: Instrument, asked: _Asked) -> Row:
    """The figure that these records stand under."""
    domains = (asked.by,) if asked.by else ()
    table = results.results_for(db(), [place], instrument, only=[asked.part.key], by=domains).figures.questions
    wanted = (asked.part.key, asked.by or WHOLE, asked.level)
    rows = (row for row in plain_rows(table) if (row["question"], row["domain"], row["level"]) == wanted)
    return next(rows, blank_row(asked.part.key))


def _choices(place: Place, asked: _Asked, here: list[Behind]) -> list[dict[str, object]]:
    """Every answer that was given, with how many records; the one shown is marked."""
    counted = Counter(one.value for one in here)
    offered = [("", f"All answers ({len(here)})")]
    offered += [(value, f"{_words(asked.part, value)} ({n})") for value, n in counted.items()]
    return [
        {
            "text": text,
            "href": readings_href(place, asked.part.key, by=asked.by, level=asked.level, value=value),
            "current": value == asked.value,
        }
        for value, text in offered
    ]


def _row(instrument: Instrument, asked: _Asked, one: Behind) -> list[object]:
    group = [level(instrument, asked.by, one.levels[asked.by])] if asked.by in ATTRIBUTES else []
    under = f"Under {one.evidence.of}" if one.evidence.note and one.evidence.of != asked.part.key else ""
    return [
        _case(one, asked.part.key),
        level(instrument, "stratum", one.levels["stratum"]),
        *group,
        _words(asked.part, one.value),
        {"text": one.evidence.note or NO_NOTE, "hint": under},
    ]


def _case(one: Behind, key: str) -> dict[str, object]:
    place = one.opened.place
    href = url_for(
        "moderation.show",
        public_id=place.inspection.public_id,
        reading=one.opened.reading.public_id,
        _anchor=anchor_of(key),
    )
    return {"text": one.opened.case_ref, "href": href, "hint": "Atypical" if one.is_atypical else ""}


def _by_answer(place: Place, instrument: Instrument, part: Part, found: list[Behind]) -> list[dict[str, object]]:
    """The notes under each answer that was given, and how many records have none."""
    by_value: dict[str, list[Behind]] = {}
    for one in found:
        by_value.setdefault(one.value, []).append(one)
    groups: list[dict[str, object]] = []
    for value, here in by_value.items():
        noted = [one for one in here if one.evidence.note.strip()]
        groups.append(
            {
                "title": _words(part, value),
                "n": len(here),
                "n_without": len(here) - len(noted),
                "href": readings_href(place, part.key, value=value),
                "notes": [_note(instrument, part, one) for one in noted],
            }
        )
    return groups


def _note(instrument: Instrument, part: Part, one: Behind) -> dict[str, object]:
    return {
        **_case(one, part.key),
        "stratum": level(instrument, "stratum", one.levels["stratum"]),
        "note": one.evidence.note,
        "sources": source_words(instrument, one.evidence.sources),
        "under": one.evidence.of if one.evidence.of != part.key else "",
    }


def _words(part: Part, value: str) -> str:
    return words_of(part, Answer(value)) or value
