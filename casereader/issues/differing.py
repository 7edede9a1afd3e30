"""What in an issue reads otherwise than in the one that it replaces; of what is published alone, so that it is safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from casereader.disclosure import Figure, Policy
from casereader.issues.reading_notes import stands_alike
from casereader.models import Issue

Content = Mapping[str, Any]


def differs(session: Session, row: Issue) -> list[str]:
    """In sentences; none where only the note of correction is new. The issue must replace another."""
    before, now = session.get_one(Issue, row.replaces_id).content, row.content
    said = (
        ("Records read", _otherwise(_read(before), _read(now))),
        ("Evaluations", _otherwise(_evaluated(before), _evaluated(now))),
        ("Figures of the questions", _asked(before, now)),
    )
    found = [f"{what}: {', '.join(names)}." for what, names in said if names]
    new = set(now["notes"]) ^ set(before["notes"])
    if new - {stands_alike(Policy.of(row.policy))}:
        found.append("The notes on how to read the figures.")
    return found


def _asked(before: Content, now: Content) -> list[str]:
    return list(dict.fromkeys(name.partition(" · ")[0] for name in _otherwise(_figures(before), _figures(now))))


def _otherwise(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    return [name for name in dict.fromkeys([*before, *now]) if before.get(name) != now.get(name)]


def _read(content: Content) -> dict[str, object]:
    return {one["partnership"]: (one["from"], one["to"], one["read"]) for one in content["inspections"]}


def _evaluated(content: Content) -> dict[str, object]:
    return {f"{one['qi']} {one['label']}": one["rating"] for one in content["evaluations"]}


def _figures(content: Content) -> dict[str, object]:
    figures = map(Figure.of, content["findings"]["figures"])
    return {one.id: (one.records, one.share, one.scale) for one in figures}
