"""Least squares of ratings on reader and on cell: how each reader rates beside those who read the same cells.

A cell is a partnership, a stratum in it and a question: its own level is taken out, so that which records somebody was
dealt counts for nothing but the chance within a cell. Each record gives several ratings, and some records are read
twice; so the error of an effect is the jackknife over records (CR3: every record left out in turn, Bell and McCaffrey
2002), worked out from each record's own leverage without fitting anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

TINY = 1e-9


@dataclass(frozen=True)
class Effect:
    """An estimate with its standard error, its degrees of freedom and its interval."""

    estimate: float
    se: float
    df: float
    lower: float
    upper: float

    def at(self, confidence: float) -> tuple[float, float]:
        """The t interval at another confidence."""
        half = t_quantile(confidence, self.df) * self.se
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True)
class Fit:
    """The fitted model; a place per rating that counts in `influence`, `residual` and `record`.

    `group` says for each reader with whom they are linked, by cells that several of them read: effects compare readers
    of one group only, and a reader alone in theirs has none. `influence` @ ratings are the effects, up to a constant
    per group, which every contrast leaves out; `moved` has a row per record, what leaving it out does to the effects.
    """

    group: Codes
    effects: Floats
    influence: Floats
    record: Codes
    moved: Floats

    def combined(self, weights: Floats, *, confidence: float) -> Effect:
        """A weighted sum of effects whose weights add up to 0 within each group."""
        estimate = float(weights @ self.effects)
        se = float(np.sqrt(np.square(self.moved @ weights).sum()))
        df = self._df(self.influence @ weights)
        half = t_quantile(confidence, df) * se
        return Effect(estimate, se, df, estimate - half, estimate + half)

    def _df(self, influence: Floats) -> float:
        """Satterthwaite's for independent ratings of one spread: as many as the records behind it, less one."""
        by_record = np.bincount(self.record, np.square(influence), minlength=1)
        total = float(by_record.sum())
        return max(total**2 / float(np.square(by_record).sum()) - 1, 1.0) if total > TINY**2 else 1.0

    @cached_property
    def n_groups(self) -> int:
        """How many groups of linked readers there are, readers alone among them."""
        return int(self.group.max()) + 1 if len(self.group) else 0


def t_quantile(confidence: float, df: float) -> float:
    """The two-sided quantile of Student's t."""
    return float(stdtrit(df, (1 + confidence) / 2))


def fit(reader: Codes, cell: Codes, record: Codes, rated: Floats, *, n_readers: int) -> Fit:
    """Fit the ratings; the codes count from 0. Ratings of cells that one reader alone rated say nothing of readers.

    A link between readers that hangs on a single record is none: that record is left out.
    """
    keep = np.ones(len(rated), dtype=bool)
    while True:
        keep &= _is_shared(reader, cell, keep)
        here = np.flatnonzero(keep)
        least = _Least(reader[here], cell[here], record[here], rated[here], n_readers)
        moved, hanging = least.left_out()
        if not hanging.any():
            return Fit(
                _groups(reader[here], cell[here], n_readers), least.effects, least.influence, least.record, moved
            )
        keep[here[hanging[least.record]]] = False


class _Least:
    """The normal equations on readers, with the cells taken out, and every record's leverage."""

    def __init__(self, reader: Codes, cell: Codes, record: Codes, rated: Floats, n_readers: int) -> None:
        _, self.cell = np.unique(cell, return_inverse=True)
        _, self.record = np.unique(record, return_inverse=True)
        self.size = np.bincount(self.cell).astype(np.float64)
        counted = np.zeros((len(self.size), n_readers))
        np.add.at(counted, (self.cell, reader), 1.0)
        own = np.zeros((len(reader), n_readers))
        own[np.arange(len(reader)), reader] = 1.0
        self.within = own - (counted / self.size[:, None])[self.cell]
        self.inverse = np.linalg.pinv(self.within.T @ self.within, rcond=TINY, hermitian=True)
        self.influence = self.within @ self.inverse
        centred = rated - (np.bincount(self.cell, rated) / self.size)[self.cell]
        self.effects = self.influence.T @ centred
        self.residual = centred - self.within @ self.effects

    def left_out(self) -> tuple[Floats, Flags]:
        """What leaving out each record does to the effects, and which records readers hang on; a row per record."""
        n_records = int(self.record.max()) + 1 if len(self.record) else 0
        moved = np.zeros((n_records, self.within.shape[1]))
        hanging = np.zeros(n_records, dtype=bool)
        order = np.argsort(self.record, kind="stable")
        sizes = np.bincount(self.record, minlength=n_records)
        starts = np.cumsum(sizes) - sizes
        for size in np.unique(sizes):
            which = np.flatnonzero(sizes == size)
            rows = order[starts[which][:, None] + np.arange(size)]
            moved[which], hanging[which] = self._of_one_size(rows)
        return moved, hanging

    def _of_one_size(self, rows: Codes) -> tuple[Floats, Flags]:
        """The same for records with as many ratings each; `rows` has a row per record."""
        within, cell = self.within[rows], self.cell[rows]
        same_cell = cell[:, :, None] == cell[:, None, :]
        leverage = same_cell / self.size[cell][:, :, None] + within @ self.inverse @ within.transpose(0, 2, 1)
        values, vectors = np.linalg.eigh(np.eye(rows.shape[1]) - leverage)
        is_nil = values < 1e-7
        inverse = np.where(is_nil, 0.0, 1 / np.where(is_nil, 1.0, values))
        turned = np.einsum("gij,gi->gj", vectors, self.residual[rows]) * inverse
        pulled = np.einsum("gij,gj,gik->gk", vectors, turned, self.within[rows])
        # A direction that the rest says nothing of matters only where it is one of readers, not of a cell's own level.
        lost = np.einsum("gij,gik->gjk", vectors, within)
        hanging = ((np.abs(lost).max(axis=2) > 1e-6) & is_nil).any(axis=1)
        return pulled @ self.inverse, hanging


def _is_shared(reader: Codes, cell: Codes, keep: Flags) -> Flags:
    """Which ratings are of a cell that more than one reader rated."""
    shared = np.zeros(len(reader), dtype=bool)
    here = np.flatnonzero(keep)
    pairs = np.unique(np.stack([cell[here], reader[here]]), axis=1)
    n_readers = np.bincount(pairs[0], minlength=int(cell.max()) + 1 if len(cell) else 1)
    shared[here] = n_readers[cell[here]] > 1
    return shared


def _groups(reader: Codes, cell: Codes, n_readers: int) -> Codes:
    """The readers linked by cells, directly or through others, as codes from 0."""
    group = np.arange(n_readers)
    while True:
        lowest = np.full(int(cell.max()) + 1 if len(cell) else 1, n_readers)
        np.minimum.at(lowest, cell, group[reader])
        reached = group.copy()
        np.minimum.at(reached, reader, lowest[cell])
        if (reached == group).all():
            return np.unique(group, return_inverse=True)[1]
        group = reached
