"""How readers rate beside their colleagues, and how far a share would move if all rated as they do on average.

Readers that are not to be shown stay in the model as colleagues of the others, and nothing that is handed out tells how
they rate: effects are set against the mean of the readers shown, and records of readers not shown stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casereader.severity.fitting import Codes, Effect, Fit, Flags, Floats, fit

LEAST_READINGS = 30
CONFIDENCE = 0.95
COLUMNS = ("reading", "record", "reader", "partnership", "stratum", "question", "points", "y")
CELL = ["partnership", "stratum", "question"]
POINTS, SHARE = "points", "y"


@dataclass(frozen=True)
class ReaderSeverity:
    """One reader shown: how they rate beside the mean of the readers shown with whom they are linked.

    `points` is on the scale of the ratings, `share` of those good or better, from -1 to 1; both are above 0 for whoever
    rates higher than colleagues. Both are None for a reader who cannot be told apart from the records they were given.
    `together` is the interval of `points` (of `share`, where the instrument has no points) that holds for all readers
    shown at once; `stands_apart` where it leaves out 0.
    """

    reader: Hashable
    n_readings: int
    n_partnerships: int
    points: Effect | None
    share: Effect | None
    together: tuple[float, float] | None
    stands_apart: bool


@dataclass(frozen=True)
class Moved:
    """A partnership's share of one question, and what it would be if the readers shown rated as they do on average.

    `n_moved` of the `n` records were read by a reader with an effect; the others stay as they are. `by` is what the
    share would go up or down by; None where no record moves.
    """

    partnership: str
    question: str
    n: int
    n_moved: int
    share: float
    by: Effect | None


@dataclass(frozen=True)
class Severity:
    """Readers shown, in the order of their severity; how many are not, and whether ratings have points at all."""

    readers: list[ReaderSeverity]
    n_too_few: int
    has_points: bool
    shares: _Effects

    def moves(self, records: pd.DataFrame, *, confidence: float = CONFIDENCE) -> list[Moved]:
        """What shares would be without differences between the readers shown.

        `records`: partnership, question, reader (blank where no one reader's rating counts), weight, y; a row for each
        record that counts in a share. Rows come back in the order of partnership and question as they first appear.
        """
        found = []
        for (partnership, question), here in records.groupby(["partnership", "question"], sort=False):
            weight = here["weight"].to_numpy(dtype="float64") / float(here["weight"].sum())
            by_reader = self.shares.weights_of(here["reader"].tolist(), weight)
            n_moved = int(sum(self.shares.has(reader) for reader in here["reader"]))
            by = self.shares.combined(-by_reader, confidence) if n_moved else None
            share = float(weight @ here["y"].to_numpy(dtype="float64"))
            found.append(Moved(str(partnership), str(question), len(here), n_moved, share, by))
        return found


def measure(
    ratings: pd.DataFrame,
    *,
    hidden: Collection[Hashable] = (),
    least_readings: int = LEAST_READINGS,
    confidence: float = CONFIDENCE,
) -> Severity:
    """Measure the readers of `ratings`: `COLUMNS`, a row per reading and question, points and y blank where none.

    `hidden` readers, and those of fewer than `least_readings`, stay in the model and are never shown. Of whom fewer can
    be set beside a colleague's, of the same partnership and stratum on the same question, cannot be told apart.
    """
    given = ratings[ratings[POINTS].notna() | ratings[SHARE].notna()]
    readings = given.groupby("reader")["reading"].nunique()
    beside = _beside_others(given).groupby("reader")["reading"].nunique().reindex(readings.index, fill_value=0)
    places = given.groupby("reader")["partnership"].nunique()
    names = list(readings.index)
    is_shown = np.array(
        [count >= least_readings and name not in hidden for name, count in readings.items()], dtype=bool
    )
    is_told = is_shown & (beside.to_numpy() >= least_readings)
    weight = np.asarray(readings, dtype=np.float64)
    points = _effects(given, POINTS, names, is_told, weight)
    shares = _effects(given, SHARE, names, is_told, weight)
    tested = points if given[POINTS].notna().any() else shares
    n_tested = sum(tested.has(name) for name in names)
    shown = [
        _reader(name, int(readings[name]), int(places[name]), points, shares, tested, n_tested, confidence)
        for name, is_in in zip(names, is_shown, strict=True)
        if is_in
    ]
    return Severity(
        readers=sorted(shown, key=_place),
        n_too_few=int(sum(readings[name] < least_readings for name in names if name not in hidden)),
        has_points=tested is points and len(given) > 0,
        shares=shares,
    )


def _beside_others(given: pd.DataFrame) -> pd.DataFrame:
    """The ratings in cells that more than one reader rated; of the others nothing can be learnt of their reader."""
    shared: pd.DataFrame = given[given.groupby(CELL)["reader"].transform("nunique") > 1]
    return shared


def _place(one: ReaderSeverity) -> tuple[bool, float]:
    effect = one.points or one.share
    return effect is None, effect.estimate if effect is not None else 0.0


def _reader(
    name: Hashable,
    n_readings: int,
    n_partnerships: int,
    points: _Effects,
    shares: _Effects,
    tested: _Effects,
    n_tested: int,
    confidence: float,
) -> ReaderSeverity:
    effect = tested.of(name, confidence)
    together = effect.at(1 - (1 - confidence) / n_tested) if effect is not None else None
    return ReaderSeverity(
        reader=name,
        n_readings=n_readings,
        n_partnerships=n_partnerships,
        points=points.of(name, confidence),
        share=shares.of(name, confidence),
        together=together,
        stands_apart=together is not None and (together[0] > 0 or together[1] < 0),
    )


@dataclass(frozen=True)
class _Effects:
    """The effects of one kind of rating: which reader has one, and the mean that each is set against."""

    fitted: Fit
    place: dict[Hashable, int]
    has_effect: Flags
    mean: Floats  # a row per group: the weights of the readers shown, which add up to 1

    def has(self, name: Hashable) -> bool:
        """Whether the reader is shown and can be told apart."""
        at = self.place.get(name)
        return at is not None and bool(self.has_effect[at])

    def of(self, name: Hashable, confidence: float) -> Effect | None:
        """One reader's effect; None for who has none."""
        return self.combined(self.weights_of([name], np.ones(1)), confidence) if self.has(name) else None

    def weights_of(self, names: list[Hashable], weight: Floats) -> Floats:
        """The weights of readers' effects, each less its group's mean; of who has no effect nothing."""
        found = np.zeros(len(self.has_effect))
        for name, by in zip(names, weight, strict=True):
            if self.has(name):
                at = self.place[name]
                found[at] += by
                found -= by * self.mean[self.fitted.group[at]]
        return found

    def combined(self, weights: Floats, confidence: float) -> Effect:
        """A weighted sum of effects."""
        return self.fitted.combined(weights, confidence=confidence)


def _effects(given: pd.DataFrame, kind: str, names: list[Hashable], is_shown: Flags, readings: Floats) -> _Effects:
    table = given[given[kind].notna()]
    place = {name: at for at, name in enumerate(names)}
    fitted = fit(
        np.asarray(table["reader"].map(place), dtype=np.int64),
        _codes(table, CELL),
        _codes(table, ["record"]),
        table[kind].to_numpy(dtype="float64"),
        n_readers=len(names),
    )
    n_shown = np.bincount(fitted.group[is_shown], minlength=max(fitted.n_groups, 1))
    mean = np.zeros((max(fitted.n_groups, 1), len(names)))
    weight = np.where(is_shown, readings, 0.0)
    mean[fitted.group, np.arange(len(names))] = weight
    total = mean.sum(axis=1, keepdims=True)
    mean = np.divide(mean, total, out=np.zeros_like(mean), where=total > 0)
    has_effect = is_shown & (n_shown[fitted.group] > 1) if len(names) else np.zeros(0, dtype=bool)
    return _Effects(fitted, place, has_effect, mean)


def _codes(table: pd.DataFrame, columns: list[str]) -> Codes:
    return np.asarray(table.groupby(columns, sort=False).ngroup(), dtype=np.int64)
