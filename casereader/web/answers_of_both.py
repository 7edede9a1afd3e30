"""Where a reader is told that answers of theirs wait for a choice: changed at the office and on the laptop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from casereader import packing
from casereader.readings import Opened
from casereader.web.request_session import db

BOTH = "changed at the office and on the laptop"


@dataclass(frozen=True)
class ToChoose:
    """How many answers of my open readings of one inspection wait for me, and where I choose."""

    where: str
    n: int
    href: str

    @property
    def says(self) -> str:
        """What is to be done."""
        return "Choose between two texts of " + ("an answer" if self.n == 1 else f"{self.n} answers")


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
