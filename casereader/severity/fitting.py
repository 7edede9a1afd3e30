"""Least squares of ratings on reader and on cell: how each reader rates beside those who read the same cells.

A cell is a partnership, a stratum in it and a question: its own level is taken out, so that which records somebody was
dealt counts for nothing but the chance within a cell. Each record gives several ratings, and some records are read
twice; so the error of an effect is the jackknife over records (CR3: every record left out in turn, Bell and McCaffrey
2002), worked out from each record's own leverage without fitting anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array  # type: ignore[import-untyped]
from scipy.special import stdtrit  # type: ignore[import-untyped]

from casereader.severity.layout import AT_ONCE, Codes, Flags, Floats, Layout, in_turns, is_shared

__all__ = ["Codes", "Effect", "Fit", "Flags", "Floats", "fit", "fit_each", "t_quantile"]

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
        half = float(t_quantile(confidence, self.df)) * self.se
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True)
class Fit:
    """The fitted model: the readers' effects, up to a constant per group, which every contrast leaves out.

    Effects compare readers of one group only, and a reader alone in theirs has none. `pulled` has a row per record,
    what leaving it out pulls the readers by.
    """

    layout: Layout
    effects: Floats
    pulled: csr_array

    @property
    def group(self) -> Codes:
        """For each reader with whom they are linked, by cells that several of them read."""
        return self.layout.group

    @property
    def n_groups(self) -> int:
        """How many groups of linked readers there are, readers alone among them."""
        return int(self.group.max()) + 1 if len(self.group) else 0

    def combined(self, weights: Floats, *, confidence: float) -> Effect:
        """A weighted sum of effects whose weights add up to 0 within each group."""
        return self.each(weights[None, :], confidence=confidence)[0]

    def each(self, weights: Floats, *, confidence: float) -> list[Effect]:
        """The same of many sums, a row of weights each."""
        pulls = self.layout.inverse @ weights.T
        estimate = weights @ self.effects
        variance = np.zeros(len(weights))
        for some in in_turns(len(weights), AT_ONCE // max(self.layout.n_records, 1)):
            moved = self.pulled @ pulls[:, some]
            variance[some] = np.einsum("gw,gw->w", moved, moved)
        se, df = np.sqrt(variance), _df(*self.layout.spread(pulls))
        half = t_quantile(confidence, df) * se
        told = zip(estimate, se, df, estimate - half, estimate + half, strict=True)
        return [Effect(*map(float, one)) for one in told]


def _df(total: Floats, squares: Floats) -> Floats:
    """Satterthwaite's for independent ratings of one spread: as many as the records behind it, less one."""
    is_some = total > TINY**2
    found = np.divide(np.square(total), squares, out=np.ones_like(total), where=is_some)
    return np.where(is_some, np.maximum(found - 1, 1.0), 1.0)


def t_quantile(confidence: float, df: Floats | float) -> Floats:
    """The two-sided quantile of Student's t."""
    return np.asarray(stdtrit(df, (1 + confidence) / 2))


def fit(reader: Codes, cell: Codes, record: Codes, rated: Floats, *, n_readers: int) -> Fit:
    """Fit the ratings; the codes count from 0. Ratings of cells that one reader alone rated say nothing of readers.

    A link between readers that hangs on a single record is none: that record is left out.
    """
    return fit_each(reader, cell, record, [rated], n_readers=n_readers)[0]


def fit_each(reader: Codes, cell: Codes, record: Codes, rated: Sequence[Floats], *, n_readers: int) -> list[Fit]:
    """The same for several kinds of ratings that the same readers gave of the same records."""
    kinds = np.stack(rated, axis=1)
    keep = np.ones(len(kinds), dtype=bool)
    while True:
        keep &= is_shared(reader, cell, keep)
        here = np.flatnonzero(keep)
        layout = Layout(reader[here], cell[here], record[here], n_readers=n_readers)
        centred = layout.centred(kinds[here])
        effects = layout.effects(centred)
        pulled, hanging = layout.left_out(centred - layout.within(effects))
        if not hanging.any():
            return [Fit(layout, effects[:, kind], pulled[kind]) for kind in range(len(rated))]
        keep[here[hanging[layout.record]]] = False
