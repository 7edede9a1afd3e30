"""A section of the reading form as a browser posts it: read without guessing, each field once."""

from __future__ import annotations

import re

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Answers, Instrument, Section, points_to
from casereader.readings import NOTES, STORY, Change, Notes

MOST_FIELDS = 1000
KEEP_BOTH = "both"
OURS = frozenset({"csrf_token", "version", "go", "keep", NOTES, STORY})
SUFFIXES = ("note", "sources", "ground", "discuss", "see")
LIKE_A_KEY = re.compile(r"[A-Z][0-9]+(\.[a-z0-9_]+)?(__[a-z]+)?", re.ASCII)


def version_in(form: MultiDict[str, str]) -> int:
    """The version the page was made from; 400 when it is missing or none."""
    text = only(form, "version") or ""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII):
        raise BadRequest
    return int(text)


def changes_in(
    form: MultiDict[str, str], instrument: Instrument, section: Section, answers: Answers
) -> tuple[dict[str, Change], dict[str, list[str]]]:
    """What the posted section says about each of its parts, and the fields that name no question of the instrument.

    A browser leaves a group out in which nothing is picked, so a value left out stays as it is. 400 where a field that
    has one value comes twice; 413 for too many fields.
    """
    if sum(len(values) for values in form.listvalues()) > MOST_FIELDS:
        raise RequestEntityTooLarge
    changes: dict[str, Change] = {}
    known = set(OURS)
    both: dict[str, list[str]] = {}
    for part in section.parts:
        key = part.key
        known |= {key, *(f"{key}__{suffix}" for suffix in SUFFIXES)}
        change = _change(form, key)
        if form.get(f"{key}__see", "").strip() and points_to(change.get("note", "")) is None:
            both[key] = ["Give a note of its own, or name the question whose note serves this one: not both."]
        stored = answers.get(key)
        value = (change.get("value") or "").strip() if "value" in change else (stored.value if stored else None)
        if "ground" in change and value not in (NOT_APPLICABLE, CANNOT_BE_EVALUATED):
            change["ground"] = None  # left over from another answer: a page without scripts cannot clear it
        if change:
            changes[key] = change
    return changes, {**_unknown(form.keys() - known, instrument), **both}


def notes_in(form: MultiDict[str, str], held: Notes) -> dict[str, Change]:
    """What was posted of the notes pane, by key; where both are to be kept, what is `held` stands above it."""
    found: dict[str, Change] = {}
    for key, stored in ((NOTES, held.notes), (STORY, held.story)):
        if (text := only(form, key)) is None:
            continue
        is_both = only(form, "keep") == KEEP_BOTH and stored and text.replace("\r\n", "\n") != stored
        found[key] = {"value": f"{stored}\n\n{text}" if is_both else text}
    return found


def _change(form: MultiDict[str, str], key: str) -> Change:
    change: Change = {}
    if (value := only(form, key)) is not None:
        change["value"] = value
    if (ground := only(form, f"{key}__ground")) is not None:
        change["ground"] = ground
    if (note := only(form, f"{key}__note")) is not None:
        see = " ".join((only(form, f"{key}__see") or "").split())
        if see and (not note.strip() or points_to(note) is not None):
            note = f"see {see}"  # one note for several questions is said by pointing to it
        # The note is there whenever the panel is: ticks that are left out were taken away.
        change["note"] = note
        change["sources"] = tuple(form.getlist(f"{key}__sources"))
        change["discuss"] = bool(only(form, f"{key}__discuss"))
    return change


def only(form: MultiDict[str, str], name: str) -> str | None:
    """The one value of a field, None where it is not sent; 400 where it comes twice."""
    values = form.getlist(name)
    if len(values) > 1:
        raise BadRequest
    return values[0] if values else None


def _unknown(names: set[str], instrument: Instrument) -> dict[str, list[str]]:
    """Fields that look like answers but to no question are faults; any others are passed over."""
    answers = [name for name in sorted(names) if LIKE_A_KEY.fullmatch(name) or instrument.has(name)]
    return {name: [f"“{name[:60]}” is not a question of this page."] for name in answers}
