"""How readers rate beside their colleagues, and how far a share would move if all rated as they do on average.

Readers that are not to be shown stay in the model as colleagues of the others, and nothing that is handed out tells how
they rate: effects are set against the mean of the readers shown, and records of readers not shown stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from casereader.severity.fitting import Codes, Effect, Fit, Flags, Floats, fit, fit_each

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
        if not len(records):
            return []
        named = records.groupby(["partnership", "question"], sort=False, observed=True)
        share_of = np.asarray(named.ngroup(), dtype=np.int64)
        every = records[["partnership", "question"]].drop_duplicates().itertuples(index=False)
        n = np.bincount(share_of)
        weight = records["weight"].to_numpy(dtype="float64")
        weight = weight / np.bincount(share_of, weight)[share_of]
        share = np.bincount(share_of, weight * records["y"].to_numpy(dtype="float64"))
        place = self.shares.places_of(records["reader"])
        moves = place >= 0
        n_moved = np.bincount(share_of[moves], minlength=len(n))
        weights = self.shares.weights(share_of[moves], place[moves], weight[moves], n=len(n))
        by = iter(self.shares.each(-weights[n_moved > 0], confidence))
        return [
            Moved(
                str(one[0]),
                str(one[1]),
                int(n[at]),
                int(n_moved[at]),
                float(share[at]),
                next(by) if n_moved[at] else None,
            )
            for at, one in enumerate(every)
        ]


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
    cell = _codes(given, CELL)
    readings = given.groupby("reader")["reading"].nunique()
    beside = _beside_others(given, cell).groupby("reader")["reading"].nunique().reindex(readings.index, fill_value=0)
    places = given.groupby("reader")["partnership"].nunique()
    names = list(readings.index)
    is_shown = np.array(
        [count >= least_readings and name not in hidden for name, count in readings.items()], dtype=bool
    )
    is_told = is_shown & (beside.to_numpy() >= least_readings)
    weight = np.asarray(readings, dtype=np.float64)
    points, shares = (_effects(one, names, is_told, weight) for one in _fits(given, cell, names))
    tested = points if given[POINTS].notna().any() else shares
    of_points, of_shares = points.of_each(confidence), shares.of_each(confidence)
    of_tested = of_points if tested is points else of_shares
    together = 1 - (1 - confidence) / max(len(of_tested), 1)
    shown = [
        _reader(
            name,
            int(readings[name]),
            int(places[name]),
            of_points.get(name),
            of_shares.get(name),
            of_tested.get(name),
            together,
        )
        for name, is_in in zip(names, is_shown, strict=True)
        if is_in
    ]
    return Severity(
        readers=sorted(shown, key=_place),
        n_too_few=int(sum(readings[name] < least_readings for name in names if name not in hidden)),
        has_points=tested is points and len(given) > 0,
        shares=shares,
    )


def _beside_others(given: pd.DataFrame, cell: Codes) -> pd.DataFrame:
    """The ratings in cells that more than one reader rated; of the others nothing can be learnt of their reader."""
    shared: pd.DataFrame = given[given["reader"].groupby(cell).transform("nunique") > 1]
    return shared


def _place(one: ReaderSeverity) -> tuple[bool, float]:
    effect = one.points or one.share
    return effect is None, effect.estimate if effect is not None else 0.0


def _reader(
    name: Hashable,
    n_readings: int,
    n_partnerships: int,
    points: Effect | None,
    share: Effect | None,
    tested: Effect | None,
    confidence: float,
) -> ReaderSeverity:
    together = tested.at(confidence) if tested is not None else None
    return ReaderSeverity(
        reader=name,
        n_readings=n_readings,
        n_partnerships=n_partnerships,
        points=points,
        share=share,
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

    def places_of(self, names: pd.Series) -> Codes:
        """The place of each of these readers, who may come again; -1 of who is not shown or cannot be told apart."""
        known = {name: at if self.has_effect[at] else -1 for name, at in self.place.items()}
        return np.array([known.get(name, -1) for name in names.tolist()], dtype=np.int64)

    def of_each(self, confidence: float) -> dict[Hashable, Effect]:
        """The effect of every reader who has one."""
        at = np.flatnonzero(self.has_effect)
        effects = self.each(self.weights(np.arange(len(at)), at, np.ones(len(at)), n=len(at)), confidence)
        names = list(self.place)
        return {names[one]: effect for one, effect in zip(at, effects, strict=True)}

    def weights(self, of: Codes, at: Codes, weight: Floats, *, n: int) -> Floats:
        """Weights of readers' effects, each less its group's mean, in `n` sums: `of` which, by the reader `at`."""
        found, of_group = np.zeros((n, len(self.has_effect))), np.zeros((n, len(self.mean)))
        np.add.at(found, (of, at), weight)
        np.add.at(of_group, (of, self.fitted.group[at]), weight)
        return np.asarray(found - of_group @ self.mean)

    def each(self, weights: Floats, confidence: float) -> list[Effect]:
        """The weighted sums of effects, a row of weights each."""
        return self.fitted.each(weights, confidence=confidence)


def _fits(given: pd.DataFrame, cell: Codes, names: list[Hashable]) -> list[Fit]:
    """The ratings fitted in points and by good or better: at once where every rating has both."""
    place = {name: at for at, name in enumerate(names)}
    reader, record = np.asarray(given["reader"].map(place), dtype=np.int64), _codes(given, ["record"])
    rated = [given[kind].to_numpy(dtype="float64") for kind in (POINTS, SHARE)]
    is_rated = [~np.isnan(one) for one in rated]
    if np.array_equal(*is_rated):
        return fit_each(reader, cell, record, rated, n_readers=len(names))
    return [
        fit(reader[here], cell[here], record[here], one[here], n_readers=len(names))
        for one, here in zip(rated, is_rated, strict=True)
    ]


def _effects(fitted: Fit, names: list[Hashable], is_shown: Flags, readings: Floats) -> _Effects:
    n_shown = np.bincount(fitted.group[is_shown], minlength=max(fitted.n_groups, 1))
    mean = np.zeros((max(fitted.n_groups, 1), len(names)))
    weight = np.where(is_shown, readings, 0.0)
    mean[fitted.group, np.arange(len(names))] = weight
    total = mean.sum(axis=1, keepdims=True)
    mean = np.divide(mean, total, out=np.zeros_like(mean), where=total > 0)
    has_effect = is_shown & (n_shown[fitted.group] > 1) if len(names) else np.zeros(0, dtype=bool)
    return _Effects(fitted, {name: at for at, name in enumerate(names)}, has_effect, mean)


def _codes(table: pd.DataFrame, columns: list[str]) -> Codes:
    return np.asarray(table.groupby(columns, sort=False, observed=True).ngroup(), dtype=np.int64)
