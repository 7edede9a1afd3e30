"""Chance for invented data: seeded by name, so that one part of the demonstration never moves another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from statistics import NormalDist
from typing import TypeVar

Thing = TypeVar("Thing")
_NORMAL = NormalDist()


class Chance:
    """A stream of random numbers that follows from the names it is given; only `Random.random` is used,
    whose sequence is the same in every version of Python.
    """

    def __init__(self, *names: str | int) -> None:
        self._random = Random("|".join(map(str, names)))  # noqa: S311 - invented data, and no draw of a sample

    def share(self) -> float:
        """A number from 0 up to, not including, 1."""
        return self._random.random()

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return self.share() < probability

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.share() * (high - low + 1))

    def normal(self) -> float:
        """A standard normal number."""
        return _NORMAL.inv_cdf(min(max(self.share(), 1e-12), 1 - 1e-12))

    def pick(self, things: Sequence[Thing]) -> Thing:
        """One of the things, each as likely."""
        return things[int(self.share() * len(things))]

    def weighted(self, weights: Mapping[Thing, float]) -> Thing:
        """One of the things, in proportion to its weight."""
        left = self.share() * sum(weights.values())
        for thing, weight in weights.items():
            left -= weight
            if left < 0:
                return thing
        return thing

    def shuffled(self, things: Iterable[Thing]) -> list[Thing]:
        """The things in a random order."""
        mixed = list(things)
        for place in range(len(mixed) - 1, 0, -1):
            other = self.whole(0, place)
            mixed[place], mixed[other] = mixed[other], mixed[place]
        return mixed

    def hexadecimal(self, digits: int) -> str:
        """That many hexadecimal digits."""
        return "".join(f"{self.whole(0, 15):x}" for _ in range(digits))
