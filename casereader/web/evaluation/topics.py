"""Topics that readers name: counts for all who see figures, new names for the lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from casereader import dated
from casereader.charts import CountRow, Segment, counts_chart
from casereader.errors import RefusedError
from casereader.figures import topics
from casereader.figures.topics import Counted, Mention, Named
from casereader.instrument import Instrument
from casereader.moderating import moderation
from casereader.programmes.inspections import Place
from casereader.readings import Opened, answers_of
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers.questions import slug
from casereader.web.clock import now
from casereader.web.evaluation.blueprint import SEES, blueprint
from casereader.web.evaluation.cells import id_of, name_of
from casereader.web.evaluation.walking import READS, may_read
from casereader.web.request_session import db

MOST_DRAWN = 10  # the table begins with as many
SEGMENTS = (Segment("Readings that mention it", "", "#0b3c6f"), Segment("Atypical, set aside", "", "#d6d6d6"))


@blueprint.get("/inspections/<public_id>/roll-up/topics")
@allow(*SEES)
def topics_counted(public_id: str) -> str:
    """How many readings mention each topic; those of atypical records apart."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    return render_template(
        "evaluation/topics.html",
        place=place,
        records_href=url_for("evaluation.topics_by_record", public_id=public_id) if may_read(place) else "",
        **shown(instrument, topics.mentions(db(), place=place, instrument=instrument)),
    )


def shown(instrument: Instrument, found: list[Mention]) -> dict[str, Any]:
    """The counts that the page shows, by the names that its template calls them."""
    atypical = {one.reading_id for one in found if one.is_atypical}
    return {
        "n": len({one.reading_id for one in found} - atypical),
        "n_atypical": len(atypical),
        "n_renamed": sum(one.topic != one.given for one in found),
        "questions": [
            {
                "id": f"topics-{id_of(named.parts[0].key)}",
                "title": named.title,
                "rows": [[one.label, one.n_typical, one.n_atypical] for one in counted],
                "chart": _chart(f"named-{id_of(named.parts[0].key)}", named.title, counted[:MOST_DRAWN]),
            }
            for named in topics.named_together(instrument)
            for counted in [topics.most_often_first(found, named)]
        ],
        "most_drawn": MOST_DRAWN,
    }


def _chart(name: str, title: str, counted: Sequence[Counted]) -> Markup:
    """The topics named most often, as bars of the readings that mention them."""
    if not counted:
        return Markup("")
    rows = [CountRow(one.label, (one.n_typical, one.n_atypical)) for one in counted]
    said = "; ".join(f"{one.label}: {one.n_typical}" for one in counted)
    longest = max(one.n_typical + one.n_atypical for one in counted)
    finding = f"Readings of typical records that mention it. {said}."
    return counts_chart(name, f"{title}: topics named most often", rows, SEGMENTS, of=longest, finding=finding)


@blueprint.get("/inspections/<public_id>/roll-up/topics/records")
@allow(*READS)
def topics_by_record(public_id: str) -> str:
    """The records with their topics, for whoever may read them; the lead goes on from here to give other names."""
    place = objects.inspection(public_id, *READS)
    instrument = objects.instrument_of(place.programme)
    seen = {one.key: one for one in moderation.readings_in(db(), place=place, account=person().account)}
    by_reading: dict[int, list[Mention]] = {}
    for one in topics.mentions(db(), place=place, instrument=instrument):
        if one.reading_id in seen:
            by_reading.setdefault(one.reading_id, []).append(one)
    ordered = sorted(by_reading.items(), key=lambda item: seen[item[0]].case_ref)
    asked = topics.named_together(instrument)
    return render_template(
        "evaluation/topics-by-record.html",
        place=place,
        columns=["Record", *(named.title for named in asked)],
        rows=[
            [_record(place, seen[key], here), *(_said(instrument, here, named) for named in asked)]
            for key, here in ordered
        ],
        is_lead=Role.LEAD in person().roles_in(place.inspection.id or 0),
    )


@blueprint.get("/inspections/<public_id>/roll-up/topics/of/<reading>")
@allow(Role.LEAD)
def topics_of(public_id: str, reading: str) -> str:
    """The topics of one reading, to give them other names."""
    place = objects.inspection(public_id, Role.LEAD)
    return _page(place, moderation.find(db(), place=place, public_id=reading, account=person().account).opened)


@blueprint.post("/inspections/<public_id>/roll-up/topics/of/<reading>")
@allow(Role.LEAD)
def recode(public_id: str, reading: str) -> Response | tuple[str, int]:
    """Keep the other names."""
    place = objects.inspection(public_id, Role.LEAD)
    found = moderation.find(db(), place=place, public_id=reading, account=person().account)
    instrument = objects.instrument_of(place.programme)
    asked = {f"topic-{slug(part.key)}": part.key for part in topics.topic_parts(instrument)}
    after = request.form.get("after", "")
    try:
        changed = topics.recode(
            db(),
            opened=found.opened,
            instrument=instrument,
            topics={key: request.form[name] for name, key in asked.items() if name in request.form},
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 12 else -1,
            by=person().account,
            at=now(),
        )
    except RefusedError as error:
        return _page(place, found.opened, errors=error.reasons), 422
    flash(f"{changed} topic{'s have' if changed != 1 else ' has'} another name now." if changed else "Nothing changed.")
    return redirect(url_for("evaluation.topics_by_record", public_id=public_id), 303)


def _page(place: Place, opened: Opened, *, errors: Any = ()) -> str:
    instrument = objects.instrument_of(place.programme)
    found = topics.mentions_of(db(), [opened.key], instrument)
    renamed = topics.history(db(), reading_id=opened.key)
    answers = answers_of(db(), opened.key)
    return render_template(
        "evaluation/topics-of.html",
        place=place,
        reference=opened.case_ref,
        fields_of=[
            {
                "name": f"topic-{slug(one.key)}",
                "id": f"topic-{slug(one.key)}",
                "label": name_of(instrument, one.key),
                "value": one.topic,
                "choices": [
                    {"value": choice.value, "label": choice.label, "selected": choice.value == one.topic}
                    for choice in instrument.part(one.key).choices
                ],
                "hint": _hint(instrument, one, answers[one.key].note.strip()),
            }
            for one in found
        ],
        after=renamed[0].row.id if renamed else 0,
        errors=[{"text": reason, "href": "#topics"} for reason in errors],
        history=[
            [
                dated.moment(one.row.at),
                one.who,
                one.row.key,
                _label(instrument, one.row.key, one.row.before),
                _label(instrument, one.row.key, one.row.after),
            ]
            for one in renamed
        ],
    )


def _hint(instrument: Instrument, one: Mention, note: str) -> str:
    """What the reader wrote, and the topic that was chosen first where it has another name now."""
    given = f"The reader chose: {_label(instrument, one.key, one.given)}." if one.topic != one.given else ""
    return " ".join(filter(None, [f"The reader wrote: “{note}”" if note else "", given]))


def _record(place: Place, opened: Opened, here: list[Mention]) -> dict[str, object]:
    endpoint = "evaluation.topics_of" if Role.LEAD in person().roles_in(place.inspection.id or 0) else "moderation.show"
    href = url_for(endpoint, public_id=place.inspection.public_id, reading=opened.reading.public_id)
    return {"text": opened.case_ref, "href": href, "hint": "Atypical" if here[0].is_atypical else ""}


def _said(instrument: Instrument, here: list[Mention], named: Named) -> str:
    keys = {part.key for part in named.parts}
    said = [
        _label(instrument, one.key, one.topic)
        + (f" (given as: {_label(instrument, one.key, one.given)})" if one.topic != one.given else "")
        for one in here
        if one.key in keys
    ]
    return "; ".join(said)


def _label(instrument: Instrument, key: str, topic: str) -> str:
    choice = instrument.part(key).choice(topic)
    return choice.label if choice else topic
