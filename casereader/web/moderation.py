"""Moderation: the submitted readings of an inspection, looked over, signed off and, where there are two, settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader import moderation, readings, settling
from casereader.inspections import Place
from casereader.instrument import Answers, Instrument, Part
from casereader.moderation import Pair, Submitted
from casereader.readings import answers_of, answers_of_many
from casereader.settlements import Chosen
from casereader.settling import UnsettledError
from casereader.vocabulary import ReadingKind, ReadingState, Role
from casereader.web import objects, pair_rows, reading_pages, time_spent
from casereader.web.access import allow, checks_its_own_fields, limit_body, person
from casereader.web.autosave import FIELDS, MEGABYTES
from casereader.web.clock import now
from casereader.web.questions import cells_of, slug, title_of, words_of
from casereader.web.request_session import db

blueprint = Blueprint("moderation", __name__)
MODERATES = (Role.MODERATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/moderation")
@allow(*MODERATES)
def index(public_id: str) -> str:
    """The submitted readings, those still to sign off first."""
    place = objects.inspection(public_id, *MODERATES)
    instrument = objects.instrument_of(place.programme)
    found = moderation.submitted(db(), place=place, instrument=instrument, account=person().account)
    waiting = [one for one in found if one.opened.reading.signed_off_at is None]
    may = [one for one in waiting if moderation.why_not_signed_off(one, person().account) is None]
    return render_template(
        "moderation/index.html",
        place=place,
        rows=[_row(public_id, one) for one in found],
        n_waiting=len(waiting),
        n_all=len(found),
        first=may[0] if may else None,
        n_to_lock=_to_lock(place) if not waiting else 0,
    )


@blueprint.get("/inspections/<public_id>/moderation/<reading>")
@allow(*MODERATES)
def show(public_id: str, reading: str) -> str:
    """One reading with its notes."""
    place = objects.inspection(public_id, *MODERATES)
    one = moderation.find(db(), place=place, public_id=reading, account=person().account)
    instrument = objects.instrument_of_reading(one.opened)
    answers = answers_of(db(), one.opened.key)
    return render_template(
        "moderation/reading.html",
        **reading_pages.frame(one.opened, instrument),
        one=one,
        before=readings.countersigned_before(db(), one.opened.reading),
        kept=pair_rows.kept(instrument, readings.talked_over_of(db(), one.opened.reading)),
        why_not=moderation.why_not_signed_off(one, person().account),
        twin=_twin(public_id, one),
        sections=time_spent.without_minutes(
            reading_pages.answer_rows(one.opened, instrument, answers, lacking={}, may_change=False), instrument
        ),
    )


@blueprint.post("/inspections/<public_id>/moderation/<reading>/sign-off")
@allow(*MODERATES)
def sign_off(public_id: str, reading: str) -> Response:
    """Sign it off."""
    place = objects.inspection(public_id, *MODERATES)
    moderation.sign_off(db(), place=place, public_id=reading, by=person().account, at=now())
    flash("The reading is signed off.", "success")
    return redirect(url_for("moderation.index", public_id=public_id), 303)


@blueprint.post("/inspections/<public_id>/moderation/lock")
@allow(Role.LEAD)
def lock(public_id: str) -> Response:
    """Lock every reading that is done, for good; the readers' running notes are erased."""
    place = objects.inspection(public_id, Role.LEAD)
    count = readings.lock_all(db(), place=place, by=person().account, at=now())
    whose = (
        "1 reading is locked, and its reader’s" if count == 1 else f"{count} readings are locked, and their readers’"
    )
    flash(f"{whose} running notes are erased.", "success")
    return redirect(url_for("moderation.index", public_id=public_id), 303)


@blueprint.get("/inspections/<public_id>/moderation/<reading>/settle")
@allow(*MODERATES)
def settle(public_id: str, reading: str) -> str:
    """Both readings of a case side by side, where they differ."""
    return _settling(public_id, reading, {}, {})


@blueprint.post("/inspections/<public_id>/moderation/<reading>/settle")
@allow(*MODERATES)
@limit_body(MEGABYTES, fields=FIELDS)
@checks_its_own_fields
def settle_post(public_id: str, reading: str) -> tuple[str, int] | Response:
    """Settle them into the consensus that counts."""
    place = objects.inspection(public_id, *MODERATES)
    pair = moderation.find_pair(db(), place=place, public_id=reading, account=person().account)
    instrument = objects.instrument_of_reading(pair.first)
    chosen = _chosen(instrument)
    try:
        settling.settle(
            db(),
            place=place,
            public_id=reading,
            instrument=instrument,
            chosen=chosen,
            by=person().account,
            at=now(),
        )
    except UnsettledError as error:
        return _settling(public_id, reading, chosen, error.faults), 422
    flash(
        f"The readings of {pair.first.case_ref} are settled: the consensus counts, the originals are kept.", "success"
    )
    return redirect(url_for("moderation.index", public_id=public_id), 303)


def _to_lock(place: Place) -> int:
    """How many readings this person may lock now."""
    may = Role.LEAD in person().roles_in(place.inspection.id or 0)
    return len(readings.to_lock(db(), place=place)) if may else 0


def _row(public_id: str, one: Submitted) -> list[Any]:
    reading = one.opened.reading
    kind = reading.kind.value.capitalize()
    is_blind = one.disputes is None
    is_settled = reading.state in (ReadingState.SETTLED, ReadingState.LOCKED)
    can_settle = not is_blind and reading.kind is ReadingKind.FIRST and not is_settled
    return [
        {
            "text": one.opened.case_ref,
            "href": url_for("moderation.show", public_id=public_id, reading=reading.public_id),
            "hidden": f"({kind} reading)",
        },
        kind,
        {"text": one.reader, "hint": "Declared a conflict of interest since"} if one.is_in_conflict else one.reader,
        {"status": reading.state.value.capitalize(), "kind": reading_pages.STATE_KINDS.get(reading.state, "done")},
        one.discuss,
        {
            "text": f"{one.disputes} in dispute: settle",
            "href": url_for("moderation.settle", public_id=public_id, reading=reading.public_id),
            "hidden": one.opened.case_ref,
        }
        if can_settle
        else ("" if is_blind else one.disputes),
    ]


def _twin(public_id: str, one: Submitted) -> str:
    """The address where this reading is settled with the other of its case; blank until both are in."""
    place = objects.inspection(public_id, *MODERATES)
    both = moderation.find_both(db(), place=place, public_id=one.opened.reading.public_id, account=person().account)
    if both is None or settling.why_not_settled(db(), both, person().account) is not None:
        return ""
    return url_for("moderation.settle", public_id=public_id, reading=one.opened.reading.public_id)


def _settling(public_id: str, reading: str, chosen: Mapping[str, Chosen], faults: Mapping[str, Sequence[str]]) -> str:
    place = objects.inspection(public_id, *MODERATES)
    pair = moderation.find_pair(db(), place=place, public_id=reading, account=person().account)
    instrument = objects.instrument_of_reading(pair.first)
    found = answers_of_many(db(), [pair.first.key, pair.second.key])
    first, second = found[pair.first.key], found[pair.second.key]
    differing = {
        one.part.key: one.disputed
        for one in moderation.differences(instrument, first, second, stratum=pair.first.stratum(instrument))
    }
    keys = [key for key in instrument.parts if key in differing or key in faults]
    rows = [
        _settle_row(instrument, instrument.part(key), first, second, chosen.get(key), faults.get(key, ()))
        | {"disputed": differing.get(key, False)}
        for key in keys
    ]
    return render_template(
        "moderation/settle.html",
        **reading_pages.frame(pair.first, instrument, is_of_one=False),
        pair=pair,
        rows=sorted(rows, key=lambda row: not row["disputed"]),
        why_not=_why_not(pair),
        errors=[
            {"text": f"{key}: {says}", "href": f"#c-{slug(key)}"} for key, reasons in faults.items() for says in reasons
        ],
    )


def _why_not(pair: Pair) -> str | None:
    return settling.why_not_settled(db(), pair, person().account)


def _settle_row(
    instrument: Instrument,
    part: Part,
    first: Answers,
    second: Answers,
    chosen: Chosen | None,
    errors: Sequence[str],
) -> dict[str, Any]:
    whose = chosen.whose if chosen else ""
    is_text = not part.choices
    asked = first.get(part.key), second.get(part.key)
    choices = [
        {"value": "first", "label": f"First: {words_of(part, asked[0]) or 'not answered'}"},
        {"value": "second", "label": f"Second: {words_of(part, asked[1]) or 'not answered'}"},
        {"value": "other", "label": "Another answer, with the reason"},
    ]
    if is_text and not whose:
        whose = "first" if asked[0] and asked[0].value else "second"
    grounds = {one.value: one.label for one in (*part.na_grounds, *part.cbe_grounds)}
    name = slug(part.key)
    return {
        "key": part.key,
        "name": title_of(instrument, part),
        "text": part.text,
        "notes": [
            (label, answer.note)
            for label, answer in zip(("First", "Second"), asked, strict=True)
            if answer and answer.note
        ],
        "choice": {
            "id": f"c-{name}",
            "name": f"{part.key}__choice",
            "label": f"What counts for {part.key} {title_of(instrument, part)}?",
            "choices": [{**choice, "selected": choice["value"] == whose} for choice in choices],
            "errors": list(errors),
        },
        "value": {
            "id": f"v-{name}",
            "name": part.key,
            "label": f"The other answer to {part.key}",
            "value": (chosen.value if chosen else "") or "",
            "choices": [
                {
                    "value": cell["value"],
                    "label": f"{cell['mark']} {cell['label']}".strip(),
                    "selected": bool(chosen and chosen.value == cell["value"]),
                }
                for cell in cells_of(part)
            ],
        },
        "ground": {
            "id": f"g-{name}",
            "name": f"{part.key}__ground",
            "label": f"Ground, if {part.key} is not applicable or cannot be evaluated",
            "choices": [
                {"value": value, "label": label, "selected": bool(chosen and chosen.ground == value)}
                for value, label in grounds.items()
            ],
        },
        "reason": {
            "id": f"y-{name}",
            "name": f"{part.key}__reason",
            "label": f"Why the other answer to {part.key}",
            "value": chosen.reason if chosen else "",
        },
    }


def _chosen(instrument: Instrument) -> dict[str, Chosen]:
    found: dict[str, Chosen] = {}
    for key in instrument.parts:
        whose = request.form.get(f"{key}__choice")
        if whose == "first":
            found[key] = Chosen("first")
        elif whose == "second":
            found[key] = Chosen("second")
        elif whose == "other":
            found[key] = Chosen(
                "other",
                value=request.form.get(key) or None,
                ground=request.form.get(f"{key}__ground") or None,
                reason=request.form.get(f"{key}__reason", ""),
            )
    return found
