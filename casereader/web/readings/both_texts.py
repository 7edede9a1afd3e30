"""What was typed in a page that is no longer the newest, beside what is stored: nothing of either is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from casereader.instrument import Answer, Instrument, tidied
from casereader.readings import NOTES, STORY, Change, Notes
from casereader.web.answers.questions import slug, title_of, words_of

NAMES = {NOTES: "Running notes", STORY: "The child’s story"}


def typed(before: Mapping[str, Answer], changes: Mapping[str, Change]) -> dict[str, Answer]:
    """The answers as they stand on the page that was sent, the refused ones too; a page cannot hold NUL."""
    given = {key: replace(before.get(key, Answer(None)), **change) for key, change in changes.items()}
    shown = {key: replace(one, value=_shown(one.value), note=_shown(one.note) or "") for key, one in given.items()}
    return {**before, **shown}


def typed_notes(held: Notes, noted: Mapping[str, Change]) -> Notes:
    """The notes pane as it stands on the page that was sent."""
    texts = {NOTES: held.notes, STORY: held.story, **{key: one["value"] or "" for key, one in noted.items()}}
    return Notes(*(texts[key].replace("\0", "\ufffd").encode("utf-8", "replace").decode() for key in (NOTES, STORY)))


def differing_notes(held: Notes, noted: Mapping[str, Change]) -> list[dict[str, Any]]:
    """The texts of the notes pane that were typed beside those stored, where the two differ."""
    shown = typed_notes(held, noted)
    rows = []
    for key, stored, now in ((NOTES, held.notes, shown.notes), (STORY, held.story, shown.story)):
        if now.replace("\r\n", "\n") != stored:
            row = {"key": "", "name": NAMES[key], "stored": {"value": stored or "Nothing"}, "typed": {"value": now}}
            rows.append({**row, "sent": {key: now}, "is_prose": True})
    return rows


def _shown(text: str | None) -> str | None:
    return text.replace("\0", "\ufffd") if text else text


def differing(
    instrument: Instrument, before: Mapping[str, Answer], changes: Mapping[str, Change]
) -> list[dict[str, Any]]:
    """What was typed beside what is stored, where the two differ."""
    rows = []
    for key, answer in typed(before, changes).items():
        stored = before.get(key, Answer(None))
        if key not in changes or tidied(answer) == stored:
            continue
        part = instrument.part(key)
        rows.append(
            {
                "key": key,
                "code": part.code,
                "slug": slug(key),
                "name": title_of(instrument, part),
                "stored": {"value": words_of(part, stored), "note": stored.note},
                "typed": {"value": words_of(part, answer), "note": answer.note},
                "sent": {
                    key: answer.value or "",
                    f"{key}__ground": answer.ground or "",
                    f"{key}__note": answer.note,
                },
                "sources": answer.sources,
                "discuss": answer.discuss,
            }
        )
    return rows
