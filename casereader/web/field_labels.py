"""What a field of a form is called on its page, for pages that show what somebody sent and that could not be taken."""

from __future__ import annotations

import re

OF_A_CONCERN = {
    "told_whom": "Whom did you tell, or try to?",
    "told_name": "Name, if somebody else or more than one",
    "told_how": "How did you tell them?",
    "told_when": "When did you tell them, or try to?",
    "kind": "What is it?",
    "seen": "What did you see in the record?",
    "needed": "What is needed now?",
}
OF_A_STEP = {
    "to": "Where does it stand now?",
    "done": "What was done, by whom, and what was answered?",
    "partnership_ref": "The partnership’s own reference",
}
OF_A_FORM = {
    "concerns.raise_it": OF_A_CONCERN,
    "concerns.follow": OF_A_STEP,
    "searching.ask": {"words": "Reference or name"},
}
# Many forms have a field of these names, and each asks for it in words of its own.
OF_MANY = {
    "_story": "The child’s story",
    "_notes": "Running notes",
    "case_ref": "Reference of the case",
    "due_on": "By when",
    "given_to": "To whom it is given",
    "said": "What was done, seen or said",
    "talked_over": "What did you talk over?",
    "what": "What must be put right?",
}
# What pages know by, and nobody typed; but where the form of the request asks for it by that name, somebody did.
MARKS = frozenset({"mark", "seen", "version", "keep_signs"})
_ANSWER = re.compile(r"([A-Z][0-9]+(?:\.[a-z0-9_]+)?)__([a-z]+)", re.ASCII)


def label_of(name: str, *, endpoint: str | None) -> str:
    """The words beside a field, in the form that is sent to `endpoint`."""
    label = OF_A_FORM.get(endpoint or "", {}).get(name) or OF_MANY.get(name)
    if label:
        return label
    if answer := _ANSWER.fullmatch(name):
        return f"{answer[1]}, {answer[2]}"
    said = " ".join(name.split("_")).strip()
    return said[:1].upper() + said[1:]


def is_typed(name: str, *, endpoint: str | None) -> bool:
    """Whether somebody may have typed or picked it."""
    return name not in MARKS or name in OF_A_FORM.get(endpoint or "", {})
