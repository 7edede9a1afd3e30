"""Blindness, as a matrix of role, state and route: what a second reading changes, and for whom.

Until both readings of a case are in, every page, file and refusal that either reader can come to must be the same, to
the letter, as in a world where the case is read once, by them. For everybody else who does not run the inspection it is
the same always; and whoever runs it sees no answer of a reading that is not in. The worlds differ in one row and are
brought from state to state by the verbs that people use (`tests/web/twins.py`). Addresses of the other reading, and
pages of no inspection, are asked for once it is submitted, when they would have most to tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from casereader.vocabulary import ReadingKind, ReadingState, Role
from casereader.web.access import Door
from tests.web import twins
from tests.web.twins import PLANTED, World, Worlds

A, P, S, C = ReadingState.ASSIGNED, ReadingState.IN_PROGRESS, ReadingState.SUBMITTED, ReadingState.COUNTERSIGNED
SO, L = ReadingState.SIGNED_OFF, ReadingState.LOCKED
FIRST, SECOND = ReadingKind.FIRST, ReadingKind.SECOND
WAY = {"inspector": (A, P, S, SO, L), "local": (A, P, S, C, SO, L)}
OPEN = (A, P)
ELSEWHERE = ("account", "signing", "practice", "settings", "instrument", "admin")  # of no inspection: in one state
# Every deed and every wrong link, to administrators, who by rule read and run nothing: second readings are told, too.
TRAIL = ("trail", "admin.tries")
PACKED = ("evaluation.tables_xlsx", "evaluation.tables_ods", "evaluation.tables_csv")  # no text can be found in these
RUNS = ("coordinator", "moderator", "lead")
STRANGERS = ("deputy", "administrator", "outsider", "nobody")
PEOPLE = ("reviewer", "second_reviewer", "local_reviewer", *STRANGERS, *RUNS)
Doors = dict[str, frozenset[Role | Door]]
EVERY = (A, P, S, SO, L)
# By who reads first and in which state that is: the states of the second reading with most to tell. What whoever runs
# the inspection is shown while one of the two is in progress is asked once of each of the two. The rest is slow.
TELLING = {
    "inspector": {A: (A, S, L), P: (A, S), S: (A, S), L: (A,)},
    "local": {S: (A, S), C: (A,)},
}
CASES = [
    pytest.param(who, first, seconds, marks=marks, id=f"{who}-{first}-{named}")
    for who, way in WAY.items()
    for first in way
    for seconds, marks, named in (
        (TELLING[who].get(first, ()), [], "telling"),
        (tuple(one for one in EVERY if one not in TELLING[who].get(first, ())), [pytest.mark.slow], "rest"),
    )
    if seconds
]


@pytest.fixture(scope="module")
def made() -> Iterator[dict[str, Worlds]]:
    """The worlds by who reads first, each made where it is first asked for."""
    kept: dict[str, Worlds] = {}
    yield kept
    for worlds in kept.values():
        for world in (worlds.twice, *worlds.once.values()):
            world.close()


@pytest.fixture(params=list(WAY))
def worlds(
    request: pytest.FixtureRequest,
    made: dict[str, Worlds],
    migrated_sqlite: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Worlds:
    """As they were made: nothing of the case is read."""
    if request.param not in made:
        folder = tmp_path_factory.mktemp(request.param)
        made[request.param] = twins.make(migrated_sqlite, folder, local=request.param == "local", people=PEOPLE)
    found = made[request.param]
    for world in (found.twice, *found.once.values()):
        world.reset()
    return found


@pytest.fixture
def doors(worlds: Worlds) -> Doors:
    """What is open to each of the people."""
    return {who: twins.doors_of(worlds.twice, who) for who in PEOPLE}


@pytest.mark.parametrize(("worlds", "first", "seconds"), CASES, indirect=["worlds"])
def test_nothing_tells_of_a_second_reading_before_both_are_in(
    worlds: Worlds, doors: Doors, first: ReadingState, seconds: Sequence[ReadingState], request: pytest.FixtureRequest
) -> None:
    way = WAY[request.node.callspec.params["worlds"]]
    for state in way[1 : way.index(first) + 1]:
        worlds.twice.advance(FIRST, state)
        worlds.once[FIRST].advance(FIRST, state)
    wrong: list[str] = []
    for second in EVERY[: max(map(EVERY.index, seconds)) + 1]:
        if (first, second) == (SO, L):
            break  # locking locks every reading that is signed off: both are locked then
        if second is not A:
            worlds.twice.advance(SECOND, second)
            worlds.once[SECOND].advance(SECOND, second)
        told = _told(worlds, first, second, doors) if second in seconds else ()
        wrong += [f"first {first}, second {second}: {one}" for one in told]

    assert not wrong, "\n".join(wrong[:40])


def _told(worlds: Worlds, first: ReadingState, second: ReadingState, doors: Doors) -> Iterator[str]:
    readers, twice = worlds.readers, worlds.twice
    both, is_whole = list(twice.names.values()), second is S

    def unlike(who: str, kind: ReadingKind) -> Iterator[str]:
        names, but = (both, ()) if is_whole else ([twice.names[kind]], ELSEWHERE)
        paths = twins.pages(twice, doors[who], names=names, but=(*but, *TRAIL))
        return _unlike(worlds, kind, first if kind is FIRST else second, who, paths)

    if first in OPEN or second in OPEN:
        yield from unlike(readers[FIRST], FIRST)
        yield from unlike(readers[SECOND], SECOND)
    others = {"reviewer", "local_reviewer", *(STRANGERS if first is S else ())} - set(readers.values())
    for who in others if first in (A, S, C) else ():
        yield from unlike(who, FIRST)
    waiting = {(P, A): FIRST, (S, P): SECOND}.get((first, second))
    for who in RUNS if waiting else ():
        for path in twins.pages(twice, doors[who], names=both, but=(*ELSEWHERE, *PACKED)):
            if waiting and PLANTED[waiting][1] in twice.shown(who, path)[2]:
                yield f"{who} on {path} reads an answer that is not in"


def _unlike(worlds: Worlds, kind: ReadingKind, state: ReadingState, who: str, paths: Sequence[str]) -> Iterator[str]:
    """What somebody is shown in the world of two readings and not in that of the one reading, in this state."""
    for path in paths:
        one, other = worlds.twice.shown(who, path), worlds.shown_once(kind, state, who, path)
        if one != other:
            yield f"{who} on {path}: {_difference(one, other)}"


def _difference(one: Sequence[Any], other: Sequence[Any]) -> str:
    if one[:2] != other[:2]:
        return f"{one[:2]} and not {other[:2]}"
    mine, theirs = (re.split(r"(?<=>)\s*", text) for text in (one[2], other[2]))
    for left, right in zip(mine, theirs, strict=False):
        if left != right:
            return f"“{left[:120]}” and not “{right[:120]}”"
    return f"{len(mine)} pieces and not {len(theirs)}"


def test_that_a_case_is_settled_tells_nobody_else_that_it_was_read_twice(
    worlds: Worlds, doors: Doors, request: pytest.FixtureRequest
) -> None:
    way = WAY[request.node.callspec.params["worlds"]]
    first = C if C in way else S
    for state in way[1 : way.index(first) + 1]:
        worlds.twice.advance(FIRST, state)
        worlds.once[FIRST].advance(FIRST, state)
    for state in (P, S):
        worlds.twice.advance(SECOND, state)
    worlds.twice.settle()

    others = {"reviewer", "local_reviewer", *STRANGERS} - set(worlds.readers.values())
    wrong = [
        one
        for who in sorted(others)
        for one in _unlike(
            worlds,
            FIRST,
            first,
            who,
            twins.pages(worlds.twice, doors[who], names=list(worlds.twice.names.values()), but=TRAIL),
        )
    ]

    assert not wrong, "\n".join(wrong[:40])


@pytest.mark.parametrize("worlds", ["inspector"], indirect=True)
@pytest.mark.parametrize("other", [A, P, S])
def test_no_answer_to_a_form_or_a_save_tells_of_a_second_reading(worlds: Worlds, other: ReadingState) -> None:
    """Refused saves and forms, to one's own reading and to the other, which is no reading at all."""
    for world in (worlds.twice, worlds.once[FIRST]):
        world.advance(FIRST, P)
    for state in WAY["inspector"][1 : WAY["inspector"].index(other) + 1]:
        worlds.twice.advance(SECOND, state)
    who = worlds.readers[FIRST]

    told = [list(_answers_to_posts(world, who)) for world in (worlds.twice, worlds.once[FIRST])]

    assert told[0] == told[1]
    assert {status for _, status, *_ in told[0]} >= {404, 409, 422}


def _answers_to_posts(world: World, who: str) -> Iterator[tuple[str, int, str, str]]:
    token = json.loads(world.ask(who, "/readings/session").get_data(as_text=True))["csrf_token"]
    for name in world.names.values():
        for version, value in ((1_000, "5"), (2, "no such answer")):
            body = {"version": version, "idempotency_key": "k" * 20, "answers": {"C9": {"value": value}}}
            more: dict[str, Any] = {"json": body, "headers": {"X-CSRFToken": token}}
            yield (name, *world.shown(who, f"/readings/{name}/answers", method="POST", **more))
        for rest in ("C", "submit", "reopen", "not-readable", "concern", "turned-up"):
            sent: dict[str, Any] = {"data": {"csrf_token": token, "version": "1000"}}
            yield (name, *world.shown(who, f"/readings/{name}/{rest}", method="POST", **sent))
