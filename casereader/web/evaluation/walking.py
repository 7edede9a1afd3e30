"""From a figure to its readings, for whoever may read them: a moderator or the lead of the inspection."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from casereader.instrument import Instrument, Part
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web.access import person
from casereader.web.evaluation.cells import Row, figure_cells

READS = (Role.LEAD, Role.MODERATOR)
BACK = {
    "main": ("evaluation.rollup", "Roll-up"),
    "indicators": ("evaluation.indicators", "By quality indicator"),
    "groups": ("evaluation.groups", "By group of children"),
    "themes": ("evaluation.themes", "Themes and relationships"),
    "evaluation": ("evaluation.indicator", "Evaluation"),
}
"""The pages with counts that lead to readings, by the word that stands for each in an address; else it is a section."""


def may_read(place: Place) -> bool:
    """Whether the person may go from the figures of an inspection to its readings and notes."""
    return bool(person().roles_in(place.inspection.id or 0) & set(READS))


def walked(place: Place, row: Row, *, by: str = "") -> list[object]:
    """`figure_cells` of a row, its count a link to the records that it counts."""
    share, k_of_n, said = figure_cells(row)
    if not row["n"] or not may_read(place):
        return [share, k_of_n, said]
    href = readings_href(place, row["question"], by=by, level=row["level"])
    return [share, {"text": k_of_n, "href": href}, said]


def counted(place: Place, key: str, k: int, n: int) -> dict[str, str]:
    """“k of n”, a link to the records of the inspection that answer the part, for whoever may read them."""
    says = f"{k:,} of {n:,}"
    return {"text": says} | ({"href": readings_href(place, key)} if n and may_read(place) else {})


def readings_href(place: Place, key: str, *, by: str = "", level: str = "", value: str = "") -> str:
    """The page of the records that answer a part, of one group or with one answer."""
    public_id = place.inspection.public_id
    return url_for(
        "evaluation.readings",
        public_id=public_id,
        question=key,
        by=by or None,
        level=level or None,
        value=value or None,
        back=_back(),
    )


def came_from(place: Place, instrument: Instrument, part: Part) -> dict[str, str]:
    """The page of figures that the person came from: one that the address names, else that of the section."""
    public_id = place.inspection.public_id
    name = _back()
    if name not in BACK or (name == "evaluation" and not part.qi):
        title = instrument.section(part.section).title
        href = url_for("evaluation.section", public_id=public_id, section=part.section)
        return {"href": href, "text": f"{title}: figures"}
    endpoint, text = BACK[name]
    given: dict[str, Any] = (
        {"qi": part.qi} if name == "evaluation" else {"by": request.args.get("by")} if name == "groups" else {}
    )
    return {
        "href": url_for(endpoint, public_id=public_id, **given),
        "text": f"{text} {part.qi}" if name == "evaluation" else text,
    }


def _back() -> str | None:
    """The word for the page that is shown, or that was come from; nothing but a word of `BACK` is taken."""
    here = {endpoint: name for name, (endpoint, _) in BACK.items()}.get(request.endpoint or "")
    given = request.args.get("back", "")
    return here or (given if given in BACK else None)


def with_figures(place: Place, instrument: Instrument, sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers of a counting reading as its page lists them, each with the figure that it counts in."""
    for section in sections:
        for row in section["rows"]:
            part = instrument.part(row["of"])
            row["figure"] = readings_href(place, part.key) if part.choices and row["is_answered"] else ""
    return sections
