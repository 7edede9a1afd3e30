"""The partnership's own instrument: the lead answers beside the figures that bear on each question; others read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from casereader import dated, own_instrument
from casereader.identifying import signs_in
from casereader.instrument import Answer, Question
from casereader.own_instrument import Answered, MeanwhileError, mark_of
from casereader.readings import RefusedAnswersError
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers.questions import source_words, words_of
from casereader.web.clock import now
from casereader.web.evaluation.bearing import bearing_on
from casereader.web.evaluation.blueprint import SEES, blueprint
from casereader.web.evaluation.cells import id_of
from casereader.web.installed import instruments
from casereader.web.readings import posted
from casereader.web.request_limits import checks_its_own_fields, limit_body
from casereader.web.request_session import db

MEGABYTES = 2  # eleven reasons and references, each as long as it may be
LOOKED = "I have looked: these texts name nobody"

Faults = Mapping[str, Sequence[str]]


@blueprint.get("/inspections/<public_id>/own-instrument")
@allow(*SEES)
def own(public_id: str) -> str:
    """The form for the lead; for coordinator and moderator what the lead has answered."""
    place = objects.inspection(public_id, *SEES)
    found = own_instrument.answered(db(), place=place, library=instruments())
    if Role.LEAD in person().roles_in(place.inspection.id or 0):
        return _form(public_id, found, found.answers)
    return _page(
        public_id,
        found,
        template="own-read",
        sections=[
            {"title": section.title, "questions": [_told(found, one) for one in section.questions]}
            for section in found.instrument.sections
        ],
    )


@blueprint.post("/inspections/<public_id>/own-instrument")
@allow(Role.LEAD)
@limit_body(MEGABYTES)
@checks_its_own_fields
def answer_own(public_id: str) -> tuple[str, int] | Response:
    """Save what was answered; what was typed stays on the page when it is refused."""
    place = objects.inspection(public_id, Role.LEAD)
    found = own_instrument.answered(db(), place=place, library=instruments())
    typed = _typed(request.form, found)
    try:
        changed = own_instrument.save(
            db(),
            place=place,
            library=instruments(),
            typed=typed,
            seen={one.id: posted.only(request.form, f"{one.id}__seen") or "" for one in found.instrument.questions},
            by=person().account,
            at=now(),
            looked=bool(posted.only(request.form, "looked")),
        )
    except RefusedAnswersError as error:
        return _form(public_id, found, typed, faults=error.faults, seen=request.form), 422
    except MeanwhileError as error:
        mine = _without_untouched(request.form, found, typed)
        return _form(public_id, found, mine, crossed=error.questions, says=str(error)), 422
    after = own_instrument.answered(db(), place=place, library=instruments())
    if after.is_complete:
        flash("Saved. The partnership’s own instrument is complete.", "success")
    else:
        n = len(_lacking(after))
        flash(f"{'Saved' if changed else 'Nothing was changed'}. {n} of its questions lack something still.", "success")
    return redirect(url_for("evaluation.own", public_id=public_id), 303)


def _lacking(found: Answered) -> set[str]:
    """The questions that lack something."""
    return {found.instrument.part(one.key).question for one in found.missing}


def _without_untouched(form: MultiDict[str, str], found: Answered, typed: Mapping[str, Answer]) -> dict[str, Answer]:
    """What was typed; a question that the person left as the page showed it stands as it is stored now."""
    shown = dict(typed)
    for question in found.instrument.questions:
        if posted.only(form, f"{question.id}__seen") == mark_of(question, typed):
            shown |= {part.key: found.answers.get(part.key, Answer(None)) for part in question.parts}
    return shown


def _typed(form: MultiDict[str, str], found: Answered) -> dict[str, Answer]:
    """What was sent of each part; a browser leaves out a group in which nothing is picked or ticked."""
    return {
        key: Answer(
            _storable(posted.only(form, key)),
            _storable(posted.only(form, f"{key}__note")) or "",
            tuple(form.getlist(f"{key}__sources")),
        )
        for key in found.instrument.parts
    }


def _storable(text: str | None) -> str | None:
    return text.replace("\0", "\ufffd") if text else text


def _form(
    public_id: str,
    found: Answered,
    shown: Mapping[str, Answer],
    *,
    faults: Faults | None = None,
    crossed: Sequence[str] = (),
    says: str = "",
    seen: Mapping[str, str] | None = None,
) -> str:
    """The form with these answers; `seen` where marks of the page that was sent stay, else those of what is stored."""
    faults = faults or {}
    texts = [text for answer in shown.values() for text in (answer.note, answer.value or "")]
    errors = [{"text": says, "href": f"#q-{id_of(crossed[0])}"}] if crossed else []
    errors += [
        {"text": f"{key}: {reason}", "href": f"#{_place(found, key)}"}
        for key, reasons in faults.items()
        for reason in reasons
    ]
    asks = any(signs_in(text) for text in texts) and bool(faults)
    return _page(
        public_id,
        found,
        template="own-form",
        errors=errors,
        looked={"id": "looked", "name": "looked", "label": LOOKED} if asks else None,
        longest=found.instrument.note_longest,
        meanings=[
            {"key": one.label, "value": one.says} for one in found.instrument.part(found.instrument.parts[0]).choices
        ],
        sections=[
            {
                "id": section.id,
                "title": section.title,
                "questions": [
                    _asked(
                        found,
                        one,
                        shown,
                        faults,
                        mark=(seen or {}).get(f"{one.id}__seen") or mark_of(one, found.answers),
                        is_crossed=one.id in crossed,
                    )
                    for one in section.questions
                ],
            }
            for section in found.instrument.sections
        ],
    )


def _page(public_id: str, found: Answered, *, template: str, **values: Any) -> str:
    place = objects.inspection(public_id, *SEES)
    figures = bearing_on(place, found.instrument)
    sections = values.pop("sections")
    for section in sections:
        for question in section["questions"]:
            question["figures"] = figures.get(question["id"], [])
    lacking = _lacking(found)
    return render_template(
        f"evaluation/{template}.html",
        place=place,
        title=found.instrument.title,
        period=found.instrument.reading_period,
        is_begun=bool(found.saved_by),
        is_complete=not lacking,
        n_lacking=len(lacking),
        n_questions=len(found.instrument.questions),
        saved=f"{found.saved_by}, {dated.moment(found.saved_at)}" if found.saved_at else "",
        sections=sections,
        **values,
    )


def _asked(
    found: Answered,
    question: Question,
    shown: Mapping[str, Answer],
    faults: Faults,
    *,
    mark: str,
    is_crossed: bool,
) -> dict[str, Any]:
    """One question with its fields as the macros take them."""
    part, *more = question.parts
    answer = shown.get(part.key, Answer(None))
    wrong = list(faults.get(part.key, ()))
    on_note = [one for one in wrong if one.startswith(("The note", "This looks"))]
    on_sources = [one for one in wrong if "source" in one and one not in on_note]
    base = id_of(part.key)
    lacking = [one.says for one in found.missing if found.instrument.part(one.key).question == question.id]
    return {
        "id": question.id,
        "anchor": f"q-{id_of(question.id)}",
        "label": question.label,
        "seen": {"id": f"{base}-seen", "name": f"{question.id}__seen", "value": mark},
        "judgement": {
            "id": base,
            "name": part.key,
            "label": question.text,
            "errors": [one for one in wrong if one not in on_note and one not in on_sources],
            "choices": [
                {"value": one.value, "label": one.label, "selected": one.value == answer.value} for one in part.choices
            ],
        },
        "note": {
            "id": f"{base}-note",
            "name": f"{part.key}__note",
            "label": "Reason",
            "value": answer.note,
            "errors": on_note,
        },
        "sources": {
            "id": f"{base}-sources",
            "name": f"{part.key}__sources",
            "label": "Kinds of evidence",
            "errors": on_sources,
            "choices": [
                {"value": one.value, "label": one.label, "selected": one.value in answer.sources}
                for one in found.instrument.sources
            ],
        },
        "written": [
            {
                "id": id_of(one.key),
                "name": one.key,
                "label": one.label,
                "value": (shown.get(one.key) or Answer(None)).value or "",
                "errors": list(faults.get(one.key, ())),
                "longest": one.scale.longest,
            }
            for one in more
        ],
        "lacking": lacking if found.saved_by else [],
        "theirs": _told(found, question) if is_crossed else None,
    }


def _place(found: Answered, key: str) -> str:
    """Where on the page the fault of a part is put right."""
    part = found.instrument.part(key)
    return id_of(key) if found.instrument.question(part.question).parts[0].key != key else f"q-{id_of(part.question)}"


def _told(found: Answered, question: Question) -> dict[str, Any]:
    """What is stored of one question, in words."""
    part, *more = question.parts
    answer = found.answers.get(part.key, Answer(None))
    written = [found.answers.get(one.key, Answer(None)).value for one in more]
    return {
        "id": question.id,
        "anchor": f"q-{id_of(question.id)}",
        "label": question.label,
        "text": question.text,
        "judgement": words_of(part, answer) or "Not answered yet",
        "reason": answer.note,
        "sources": source_words(found.instrument, answer.sources),
        "written": [(one.label, said) for one, said in zip(more, written, strict=True) if said],
    }
