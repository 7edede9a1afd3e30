"""Pair moderation as pages show it: what a local reviewer changed, and what the two talked over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from casereader import dated
from casereader.instrument import Answer, Instrument
from casereader.readings import ChangedAnswer, TalkedOver
from casereader.web.answers.questions import title_of, words_of


def changed(
    instrument: Instrument, found: Sequence[ChangedAnswer], *, keys: Collection[str] | None = None
) -> list[dict[str, str]]:
    """The changed answers (of these keys) in the instrument's order, in words; nobody else is told the minutes."""
    by_key = {one.key: one for one in found}
    return [
        {
            "code": instrument.part(key).code,
            "name": title_of(instrument, instrument.part(key)),
            "before": _words(instrument, key, by_key[key].before),
            "after": _words(instrument, key, by_key[key].after),
            "also": f"Also changed: {', '.join(by_key[key].also)}" if by_key[key].also else "",
        }
        for key in instrument.parts
        if key in by_key and (keys is None or key in keys) and instrument.part(key).filled_from != "minutes"
    ]


def kept(
    instrument: Instrument, found: Sequence[TalkedOver], *, keys: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Each pair moderation, with what was changed by then (of these keys)."""
    return [
        {
            "who": one.who,
            "when": dated.moment(one.at),
            "talked_over": one.talked_over,
            "changed": changed(instrument, one.changed, keys=keys),
        }
        for one in found
    ]


def _words(instrument: Instrument, key: str, value: str | None) -> str:
    return words_of(instrument.part(key), Answer(value)) or "Not answered"
