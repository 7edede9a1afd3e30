"""How a published figure reads, on the page, on paper and in a file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casereader.disclosure import Figure, Form, Shown
from casereader.disclosure.findings import WHOLE
from casereader.disclosure.forms import range_of
from casereader.words import read_out
from sampling.digest import canonical_json

NOT_SHOWN = "not shown"
SUPPRESSED = "[c]"  # in tables to take away, as government statistics guidance has it


@dataclass(frozen=True)
class Reads:
    """A figure in words: on how many records it rests, and how many of them count."""

    records: str
    share: str


def reads(figure: Figure, *, hidden: str = NOT_SHOWN) -> Reads:
    """The figure as it is printed; `hidden` stands for what is not shown."""
    return Reads(records_of(figure.records, hidden=hidden), _share(figure, hidden))


def why_not_shown(content: Mapping[str, Any]) -> str:
    """The published note that says why there is no number; blank in issues of old."""
    return next((note for note in content["notes"] if SUPPRESSED in note), "")


def is_divided(content: Mapping[str, Any], figure: Figure) -> bool:
    """Whether a figure is of a group, or of one partnership in a programme's issue."""
    return figure.domain != WHOLE or bool(figure.inspection and not content["partnership"])


def scale_of(figure: Figure, choices: Mapping[str, str], *, hidden: str = NOT_SHOWN) -> str:
    """The division over the scale, one answer after the other; blank where there is none."""
    if all(count is None for _, count in figure.scale):
        return ""
    said = (
        f"{choices.get(value, value)}: {hidden if count is None else f'about {count}'}" for value, count in figure.scale
    )
    return "; ".join(said)


def as_json(content: Mapping[str, Any]) -> bytes:
    """What is published, byte for byte the same as long as it says the same."""
    return canonical_json(dict(content)) + b"\n"


def records_of(form: Form, *, hidden: str = NOT_SHOWN) -> str:
    """The number of records as it is printed."""
    match form.shown:
        case Shown.COUNT:
            return f"about {form.number}"
        case Shown.AT_LEAST:
            return f"at least {form.number}"
        case _:
            return hidden


def words_of(form: Form, *, hidden: str = NOT_SHOWN) -> str:
    """How many count, in words alone."""
    if form.shown is Shown.RANGE:
        return range_of(form.words)
    return form.words[0] if form.words else hidden


def _share(figure: Figure, hidden: str) -> str:
    form = figure.share
    also = f", possibly {read_out(form.also, 'or')}" if form.also else ""
    said = f"{words_of(form, hidden=hidden)}{also}"
    if form.shown is not Shown.COUNT:
        return said
    beside = f" ({form.percent}%)" if form.percent is not None else ""
    return f"about {form.number}{beside}: {said}"
