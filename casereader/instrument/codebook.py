"""What an instrument asks and how answers become figures, one entry per part: for the codebook page and exports."""

from __future__ import annotations

from dataclasses import dataclass

from casereader.instrument.model import Choice, Instrument, Part

_KINDS = {
    "six": "Six-point scale",
    "ypn": "Yes, in part or no",
    "freq": "Frequency",
    "diff": "Difference made",
    "presence": "Presence",
    "pick": "One from a list",
    "count": "Number",
    "text": "Text",
    "topic": "Topic with text",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything about one part, in words; `asked` and `refused` are conditions as the file writes them."""

    key: str
    section: str
    section_title: str
    question: str
    label: str
    text: str
    kind: str
    answers: tuple[Choice, ...]
    bounds: str
    required: bool
    asked: str
    grounds: tuple[str, ...]
    refused: str
    quality_indicator: str
    is_headline: bool


def codebook(instrument: Instrument) -> tuple[Entry, ...]:
    """One entry per part, in the instrument's order."""
    return tuple(_entry(instrument, instrument.part(key)) for key in instrument.parts)


def _entry(instrument: Instrument, part: Part) -> Entry:
    section = instrument.section(part.section)
    scale = part.scale
    bounds = ""
    if scale.kind == "count":
        bounds = f"{scale.minimum:,} to {scale.maximum:,}"
    elif scale.kind == "text":
        bounds = f"up to {scale.longest:,} characters"
    return Entry(
        key=part.key,
        section=section.id,
        section_title=section.title,
        question=part.question,
        label=part.label,
        text=part.text,
        kind=_KINDS[scale.kind],
        answers=part.choices,
        bounds=bounds,
        required=part.required,
        asked="" if part.shown is None else str(part.shown),
        grounds=tuple(ground.label for ground in (*part.na_grounds, *part.cbe_grounds)),
        refused="" if part.na_refused is None else str(part.na_refused),
        quality_indicator=part.qi or "",
        is_headline=section.headline == part.key,
    )
