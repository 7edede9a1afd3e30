"""The 32 invented partnerships: how large their lists are, how well they do, and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

from casereader.demo.invented.chance import Chance
from casereader.vocabulary import EvaluationStage, Stage

NAMES = (
    "Ardenmuir", "Balquhane", "Brackenside", "Cairnlaw", "Corrieholm", "Craigwater", "Dalmarrow", "Dunmere",
    "Eastermoss", "Fallowglen", "Ferncraig", "Garvale", "Glenharrow", "Greywater", "Hallowmuir", "Inverlorne",
    "Kelbrae", "Kirkharrow", "Larchdale", "Lochmarrow", "Mossburgh", "Northmere", "Orrinvale", "Pentmarrow",
    "Quernside", "Rowanbrae", "Skerrivale", "Strathember", "Thornlaw", "Ullerdale", "Westermuir", "Yarrowmouth",
)  # fmt: skip
SMALL = {"Garvale": 9, "Skerrivale": 13}
LIST_SIZES = range(15, 901)
MIDDLE_SIZE, SPREAD = 130, 1.0  # of the log-normal list sizes
CLOSER = 5  # every so many partnerships the plan asks for 10 points instead of 15

# Share rated good or better that is simulated, per rating question. Invented; no real figure is known.
GOOD_OR_BETTER: Mapping[str, float] = {
    "B6": 0.75, "C9": 0.65, "C10": 0.40, "D11": 0.55, "D12": 0.62, "E7": 0.60, "F9": 0.70, "F10": 0.68,
    "G5": 0.58, "I8": 0.58,
}  # fmt: skip
# Partnerships differ with a standard deviation of 10 points, most of it shared by all their questions.
SHARED_SD, OWN_SD = 0.08, 0.06


@dataclass(frozen=True)
class Reach:
    """How far an inspection has come. `of_cast`: the people of the demonstration read in it."""

    stage: Stage
    of_cast: bool = False
    local: bool = False  # the demonstration's own local reviewer reads in it
    evaluated: EvaluationStage | None = None
    weeks: float = 0  # since notification


_AWAITED = (Reach(Stage.LIST_AWAITED, weeks=2), Reach(Stage.LIST_AWAITED, weeks=1))
_CHECKED = (Reach(Stage.CHECKED, weeks=3.5), Reach(Stage.CHECKED, weeks=3.2))
_DRAWN = (Reach(Stage.DRAWN, weeks=6), Reach(Stage.DRAWN, of_cast=True, weeks=7))
_READING = (
    Reach(Stage.READING, of_cast=True, local=True, weeks=8),
    Reach(Stage.READING, of_cast=True, weeks=8),
    Reach(Stage.READING, weeks=8),
    Reach(Stage.READING, weeks=8),
)
_READ = (
    Reach(Stage.MODERATING, of_cast=True, weeks=10),
    *(Reach(Stage.MODERATING, weeks=10 + place) for place in range(5)),
)
_PROPOSED = tuple(Reach(Stage.MODERATING, evaluated=EvaluationStage.PROPOSED, weeks=15 + place) for place in range(3))
_PANEL = tuple(Reach(Stage.MODERATING, evaluated=EvaluationStage.PANEL, weeks=18 + place) for place in range(3))
_FINAL = (
    Reach(Stage.EVALUATED, of_cast=True, evaluated=EvaluationStage.FINAL, weeks=20),
    *(Reach(Stage.PUBLISHED, evaluated=EvaluationStage.FINAL, weeks=24 + 4 * place) for place in range(7)),
)
# In this order, so that the first few partnerships alone already show one of each.
REACHES = (
    _READING[0], _FINAL[0], _READ[0], _CHECKED[0], Reach(Stage.FIXED, weeks=4), Reach(Stage.CONFIRMED, weeks=5),
    _DRAWN[0], _AWAITED[0], _PROPOSED[0], _PANEL[0], _READING[1], _FINAL[1], _DRAWN[1], _READ[1], _FINAL[2],
    _PROPOSED[1], _READING[2], _FINAL[3], _PANEL[1], _CHECKED[1], _READ[2], _FINAL[4], _AWAITED[1], _READ[3],
    _FINAL[5], _PROPOSED[2], _FINAL[6], _READING[3], _PANEL[2], _READ[4], _FINAL[7], _READ[5],
)  # fmt: skip


@dataclass(frozen=True)
class Invented:
    """One invented partnership. `good` is its simulated share rated good or better, by rating question."""

    name: str
    code: str
    n_cases: int
    margin: str
    good: Mapping[str, float]
    reach: Reach


def invent(*, seed: str, count: int) -> list[Invented]:
    """The first `count` partnerships."""
    return [_invented(place, Chance(seed, "partnership", name)) for place, name in enumerate(NAMES[:count])]


def _invented(place: int, chance: Chance) -> Invented:
    name = NAMES[place]
    shared = SHARED_SD * chance.normal()
    good = {key: _within(base + shared + OWN_SD * chance.normal()) for key, base in GOOD_OR_BETTER.items()}
    size = round(exp(log(MIDDLE_SIZE) + SPREAD * chance.normal()))
    return Invented(
        name=name,
        code=name[:3].upper(),
        n_cases=SMALL.get(name, min(max(size, LIST_SIZES.start), LIST_SIZES.stop - 1)),
        margin="0.1" if place % CLOSER == 1 else "0.15",
        good=good,
        reach=REACHES[place],
    )


def _within(share: float) -> float:
    return min(max(share, 0.1), 0.95)
