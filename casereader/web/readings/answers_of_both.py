"""Where people are told that answers wait for their choice: changed at the office and on the laptop.

Of a reading that is not handed in its reader chooses, of one that is whoever moderates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from casereader import packing
from casereader.programmes.inspections import Place
from casereader.readings import Opened
from casereader.vocabulary import Role
from casereader.web.access import person
from casereader.web.request_session import db

BOTH = "changed at the office and on the laptop"
MODERATES = frozenset({Role.LEAD, Role.MODERATOR})
IN, MANY_IN = "a reading that is handed in", "readings that are handed in"


@dataclass(frozen=True)
class ToChoose:
    """How many answers of my open readings of one inspection wait for me, and where I choose."""

    where: str
    n: int
    href: str

    @property
    def says(self) -> str:
        """What is to be done."""
        return _says(self.n)


def to_choose(mine: Sequence[Opened]) -> tuple[list[ToChoose], dict[int, int]]:
    """By inspection, and how many of each reading; nothing where none waits."""
    counts = packing.to_choose(db(), reading_ids=[one.key for one in mine if one.is_open])
    found: dict[str, tuple[str, int]] = {}
    for opened in mine:
        if n := counts.get(opened.key):
            key = opened.place.inspection.public_id
            found[key] = (opened.place.name, found.get(key, ("", 0))[1] + n)
    pages = [ToChoose(name, n, url_for("offline_weeks.show", public_id=key)) for key, (name, n) in found.items()]
    return pages, counts


def for_home(mine: Sequence[Opened]) -> list[dict[str, object]]:
    """Before the readings themselves: the inspection is not packed again until all are chosen."""
    text = f"They were {BOTH}: one of the two stands until you choose."
    one_text = f"It was {BOTH}: one of the two stands until you choose."
    return [
        {"where": one.where, "heading": one.says, "text": one_text if one.n == 1 else text, "href": one.href}
        for one in to_choose(mine)[0]
    ]


def moderated_for_home(places: Sequence[Place]) -> list[dict[str, object]]:
    """Of readings that are handed in, for whoever moderates: the inspection is not packed again before."""
    mine = [key for place in places if person().roles_in(key := place.inspection.id or 0) & MODERATES]
    waiting = packing.to_moderate(db(), inspection_ids=mine, account=person().account) if mine else {}
    return [
        {
            "where": place.name,
            "heading": _says(n),
            "text": f"{'It was' if n == 1 else 'They were'} {BOTH}, in {IN if n == 1 else MANY_IN}: one of the two"
            " stands until you or another who moderates chooses, and the inspection is not packed before.",
            "href": url_for("offline_weeks.show", public_id=place.inspection.public_id),
        }
        for place in places
        if (n := waiting.get(place.inspection.id or 0))
    ]


def _says(n: int) -> str:
    return "Choose between two texts of " + ("an answer" if n == 1 else f"{n} answers")
