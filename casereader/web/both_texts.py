"""What was typed in a page that is no longer the newest, beside what is stored: nothing of either is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from casereader.instrument import Answer, Instrument, tidied
from casereader.readings import Change
from casereader.web.questions import slug, title_of, words_of


def typed(before: Mapping[str, Answer], changes: Mapping[str, Change]) -> dict[str, Answer]:
    """The answers as they stand on the page that was sent, the refused ones too; a page cannot hold NUL."""
    given = {key: replace(before.get(key, Answer(None)), **change) for key, change in changes.items()}
    shown = {key: replace(one, value=_shown(one.value), note=_shown(one.note) or "") for key, one in given.items()}
    return {**before, **shown}


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
