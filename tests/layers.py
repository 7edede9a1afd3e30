"""Draws docs/layers.svg: which rooms there are, on which floor each is, and which floor imports which.

Run as `python -m tests.layers` after a room was added, moved or taken out. Nothing in the picture is set by hand but
what is at the edge and what is of the tables: every other room is on the floor that its imports put it on.
`tests/test_architecture.py` holds the file to the source.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from tests.source import ROOT, imports, modules

PATH = ROOT / "docs" / "layers.svg"
EDGES, VERBS, TABLES, PURE, GROUND, SAMPLING = FLOORS = (
    "Edges: pages and commands",
    "Verbs: what people do, one room for each noun",
    "Tables, sessions and the trail",
    "Pure: rules without a database",
    "Ground: what imports nothing of ours",
    "sampling: the library that works alone",
)
SAID = {
    EDGES: "Know Flask, the clock and who is asking. A view loads, validates, calls one verb, redirects.",
    VERBS: "Get a session, a moment and a person handed in; refuse by an error; never commit.",
    TABLES: "What is stored, how it is reached, and the session that tells the trail of every change.",
    PURE: "Same in, same out: no session, no clock, no chance.",
    GROUND: "Words with a fixed meaning, errors, places.",
    SAMPLING: "Frame, allocation, draw, certificate, estimation. Imports nothing of casereader.",
}
AT_THE_EDGE = frozenset({"app", "casereader", "casereader.web", "casereader.cli"})
OF_TABLES = frozenset(
    f"casereader.{name}"
    for name in ("models", "db", "schema", "migrations", "audit", "append_only", "away", "data_kinds", "jobs")
)
DATABASE = frozenset({"sqlmodel", "sqlalchemy", "alembic", "sqlite3", "psycopg"})

TITLE = "The floors of casereader: each imports what is below it, and nothing above"
WIDTH, RIGHT, MARGIN, LEFT, BETWEEN = 1000, 850, 20, 36, 14  # between RIGHT and WIDTH the arrows
CHIP, GAP, LETTER = 26, 8, 7.9
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1a1a1a}"
    ".floor{fill:#f2f5f9;stroke:#8896a8}.room{fill:#fff;stroke:#8896a8}"
    ".name{font-weight:600;font-size:15px}.said{fill:#444}.arrow{stroke:#1a4f8f;stroke-width:1.5;fill:none}"
)


@dataclass(frozen=True)
class Layers:
    """The floors' rooms in order, and which floor imports which."""

    rooms: Mapping[str, tuple[str, ...]]
    arrows: tuple[tuple[str, str], ...]


def layers() -> Layers:
    """The rooms and arrows as the source has them."""
    ours = modules("app.py", "sampling", "casereader")
    known = frozenset(ours)
    imported: dict[str, set[str]] = {}
    for name, path in ours.items():
        found = imports(path, known)
        imported.setdefault(room_of(name), set()).update(found - known, map(room_of, found & known))
    floor = _floors(imported)
    arrows = {(floor[room], floor[other]) for room, others in imported.items() for other in others & imported.keys()}
    return Layers(
        {each: tuple(sorted(room for room in floor if floor[room] == each)) for each in FLOORS},
        tuple(sorted(((a, b) for a, b in arrows if a != b), key=lambda arrow: [FLOORS.index(each) for each in arrow])),
    )


def room_of(name: str) -> str:
    """The room that a module is in: the first two parts of its name."""
    return ".".join(name.split(".")[:2])


def _floors(imported: Mapping[str, set[str]]) -> dict[str, str]:
    """The floor of each room: of the edges and tables by their names, of all others by what they import."""
    floor = {room: SAMPLING for room in imported if room.split(".")[0] == "sampling"}
    floor |= dict.fromkeys(AT_THE_EDGE & imported.keys(), EDGES) | dict.fromkeys(OF_TABLES & imported.keys(), TABLES)
    others = imported.keys() - floor.keys()
    stored = {room for room in others if {each.split(".")[0] for each in imported[room]} & DATABASE}
    stored |= {room for room in others if imported[room] & OF_TABLES}
    while more := {room for room in others - stored if imported[room] & stored}:
        stored |= more
    for room in others:
        is_alone = not imported[room] & imported.keys() - {room}
        floor[room] = VERBS if room in stored else GROUND if is_alone else PURE
    return floor


def picture(drawn: Layers) -> str:
    """The picture as SVG: each floor a box with its rooms, each arrow from a floor to one below that it imports."""
    parts, spans, top = [], {}, MARGIN + 30
    for floor in FLOORS:
        chips, height = _chips(drawn.rooms[floor], top + 56)
        height += 68
        parts.append(
            f'<rect class="floor" x="{MARGIN}" y="{top}" width="{RIGHT - MARGIN}" height="{height}" rx="6"/>'
            f'<text class="name" x="{LEFT}" y="{top + 24}">{escape(floor)}</text>'
            f'<text class="said" x="{LEFT}" y="{top + 43}">{escape(SAID[floor])}</text>{chips}'
        )
        spans[floor] = (top, top + height)
        top += height + BETWEEN
    for number, (above, below) in enumerate(drawn.arrows):
        x = RIGHT + 12 + number * (WIDTH - RIGHT - 24) / max(len(drawn.arrows) - 1, 1)
        start = spans[above][1] - 12 - 7 * FLOORS.index(below)
        end = spans[below][0] + 14 + 7 * FLOORS.index(above)
        parts.append(f'<path class="arrow" marker-end="url(#head)" d="M{RIGHT} {start}H{x:.0f}V{end}H{RIGHT + 2}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img" aria-labelledby="title">'
        f'<title id="title">{TITLE}</title><style>{STYLE}</style>'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#1a4f8f"/></marker></defs>'
        f'<rect width="{WIDTH}" height="{top}" fill="#fff"/><text class="name" x="{MARGIN}" y="28">{TITLE}</text>'
        + "\n".join(parts)
        + "</svg>\n"
    )


def _chips(rooms: Iterable[str], top: int) -> tuple[str, int]:
    """The rooms' names in boxes, and how high they stand."""
    parts, x, y = [], LEFT, top
    for room in rooms:
        name = room if room in ("app", "casereader", "sampling") else room.partition(".")[2]
        width = round(len(name) * LETTER) + 16
        if x + width > RIGHT - 16:
            x, y = LEFT, y + CHIP + GAP
        parts.append(
            f'<rect class="room" x="{x}" y="{y}" width="{width}" height="{CHIP}" rx="4"/>'
            f'<text x="{x + 8}" y="{y + 18}">{escape(name)}</text>'
        )
        x += width + GAP
    return "".join(parts), y + CHIP - top


def main() -> int:
    """Draw it anew."""
    PATH.write_text(picture(layers()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
