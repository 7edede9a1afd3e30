"""Invented ratings on the six-point scale, and answers that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from statistics import NormalDist

from casereader.demo.invented.chance import Chance
from casereader.demo.invented.records import Record

COMMUNITY_HARM_COSTS = 0.15
AT_HOME_COSTS = 0.12  # of impact only
IMPACT = ("G5", "I8")
IN_COMMON = 0.35  # of what makes ratings of one record differ
LOW = {"1": 0.06, "2": 0.28}  # of those rated under good; the rest are adequate
HIGH = {"4": 0.66, "5": 0.28}  # of those rated good or better; the rest are excellent
YES = {"6": 0.94, "5": 0.88, "4": 0.75, "3": 0.5, "2": 0.3, "1": 0.15}
NOT_YES = {"in_part": 0.55, "no": 0.31, "cannot_tell": 0.14}
_NORMAL = NormalDist()


def share_good(record: Record, key: str, *, good: Mapping[str, float]) -> float:
    """The chance that a rating of this record is good or better."""
    share = good[key]
    if record.harmed_in_community:
        share -= COMMUNITY_HARM_COSTS
    if record.at_home and key in IMPACT:
        share -= AT_HOME_COSTS
    return min(max(share, 0.03), 0.97)


def rating(record: Record, share: float, chance: Chance) -> str:
    """A rating that is good or better with this chance; ratings of one record go together."""
    latent = sqrt(IN_COMMON) * record.quality + sqrt(1 - IN_COMMON) * chance.normal()
    height = _NORMAL.cdf(latent)
    if height < 1 - share:
        return _grade(height / (1 - share), LOW, otherwise="3")
    return _grade((height - (1 - share)) / share, HIGH, otherwise="6")


def yes_or_no(rated: str, chance: Chance, *, against: bool = False, share: float | None = None) -> str:
    """An answer to a yes/in part/no question under a rating; `against` where yes is the poor answer."""
    said_yes = chance.happens(YES[rated] if share is None else share)
    if against:
        return "no" if said_yes else chance.weighted({"yes": 0.45, "in_part": 0.45, "cannot_tell": 0.1})
    return "yes" if said_yes else chance.weighted(NOT_YES)


def _grade(height: float, shares: Mapping[str, float], *, otherwise: str) -> str:
    for grade, share in shares.items():
        height -= share
        if height < 0:
            return grade
    return otherwise
