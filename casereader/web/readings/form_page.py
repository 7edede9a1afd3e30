"""A reading that is open, as one page: the task list, every section, the check and the notes, of which one is in view.

Loading it once is all that the script needs until the tab closes; without scripts the same address shows the same view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from casereader import concerns, packing, readings
from casereader.instrument import Answer, Instrument, missing, open_keys, section_states
from casereader.readings import Notes, Opened
from casereader.web.access import person
from casereader.web.answers import query_pages, reading_pages
from casereader.web.answers.answer_rows import answer_rows
from casereader.web.answers.computed import rating_values
from casereader.web.answers.questions import heading_of
from casereader.web.answers.reading_pages import SECTION_KINDS
from casereader.web.installed import sealing_keys
from casereader.web.readings import rescue_file, time_spent, warned
from casereader.web.readings.form import Place, Remarks, asked_values, pattern_of, rules_text, values_of
from casereader.web.request_session import db

TASKS, CHECK = "tasks", "check"
Answered = Mapping[str, Answer]


def render(
    opened: Opened,
    instrument: Instrument,
    *,
    view: str,
    answers: Answered | None = None,
    errors: Sequence[Mapping[str, str]] | None = None,
    faults: Mapping[str, Sequence[str]] | None = None,
    notes: Notes | None = None,
    notes_differ: bool = False,
) -> str:
    """The page with `view` (a section's id, `tasks` or `check`) in view.

    `answers` and `notes`: as typed, where they are not those stored; `errors`: for the top of the page; `faults`: by
    key, or by the name of a field beside the check.
    """
    shown = reading_pages.answers_of(opened, instrument) if answers is None else answers
    stratum = opened.stratum(instrument)
    asked = frozenset(open_keys(instrument, shown, stratum=stratum))
    states = section_states(instrument, shown, stratum=stratum)
    said: dict[str, list[str]] = {}
    for one in warned.warned(opened, instrument, shown):
        said.setdefault(one.keys[0], []).append(warned.warning_words(opened, one))
    asked_of = query_pages.waiting_in(opened, instrument) if opened.reading.first_submitted_at else []
    remarks = Remarks(errors=faults or {}, warnings=said, asked=_by_key(opened, asked_of))
    values = values_of(instrument, shown, asked=asked, remarks=remarks)
    values.update(rating_values(instrument, shown, stratum=stratum))
    values.update(_frame_values(opened, instrument, view, states, asked))
    values.update(_lacking_values(opened, instrument, shown, view, states))
    links = reading_pages.section_links(opened, instrument, states)
    return render_template(
        "reading/form.html",
        **reading_pages.frame(opened, instrument, answers=shown),
        **(_check_values(opened, instrument, shown) if view == CHECK else {}),
        **time_spent.told_at_check(opened, instrument, with_count=view == CHECK),
        view=view,
        heading=_heading(opened, instrument, view),
        sections=pattern_of(instrument).filled(values),
        rules=rules_text(instrument, stratum),
        stratum=instrument.stratum_code(stratum),
        links=links,
        n_done=sum(state in ("complete", "not applicable") for state in states.values()),
        next_section=next((link for link in links if states[link["id"]] not in ("complete", "not applicable")), None),
        concern_says=reading_pages.concern_says(opened),
        n_to_choose=packing.to_choose(db(), reading_ids=[opened.key]).get(opened.key, 0),
        inspection_id=opened.place.inspection.public_id,
        is_unanswered=readings.is_unanswered(db(), opened=opened, filled_in=instrument.filled_in),
        raised=concerns.raised_on(db(), reading_id=opened.key),
        notes=notes or readings.notes_of(db(), opened.key),
        notes_differ=notes_differ,
        asked=asked_of,
        faults=faults or {},
        saved_at=opened.reading.saved_at.isoformat() if opened.reading.saved_at else "",
        person_id=person().account.public_id,
        person_email=person().account.email,
        rescue=rescue_file.offered(opened, account=person().account.public_id, keys=sealing_keys()),
        errors=errors,
    )


def _by_key(opened: Opened, asked: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The conversations in which anything was said, beneath the question that each is about."""
    check = url_for("reading.check", public_id=opened.reading.public_id)
    return {one["of"]: [{**one, "check": check}] for one in asked if one["messages"]}


def _heading(opened: Opened, instrument: Instrument, view: str) -> str:
    if view == TASKS:
        return f"Reading of {opened.case_ref}"
    return "Check your answers" if view == CHECK else heading_of(instrument.section(view))


def _frame_values(
    opened: Opened, instrument: Instrument, view: str, states: Mapping[str, str], asked: frozenset[str]
) -> dict[Place, str]:
    """What goes into the places around the questions: addresses, tokens, states, which section is in view."""
    values: dict[Place, str] = {
        ("base", "", ""): url_for("reading.tasks", public_id=opened.reading.public_id),
        ("csrf", "", ""): str(escape(generate_csrf())),
        ("version", "", ""): str(opened.reading.version),
        (view, "current", ""): ' aria-current="page"',
    }
    for section in instrument.sections:
        state = states[section.id]
        values[section.id, "state", ""] = state.capitalize()
        values[section.id, "kind", ""] = SECTION_KINDS[state]
        if section.id != view:
            values[section.id, "away", ""] = " hidden"
        values.update(asked_values(section, asked=asked))
        if any(part.key in asked for question in section.questions for part in question.parts[1:]):
            values[section.id, "some", ""] = " hidden"
    return values


def _lacking_values(
    opened: Opened, instrument: Instrument, answers: Answered, view: str, states: Mapping[str, str]
) -> dict[Place, str]:
    """What the section in view lacks, each with a link, once it is begun; the script says it of every section."""
    values: dict[Place, str] = {
        (section.id, "lacks-nothing", ""): " hidden" for section in instrument.sections if section.id != view
    }
    if view not in states:
        return values
    found = missing(instrument, answers, stratum=opened.stratum(instrument)) if states[view] == "in progress" else []
    links = reading_pages.missing_links(opened, instrument, [one for one in found if one.section == view])
    if not links:
        return {**values, (view, "lacks-nothing", ""): " hidden"}
    items = (f'<li><a href="{escape(one["href"])}">{escape(one["text"])}</a></li>' for one in links)
    return {**values, (view, "lacks", ""): f": {len(links)}", (view, "lacking", ""): "".join(items)}


def _check_values(opened: Opened, instrument: Instrument, answers: Answered) -> dict[str, Any]:
    stratum = opened.stratum(instrument)
    found = missing(instrument, answers, stratum=stratum)
    lacks = [one for one in found if not one.is_mark]
    lacking: dict[str, list[str]] = {}
    for one in lacks:
        lacking.setdefault(one.key, []).append(one.says)
    found_warned = warned.warned(opened, instrument, answers)
    return {
        "n_missing": len(lacks),
        "missing": reading_pages.missing_by_section(opened, instrument, lacks),
        "marked": reading_pages.mark_links(opened, instrument, found),
        "warned": [
            {
                "text": warned.listed_words(instrument, one),
                "href": reading_pages.anchor(opened, one.section, one.keys[0]),
            }
            for one in found_warned
        ],
        "concern_warned": warned.concern_words(opened, instrument, found_warned),
        "naming": reading_pages.naming_links(opened, instrument, answers),
        "answered": answer_rows(opened, instrument, answers, lacking=lacking, may_change=True),
    }
