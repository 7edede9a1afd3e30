"""The factual-accuracy log of an inspection: the coordinator enters what the partnership says, the lead answers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import audit, challenges, dated, evaluations, identifying
from casereader.challenges import Logged, Raised
from casereader.errors import FormError
from casereader.exports import challenges as files
from casereader.instrument import Listed
from casereader.programmes.inspections import Place
from casereader.vocabulary import BANNERS, Role
from casereader.web import histories, objects
from casereader.web.access import allow, counted_as_work, person
from casereader.web.clock import now
from casereader.web.evaluation.blueprint import EXPORTS, SEES, blueprint
from casereader.web.follow_up.action_pages import LOOKED, signs
from casereader.web.follow_up.concern_pages import text
from casereader.web.proved import proved_first
from casereader.web.request_session import db

WHOLE = "The findings as a whole"
COLUMNS = ["Challenge", "What is said to be wrong", "Raised by", "Entered", "Stands", "Answer"]
ENTER_FIELDS = ("raised_by", "qi", "says", "evidence", "looked")
ANSWER_FIELDS = ("answer", "figure_changed", "looked")
CHANGED = {"yes": "Yes, a figure changed", "no": "No figure changed"}


@blueprint.get("/inspections/<public_id>/accuracy")
@allow(*SEES)
def accuracy(public_id: str) -> str:
    """Every challenge, open ones first; for the coordinator the form that enters one."""
    return _log(objects.inspection(public_id, *SEES), {}, {})


@blueprint.post("/inspections/<public_id>/accuracy")
@allow(Role.COORDINATOR)
def enter_challenge(public_id: str) -> tuple[str, int] | Response:
    """Enter what the partnership says is wrong."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    given = {name: request.form.get(name, "") for name in ENTER_FIELDS}
    raised = Raised(given["raised_by"], given["says"], given["evidence"], given["qi"] or None)
    evaluated = {one.value for one in _indicators(place)}
    try:
        challenges.enter(
            db(),
            place=place,
            raised=raised,
            evaluated=evaluated,
            by=person().account,
            at=now(),
            looked=bool(given["looked"]),
        )
    except FormError as error:
        return _log(place, given, error.faults), 422
    flash("The challenge is entered. The final evaluation waits until the lead has answered it.", "success")
    return redirect(url_for("evaluation.accuracy", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/accuracy/<challenge>")
@allow(*SEES)
def challenge(public_id: str, challenge: str) -> str:
    """One challenge, and for the lead the form that answers it."""
    return _one(objects.inspection(public_id, *SEES), challenge, {}, {})


@blueprint.post("/inspections/<public_id>/accuracy/<challenge>")
@allow(Role.LEAD)
def answer_challenge(public_id: str, challenge: str) -> tuple[str, int] | Response:
    """Answer one."""
    place = objects.inspection(public_id, Role.LEAD)
    given = {name: request.form.get(name, "") for name in ANSWER_FIELDS}
    try:
        challenges.answer(
            db(),
            place=place,
            public_id=challenge,
            words=given["answer"],
            figure_changed={"yes": True, "no": False}.get(given["figure_changed"]),
            by=person().account,
            at=now(),
            looked=bool(given["looked"]),
        )
    except FormError as error:
        return _one(place, challenge, given, error.faults), 422
    flash("The challenge is answered.", "success")
    return redirect(url_for("evaluation.accuracy", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/accuracy/export")
@allow(*EXPORTS)
@proved_first("Save the log of challenges")
@counted_as_work
def export_challenges(public_id: str) -> Response:
    """The log as CSV; that it was saved is in the trail."""
    place = objects.inspection(public_id, *EXPORTS)
    found = challenges.export(db(), place=place, by=person().account, at=now())
    written = io.StringIO(newline="")
    names = _names(place)
    files.write_csv(
        written,
        [_file_row(one, names) for one in found],
        banner=BANNERS.get(place.programme.data_kind, ""),
        head=audit.head_of(db(), place.inspection.id or 0),
    )
    response = make_response(written.getvalue())
    response.mimetype = "text/csv"
    name = objects.file_name(place.programme, f"{place.programme.slug}-{place.partnership.slug}-accuracy-log.csv")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def open_ones(place: Place, found: Sequence[Logged]) -> list[dict[str, str]]:
    """Open challenges as links, for the pages of the evaluation."""
    names = _names(place)
    return [
        {
            "text": f"Challenge {one.number}: {about(one, names)}, {dated.day(one.row.entered_at)}",
            "href": url_for("evaluation.challenge", public_id=place.inspection.public_id, challenge=one.row.public_id),
        }
        for one in found
        if one.is_open
    ]


def about(one: Logged, names: Mapping[str, str]) -> str:
    """What a challenge is about: a quality indicator by name, or the findings as a whole."""
    return names.get(one.row.qi, one.row.qi) if one.row.qi else WHOLE


def _indicators(place: Place) -> list[Listed]:
    return evaluations.indicators(place, objects.instrument_of(place.programme))


def _names(place: Place) -> dict[str, str]:
    return {one.value: f"{one.value} {one.label}" for one in _indicators(place)}


def _log(place: Place, given: Mapping[str, str], faults: Mapping[str, str]) -> str:
    found = challenges.log(db(), place=place)
    names = _names(place)
    roles = person().roles_in(place.inspection.id or 0)
    is_published = place.inspection.published_on is not None
    return render_template(
        "evaluation/accuracy.html",
        place=place,
        columns=COLUMNS,
        rows=[_row(place, one, names) for one in found],
        n_open=sum(one.is_open for one in found),
        enters=Role.COORDINATOR in roles and not is_published,
        is_published=is_published,
        exports=bool(roles & set(EXPORTS)),
        raised_by=text("raised_by", "Which post raised it?", given.get("raised_by", ""), faults.get("raised_by")),
        qi={
            "id": "qi",
            "name": "qi",
            "label": "What is it about?",
            "choices": [
                {"value": value, "label": name, "selected": given.get("qi") == value} for value, name in names.items()
            ],
            "errors": [faults["qi"]] if "qi" in faults else [],
        },
        says=text("says", "What do they say is wrong?", given.get("says", ""), faults.get("says")),
        evidence=text("evidence", "What evidence do they give?", given.get("evidence", ""), faults.get("evidence")),
        **_watched(given, faults, ("raised_by", "says", "evidence")),
    )


def _one(place: Place, public_id: str, given: Mapping[str, str], faults: Mapping[str, str]) -> str:
    found = challenges.find(db(), place=place, public_id=public_id)
    return render_template(
        "evaluation/challenge.html",
        place=place,
        number=found.number,
        facts=_facts(found, _names(place)),
        answers=found.is_open and Role.LEAD in person().roles_in(place.inspection.id or 0),
        is_open=found.is_open,
        deeds=histories.within(public_id, "challenge", inspection_id=place.inspection.id),
        answer=text("answer", "Answer", given.get("answer", ""), faults.get("answer")),
        figure_changed={
            "id": "figure_changed",
            "name": "figure_changed",
            "label": "Did a figure change?",
            "choices": [
                {"value": value, "label": label, "selected": given.get("figure_changed") == value}
                for value, label in CHANGED.items()
            ],
            "errors": [faults["figure_changed"]] if "figure_changed" in faults else [],
        },
        **_watched(given, faults, ("answer",)),
    )


def _watched(given: Mapping[str, str], faults: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
    """What a form whose texts are watched for names needs besides its fields."""
    is_asked = bool(faults) and bool(identifying.signs_in("\n".join(given.get(name, "") for name in names)))
    looked = {"id": "looked", "name": "looked", "label": LOOKED, "checked": bool(given.get("looked"))}
    return {
        "looked": looked if is_asked else None,
        "signs": signs(),
        "errors": [{"text": says, "href": f"#{name}"} for name, says in faults.items()],
    }


def _row(place: Place, one: Logged, names: Mapping[str, str]) -> list[object]:
    row = one.row
    href = url_for("evaluation.challenge", public_id=place.inspection.public_id, challenge=row.public_id)
    standing = {"status": "Open", "kind": "waiting"} if one.is_open else {"status": "Answered", "kind": "done"}
    answered = {"text": row.answer, "hint": CHANGED["yes" if row.figure_changed else "no"]}
    return [
        {"text": about(one, names), "href": href, "hidden": f"(challenge {one.number})"},
        row.says,
        row.raised_by,
        dated.day(row.entered_at),
        standing,
        "Not answered yet" if one.is_open else answered,
    ]


def _facts(one: Logged, names: Mapping[str, str]) -> list[dict[str, str]]:
    row = one.row
    found = [
        {"key": "About", "value": about(one, names)},
        {"key": "Raised by", "value": row.raised_by},
        {"key": "What is said to be wrong", "value": row.says},
        {"key": "Evidence", "value": row.evidence or "None given"},
        {"key": "Entered", "value": f"{dated.moment(row.entered_at)}, by {one.entered_by}"},
    ]
    if row.answered_at is not None:
        found += [
            {"key": "Answer", "value": row.answer},
            {"key": "Did a figure change?", "value": CHANGED["yes" if row.figure_changed else "no"]},
            {"key": "Answered", "value": f"{dated.moment(row.answered_at)}, by {one.answered_by}"},
        ]
    return found


def _file_row(one: Logged, names: Mapping[str, str]) -> files.ChallengeRow:
    row = one.row
    return files.ChallengeRow(
        number=str(one.number),
        about=about(one, names),
        raised_by=row.raised_by,
        says=row.says,
        evidence=row.evidence,
        entered=row.entered_at.date().isoformat(),
        entered_by=one.entered_by,
        answer=row.answer,
        figure_changed="" if row.figure_changed is None else "yes" if row.figure_changed else "no",
        answered=row.answered_at.date().isoformat() if row.answered_at else "",
        answered_by=one.answered_by,
    )
