"""The way from a checked list to a drawn sample, step by step: who did it, when, and what is fixed since."""

from __future__ import annotations

from casereader import dated
from casereader.drawing import draws, plans
from casereader.in_waves import waves
from casereader.models import DrawRecord, SamplingPlan
from casereader.programmes.inspections import Place
from casereader.web.drawing.plan_page import name_of
from casereader.web.request_session import db


def way_of(place: Place) -> list[dict[str, str]]:
    """The four steps for `steps.steps`, each with what is known of it."""
    plan = plans.current(db(), inspection=place.inspection)
    record = draws.current(db(), inspection=place.inspection)
    steps = [_fixed(plan), _confirmed(plan), _told(plan, record), _drawn(record)]
    states = [bool(each["is_done"]) for each in steps]
    first = states.index(False) if False in states else len(states)
    return [
        {
            "text": str(each["text"]),
            "hint": str(each["hint"]),
            "state": "done" if at < first else "now" if at == first else "later",
        }
        for at, each in enumerate(steps)
    ]


def _fixed(plan: SamplingPlan | None) -> dict[str, object]:
    in_waves = waves.rule_of(plan) is not None
    if plan is None or plan.committed_at is None:
        hint = "Then neither the list nor the plan changes any more."
        return {"text": "Fix list and plan", "hint": hint, "is_done": False}
    hint = (
        f"By {name_of(plan.committed_by_id)}, {dated.moment(plan.committed_at)}. Fixed since: every case and its "
        "stratum, by the commitment; sizes, reserves, second readings, "
        f"{'the rule of the waves, ' if in_waves else ''}comparison group, questionnaire and the source of the public "
        "value, by the digest of the plan."
    )
    return {"text": "Fix list and plan", "hint": hint, "is_done": True}


def _confirmed(plan: SamplingPlan | None) -> dict[str, object]:
    text = "Confirm as a second person"
    if plan is None or plan.confirmed_at is None:
        return {
            "text": text,
            "hint": "A lead who did not fix them. Until then they can be opened again.",
            "is_done": False,
        }
    hint = (
        f"By {name_of(plan.confirmed_by_id)}, {dated.moment(plan.confirmed_at)}. Nobody can open list and plan again."
    )
    return {"text": text, "hint": hint, "is_done": True}


def value_in_words(plan: SamplingPlan) -> str:
    """Where the public value comes from, and when: a sentence."""
    due = plan.public_value_due_at
    when = f"due {dated.moment(due)}" if due is not None else "made in front of both sides after confirmation"
    return f"{plan.public_value_source.strip().rstrip('.')}; {when}."


def _told(plan: SamplingPlan | None, record: DrawRecord | None) -> dict[str, object]:
    text = "Enter the public value"
    if record is not None:
        hint = f"{record.public_value}. The seed follows from it, the commitment and the plan: nobody chose it."
        return {"text": text, "hint": hint, "is_done": True}
    if plan is None or plan.committed_at is None:
        return {"text": text, "hint": "Nobody can know it before list and plan are confirmed.", "is_done": False}
    return {"text": text, "hint": value_in_words(plan), "is_done": False}


def _drawn(record: DrawRecord | None) -> dict[str, object]:
    text = "Draw"
    if record is None:
        return {"text": text, "hint": "Once. The certificate lets anybody draw it again.", "is_done": False}
    by = f"By {name_of(record.drawn_by_id)}, {dated.moment(record.drawn_at)}."
    hint = f"{by} Fixed since: which cases, and in which order."
    return {"text": text, "hint": hint, "is_done": True}
