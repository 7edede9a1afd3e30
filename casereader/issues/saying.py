"""How a published figure reads, on the page, on paper and in a file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casereader.disclosure import Figure, Form, Shown
from sampling.digest import canonical_json

NOT_SHOWN = "not shown"


@dataclass(frozen=True)
class Reads:
    """A figure in words: on how many records it rests, and how many of them count."""

    records: str
    share: str


def reads(figure: Figure) -> Reads:
    """The figure as it is printed."""
    return Reads(_records(figure.records), _share(figure))


def scale_of(figure: Figure, choices: Mapping[str, str]) -> str:
    """The division over the scale, one answer after the other; blank where there is none."""
    if all(count is None for _, count in figure.scale):
        return ""
    said = (
        f"{choices.get(value, value)}: {NOT_SHOWN if count is None else f'about {count}'}"
        for value, count in figure.scale
    )
    return "; ".join(said)


def as_json(content: Mapping[str, Any]) -> bytes:
    """What is published, byte for byte the same as long as it says the same."""
    return canonical_json(dict(content)) + b"\n"


def _records(form: Form) -> str:
    match form.shown:
        case Shown.COUNT:
            return f"about {form.number}"
        case Shown.AT_LEAST:
            return f"at least {form.number}"
        case _:
            return NOT_SHOWN


def _share(figure: Figure) -> str:
    form = figure.share
    match form.shown:
        case Shown.COUNT:
            beside = f" ({form.percent} %)" if form.percent is not None else ""
            return f"about {form.number}{beside}: {_possibly(form)}"
        case Shown.WORD:
            return _possibly(form)
        case Shown.RANGE:
            joined = " or " if len(form.words) == 2 else " to "
            return f"{'' if len(form.words) == 2 else 'from '}{form.words[0]}{joined}{form.words[-1]}"
        case _:
            return NOT_SHOWN


def _possibly(form: Form) -> str:
    also = f", possibly {' or '.join(form.also)}" if form.also else ""
    return f"{form.words[0]}{also}"
