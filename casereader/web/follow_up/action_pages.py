"""What the pages of actions have in common: an action and its steps as rows, and the fields of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import url_for
from markupsafe import Markup

from casereader import actions, dated, identifying
from casereader.actions import Followed, StepTaken
from casereader.exports.actions import ActionRow
from casereader.instrument import Instrument
from casereader.models import Action
from casereader.vocabulary import ActionState
from casereader.web.follow_up.concern_pages import text
from casereader.web.forms.days import DATE_FORMATS

STATE_KINDS = {
    ActionState.RECORDED: "not-started",
    ActionState.GIVEN: "in-progress",
    ActionState.DONE: "waiting",
    ActionState.CLOSED: "done",
}
TOLD = {
    ActionState.GIVEN: "Given. It is marked late from the day after its date on.",
    ActionState.DONE: "Recorded as done. Close it once you have seen that it is.",
    ActionState.CLOSED: "Closed.",
}
STEP_LABELS = {
    ActionState.GIVEN: "It is given to somebody with a date",
    ActionState.DONE: "The partnership reports that it is done",
    ActionState.CLOSED: "It is closed",
}
STEP_HINTS = {
    "given": "Fill in to whom, and by when.",
    "done": "Say what was reported, and when.",
    "closed": "Say what you saw that shows it done, or why it need not be done.",
}
AGAIN = "It is given again, to somebody else or with another date"
NO_DAY = "No date yet"
LOOKED = "I looked: no text here names a child, a member of a family or a worker"


def row(one: Followed, today: date) -> list[object]:
    """An action in the list of its inspection."""
    action, inspection = one.action, one.place.inspection
    href = url_for("actions.show", public_id=inspection.public_id, action=action.public_id)
    return [
        {"text": one.case_ref, "href": href, "hidden": f"(action {action.id})"},
        action.what,
        action.given_to or "Nobody yet",
        dated.day(action.due_on) if action.due_on else NO_DAY,
        standing(one, today),
        last_step(one),
    ]


def own_row(one: Followed, today: date) -> list[object]:
    """An action in the list of its reading, for whoever reads it."""
    action = one.action
    due = dated.day(action.due_on) if action.due_on else NO_DAY
    return [action.what, action.given_to or "Nobody yet", due, standing(one, today), last_step(one)]


def file_row(one: Followed, today: date) -> ActionRow:
    """An action as the partnership is given it."""
    action = one.action
    last = one.steps[-1].row if one.steps else None
    return ActionRow(
        case_ref=one.case_ref,
        what=action.what,
        given_to=action.given_to,
        due=action.due_on.isoformat() if action.due_on else "",
        state=f"{action.state.capitalize()}{', late' if one.is_late(today) else ''}",
        last_step=last_step(one),
        last_step_on=(last.at if last else action.raised_at).date().isoformat(),
    )


def standing(one: Followed, today: date) -> dict[str, str]:
    """Where it stands; a late one says so in words."""
    if one.is_late(today):
        return {"status": "Late", "kind": "attention"}
    return {"status": one.action.state.capitalize(), "kind": STATE_KINDS[one.action.state]}


def last_step(one: Followed) -> str:
    """The last step in words."""
    return _words(one.steps[-1]) if one.steps else "Recorded"


def step_row(step: StepTaken) -> list[object]:
    """One step in the history."""
    state = step.row.state
    standing = {"status": state.capitalize(), "kind": STATE_KINDS[state]}
    return [dated.moment(step.row.at), standing, step.who, _words(step)]


def facts(one: Followed, instrument: Instrument, today: date) -> list[dict[str, str]]:
    """What it says, as rows of a summary."""
    action = one.action
    labels = {question.id: f"{question.id} {question.label}" for question in instrument.questions}
    state = action.state.capitalize()
    return [
        {"key": "Record", "value": one.case_ref},
        {"key": "What must be put right", "value": action.what},
        {"key": "Question it came from", "value": labels.get(action.key or "", action.key or "The whole reading")},
        {"key": "Stands", "value": f"{state}, and late" if one.is_late(today) else state},
        {"key": "Given to", "value": action.given_to or "Nobody yet"},
        {"key": "Due", "value": dated.day(action.due_on) if action.due_on else NO_DAY},
        {"key": "Recorded", "value": f"{dated.moment(action.raised_at)}, by {one.recorded_by}"},
    ]


def record_fields(instrument: Instrument, given: Mapping[str, str], faults: Mapping[str, str]) -> dict[str, Any]:
    """The fields of the form that records one, and what is wrong with it."""
    return {
        "what": text("what", "What must be put right?", given.get("what", ""), faults.get("what")),
        "question": {
            "id": "question",
            "name": "question",
            "label": "The question it came from, if it was one",
            "choices": [
                {"value": one.id, "label": f"{one.id} {one.label}", "selected": given.get("question") == one.id}
                for one in instrument.questions
            ],
            "errors": [faults["question"]] if "question" in faults else [],
        },
        "looked": looked(given, faults),
        "errors": [{"text": says, "href": f"#{name}"} for name, says in faults.items()],
    }


def next_steps(state: ActionState, given: Mapping[str, str], faults: Mapping[str, str]) -> dict[str, Any]:
    """The steps that may follow, as radio buttons."""
    to = actions.NEXT[state]
    return {
        "id": "to",
        "name": "to",
        "label": "Where does it stand now?",
        "choices": [
            {
                "value": one.value,
                "label": AGAIN if one is ActionState.GIVEN and state is not ActionState.RECORDED else STEP_LABELS[one],
                "selected": given.get("to", to[0].value) == one.value,
                "hint": STEP_HINTS[one.value],
            }
            for one in to
        ],
        "errors": [faults["to"]] if "to" in faults else [],
    }


def looked(given: Mapping[str, str], faults: Mapping[str, str]) -> dict[str, object] | None:
    """The box to tick where a text looks as if it named somebody; none where nothing does."""
    texts = "\n".join(given.get(name, "") for name in ("what", "said", "given_to"))
    if not faults or not identifying.signs_in(texts):
        return None
    return {"id": "looked", "name": "looked", "label": LOOKED, "checked": bool(given.get("looked"))}


def signs() -> Markup:
    """The signs of a child for the page to watch its texts by."""
    return Markup(identifying.signs_text().replace("<", "\\u003c"))  # noqa: S704 - JSON that cannot end its element


def told(action: Action) -> str:
    """What the page says once a step is taken."""
    return TOLD[action.state]


def day(written: str) -> date | None:
    """The day that was typed, as ISO or day first; None where it is none."""
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(written.strip(), form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def as_typed(written: str | None, due_on: date | None) -> str:
    """What stands in the field of the date: what was typed, as a date field shows it, or the date agreed before."""
    if written is None:
        return due_on.isoformat() if due_on else ""
    typed = day(written)
    return typed.isoformat() if typed else written


def _words(step: StepTaken) -> str:
    row = step.row
    if row.state is not ActionState.GIVEN or row.due_on is None:
        return row.said
    given = f"Given to {row.given_to}, due {dated.day(row.due_on)}."
    return f"{given} {row.said}".strip()
